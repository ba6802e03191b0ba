// A round that waits in the phone has no number yet: a problem seen there is logged as of it by the key it will be sent with.
const list = document.querySelector('[data-made]');
const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' });

document.addEventListener('outbox:kept', ({ detail: { key, url, entries, at, title } }) => {
  if (!list || url !== list.dataset.made) return;
  const said = Object.fromEntries(entries);
  const one = list.querySelector('template').content.firstElementChild.cloneNode(true);
  one.querySelector('b').textContent = title;
  one.querySelector('time').textContent = hour.format(at);
  const asked = new URLSearchParams({ origin: 'patrol', place: said.go.split(':')[1] ?? said.place, round: key, said: `${title} ${hour.format(at)}` });
  one.querySelector('a').href = `${list.dataset.new}?${asked}`;
  list.prepend(one);
});
