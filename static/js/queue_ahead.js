// What a line of a list brings (the case beside it, the forms of its letters) is fetched before it is wanted: of the line
// under the cursor and of those around it, one at a time, and a few are kept. What a line one has passed by was to bring is
// called off. What was sent makes its line's forgotten; a hint of the live process makes all of it doubtful: then it is
// shown at once, asked for again and shown anew. Other scripts ask by events:
//   ahead:want { address, use(text), fail(), rest }   now, or with `rest` when the cursor has rested on it where it is not
//                                  kept; `use` is called again when a doubtful one has come anew
//   ahead:near [address]                        soon   ·   ahead:forget address, or nothing for all
const GOOD = 60e3, REST = 60; // ms
const MOST = 16;
const kept = new Map(); // address → { at, age, text }
let age = 0, asking = null, next = [], timer = 0, soon = 0;

const known = (address) => {
  const one = kept.get(address);
  return one && Date.now() - one.at < GOOD ? one : null;
};

const keep = (address, text, asked) => {
  kept.delete(address);
  kept.set(address, { at: Date.now(), age: asked, text });
  if (kept.size > MOST) kept.delete(kept.keys().next().value);
};

const ask = async (address, wish = null) => {
  const mine = { address, wish, stop: new AbortController() };
  const asked = age;
  asking = mine;
  try {
    const answer = await fetch(address, { credentials: 'same-origin', headers: { 'HX-Request': 'true' }, signal: mine.stop.signal });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const text = await answer.text();
    keep(address, text, asked);
    mine.wish?.use(text);
  } catch (fault) {
    if (fault.name !== 'AbortError') mine.wish?.fail?.();
  } finally {
    if (asking === mine) { asking = null; more(); }
  }
};

const call_off = () => {
  asking?.stop.abort();
  asking = null;
};

const want = (wish) => {
  const one = known(wish.address);
  clearTimeout(soon);
  if (asking && asking.address !== wish.address) call_off();
  if (one) wish.use(one.text);
  if (one && one.age === age) return;
  if (asking) asking.wish = wish;
  else if (wish.rest) soon = setTimeout(() => { call_off(); ask(wish.address, wish); }, REST);
  else ask(wish.address, wish);
};

const near = (addresses) => {
  next = addresses.filter((address) => address && !known(address));
  if (asking && !asking.wish && !next.includes(asking.address)) call_off();
  clearTimeout(timer);
  timer = setTimeout(more, REST);
};

const more = () => {
  if (asking || document.hidden) return;
  const address = next.shift();
  if (address && known(address)) more(); else if (address) ask(address);
};

const forget = (address) => {
  if (address) kept.delete(address); else kept.clear();
  if (!asking || (address && asking.address !== address)) return;
  const { address: again, wish } = asking; // what is on its way was true before
  call_off();
  if (wish) ask(again, wish);
};

document.addEventListener('ahead:want', ({ detail }) => want(detail));
document.addEventListener('ahead:near', ({ detail }) => near(detail));
document.addEventListener('ahead:forget', ({ detail }) => forget(detail));
document.addEventListener('live:hint', () => { age += 1; });
