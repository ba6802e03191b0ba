// Parts of a form that only matter for one answer: data-when="origin=resident" is shown while that radio is chosen.
// Without script everything stays visible.
const settle = () => {
  for (const part of document.querySelectorAll('[data-when]')) {
    const [name, value] = part.dataset.when.split('=');
    const chosen = document.querySelector(`input[name="${CSS.escape(name)}"]:checked`);
    part.hidden = chosen?.value !== value;
  }
};
document.addEventListener('change', (event) => { if (event.target.type === 'radio') settle(); });
document.addEventListener('htmx:after:swap', settle);
settle();
