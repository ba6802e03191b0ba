// A phone's form with a key of its own is kept first and sent then, so a crash, a reload or a dead server loses nothing,
// and the next one may be begun at once. Answered in time, the page goes on as ever; refused in time, the form is sent the
// usual way, so that the page says what is missing. Without a place to keep things forms go the usual way.
const { me, ...store } = self.phoneStore;
const SOON = () => (navigator.onLine ? 8000 : 500); // as long as somebody looks at the button
const ACTIONS = ['', 'take', 'settle'];
const panel = () => document.querySelector('[data-outbox]');
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const pathOf = (form) => new URL(form.getAttribute('action') ?? '', location).pathname; // form.action may be a button of that name
const done = (form) => { // its draft is no longer needed: neither its words (autosave.js) nor its files (kept_files.js)
  form.dispatchEvent(new CustomEvent('draft:sent', { bubbles: true }));
  document.dispatchEvent(new CustomEvent('form:sent', { detail: form.dataset.draft }));
};

let last = 0;
const keep = async (form, submitter) => {
  const entries = [...new FormData(form)].filter(([name, value]) => name !== 'csrfmiddlewaretoken' && !(value instanceof File && !value.size));
  if (submitter?.name) entries.push([submitter.name, submitter.value]);
  last = Math.max(Date.now(), last + 1);
  const said = entries.find(([name, value]) => ['text', 'answer', 'result'].includes(name) && value)?.[1];
  const row = {
    key: form.elements.idempotency_key.value, me, url: pathOf(form), entries, at: last, state: 'waiting', why: '',
    title: submitter?.dataset.title || said?.slice(0, 40) || form.querySelector('.cat :checked')?.parentElement.textContent.trim() || document.querySelector('h1').textContent.trim(),
    size: entries.reduce((sum, [, value]) => sum + (value.size ?? 0), 0),
  };
  await store.put('outbox', row);
  return row;
};

const answer = (key) => new Promise((settle) => {
  const heard = ({ detail }) => { if (detail.key === key) end(detail); };
  const mine = (event) => { if (event.detail === key) event.preventDefault(); };
  const end = (became) => {
    document.removeEventListener('outbox:done', heard);
    document.removeEventListener('outbox:refused', mine);
    clearTimeout(over);
    settle(became);
  };
  const over = setTimeout(end, SOON(), null);
  document.addEventListener('outbox:done', heard);
  document.addEventListener('outbox:refused', mine);
});

const direct = (form, submitter) => { form.dataset.direct = '1'; form.requestSubmit(submitter); };

const away = async (form, submitter) => {
  let row;
  try { row = await keep(form, submitter); } catch { return direct(form, submitter); }
  const coming = answer(row.key);
  document.dispatchEvent(new CustomEvent('outbox:send'));
  const became = await coming;
  const { mends } = form.dataset;
  if (mends && !became?.refused) { // before the page is left: what is only begun then may be undone
    delete form.dataset.mends;
    await store.drop('outbox', mends).catch(() => {});
  }
  if (became?.url) { done(form); form.elements.idempotency_key.value = newKey(); return location.assign(became.url); }
  if (became) return direct(form, submitter);
  done(form); // ready for the next one
  document.dispatchEvent(new CustomEvent('outbox:kept', { detail: row }));
  const once = submitter?.closest('[data-once]'); // what is asked for once
  const line = once?.closest('li');
  once?.remove();
  if (line && !line.querySelector('[data-once]')) line.remove();
  form.reset();
  form.elements.idempotency_key.value = newKey();
  scrollTo(0, 0);
  panel().querySelector('[data-say]:not([hidden])')?.focus();
};

document.addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  const action = submitter?.name === 'action' ? submitter.value : '';
  if (form.dataset.direct) { delete form.dataset.direct; return; }
  if (!me || !panel() || !form.elements?.idempotency_key || !ACTIONS.includes(action)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.keeping) return; // a second tap
  form.dataset.keeping = '1';
  away(form, submitter).finally(() => { delete form.dataset.keeping; });
}, true);

// A page that was kept comes with the key of the day it was read, and what was sent from it then has used that up.
if (me) for (const form of document.forms) if (form.elements.idempotency_key) form.elements.idempotency_key.value = newKey();

// Signing out with something unsent: it stays in the phone for this person, and is said.
document.addEventListener('submit', (event) => {
  const { target: form } = event;
  if (!me || !pathOf(form).endsWith('/logout/') || form.dataset.sure) return;
  event.preventDefault();
  self.phoneStore.outbox().catch(() => []).then((rows) => {
    if (rows.length && !confirm(panel().dataset.leave.replace('{n}', rows.length))) return;
    form.dataset.sure = '1';
    form.requestSubmit();
  });
});

// Mending what was refused: the form as it was sent, with its files, under a new key; the old one goes when this is kept or sent.
const mend = async () => {
  const key = /^#outbox=(\w+)$/.exec(location.hash)?.[1];
  const row = key && await store.take('outbox', key);
  const form = row?.me === me && [...document.forms].find((one) => one.elements.idempotency_key && pathOf(one) === row.url);
  if (!form) return;
  history.replaceState(null, '', location.pathname);
  const files = new Map();
  for (const [name, value] of row.entries) {
    if (value instanceof File) files.set(name, [...(files.get(name) ?? []), value]);
    else if (!['idempotency_key', 'version', 'action'].includes(name)) {
      for (const one of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (/radio|checkbox/.test(one.type)) one.checked = one.value === value || (one.checked && one.type === 'checkbox');
        else if (one.type !== 'file') one.value = value;
      }
    }
  }
  for (const [name, list] of files) form.querySelector(`[type=file][name="${CSS.escape(name)}"]`)?.dispatchEvent(new CustomEvent('files:put', { bubbles: true, detail: list }));
  form.dataset.mends = key;
};
addEventListener('hashchange', () => mend().catch(() => {})); // from the list above this very form
mend().catch(() => {});
