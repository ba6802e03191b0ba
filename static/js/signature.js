// Signing at the door with a finger or a pen: what is drawn becomes a picture among the form's files.
// Who cannot draw writes below who took it and who saw it; without script that is the way, too.
const INK = 3;
const pads = new WeakMap(); // canvas → has something been drawn

const clear = (canvas) => {
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pads.set(canvas, false);
};

const arm = () => {
  for (const pad of document.querySelectorAll('[data-sign]')) {
    const canvas = pad.querySelector('canvas');
    if (!self.DataTransfer || pads.has(canvas)) continue;
    clear(canvas);
    canvas.style.cssText = 'width:100%;touch-action:none;border:1px solid;border-radius:8px';
    pad.hidden = false;
  }
};

const spot = (canvas, event) => {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
};

const padOf = (event) => (event.target instanceof HTMLCanvasElement && event.target.closest('[data-sign]') ? event.target : null);

document.addEventListener('pointerdown', (event) => {
  const canvas = padOf(event);
  if (!canvas || event.button) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  const pen = canvas.getContext('2d');
  pen.lineWidth = INK;
  pen.lineCap = pen.lineJoin = 'round';
  pen.strokeStyle = '#111';
  pen.beginPath();
  pen.moveTo(...spot(canvas, event));
});

document.addEventListener('pointermove', (event) => {
  const canvas = padOf(event);
  if (!canvas?.hasPointerCapture(event.pointerId)) return;
  const pen = canvas.getContext('2d');
  for (const step of event.getCoalescedEvents?.() ?? [event]) pen.lineTo(...spot(canvas, step));
  pen.stroke();
  pads.set(canvas, true);
});

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-sign] button');
  if (!button) return;
  const pad = button.closest('[data-sign]');
  const canvas = pad.querySelector('canvas');
  if ('again' in button.dataset) { clear(canvas); return; }
  const input = document.getElementById(pad.dataset.sign);
  if (!input || !pads.get(canvas)) { canvas.focus(); return; }
  canvas.toBlob((blob) => {
    const name = `${pad.dataset.name}.png`;
    input.dispatchEvent(new CustomEvent('files:add', { bubbles: true, detail: [new File([blob], name, { type: 'image/png' })] }));
    clear(canvas);
  }, 'image/png');
});

document.addEventListener('htmx:after:swap', arm);
arm();
