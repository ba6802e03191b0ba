// The case beside the list. The line is marked and its case stands there with the key, where it was fetched beforehand
// (queue_ahead.js); else the pane is dimmed until it comes. A key held down passes by and fetches nothing. What acts on the
// case waits until the case of the marked line stands there (pane:use), so that no key ever reaches the one before. A case
// somebody has typed into is put aside as it is, and comes back with every word.
const REST = 60; // ms
const wide = matchMedia('(min-width:821px)');
const pane = () => document.getElementById('pane');
const lines = () => [...document.querySelectorAll('[data-queue] a.pick')];
const marked = () => document.querySelector('[data-queue] a.pick.on');
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(what, { detail }));
const read = (text) => document.adoptNode(new DOMParser().parseFromString(text, 'text/html').getElementById('pane'));
const aside = new Map(); // number → its pane as it was left
const touched = new Set(); // numbers of cases somebody has typed into
let timer = 0, waiting = null, last = 0;

const is_here = (row) => !row || !pane() || pane().dataset.pane === row.dataset.number;

const mark = (row) => {
  for (const other of lines()) if (other !== row) { other.classList.remove('on', 'sel'); other.removeAttribute('aria-current'); }
  row.classList.add('on');
  row.setAttribute('aria-current', 'true');
};

const put = (fresh, row) => {
  const old = pane();
  if (touched.has(old.dataset.pane) && old.dataset.pane !== fresh.dataset.pane) aside.set(old.dataset.pane, old);
  aside.delete(fresh.dataset.pane);
  if (old !== fresh) {
    old.replaceWith(fresh);
    if (!('ready' in fresh.dataset)) self.htmx.process(fresh);
    fresh.dataset.ready = '';
    history.replaceState(history.state, '', row.dataset.row);
    fresh.dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }));
  }
  pane().removeAttribute('aria-busy');
  const act = waiting;
  waiting = null;
  act?.();
};

// It came, or came again because it was doubtful: then it is the same, or somebody has been at it.
const arrived = (text, row) => {
  if (marked() !== row || !row.isConnected || !pane()) return;
  const fresh = read(text), old = pane(), number = old.dataset.pane;
  if (number === fresh.dataset.pane && (touched.has(number) || old.dataset.state === fresh.dataset.state)) return;
  put(fresh, row);
};

const show = (row, quick = false) => {
  clearTimeout(timer);
  const leave = () => location.assign(row.dataset.row); // the page says what is wrong
  if (!pane()) return leave();
  if (aside.has(row.dataset.number)) put(aside.get(row.dataset.number), row);
  else tell('ahead:want', { address: row.dataset.ahead, use: (text) => arrived(text, row), fail: leave, rest: quick });
  if (!is_here(row)) pane().setAttribute('aria-busy', 'true');
  const all = lines(), at = all.indexOf(row);
  tell('ahead:near', [all[at + 1], all[at + 2], all[at - 1]].map((one) => one?.dataset.ahead));
};

const rest = (row, held) => {
  if (marked() === row && is_here(row)) return;
  mark(row);
  waiting = null;
  clearTimeout(timer);
  const quick = Date.now() - last < 2 * REST;
  last = Date.now();
  if (!held) return show(row, quick);
  pane()?.setAttribute('aria-busy', 'true');
  timer = setTimeout(() => show(row), REST);
};

document.addEventListener('row:cursor', ({ target, detail }) => { if (target.matches('a.pick')) rest(target, detail); });
document.addEventListener('click', (event) => {
  const row = event.target.closest?.('[data-queue] a.pick');
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey || !wide.matches) return;
  event.preventDefault();
  rest(row);
});
document.addEventListener('pane:use', (event) => {
  if (is_here(marked())) return;
  event.preventDefault();
  waiting = event.detail;
  show(marked());
});
document.addEventListener('input', ({ target }) => {
  const here = target.closest?.('#pane[data-pane]');
  if (here) touched.add(here.dataset.pane);
});

// -- what becomes of a form that was sent from here (queue_send.js)
document.addEventListener('row:sent', ({ target, detail }) => { if (target.matches('a.pick')) aside.set(target.dataset.number, detail); });
document.addEventListener('row:done', ({ target, detail }) => {
  if (!target.matches('a.pick')) return;
  aside.delete(target.dataset.number);
  touched.delete(target.dataset.number);
  tell('ahead:forget', detail.hasty ? target.dataset.ahead : undefined);
  if (marked() === target && (detail.stays || detail.hasty)) show(target);
});
document.addEventListener('row:refused', ({ target, detail }) => {
  if (!target.matches('a.pick')) return;
  touched.add(target.dataset.number);
  const back = detail.text ? read(detail.text) : detail.frame;
  if (marked() === target) put(back, target); else aside.set(target.dataset.number, back);
});

const begin = marked();
if (begin) tell('ahead:near', lines().slice(lines().indexOf(begin) + 1).slice(0, 2).map((one) => one.dataset.ahead));
