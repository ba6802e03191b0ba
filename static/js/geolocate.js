// Where am I: asked on a tap, never by itself; ten seconds, with its accuracy shown. Choosing by hand always works.
const arm = () => {
  const button = document.querySelector('[data-locate]');
  if (!button || !navigator.geolocation || !isSecureContext || button.dataset.armed) return;
  button.dataset.armed = '1';
  button.hidden = false;
  const words = button.querySelector('span');
  const usual = words.textContent;
  button.addEventListener('click', () => {
    words.textContent = button.dataset.busy;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const form = button.closest('form');
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.elements.lng.value = coords.longitude.toFixed(6);
        form.elements.accuracy.value = Math.round(coords.accuracy);
        const chip = document.querySelector('[data-accuracy]');
        chip.hidden = false;
        chip.querySelector('span').textContent = button.dataset.unit.replace('%s', Math.round(coords.accuracy));
        words.textContent = usual;
        form.dispatchEvent(new CustomEvent('located', { bubbles: true }));  // the page then asks which place that is
      },
      () => { words.textContent = button.dataset.fault; },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
};
// Another place chosen or written afterwards has the last word.
document.addEventListener('input', ({ target }) => {
  if (target.name !== 'place' && target.name !== 'place_q') return;
  const other = document.querySelector('[data-not-here]');
  if (other) other.checked = true;
});
document.addEventListener('htmx:after:swap', arm);
arm();
