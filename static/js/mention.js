// @ in a note offers the colleagues who may be named. The names are asked for once, when the first @ is typed.
const list = document.createElement('ul');
list.className = 'mention';
list.hidden = true;
let people = null, field = null, from = 0, chosen = 0;

const found = () => {
  const word = field.value.slice(from + 1, field.selectionStart).toLowerCase();
  return (people ?? []).filter((one) => `${one.name}${one.username}${one.unit}`.toLowerCase().includes(word)).slice(0, 8);
};
const close = () => { list.hidden = true; };
const put = (one) => {
  const after = field.value.slice(field.selectionStart);
  field.value = `${field.value.slice(0, from)}@${one.name} ${after}`;
  field.setSelectionRange(from + one.name.length + 2, from + one.name.length + 2);
  field.dispatchEvent(new Event('input', { bubbles: true }));
  close();
  field.focus();
};
const draw = () => {
  const fits = found();
  chosen = Math.min(chosen, Math.max(0, fits.length - 1));
  list.replaceChildren(...fits.map((one, n) => {
    const line = document.createElement('li');
    line.textContent = `${one.name}　${one.unit}`;
    line.classList.toggle('on', n === chosen);
    line.addEventListener('mousedown', (event) => { event.preventDefault(); put(one); });
    return line;
  }));
  list.hidden = !fits.length;
};

document.addEventListener('input', async ({ target }) => {
  if (!target.dataset?.mention) return;
  field = target;
  from = field.value.lastIndexOf('@', field.selectionStart - 1);
  if (from < 0 || /\s/.test(field.value.slice(from, field.selectionStart))) return close();
  if (list.parentElement !== field.parentElement) field.after(list);
  if (people === null) {
    people = [];
    const answer = await fetch(field.dataset.mention, { headers: { Accept: 'application/json' } }).catch(() => null);
    people = answer?.ok ? await answer.json() : [];
  }
  draw();
});
document.addEventListener('keydown', (event) => {
  if (list.hidden || event.target !== field) return;
  const fits = found();
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { chosen = (chosen + (event.key === 'ArrowDown' ? 1 : fits.length - 1)) % fits.length; draw(); }
  else if ((event.key === 'Enter' && !event.ctrlKey) || event.key === 'Tab') put(fits[chosen]);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener('focusout', ({ target }) => { if (target === field) close(); });
