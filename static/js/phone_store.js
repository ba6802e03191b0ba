// What this phone keeps by itself, in the browser's own base, for the scripts beside this one (self.phoneStore): outbox,
// the forms that wait to be sent {key, me, url, entries, title, size, at, state (waiting|refused), why}; files {id,
// files}, the photos and recordings of forms that were not sent yet. Where there is no base every call fails.
const opened = new Promise((done, fail) => {
  if (!self.indexedDB) throw new Error('no base');
  const asked = indexedDB.open('huying', 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore('outbox', { keyPath: 'key' });
    asked.result.createObjectStore('files', { keyPath: 'id' });
  };
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
});
opened.catch(() => {}); // whoever asks hears of it

const run = async (store, mode, act) => {
  const base = await opened;
  return new Promise((done, fail) => {
    const work = base.transaction(store, mode);
    const asked = act(work.objectStore(store));
    work.oncomplete = () => done(asked.result);
    work.onerror = () => fail(work.error);
    work.onabort = () => fail(work.error);
  });
};

self.phoneStore = {
  me: document.body.dataset.me, // a name that says nothing: another person's rows are never read
  put: (store, row) => run(store, 'readwrite', (rows) => rows.put(row)),
  take: (store, key) => run(store, 'readonly', (rows) => rows.get(key)),
  drop: (store, key) => run(store, 'readwrite', (rows) => rows.delete(key)),
  async outbox() { // one's own, the oldest first
    const rows = await run('outbox', 'readonly', (all) => all.getAll());
    return rows.filter((row) => row.me === this.me).sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  },
};
