// Keys for people who work a queue all day. What a key does stands in the page: data-row (a case), data-key (a link,
// a button, a fold or a form). Off while typing, with Ctrl/Alt/Meta, and wherever the reader has switched it off.
const typing = (target) => target.closest('input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]');
const work = () => document.getElementById('work');
const rows = () => [...document.querySelectorAll('[data-queue] [data-row]')];
const current = (all) => all.findIndex((row) => row.classList.contains('sel') || row.classList.contains('on'));

const choose = (row) => {
  for (const other of rows()) other.classList.remove('sel');
  row.classList.add('sel');
  const link = row.matches('a') ? row : row.querySelector('a.t');
  link?.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
};

const step = (by) => {
  const all = rows();
  if (!all.length) return false;
  const at = current(all);
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  choose(next);
  if (next.matches('a') && !next.classList.contains('on')) location.assign(next.dataset.row);
  return true;
};

// A fold opens and its first field takes the keyboard; a form with nothing to fill in is sent; a link is followed.
const use = (spot) => {
  if (spot.tagName === 'DETAILS') {
    spot.open = true;
    spot.querySelector('.fold input:not([type=hidden]),.fold select,.fold textarea,.fold button')?.focus();
  } else if (spot.tagName === 'FORM' && !spot.querySelector('input:not([type=hidden]),select,textarea')) {
    spot.requestSubmit();
  } else if (spot.matches('a,button')) {
    spot.click();
  } else {
    spot.querySelector('textarea,input:not([type=hidden]),select')?.focus();
  }
};

const help = document.getElementById('keys-help');
for (const button of document.querySelectorAll('[data-help]')) {
  button.hidden = !help?.showModal;
  button.addEventListener('click', () => help?.showModal?.());
}

document.addEventListener('keydown', (event) => {
  const at = event.target instanceof Element ? event.target : document.body;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    const form = at.closest('form') ?? document.querySelector('[data-submit]')?.closest('form');
    if (form && work()?.contains(form)) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === 'Escape') { // out of the field, then out of the fold, then back to the list
    const fold = at.closest('details[open]');
    if (typing(at)) { at.blur(); fold?.querySelector('summary').focus(); return; }
    if (fold) { fold.open = false; return; }
  }
  if (typing(at) || at.closest('dialog') || work()?.hasAttribute('data-keys-off')) return;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (key === '?') { help?.showModal?.(); event.preventDefault(); return; }
  if (key === '/') { document.querySelector('[data-find]')?.focus(); event.preventDefault(); return; }
  const spot = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (spot) { event.preventDefault(); use(spot); return; }
  if (key === 'J' || key === 'K') { if (step(key === 'J' ? 1 : -1)) event.preventDefault(); return; }
  const row = rows()[current(rows())];
  if (!row) return;
  if (key === 'X') { const box = row.querySelector('input[type=checkbox]'); if (box) { box.click(); event.preventDefault(); } return; }
  if (key === 'Enter' && !at.closest('a,button,summary')) { location.assign(row.dataset.row); event.preventDefault(); return; }
  if (/^[A-Z]$/.test(key) && row.matches('tr') && 'SLBZTYGQFPDC'.includes(key)) {
    event.preventDefault();
    location.assign(`${row.dataset.row}#key-${key}`); // the case page opens the move that bears this key
  }
});

// Arriving from the queue with a key: open that move.
const wished = /^#key-([A-Z])$/.exec(location.hash);
if (wished) {
  const spot = document.querySelector(`#work [data-key="${wished[1]}"]`);
  history.replaceState(null, '', location.pathname + location.search);
  if (spot && spot.tagName === 'FORM') spot.querySelector('button')?.focus(); // never sends by itself on arrival
  else if (spot) use(spot);
}

// Ticking many.
const tally = () => {
  const boxes = [...document.querySelectorAll('[data-queue] tbody input[type=checkbox]')];
  const spot = document.querySelector('[data-picked]');
  if (spot) spot.textContent = String(boxes.filter((box) => box.checked).length);
};
const all = document.querySelector('[data-all]');
if (all) {
  all.hidden = false;
  all.addEventListener('change', () => {
    for (const box of document.querySelectorAll('[data-queue] tbody input[type=checkbox]')) box.checked = all.checked;
    tally();
  });
}
document.addEventListener('change', (event) => { if (event.target.closest?.('[data-queue] tbody')) tally(); });
