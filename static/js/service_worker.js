// The worker behind the phone's pages: their look and their scripts are there without a network, and so is what was last
// read of one's own pages. It sends nothing: outbox.js does. SHELL comes from the address that loads this file.
const { version, files, pages, offline } = self.SHELL;
const LOOK = `shell-${version}`; // one set of files for each release
const READ = 'pages'; // pages of whoever is signed in; gone with the next person, and when one signs out
const PATIENCE = 3000; // with a signal too weak to answer, what was read last is better than waiting
const MOST = 60;
const OWNER = '/owner-of-these-pages';

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const look = await caches.open(LOOK);
    await look.addAll([...files, offline]);
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('shell-') && name !== LOOK) await caches.delete(name);
    await self.clients.claim();
  })());
});

const isRead = ({ pathname }) => pages.includes(pathname) || /^\/cases\/[^/]+\/$/.test(pathname);

// Kept under the path alone: a new call begun at another place is still a new call.
const keep = async (url, answer) => {
  if (!answer.ok || answer.redirected || answer.type !== 'basic') return;
  const text = await answer.clone().text();
  const owner = /data-me="([^"]*)"/.exec(text)?.[1];
  if (!owner) return;
  let read = await caches.open(READ);
  const before = await (await read.match(OWNER))?.text();
  if (before && before !== owner) {
    await caches.delete(READ);
    read = await caches.open(READ);
  }
  if (before !== owner) await read.put(OWNER, new Response(owner));
  await read.put(url.pathname, answer);
  const kept = await read.keys();
  for (const old of kept.filter(({ url: one }) => isRead(new URL(one)) && !pages.includes(new URL(one).pathname)).slice(0, Math.max(0, kept.length - MOST))) await read.delete(old);
};

const read = async (event, url) => {
  const network = fetch(event.request).then((answer) => {
    event.waitUntil(keep(url, answer.clone()).catch(() => {}));
    return answer;
  });
  const late = new Promise((done) => { setTimeout(done, PATIENCE); });
  const last = async () => (await caches.open(READ)).match(url.pathname);
  const first = await Promise.race([network.catch(() => null), late]);
  return first ?? (await last()) ?? network.catch(async () => (await caches.match(offline)) ?? Response.error());
};

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (files.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === 'navigate') {
    if (isRead(url)) event.respondWith(read(event, url));
    else event.respondWith(fetch(request).catch(async () => (await caches.match(offline)) ?? Response.error()));
  }
});

// Once somebody is there, their few pages are read beforehand, at most every quarter of an hour.
self.addEventListener('message', (event) => {
  if (event.data !== 'warm') return;
  event.waitUntil((async () => {
    const kept = await caches.open(READ);
    for (const path of pages) {
      const date = Date.parse((await kept.match(path))?.headers.get('Date') ?? '');
      if (Date.now() - date < 900e3) continue;
      await fetch(path, { credentials: 'same-origin' }).then((answer) => keep(new URL(path, self.location), answer)).catch(() => {});
    }
  })());
});
