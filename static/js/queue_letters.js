// The line of keys says what can be done with the line under the cursor: a letter that cannot act now is grey and says
// why, in the words of the guard; and what has just happened stands at the end of the line.
let now = null; // letter → "" or why not
const keys = () => [...document.querySelectorAll('[data-letter]')];
const said = () => document.querySelector('[data-said]');

const say = (words, bad = false) => {
  const spot = said();
  if (!spot) return;
  spot.textContent = words ?? '';
  spot.classList.toggle('t-bad', bad);
  spot.classList.toggle('t-ok', !bad);
};

const why = (letter) => (letter in now ? now[letter] : document.querySelector('[data-none]')?.dataset.none ?? '');

const show = (letters) => {
  now = letters;
  for (const key of keys()) {
    const words = now ? why(key.dataset.letter) : '';
    key.classList.toggle('off', Boolean(words));
    key.title = words;
    const spoken = key.querySelector('.sr');
    if (spoken) spoken.textContent = words;
  }
};

const of_pane = () => {
  const pane = document.querySelector('#pane[data-pane]');
  if (pane) show(pane.dataset.letters ? JSON.parse(pane.dataset.letters) : null);
};

document.addEventListener('row:letters', ({ detail }) => show(detail));
document.addEventListener('row:say', ({ detail }) => say(detail.words, detail.bad));
document.addEventListener('row:why', (event) => { // does this letter act? If not, it is said why, and that is all
  const words = now ? why(event.detail) : '';
  if (!words) return;
  event.preventDefault();
  say(words, true);
});
document.addEventListener('htmx:after:swap', of_pane);
of_pane();
