// Some looks need script (our own words on file inputs); the style sheet asks for this mark.
document.documentElement.classList.add('js');

// After htmx has put something new in the page: lead the reader's eye and the keyboard to it.
// A refusal, a message or an answer carries data-focus; fields that were folded away are opened.
const arrive = (root) => {
  const spot = root.querySelector?.('[data-focus]');
  if (spot) spot.focus({ preventScroll: false });
};
document.addEventListener('htmx:after:swap', () => arrive(document));

// A link to a field inside a fold opens the fold first (refusals point at what is missing).
const open = (hash) => {
  if (!hash || hash.length < 2) return;
  const spot = document.getElementById(decodeURIComponent(hash.slice(1)));
  const fold = spot?.closest('details') ?? (spot?.tagName === 'DETAILS' ? spot : null);
  if (fold) fold.open = true;
  if (spot) (spot.matches('input,select,textarea') ? spot : spot.querySelector('input:not([type=hidden]),select,textarea') ?? spot.querySelector('summary,button'))?.focus();
};
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link && !link.classList.contains('o-menu') && !link.classList.contains('o-close')) setTimeout(() => open(link.hash), 0);
});
if (location.hash.startsWith('#move-') || location.hash === '#settle') open(location.hash);

// One menu open at a time, and a click beside it closes it.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
});

// No network, said in the page instead of a browser error.
const bar = () => document.querySelectorAll('[data-offline]').forEach((one) => { one.hidden = navigator.onLine; });
addEventListener('online', bar);
addEventListener('offline', bar);
bar();
