// Photos open large in a dialog, one after another by the arrow keys; without script a photo is a link to itself.
const box = document.createElement('dialog');
box.className = 'photo-box';
const picture = document.createElement('img');
const words = document.createElement('p');
box.append(picture, words);
document.body.append(box);

let all = [], at = 0;
const show = (to) => {
  at = (to + all.length) % all.length;
  picture.src = all[at].href;
  picture.alt = all[at].querySelector('img')?.alt ?? '';
  words.textContent = `${at + 1} / ${all.length}　${picture.alt}`;
};

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-photo]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !box.showModal) return;
  event.preventDefault();
  const seen = new Set();
  all = [...document.querySelectorAll('a[data-photo]')].filter((one) => !seen.has(one.href) && seen.add(one.href));
  show(all.findIndex((one) => one.href === link.href));
  box.showModal();
});
box.addEventListener('click', ({ target, clientX }) => {
  if (target !== picture) box.close();
  else show(at + (clientX < innerWidth / 3 ? -1 : 1));
});
box.addEventListener('keydown', (event) => {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (by) { event.preventDefault(); show(at + by); }
});
