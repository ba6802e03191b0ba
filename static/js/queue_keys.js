// Keys for people who work a list all day. What a key does stands in the page: data-row (a case), data-key (a link, a
// button, a fold or a form), data-sheets (a list whose letters open the form of the move in a sheet over it).
// Letters are off while typing, while an input method composes, with Ctrl/Alt/Meta, in dialogs, and wherever the reader
// has switched them off. Nothing moves under the cursor: a row that was worked on stays until the list is loaded again.
const LETTERS = 'SLBZTYGHQFPDCMRUEVIW';
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
const choose = (row, { focus = true } = {}) => {
  for (const other of rows()) other.classList.remove('sel');
  row.classList.add('sel');
  if (focus) linkOf(row)?.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
};

const open = (row) => { // beside the list where there is room for it, else its page
  if (row.matches('a[hx-get]') && self.htmx) {
    for (const other of rows()) { other.classList.remove('on'); other.removeAttribute('aria-current'); }
    row.classList.add('on');
    row.setAttribute('aria-current', 'true');
    row.click();
  } else location.assign(row.dataset.row);
};

const tick = (row, on) => row.dispatchEvent(new CustomEvent('row:tick', { bubbles: true, detail: on }));

const step = (by, { extend = false } = {}) => {
  const all = rows();
  if (!all.length) return false;
  const at = current(all);
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  if (extend && at >= 0) for (const row of [all[at], next]) tick(row, true);
  choose(next);
  if (next.matches('a') && !next.classList.contains('on')) open(next);
  return true;
};

// A row that was worked on in the sheet (queue_sheet.js): the cursor stays on it, or goes on.
document.addEventListener('row:stay', ({ target }) => choose(target));
document.addEventListener('row:next', ({ target }) => { choose(target, { focus: false }); step(1); });

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
    spot.querySelector('textarea,input:not([type=hidden]),select')?.focus();
  }
};

document.addEventListener('htmx:after:swap', () => {
  for (const one of document.querySelectorAll('[data-help]')) one.hidden = !help()?.showModal;
  const on = document.querySelector('[data-queue] a.pick.on');
  if (on && (document.activeElement === document.body || document.activeElement === work())) choose(on);
});

// A case is sent on from beside the list: the one that stands below comes next.
document.addEventListener('submit', ({ target }) => {
  if (!target.closest?.('#pane')) return;
  const all = rows();
  const next = all[all.findIndex((row) => row.classList.contains('on')) + 1] ?? all[all.findIndex((row) => row.classList.contains('on')) - 1];
  if (!next?.dataset.number) return;
  let field = target.querySelector('input[name=next]');
  if (!field) {
    field = Object.assign(document.createElement('input'), { type: 'hidden', name: 'next' });
    target.append(field);
  }
  field.value = next.dataset.number;
}, true);

// -- help
const help = () => document.getElementById('keys-help');
for (const button of document.querySelectorAll('[data-help]')) {
  button.hidden = !help()?.showModal;
  button.addEventListener('click', () => help()?.showModal?.());
}

// -- the keyboard
document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229) return; // an input method is at work
  const at = event.target instanceof Element ? event.target : document.body;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    const form = at.closest('form:not([method=dialog]):not(.find)') ?? document.querySelector('[data-submit]')?.closest('form');
    if (form && (work()?.contains(form) || document.getElementById('sheet')?.contains(form))) { event.preventDefault(); (form.matches('[data-queue]') ? document.querySelector('[data-submit]')?.closest('form') : form)?.requestSubmit(); }
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
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (key === '?') { help()?.showModal?.(); event.preventDefault(); return; }
  if (key === '/') { document.querySelector('[data-find]')?.focus(); event.preventDefault(); return; }
  if (key === 'J' || key === 'K') {
    const link = rows().length ? null : document.querySelector(`[data-key="${key}"]`);
    if (link) use(link); else step(key === 'J' ? 1 : -1, { extend: event.shiftKey });
    event.preventDefault();
    return;
  }
  const row = rows()[current()];
  const lined = list()?.hasAttribute('data-sheets') && row;
  if (key === ' ' && row && boxOf(row) && !at.closest('button,summary')) { tick(row); event.preventDefault(); return; }
  if (key === 'X' && row && boxOf(row)) { tick(row); event.preventDefault(); return; }
  if (lined && LETTERS.includes(key) && key.length === 1) { event.preventDefault(); row.dispatchEvent(new CustomEvent('row:ask', { bubbles: true, detail: key })); return; }
  const spot = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (spot && !spot.hidden) { event.preventDefault(); use(spot); return; }
  if (key === 'Enter' && row && !at.closest('a,button,summary,input')) { open(row); event.preventDefault(); }
});

// Opened with a case chosen: the keyboard is there.
const first = document.querySelector('[data-queue] a.pick.on');
if (first && document.activeElement === document.body) choose(first);
