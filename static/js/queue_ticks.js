// Ticking many cases of a list: with the box, with a key on the row (row:tick, from queue_keys.js), from one to another
// with Shift, all that are shown.
const boxOf = (row) => row.querySelector('input[type=checkbox][name=number]') ?? row.parentElement?.querySelector(':scope > input[type=checkbox][name=number]');
let last = null;
const boxes = () => [...document.querySelectorAll('[data-queue] input[type=checkbox][name=number]')];
const tick = (row, on) => {
  const box = boxOf(row);
  if (!box) return;
  box.checked = on ?? !box.checked;
  last = box;
  tally();
};
const tally = () => {
  const ticked = boxes().filter((box) => box.checked).length;
  for (const spot of document.querySelectorAll('[data-picked]')) spot.textContent = String(ticked);
  for (const bar of document.querySelectorAll('[data-bulk]')) bar.classList.toggle('some', ticked > 0);
};
document.addEventListener('click', (event) => { // from the last one ticked to this one
  const box = event.target.closest?.('[data-queue] input[type=checkbox][name=number]');
  if (!box) return;
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  tally();
});
for (const all of document.querySelectorAll('[data-all]')) all.hidden = false;
document.addEventListener('change', ({ target }) => {
  if (target.matches?.('[data-all]')) for (const box of boxes()) box.checked = target.checked;
  if (target.closest?.('[data-queue]')) tally();
});
tally();
document.addEventListener('row:tick', ({ target, detail }) => tick(target, detail ?? undefined));
for (const change of ['htmx:after:swap', 'row:done']) document.addEventListener(change, tally);
