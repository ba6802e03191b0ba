// What was logged without signal is sent once, in order, when there is signal again: its key makes a second sending the
// same call. What the server refuses stays, with its reason, to be mended. Others say outbox:send, this says outbox:news
// {state, sending} and outbox:done {key, url | refused}.
const { me, ...store } = self.phoneStore;
const FRESH = 10e3; // sent at once: the server's own time is the time of the call
const LONGEST = 300e3;
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const tabs = self.BroadcastChannel ? new BroadcastChannel('huying-outbox') : null;

let busy = null, tries = 0, timer = 0, out = false, paused = false;
const news = (sending = false) => tell('outbox:news', { state: out ? 'out' : paused ? 'paused' : sending ? 'sending' : 'waiting' });

// Who is signed in, a fresh token for the forms, the server's time.
const hello = async () => {
  const asked = Date.now();
  const answer = await fetch('/outbox/', { credentials: 'same-origin', redirect: 'manual', cache: 'no-store' });
  if (answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 403) return null;
  if (!answer.ok) throw new Error(answer.status);
  const who = await answer.json();
  return who.me === me ? { ...who, ahead: Date.parse(who.now) - asked } : null;
};

const bodyOf = (row, { csrf, ahead }) => {
  const body = new FormData();
  for (const [name, value] of row.entries) body.append(name, value);
  if (Date.now() - row.at > FRESH) body.set('captured_at', new Date(row.at + ahead).toISOString());
  body.set('csrfmiddlewaretoken', csrf);
  return body;
};

// Sent, refused, or nobody signed in; anything else is an error, and tried again.
const send = async (row, who) => {
  const answer = await fetch(row.url, {
    method: 'POST', body: bodyOf(row, who), credentials: 'same-origin', redirect: 'manual',
    headers: { Accept: 'application/json', 'X-CSRFToken': who.csrf },
  });
  if (answer.type === 'opaqueredirect' || answer.status === 401) return null;
  if (answer.ok) {
    const { url } = await answer.json();
    await store.drop('outbox', row.key);
    return { key: row.key, url };
  }
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) throw new Error(answer.status);
  const told = await answer.json().catch(() => ({}));
  const open = !document.dispatchEvent(new CustomEvent('outbox:refused', { detail: row.key, cancelable: true }));
  if (open) await store.drop('outbox', row.key); // its form still waits, and takes it back
  else await store.put('outbox', { ...row, state: 'refused', why: told.detail ?? String(answer.status) });
  return { key: row.key, refused: true };
};

const all = async () => {
  const rows = (await self.phoneStore.outbox()).filter((row) => row.state === 'waiting');
  if (!rows.length || paused) return;
  const who = await hello();
  out = !who;
  for (const row of out ? [] : rows) {
    if (paused || !(await store.take('outbox', row.key))) continue; // another tab was faster
    news(true);
    const became = await send(row, who);
    if (!became) { out = true; break; }
    tell('outbox:done', became);
  }
  tries = 0;
};

const flush = () => {
  busy ??= (async () => {
    clearTimeout(timer);
    try {
      await (navigator.locks ? navigator.locks.request('huying-outbox', all) : all());
    } catch { // no way through just now: again, at growing distances
      timer = setTimeout(flush, Math.min(LONGEST, 4000 * 2 ** tries++));
    } finally {
      busy = null;
      tabs?.postMessage('');
      news();
    }
  })();
};

if (me) {
  document.addEventListener('outbox:send', () => { paused = false; if (busy) busy.then(flush); else flush(); });
  document.addEventListener('outbox:pause', () => { paused = true; news(); });
  addEventListener('online', flush);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) flush(); });
  tabs?.addEventListener('message', () => news());
  setTimeout(flush); // when the scripts beside this one listen
}
