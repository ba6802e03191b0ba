// Hold to speak: a recording of at most a minute joins the files of the input that the button names. A tap or a key begins
// and ends it too, for those who cannot hold. Where there is no recorder the button stays hidden; the file field works.
const MOST = 60;
const KINDS = { 'audio/webm;codecs=opus': 'webm', 'audio/mp4': 'm4a', 'audio/ogg;codecs=opus': 'ogg' };
const HOLD = 400; // shorter is a tap

const kind = self.MediaRecorder && navigator.mediaDevices?.getUserMedia && Object.keys(KINDS).find((one) => MediaRecorder.isTypeSupported(one));

const arm = (button) => {
  button.dataset.armed = '1';
  button.hidden = false;
  const words = button.querySelector('span');
  const usual = words.textContent;
  let recorder = null, began = 0, ticking = 0, wanted = false;

  const stop = () => { wanted = false; if (recorder?.state === 'recording') recorder.stop(); };
  const start = async () => {
    wanted = true;
    let sound;
    try { sound = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch { words.textContent = button.dataset.fault; wanted = false; return; }
    const parts = [];
    recorder = new MediaRecorder(sound, { mimeType: kind, audioBitsPerSecond: 24000 });
    recorder.ondataavailable = ({ data }) => { if (data.size) parts.push(data); };
    recorder.onstop = () => {
      clearInterval(ticking);
      for (const track of sound.getTracks()) track.stop();
      button.setAttribute('aria-pressed', 'false');
      words.textContent = usual;
      recorder = null;
      const input = document.getElementById(button.dataset.speak);
      const type = kind.split(';')[0];
      if (parts.length) input?.dispatchEvent(new CustomEvent('files:add', { bubbles: true, detail: [new File(parts, `voice-${began}.${KINDS[kind]}`, { type })] }));
    };
    began = Date.now();
    recorder.start();
    button.setAttribute('aria-pressed', 'true');
    const tick = () => {
      const past = Math.floor((Date.now() - began) / 1000);
      words.textContent = button.dataset.busy.replace('%s', past);
      if (past >= MOST) stop();
    };
    tick();
    ticking = setInterval(tick, 1000);
    if (!wanted) stop(); // let go while the phone was still asking
  };

  let pressed = 0;
  button.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    if (recorder) { pressed = 0; return stop(); }
    pressed = Date.now();
    button.setPointerCapture?.(event.pointerId);
    start();
  });
  button.addEventListener('pointerup', () => { if (pressed && Date.now() - pressed > HOLD) stop(); });
  button.addEventListener('click', (event) => { if (!event.detail) { if (recorder) stop(); else start(); } }); // by a key
  button.addEventListener('contextmenu', (event) => event.preventDefault());
};
const armAll = () => { if (kind) document.querySelectorAll('[data-speak]:not([data-armed])').forEach(arm); };
document.addEventListener('htmx:after:swap', armAll);
armAll();
