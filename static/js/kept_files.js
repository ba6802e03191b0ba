// Photos and recordings of a form that was not sent yet outlive a reload and a crash, for a day, beside its words
// (autosave.js).
const DAY = 86400e3;
const { me, ...store } = self.phoneStore;
const idOf = (input) => `${me}:${input.form.dataset.draft}:${[...input.form.querySelectorAll('input[type=file]')].indexOf(input)}`;
const chosen = () => (me ? [...document.querySelectorAll('form[data-draft] input[data-photos]')] : []);

document.addEventListener('files:changed', ({ target, detail }) => {
  if (!me || !target.form?.dataset.draft) return;
  (detail.length ? store.put('files', { id: idOf(target), files: detail, at: Date.now() }) : store.drop('files', idOf(target))).catch(() => {}); // no room: then not
});
document.addEventListener('draft:sent', ({ target }) => {
  for (const input of target.querySelectorAll('input[data-photos]')) input.dispatchEvent(new CustomEvent('files:put', { bubbles: true, detail: [] }));
});

const back = (input) => store.take('files', idOf(input)).then((row) => {
  if (row && Date.now() - row.at > DAY) return store.drop('files', row.id);
  if (row && !input.files.length) input.dispatchEvent(new CustomEvent('files:put', { bubbles: true, detail: row.files }));
}).catch(() => {});
Promise.all(location.hash.startsWith('#outbox=') ? [] : chosen().map(back)).then(() => {
  for (const one of document.querySelectorAll('.thumbs[data-room]')) one.classList.add('set'); // its own height from here on (room.js)
});
