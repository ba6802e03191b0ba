// A standard text goes into the form it was asked for from: at the cursor, or at the end of its first text.
let last = null;
document.addEventListener('focusin', ({ target }) => { if (target.matches?.('textarea')) last = target; });
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-insert]');
  const form = link?.closest('form');
  if (!form) return;
  event.preventDefault();
  const field = last && form.contains(last) ? last : form.querySelector('textarea');
  if (!field) return;
  const at = field === last ? field.selectionEnd : field.value.length;
  field.setRangeText(link.dataset.insert, at, at, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
  link.closest('[data-texts]')?.replaceChildren();
  field.focus();
});
