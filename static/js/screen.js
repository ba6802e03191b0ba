// A board that stands on a wall for days: it asks for itself again (at a hint, or by the clock where no hints come), puts
// in only the parts that differ, goes round the places below, and plays a past day. One timer of each kind, no list grows.
const screen = document.querySelector('[data-screen]');
const board = document.getElementById('work');
const form = document.querySelector('[data-replay]');
const STEP = 1500; // an hour of a past day
const LOOK = 60e3; // dues pass without a hint
const PATIENCE = 15e3;

let url = screen.dataset.boardUrl, tag = '', asking = null, failed = false, hints = false;

// -- the board
const signal = (name) => {
  for (const one of document.querySelectorAll('[data-signal]')) one.hidden = one.dataset.signal !== name;
};

const put = (text) => {
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  for (const part of fresh.querySelectorAll('[data-part]')) {
    const old = board.querySelector(`[data-part="${part.dataset.part}"]`);
    if (old && !old.isEqualNode(part)) old.replaceWith(document.adoptNode(part));
  }
  const { name, date } = board.querySelector('[data-name]').dataset;
  for (const [spot, said] of [['[data-title]', name], ['[data-date]', date]]) {
    const one = document.querySelector(spot);
    if (one.textContent !== said) one.textContent = said;
  }
};

const look = async () => {
  asking?.abort();
  const mine = (asking = new AbortController());
  const late = setTimeout(() => mine.abort(), PATIENCE);
  try {
    const answer = await fetch(url, {
      credentials: 'same-origin', redirect: 'manual', signal: mine.signal,
      headers: tag ? { 'If-None-Match': tag } : {},
    });
    if (asking !== mine) return false;
    if (answer.type === 'opaqueredirect' || [401, 403, 404].includes(answer.status)) { signal('out'); return false; }
    if (answer.status === 200) { put(await answer.text()); tag = answer.headers.get('ETag') ?? ''; }
    failed = answer.status >= 500;
  } catch {
    if (asking !== mine) return false; // another question came after it
    failed = true;
  } finally {
    clearTimeout(late);
    if (asking === mine) asking = null;
  }
  signal(failed ? 'cut' : hints ? 'live' : 'poll');
  return !failed;
};

const show = (next) => {
  if (next !== url) { url = next; tag = ''; }
  return look();
};

// -- live: live.js hears the hints and says when to look
if (!form) {
  document.addEventListener('live:ask', (event) => {
    event.preventDefault();
    hints = event.detail.hints;
    look();
  });
  addEventListener('online', look);
  setInterval(look, LOOK);
  const clock = document.querySelector('[data-clock]');
  const ahead = Number(clock.dataset.clock) - Date.now();
  const hands = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'Asia/Shanghai' });
  setInterval(() => { clock.firstChild.data = hands.format(Date.now() + ahead); }, 1000);
}

// -- the tour
const stops = [...document.querySelectorAll('[data-board][href]')].map((one) => ({ url: one.dataset.board, name: one.textContent }));
const touring = document.querySelector('[data-touring]');
let at = 0, round = 0, away = false; // away: on a tour, be it paused

const words = () => {
  touring.hidden = !away;
  touring.querySelector('[data-words=on]').hidden = !round;
  touring.querySelector('[data-words=off]').hidden = Boolean(round);
  touring.querySelector('[data-stop]').textContent = `${at + 1} / ${stops.length}`;
};
const go = (by) => {
  if (stops.length < 2) return;
  at = (at + by + stops.length) % stops.length;
  away = true;
  words();
  show(stops[at].url);
};
const pause = () => { clearInterval(round); round = 0; words(); };
const start = () => {
  if (stops.length < 2) return;
  clearInterval(round);
  away = true;
  round = setInterval(() => go(1), 1000 * (Number(screen.dataset.tour) || 30));
  words();
};
if (Number(screen.dataset.tour)) start();

// -- a past day
let playing = 0;
const hour = form?.querySelector('[data-hour]');
const play = form?.querySelector('[data-play]');
const turn = async (to) => {
  hour.value = to;
  form.querySelector('[data-oclock]').textContent = `${hour.value}:00`;
  const wanted = new URLSearchParams(new FormData(form));
  return show(`${screen.dataset.boardUrl.split('?')[0]}?${wanted}`);
};
const halt = () => { clearTimeout(playing); playing = 0; play.setAttribute('aria-pressed', 'false'); };
const step = async () => {
  if (Number(hour.value) >= 24) return halt();
  await turn(Number(hour.value) + 1);
  if (playing) playing = setTimeout(step, STEP);
};
const roll = () => {
  if (playing) return halt();
  if (Number(hour.value) >= 24) hour.value = 0;
  play.setAttribute('aria-pressed', 'true');
  playing = setTimeout(step, 0);
};
if (form) {
  hour.addEventListener('input', () => { halt(); turn(hour.value); });
  play.addEventListener('click', roll);
  form.addEventListener('submit', (event) => event.preventDefault());
}

// -- keys
const full = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.())?.catch(() => {});
document.querySelector('[data-full]')?.addEventListener('click', full);
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, select, textarea')) return;
  const button = event.target.closest('button, summary, a');
  const menu = document.querySelector('.sc-menu');
  if (event.key === ' ' && !button) form ? roll() : round ? pause() : start();
  else if (event.key === 'ArrowRight') form ? (halt(), turn(Math.min(24, Number(hour.value) + 1))) : go(1);
  else if (event.key === 'ArrowLeft') form ? (halt(), turn(Math.max(1, Number(hour.value) - 1))) : go(-1);
  else if (event.key === 'Escape') {
    if (menu.open) menu.open = false;
    else if (away) { at = 0; away = false; pause(); show(screen.dataset.boardUrl); }
    else location.assign(screen.dataset.back);
  } else if (event.key === 'f' || event.key === 'F') full();
  else return;
  event.preventDefault();
});
