// Looking around on a drawing: drag, wheel, pinch, arrow keys and buttons change its view box, and `viewchange` tells.
const svg = document.querySelector('[data-map]');

if (svg) {
  const tools = document.querySelector('[data-map-tools]');
  const all = svg.getAttribute('viewBox').split(' ').map(Number);
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const fingers = new Map();
  let view = [...all];
  let from = null;

  const show = () => {
    svg.setAttribute('viewBox', view.join(' '));
    svg.dispatchEvent(new Event('viewchange'));
  };
  const here = (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [x, y];
  };
  const zoom = (factor, at) => {
    const [x, y] = at ?? [view[0] + view[2] / 2, view[1] + view[3] / 2];
    const wide = view[2] * factor;
    if (wide < 5 || wide > all[2] * 20) return;
    view = [x - (x - view[0]) * factor, y - (y - view[1]) * factor, wide, view[3] * factor];
    show();
  };

  svg.addEventListener('pointerdown', (event) => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    const ground = fingers.size === 1 && !event.target.closest('[data-n]');
    from = ground ? here(event) : null;
    if (ground) svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener('pointermove', (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = [...fingers.values()];
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2) {
      const after = [...fingers.values()];
      const apart = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
      const [a, b] = after;
      zoom(apart(before) / apart(after), here({ clientX: (a[0] + b[0]) / 2, clientY: (a[1] + b[1]) / 2 }));
    } else if (from) {
      const now = here(event);
      view[0] += from[0] - now[0];
      view[1] += from[1] - now[1];
      show();
    }
  });
  const release = (event) => { fingers.delete(event.pointerId); from = null; };
  svg.addEventListener('pointerup', release);
  svg.addEventListener('pointercancel', release);
  svg.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, here(event));
  }, { passive: false });
  svg.addEventListener('touchstart', (event) => { if (event.cancelable) event.preventDefault(); }, { passive: false });
  svg.addEventListener('keydown', (event) => {
    const way = ways[event.key];
    if (event.target !== svg) return;
    if (way) {
      view[0] += way[0] * view[2] / 10;
      view[1] += way[1] * view[3] / 10;
      show();
    } else if (event.key === '+' || event.key === '=') zoom(1 / 1.3);
    else if (event.key === '-') zoom(1.3);
    else return;
    event.preventDefault();
  });
  tools.addEventListener('click', (event) => {
    const asked = event.target.closest('button')?.dataset.zoom;
    if (asked === 'all') { view = [...all]; show(); } else if (asked) zoom(asked === 'in' ? 1 / 1.5 : 1.5);
  });
  tools.hidden = false;
}
