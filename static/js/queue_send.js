// A form that acts on a line is sent from beside the list or from the sheet over it, and the list stays where it is: the
// line shows how its case stands now, the cursor goes on. What can be taken back (data-hasty) does not even wait for the
// answer; a refusal then stands at its line, with all that was typed, until one comes back to it.
const list = () => document.querySelector('[data-queue]');
const rows = () => [...document.querySelectorAll('[data-queue] [data-row]')];
const line = (row) => row.closest('.picked') ?? row;
const tell = (row, what, detail) => row.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
const KEPT = 'said-last';
let last = '';
const say = (words, bad = false) => { last = words; document.dispatchEvent(new CustomEvent('row:say', { detail: { words, bad } })); };
let under_way = 0, at_the_end = false;

const busy = (row, form, on) => {
  line(row).classList.toggle('sent', on);
  if (on) row.setAttribute('aria-busy', 'true'); else row.removeAttribute('aria-busy');
  for (const button of form.querySelectorAll('button[type=submit],button:not([type])')) button.disabled = on;
};

const post = async (form, body) => {
  try {
    const answer = await fetch(form.action, { method: 'POST', body, credentials: 'same-origin', headers: { 'HX-Request': 'true', 'HX-Current-URL': location.href } });
    return { answer, text: await answer.text() };
  } catch { return { answer: null, text: '' }; } // no network
};

const send = async (form, frame, row, submitter) => {
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  body.set('beside', frame.id === 'pane' ? 'pane' : 'sheet');
  const hasty = 'hasty' in form.dataset;
  busy(row, form, true);
  refused(row, '');
  under_way += 1;
  if (hasty) { tell(row, 'row:sent', frame); tell(row, 'row:next'); }
  const { answer, text } = await post(form, body);
  under_way -= 1;
  busy(row, form, false);
  if (answer?.redirected) return location.assign(row.dataset.row); // the session is over: the words are kept for who comes back
  const told = new DOMParser().parseFromString(text, 'text/html');
  const done = answer?.ok && told.querySelector('[data-done]');
  if (done) finished(row, form, done, hasty);
  else if (answer && answer.status < 500 && told.getElementById(frame.id)) back(row, frame, hasty, text, told.querySelector('[data-focus] b')?.textContent.trim());
  else back(row, frame, hasty, '', list()?.dataset.unsent);
};

const finished = (row, form, done, hasty) => {
  const stays = 'stays' in done.dataset;
  const fresh = done.querySelector('template').content.querySelector('tr,.picked');
  const now = fresh.matches('[data-row]') ? fresh : fresh.querySelector('[data-row]');
  if (!stays) fresh.classList.add('done');
  if (row.matches('.sel')) now.classList.add('sel');
  if (row.matches('.on')) { now.classList.add('on'); now.setAttribute('aria-current', 'true'); }
  const had = line(row).contains(document.activeElement);
  const box = line(row).querySelector('input[name=number]');
  if (!box) fresh.querySelector('input[name=number]')?.remove(); else if (stays && box.checked) fresh.querySelector('input[name=number]').checked = true;
  line(row).replaceWith(document.adoptNode(fresh));
  if (had) (now.matches('a') ? now : now.querySelector('a.t'))?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent('form:sent', { detail: form.dataset.draft }));
  say(done.dataset.words);
  tell(now, 'row:done', { hasty, stays });
  if (!hasty && !stays) tell(now, 'row:next');
  document.dispatchEvent(new CustomEvent('live:soon'));
  if (at_the_end && !under_way) leave();
};

const back = (row, frame, hasty, text, words) => { // refused, or not sent at all
  at_the_end = false;
  if (hasty) refused(row, list()?.dataset.refused);
  say(words, true);
  tell(row, 'row:refused', { text, frame });
};

const refused = (row, words) => {
  let spot = row.querySelector('.not-done');
  if (words && !spot) row.append(spot = Object.assign(document.createElement('span'), { className: 'chip bad not-done' }));
  if (words) spot.textContent = words; else spot?.remove();
};

const leave = () => { // the list anew says what was done last
  sessionStorage.setItem(KEPT, last);
  location.assign(list().dataset.home);
};
setTimeout(() => { // when the line of keys listens
  const words = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (words) say(words);
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  const frame = form.closest?.('#pane[data-pane],#sheet-in[data-number]');
  const number = frame?.dataset.pane ?? frame?.dataset.number;
  const row = number && rows().find((one) => one.dataset.number === number);
  if (!row || !form.hasAttribute('hx-post')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!row.hasAttribute('aria-busy')) send(form, frame, row, event.submitter);
}, true);
document.addEventListener('row:last', () => { // everything here is done: the list anew, when every answer is there
  at_the_end = true;
  if (!under_way) leave();
});
addEventListener('beforeunload', (event) => { if (under_way) event.preventDefault(); });
