// Finding in what the page itself holds, so also without a network: items of the checklist by name or pinyin initials
// (data-filters), places of one's own ground (data-finds) as the same answer that the server gives. And what the address
// of a form asks for, where the page was kept without it.
const plain = (text) => text.normalize('NFKC').trim().toLowerCase();
const fits = (one, q) => plain(one.textContent).includes(q) || (one.dataset.k ?? '').startsWith(q) || (q.length > 1 && (one.dataset.k ?? '').includes(q));

const filter = (input) => {
  const list = document.getElementById(input.dataset.filters);
  const q = plain(input.value);
  let n = 0;
  for (const group of list.querySelectorAll('details')) {
    const rows = [...group.querySelectorAll('[data-k]')];
    for (const row of rows) row.hidden = q !== '' && !fits(row, q);
    const left = rows.filter((row) => !row.hidden).length;
    group.hidden = !left;
    group.open = q !== '' && left > 0;
    n += left;
  }
  const none = list.querySelector('[data-none]');
  if (none) none.hidden = n > 0;
};

const find = (input) => {
  const found = document.getElementById('found');
  const made = document.querySelector('template[data-place]');
  const q = plain(input.value);
  if (!found || !made) return;
  const hits = q ? [...document.getElementById(input.dataset.finds).options].filter((one) => one.value && fits(one, q)).slice(0, 12) : [];
  const box = made.content.firstElementChild.cloneNode(true);
  const row = box.querySelector('label');
  row.remove();
  for (const hit of hits) {
    const one = row.cloneNode(true);
    one.querySelector('input').value = hit.value;
    one.querySelector('b').textContent = hit.textContent.trim();
    box.append(one);
  }
  found.replaceChildren(...(hits.length ? [box] : []));
};

document.addEventListener('input', ({ target }) => {
  if (target.dataset?.filters) filter(target);
  if (target.dataset?.finds) find(target);
});
document.addEventListener('keydown', (event) => { // the list is under the words already
  if (event.key === 'Enter' && event.target.dataset?.filters) event.preventDefault();
});

const arm = () => { for (const one of document.querySelectorAll('[data-unscripted]')) one.hidden = true; };
document.addEventListener('htmx:after:swap', arm);
arm();

const asked = new URLSearchParams(location.search);
const spot = document.getElementById('f-place');
if (spot && [...spot.options].some((one) => one.value === asked.get('place'))) spot.value = asked.get('place');
const origin = ['resident', 'patrol'].includes(asked.get('origin')) && document.querySelector(`[name=origin][value=${asked.get('origin')}]`);
if (origin && !origin.checked) origin.click();

// Of which round it comes, for one call.
const round = document.querySelector('[name=round]');
const words = document.querySelector('[data-on-round]');
if (round && /^\w{1,40}$/.test(asked.get('round') ?? '') && !round.value) round.value = asked.get('round');
if (words?.hidden && round.value && asked.get('said')) {
  words.querySelector('span').textContent = asked.get('said').slice(0, 60);
  words.hidden = false;
}
round?.form.addEventListener('reset', () => { round.value = ''; words.hidden = true; history.replaceState(null, '', location.pathname); });
