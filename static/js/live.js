// A page that stands open: hints come by EventSource from the live process, the page then asks the API for what it may
// see. Where no hints come (no live process, a cut, a proxy in the way) it asks by the clock. Nothing moves under the
// cursor: numbers change in place, what has arrived is offered, rows stay.
const frame = document.querySelector('[data-live-api]');
const api = frame?.dataset.liveApi;
const here = () => document.querySelector('[data-presence]');
const arrivals = () => document.querySelector('[data-arrivals]');
const token = () => document.querySelector('[name=csrfmiddlewaretoken]')?.value ?? '';
const RENEW = 30e3; // a lease lasts 90 s
const GAP = 2000; // at a busy place one question every two seconds answers all hints

let stream = null, hints = false, before = false, tries = 0, timer = 0, asked = 0, again = 0, tag = '', lease = '', over = false;

const call = (url, options = {}) => fetch(url, {
  credentials: 'same-origin',
  ...options,
  headers: { Accept: 'application/json', 'X-CSRFToken': token(), ...(options.body ? { 'Content-Type': 'application/json' } : {}), ...options.headers },
});

// -- what is shown
const number = (row) => /\/cases\/([^/?#]+)\/|[?&]case=([^&#]+)/.exec(row.dataset.row ?? row.getAttribute('href') ?? '')?.slice(1).find(Boolean);
const rows = () => [...document.querySelectorAll('[data-queue] [data-row]')];

const show = ({ counts, late, fresh, fresh_words, here: people }) => {
  for (const spot of document.querySelectorAll('[data-count]')) {
    const n = counts[spot.dataset.count];
    if (n === undefined) continue;
    spot.textContent = n;
    spot.hidden = n === '0';
    const named = spot.closest('[data-unread]'); // its name tells the same number
    if (named) named.ariaLabel = n === '0' ? named.dataset.quiet : named.dataset.unread.replace('{n}', n);
    if (spot.tagName === 'EM') spot.classList.toggle('bad', late.includes(spot.dataset.count));
  }
  const bar = arrivals();
  if (bar) {
    if (bar.hidden !== !fresh || bar.querySelector('[data-words]').textContent !== fresh_words) bar.querySelector('[data-words]').textContent = fresh_words;
    bar.hidden = !fresh;
  }
  for (const row of rows()) {
    const spot = row.querySelector('[data-here]');
    if (!spot) continue;
    const words = people[number(row)] ?? '';
    spot.textContent = words;
    spot.hidden = !words;
    row.classList.toggle('locked', Boolean(words));
  }
};

const ask = async () => {
  asked = Date.now();
  if (!document.dispatchEvent(new CustomEvent('live:ask', { cancelable: true, detail: { hints } }))) return; // it asks for itself
  const wanted = new URLSearchParams();
  const bar = arrivals();
  if (bar) for (const name of ['page', 'tab', 'since']) wanted.set(name, bar.dataset[name]);
  const listed = rows().filter((row) => row.querySelector('[data-here]')).map(number).filter(Boolean);
  if (listed.length) wanted.set('rows', listed.join(','));
  const answer = await call(`${api}?${wanted}`, { headers: tag ? { 'If-None-Match': tag } : {} }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) return end();
  if (answer?.status !== 200) return;
  tag = answer.headers.get('ETag') ?? '';
  show(await answer.json());
};

// -- who is on the case
const shown = (spot, scene) => {
  lease = scene.lease || lease;
  const words = spot.querySelector('[data-words]');
  if (words.textContent !== scene.words) words.textContent = scene.words;
  words.classList.toggle('t-warn', scene.ahead);
  spot.querySelector('[data-take]').hidden = !(scene.ahead && scene.lease);
  spot.querySelector('[data-news]').hidden = scene.entries <= Number(spot.dataset.entries);
};

const beat = async (more = {}) => {
  const spot = here();
  if (!spot) return;
  const answer = await call(spot.dataset.presence, { method: 'POST', body: JSON.stringify({ lease, ...more }) }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) return end();
  if (answer?.ok && here() === spot) shown(spot, await answer.json());
};

const leave = () => {
  const spot = here();
  if (!spot || !lease) return;
  call(spot.dataset.presence, { method: 'DELETE', body: JSON.stringify({ lease }), keepalive: true }).catch(() => {});
};

// The session is over: say so where something may be typed, and stop asking.
const end = () => {
  over = true;
  stop();
  const spot = here()?.querySelector('[data-expired]');
  if (spot) spot.hidden = false;
};

// -- hints, and the clock where there are none
const soon = () => { // at once, and once more after the gap for whatever came meanwhile
  if (again) return;
  const wait = Math.max(0, asked + GAP - Date.now());
  again = setTimeout(() => { again = 0; ask(); }, wait);
};

const all = () => { soon(); beat(); };
const hint = () => document.dispatchEvent(new CustomEvent('live:hint')); // what was fetched beforehand is doubtful now
const pace = () => (hints ? RENEW : here() ? 5e3 : 15e3);
const tick = () => { clearTimeout(timer); timer = setTimeout(() => { if (hints && !here()) return tick(); (hints ? beat : all)(); tick(); }, pace()); };

const listen = (url) => {
  if (!url || !self.EventSource || over) return;
  stream = new EventSource(url);
  const mine = stream;
  mine.addEventListener('hello', () => { hints = true; tries = 0; if (before) hint(); before = true; all(); tick(); });
  mine.addEventListener('entry', ({ data }) => {
    hint();
    soon();
    if (JSON.parse(data).t.some((topic) => topic[0] === 'c')) beat();
  });
  mine.addEventListener('here', ({ data }) => { if (here()) { if (JSON.parse(data).t.some((topic) => topic[0] === 'c')) beat(); } else soon(); });
  mine.addEventListener('bye', () => lost(mine, 0));
  mine.addEventListener('error', () => lost(mine));
};

// A cut: ask by the clock meanwhile, come again with a new ticket, look at once on being back (hello).
const lost = (mine, wait = Math.min(60e3, 2000 * 2 ** tries++)) => {
  mine.close();
  if (stream !== mine) return;
  stream = null;
  hints = false;
  tick();
  setTimeout(renew, wait);
};

const renew = async () => {
  if (stream || over || document.hidden) return;
  const of = here()?.dataset.case;
  const answer = await call(`${api}ticket/${of ? `?case=${encodeURIComponent(of)}` : ''}`).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403) return end();
  if (answer?.ok && !stream) listen((await answer.json()).url);
};

const stop = () => {
  clearTimeout(timer);
  stream?.close();
  stream = null;
  hints = false;
};

if (api) {
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { stop(); leave(); }
    else if (!over) { all(); tick(); renew(); }
  });
  addEventListener('pagehide', () => { stop(); leave(); });
  addEventListener('pageshow', ({ persisted }) => { if (persisted && !over) { all(); tick(); renew(); } });
  document.addEventListener('click', ({ target }) => { if (target.closest?.('[data-take]')) beat({ take: true }); });
  document.addEventListener('htmx:after:swap', () => { if (here() && !over) beat(); });
  document.addEventListener('live:soon', () => { if (!over) soon(); }); // somebody here has just changed the numbers
  if (!document.hidden) {
    if (frame.dataset.live) listen(frame.dataset.live); else all();
    if (here()) beat();
    tick();
  }
}
