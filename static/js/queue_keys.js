// Keys for people who work a list all day. What a key does stands in the page: data-row (a case), data-key (a link, a
// button, a fold or a form), data-sheets (a list with the letters that open the form of the move in a sheet over it).
// Letters are off while typing, while an input method composes, with Ctrl/Alt/Meta, in dialogs, and wherever the reader
// has switched them off. Nothing moves under the cursor: a row that was worked on stays until the list is loaded again.
const typing = (target) => target.closest('input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]');
const work = () => document.getElementById('work');
const list = () => document.querySelector('[data-queue]');
const rows = () => [...document.querySelectorAll('[data-queue] [data-row]')];
const current = (all = rows()) => {
  const chosen = all.findIndex((row) => row.classList.contains('sel'));
  return chosen < 0 ? all.findIndex((row) => row.classList.contains('on')) : chosen;
};
const linkOf = (row) => (row.matches('a') ? row : row.querySelector('a.t'));
const boxOf = (row) => row?.querySelector('input[type=checkbox][name=number]') ?? row?.parentElement?.querySelector(':scope > input[type=checkbox][name=number]');

// -- the line under the cursor
const tell = (from, what, detail) => from.dispatchEvent(new CustomEvent(what, { bubbles: true, cancelable: true, detail }));
const choose = (row, held = false) => { // its case comes beside the list (queue_panes.js), or its letters (queue_sheet.js)
  for (const other of rows()) other.classList.remove('sel');
  row.classList.add('sel');
  linkOf(row)?.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
  tell(row, 'row:cursor', held);
};

// does the case beside the list belong to its marked line? If not, it is done when it does
const settled = (act) => tell(document, 'pane:use', act);

const tick = (row, on) => tell(row, 'row:tick', on);

const step = (by, { extend = false, held = false } = {}) => {
  const all = rows();
  if (!all.length) return false;
  const at = current(all);
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  if (extend && at >= 0) for (const row of [all[at], next]) tick(row, true);
  choose(next, held);
  return true;
};

// What was done with a line (queue_sheet.js, queue_send.js): the cursor stays, or goes on to what is not done yet. One
// that has gone on by itself meanwhile is left where it is.
const free = (row) => !row.closest('.done,.sent');
document.addEventListener('row:stay', ({ target }) => choose(target));
document.addEventListener('row:next', ({ target }) => {
  const all = rows(), at = all.indexOf(target);
  if (at !== current(all)) return;
  const next = all.slice(at + 1).find(free) ?? all.slice(0, at).reverse().find(free);
  if (next) choose(next); else tell(target, 'row:last');
});

// -- using what a key names
const use = (spot) => { // a fold opens, its first field takes the keyboard; an empty form is sent; a link is followed
  if (spot.tagName === 'DETAILS') {
    spot.open = true;
    spot.querySelector(':is(.fold,.tool-in,.in) :is(input:not([type=hidden]),select,textarea,button)')?.focus();
  } else if (spot.tagName === 'SUMMARY') {
    use(spot.parentElement);
  } else if (spot.tagName === 'FORM' && !spot.querySelector('input:not([type=hidden]),select,textarea')) {
    spot.requestSubmit();
  } else if (spot.matches('a,button')) {
    spot.click();
  } else {
    (spot.querySelector('textarea,input:not([type=hidden]),select') ?? spot.querySelector('button') ?? spot.querySelector('a'))?.focus();
  }
};

document.addEventListener('htmx:after:swap', () => {
  for (const one of document.querySelectorAll('[data-help]')) one.hidden = !help()?.showModal;
  const on = document.querySelector('[data-queue] a.pick.on');
  if (on && (document.activeElement === document.body || document.activeElement === work())) choose(on);
});

// -- help
const help = () => document.getElementById('keys-help');
for (const button of document.querySelectorAll('[data-help]')) {
  button.hidden = !help()?.showModal;
  button.addEventListener('click', () => help()?.showModal?.());
}

// -- the keyboard
const pressed = (event) => {
  if (event.isComposing || event.keyCode === 229) return; // an input method is at work
  const at = event.target instanceof Element ? event.target : document.body;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    const form = at.closest('form:not([method=dialog]):not(.find)') ?? document.querySelector('[data-submit]')?.closest('form');
    const wanted = form?.matches('[data-queue]') ? document.querySelector('[data-submit]')?.closest('form') : form;
    if (!wanted || !(work()?.contains(wanted) || document.getElementById('sheet')?.contains(wanted))) return;
    event.preventDefault();
    if (!event.repeat && (!wanted.closest('#pane') || settled(() => pressed(event)))) wanted.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'Escape' && !at.closest('dialog')) { // out of the field, then out of the fold, then back to the list
    const fold = at.closest('details[open]');
    if (typing(at)) {
      at.blur();
      const row = rows()[current()];
      if (fold) fold.querySelector('summary').focus(); else if (row) choose(row);
      return;
    }
    if (fold) { fold.open = false; return; }
  }
  if (typing(at) || at.closest('dialog') || work()?.hasAttribute('data-keys-off')) return;
  const key = event.key.length === 1 ? event.key.normalize('NFKC').toUpperCase() : event.key; // a full-width ？ is a ?
  if (key === '?') { help()?.showModal?.(); event.preventDefault(); return; }
  if (key === '/') { document.querySelector('[data-find]')?.focus(); event.preventDefault(); return; }
  const arrow = at.closest('[data-row]') && { ArrowDown: 'J', ArrowUp: 'K' }[key];
  if (key === 'J' || key === 'K' || arrow) {
    const link = rows().length ? null : document.querySelector(`[data-key="${key}"]`);
    if (link) use(link); else step((arrow || key) === 'J' ? 1 : -1, { extend: event.shiftKey, held: event.repeat });
    event.preventDefault();
    return;
  }
  const row = rows()[current()];
  const letters = (row && list()?.dataset.sheets) ?? '';
  if (key === ' ' && row && boxOf(row) && !at.closest('button,summary')) { tick(row); event.preventDefault(); return; }
  if (key === 'X' && row && boxOf(row)) { tick(row); event.preventDefault(); return; }
  if (key.length === 1 && letters.includes(key)) {
    event.preventDefault();
    if (!event.repeat && tell(row, 'row:why', key)) tell(row, 'row:ask', key);
    return;
  }
  const spot = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const again = () => pressed(event);
  if (spot && !spot.hidden) {
    event.preventDefault();
    if (!spot.closest('#pane') || settled(again)) use(spot);
    return;
  }
  if (/^[A-Z]$/.test(key) && document.getElementById('pane')) { if (settled(again)) tell(document, 'row:why', key); return; }
  if (key === 'Enter' && row && !at.closest('a,button,summary,input')) { location.assign(row.dataset.row); event.preventDefault(); }
};
document.addEventListener('keydown', pressed);

// Opened with a case chosen: the keyboard is there.
const first = document.querySelector('[data-queue] a.pick.on');
if (first && document.activeElement === document.body) choose(first);
