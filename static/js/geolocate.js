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
      },
      () => { words.textContent = button.dataset.fault; },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
};
document.addEventListener('htmx:after:swap', arm);
arm();
