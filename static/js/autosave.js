// Nothing typed is lost on reload: the words of a form with data-draft are kept in this browser until it was sent.
// Names and numbers of people are never kept (data-private or type=tel), and a draft is forgotten after a day.
const DAY = 86400e3;
// A draft is one person's: whoever signs in next on this machine has another name and never sees it.
const mine = `draft:${document.body.dataset.me}:`;
const key = (form) => mine + form.dataset.draft;
const fields = (form) => [...form.querySelectorAll('textarea[name],input[type=text][name],input[type=datetime-local][name],input:not([type])[name],select[name]:not([multiple])')]
  .filter((one) => !/^caller_/.test(one.name) && !('private' in one.dataset));

const read = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
const write = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* full or forbidden: then not */ } };
const forget = (name) => { try { localStorage.removeItem(name); } catch { /* nothing to do */ } };

const fill = () => {
  for (const done of document.querySelectorAll('[data-draft-done]')) forget(mine + done.dataset.draftDone);
  for (const form of document.querySelectorAll('form[data-draft]')) {
    const draft = read(key(form));
    if (!draft || Date.now() - draft.at > DAY) continue;
    let back = false;
    for (const field of fields(form)) {
      if (field.value || !draft.words[field.name]) continue;
      field.value = draft.words[field.name];
      back = field.value !== '' || back;
    }
    const mark = back && (form.closest('details')?.querySelector('[data-drafted]') ?? form.querySelector('[data-drafted]'));
    if (mark) mark.hidden = false;
  }
};

let waiting = 0;
document.addEventListener('input', (event) => {
  const form = event.target.closest?.('form[data-draft]');
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const words = Object.fromEntries(fields(form).filter((one) => one.value).map((one) => [one.name, one.value]));
    if (Object.keys(words).length) write(key(form), { at: Date.now(), words });
    else forget(key(form));
  }, 400);
});

document.addEventListener('htmx:after:request', ({ detail }) => {
  const ctx = detail?.ctx;
  if (!ctx?.sourceElement?.dataset?.draft || !ctx.response?.raw?.ok) return;
  if (/\/login\//.test(ctx.response.raw.url)) return; // the session ran out: the words are still needed
  clearTimeout(waiting);
  forget(key(ctx.sourceElement));
});
document.addEventListener('form:sent', ({ detail }) => { // from beside a list (queue_send.js)
  if (!detail) return;
  clearTimeout(waiting);
  forget(mine + detail);
});
// A plain post answers with what was typed when it refuses, so the draft has done its work.
document.addEventListener('submit', ({ target }) => { if (target.dataset?.draft && !self.htmx) forget(key(target)); });
document.addEventListener('htmx:after:swap', fill);
fill();
