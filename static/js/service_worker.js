// The worker behind the phone's pages: their look and their scripts are there without a network, and so is what was last
// read of one's own pages. It sends nothing: outbox.js does. SHELL comes from the address that loads this file.
const { version, files, pages, lists, ground, near, offline } = self.SHELL;
const LOOK = `shell-${version}`; // one set of files for each release
const READ = 'pages'; // pages of whoever is signed in; gone with the next person, and when one signs out
const PATIENCE = 3000; // with a signal too weak to answer, what was read last is better than waiting
const MOST = 60; // pages, and
const LARGEST = 4e6; // characters of them in all; those read longest ago go
const AHEAD = 10; // cases of each list are read beforehand
const OWNER = '/owner-of-these-pages';
const SIZES = '/sizes-of-these-pages';

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

// Kept under the path alone (a new call begun at another place is still a new call), but of the ground each place is a
// page of its own.
const nameOf = ({ pathname, searchParams }) => {
  const place = pathname === ground ? searchParams.get('place') : '';
  return place ? `${pathname}?place=${encodeURIComponent(place)}` : pathname;
};

// One after another: what is kept in all is counted.
let last = Promise.resolve();
const keep = (url, answer) => (last = last.then(() => put(url, answer)).catch(() => {}));
const put = async (url, answer) => {
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
  const name = nameOf(url);
  await read.put(name, answer);
  const sizes = (await (await read.match(SIZES))?.json()) ?? {};
  delete sizes[name];
  sizes[name] = text.length; // the newest last
  let all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  for (const old of Object.keys(sizes)) {
    if (Object.keys(sizes).length <= MOST && all <= LARGEST) break;
    if (pages.includes(old) || old === name) continue;
    all -= sizes[old];
    delete sizes[old];
    await read.delete(old);
  }
  await read.put(SIZES, new Response(JSON.stringify(sizes)));
};

const read = async (event, url) => {
  const network = fetch(event.request).then((answer) => {
    event.waitUntil(keep(url, answer.clone()));
    return answer;
  });
  const late = new Promise((done) => { setTimeout(done, PATIENCE); });
  const last = async () => (await caches.open(READ)).match(nameOf(url));
  const first = await Promise.race([network.catch(() => null), late]);
  return first ?? (await last()) ?? network.catch(async () => (await caches.match(offline)) ?? Response.error());
};

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (files.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(request)));
  } else if (url.pathname === near) {
    event.respondWith(read(event, url));
  } else if (request.mode === 'navigate') {
    if (isRead(url)) event.respondWith(read(event, url));
    else event.respondWith(fetch(request).catch(async () => (await caches.match(offline)) ?? Response.error()));
  }
});

// Once somebody is there, their few pages are read beforehand, at most every quarter of an hour, and with them what waits
// for them and the latest of what they reported.
self.addEventListener('message', (event) => {
  if (event.data !== 'warm') return;
  event.waitUntil((async () => {
    const kept = await caches.open(READ);
    const warm = async (path) => {
      const date = Date.parse((await kept.match(path))?.headers.get('Date') ?? '');
      if (Date.now() - date < 900e3) return;
      await fetch(path, { credentials: 'same-origin' }).then((answer) => keep(new URL(path, self.location), answer)).catch(() => {});
    };
    for (const path of [...pages, near]) await warm(path);
    for (const list of lists) {
      const text = (await (await kept.match(list))?.text()) ?? '';
      const found = new Set([...text.matchAll(/href="(\/cases\/[^/"?#]+\/)[?#"]/g)].map(([, path]) => path));
      for (const path of [...found].slice(0, AHEAD)) await warm(path);
    }
  })());
});
