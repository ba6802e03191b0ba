// What waits in this phone, said at the top of its pages: how many, what becomes of them, and each with its reason where
// it was refused. The words stand in the page (components/outbox.html); this fills in names and numbers.
const { ...store } = self.phoneStore;
const box = () => document.querySelector('[data-outbox]');
const clock = new Intl.DateTimeFormat('en-GB', { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' });
const oclock = (at) => {
  const part = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part.month}-${part.day} ${part.hour}:${part.minute}`;
};
const fill = (spot, words) => { for (const [name, value] of Object.entries(words)) for (const one of spot.querySelectorAll(`[data-${name}]`)) one.textContent = value; };

let state = 'waiting';
const paint = async () => {
  const rows = await self.phoneStore.outbox().catch(() => []);
  const here = box();
  if (!here) return;
  const waiting = rows.filter((row) => row.state === 'waiting');
  const said = waiting.length ? state : 'refused';
  here.hidden = !rows.length;
  here.classList.add('set'); // its own height from here on (room.js)
  for (const one of here.querySelectorAll('[data-say]')) one.hidden = one.dataset.say !== said;
  for (const one of here.querySelectorAll('[data-during]')) one.hidden = !one.dataset.during.split(' ').includes(said);
  fill(here, { n: waiting.length, bad: rows.length - waiting.length, kb: Math.ceil(waiting.reduce((sum, row) => sum + row.size, 0) / 1024) });
  here.querySelector('[data-list]').replaceChildren(...rows.map((row) => {
    const card = here.querySelector('template').content.firstElementChild.cloneNode(true);
    card.dataset.key = row.key;
    fill(card, { title: row.title, time: oclock(row.at), why: row.why });
    for (const one of card.querySelectorAll('[data-if]')) one.hidden = one.dataset.if !== row.state;
    card.querySelector('[data-mend]').href = `${row.url}#outbox=${row.key}`;
    return card;
  }));
};

document.addEventListener('outbox:news', ({ detail }) => { state = detail.state; paint(); });
document.addEventListener('outbox:done', paint);
document.addEventListener('click', async ({ target }) => {
  const act = target.closest?.('[data-outbox] [data-act]')?.dataset.act;
  if (!act) return;
  if (act !== 'drop') return document.dispatchEvent(new CustomEvent(act === 'pause' ? 'outbox:pause' : 'outbox:send'));
  if (!confirm(box().dataset.drop)) return;
  await store.drop('outbox', target.closest('[data-key]').dataset.key);
  paint();
});
paint();
