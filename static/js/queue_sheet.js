// The form of a move in a sheet over the list: a letter asks for it (row:ask, from queue_keys.js), Esc closes it and gives
// the keyboard back to the row, a move that was made leaves the row where it stood as it is now, and goes on to the next.
const RELIEFS = { Y: 'extension', G: 'hold' };
const sheet = () => document.getElementById('sheet');
let asked = null; // the row whose sheet is open
const tell = (row, what) => row.dispatchEvent(new CustomEvent(what, { bubbles: true }));

const ask = (row, key) => {
  const url = row.dataset.row.split('?')[0];
  if (RELIEFS[key]) return location.assign(`${url}reliefs/new/${RELIEFS[key]}/`);
  asked = row;
  self.htmx.ajax('GET', `${url}keys/${key}/`, { target: '#sheet-in', swap: 'outerHTML' });
};

const arrived = () => {
  const inside = document.getElementById('sheet-in');
  if (!inside || !asked) return;
  if (inside.dataset.done) return finished(inside);
  if (!sheet().open) sheet().showModal();
  if (document.activeElement?.closest('#sheet-in form:not([method=dialog])')) return;
  const wanted = inside.querySelector('[data-focus],[aria-invalid=true]')
    ?? inside.querySelector('form:not([method=dialog]) :is(textarea,select,input:not([type=hidden]):not([type=file]))')
    ?? inside.querySelector('form:not([method=dialog]) button')
    ?? inside.querySelector('button');
  wanted?.focus();
};

const finished = (inside) => { // the row as it is now stands where it stood; on to the next
  const fresh = inside.querySelector('template')?.content.querySelector('tr');
  const old = asked;
  asked = null;
  sheet().close();
  if (fresh && old.isConnected) {
    fresh.classList.add('done');
    if (!old.querySelector('input[type=checkbox][name=number]')) { const cell = document.createElement('td'); cell.className = 'c-mark'; fresh.firstElementChild.replaceWith(cell); }
    old.replaceWith(fresh);
  }
  say(inside.dataset.words);
  inside.replaceChildren();
  delete inside.dataset.done;
  tell(fresh && fresh.isConnected ? fresh : old, 'row:next');
};

const say = (words) => { // read aloud, and seen in the line of keys
  const spot = document.querySelector('[data-said]');
  if (spot) spot.textContent = words;
};

document.addEventListener('close', ({ target }) => {
  if (target.id !== 'sheet' || !asked) return;
  const row = asked;
  asked = null;
  if (row.isConnected) tell(row, 'row:stay');
}, true);

document.addEventListener('row:ask', ({ target, detail }) => ask(target, detail));
document.addEventListener('htmx:after:swap', arrived);
