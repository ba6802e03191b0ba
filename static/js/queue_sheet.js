// The form of a move in a sheet over the list: a letter opens it at once, for the forms of a line's letters were fetched
// when the cursor came to it (queue_ahead.js); where they were not, the sheet stands open with the line's title until they
// come. A form with a page of its own (a relief) is fetched when its letter is pressed. Esc closes the sheet and gives the
// keyboard back to the line.
const sheet = () => document.getElementById('sheet');
const inside = () => document.getElementById('sheet-in');
const rows = () => [...document.querySelectorAll('[data-queue] [data-row]')];
const tell = (what, detail, from = document) => from.dispatchEvent(new CustomEvent(what, { bubbles: true, cancelable: true, detail }));
const read = (text, id = 'letters') => new DOMParser().parseFromString(text, 'text/html').getElementById(id);
const blank = inside()?.cloneNode(true); // before its first form
let asked = null; // the line whose sheet is open
let at = null; // the line under the cursor
let touched = false;

const put = (fresh) => {
  inside().replaceWith(document.adoptNode(fresh));
  self.htmx.process(inside());
  inside().dispatchEvent(new CustomEvent('htmx:after:swap', { bubbles: true }));
  const found = inside();
  (found.querySelector('[data-focus],[aria-invalid=true]')
    ?? found.querySelector('form:not([method=dialog]) :is(textarea,select,input:not([type=hidden]):not([type=file]))')
    ?? found.querySelector('form:not([method=dialog]) button')
    ?? found.querySelector('button'))?.focus();
};

const wait = (row, key) => { // nothing is there yet: whose it will be, and what
  const empty = blank.cloneNode(true);
  empty.querySelector('h2').textContent = document.querySelector(`[data-letter="${key}"] [data-label]`)?.textContent ?? key;
  empty.querySelector('b').textContent = row.querySelector('a.t')?.textContent ?? '';
  put(empty);
};

const open = () => { if (!sheet().open) sheet().showModal(); };

const ask = (row, key) => {
  asked = row;
  touched = false;
  let came = '';
  const want = (address, use) => tell('ahead:want', { address, use, fail: () => location.assign(row.dataset.row) });
  const stand = (form) => { open(); put(form); };
  const use = (text) => {
    const found = read(text);
    letters(row, found);
    if (asked !== row || touched || came === found.dataset.state) return;
    came = found.dataset.state;
    const form = found.querySelector(`template[data-sheet="${key}"]`);
    if (!form) { // this letter does nothing here
      close();
      tell('row:why', key);
      return;
    }
    const link = form.dataset.link;
    if (link) want(link, (page) => { if (asked === row && !touched) stand(read(page, 'sheet-in')); });
    else stand(form.content.firstElementChild);
  };
  want(row.dataset.ahead, use);
  if (asked === row && !sheet().open) { open(); wait(row, key); }
};

const close = () => { sheet().close(); };

const letters = (row, found) => { if (row === at) tell('row:letters', JSON.parse(found.dataset.letters)); };

document.addEventListener('row:cursor', ({ target }) => {
  at = target.matches('tr') ? target : null;
  if (!at?.dataset.ahead) return;
  tell('row:letters', null);
  const all = rows(), n = all.indexOf(at);
  tell('ahead:want', { address: target.dataset.ahead, rest: true, use: (text) => letters(target, read(text)) });
  tell('ahead:near', [all[n + 1]?.dataset.ahead]);
});
document.addEventListener('close', ({ target }) => {
  if (target.id !== 'sheet' || !asked) return;
  const row = asked;
  asked = null;
  if (row.isConnected) tell('row:stay', null, row);
}, true);
document.addEventListener('input', ({ target }) => { if (target.closest?.('#sheet-in')) touched = true; });
document.addEventListener('row:ask', ({ target, detail }) => ask(target, detail));

// -- what becomes of a form that was sent from here (queue_send.js)
document.addEventListener('row:done', ({ target, detail }) => {
  if (!target.matches('tr')) return;
  tell('ahead:forget');
  if (asked?.dataset.number !== target.dataset.number) return;
  asked = detail.stays ? target : null;
  close();
});
document.addEventListener('row:refused', ({ target, detail }) => {
  if (!target.matches('tr') || asked !== target || !detail.text) return;
  touched = true;
  put(read(detail.text, 'sheet-in'));
});
