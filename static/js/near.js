// Without a network nobody can say what is open already; what was last read of one's own ground can be offered. Of the same
// place first, then of the same item; the server decides when it arrives.
const MOST = 8;
const box = document.querySelector('[data-near]');
const form = box?.closest('form');
let kept = null;

const read = async () => {
  const answer = await fetch(box.dataset.near, { credentials: 'same-origin' }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
  const found = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('fieldset[data-me]');
  return found?.dataset.me === document.body.dataset.me ? found : null; // another person's ground is nobody's
};

const weight = (row, place, item) => {
  const line = row.dataset.line.split(' ');
  const same = row.dataset.item !== '' && row.dataset.item === item;
  if (line.at(-1) === place) return same ? 4 : 3;
  return line.includes(place) || same ? (same ? 2 : 1) : 0;
};

const show = async () => {
  const chosen = box.querySelector('[name=join]:checked')?.value;
  if (navigator.onLine) { if (!chosen) box.replaceChildren(); return; }
  kept ??= await read();
  if (!kept) return;
  const place = form.querySelector('[name=place_found]:checked')?.value || form.elements.place.value;
  const item = form.querySelector('[name=item]:checked')?.value ?? '';
  const list = kept.cloneNode(true);
  const rows = [...list.querySelectorAll('[data-line]')];
  const fitting = rows.map((row) => [weight(row, place, item), row]).filter(([w]) => w).sort((a, b) => b[0] - a[0]).slice(0, MOST).map(([, row]) => row);
  for (const row of rows) row.remove();
  list.querySelector('label').after(...fitting);
  const again = chosen && list.querySelector(`[name=join][value="${CSS.escape(chosen)}"]`);
  if (again) again.checked = true;
  box.replaceChildren(...(fitting.length ? [list] : []));
};

if (box) {
  document.addEventListener('change', ({ target }) => { if (target.form === form && target.name !== 'join') show(); });
  form.addEventListener('reset', () => setTimeout(() => { box.replaceChildren(); show(); }));
  addEventListener('online', show);
  addEventListener('offline', show);
  show();
}
