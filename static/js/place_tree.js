// The tree of places, drawn by rows in view only, so that forty thousand places cost sixty elements. It knows the whole
// outline (or, of a very large tree, what is above the cut and what was opened), draws the draft over it, and turns
// dragging, keys and typing into steps of the draft. Without it the page's links and forms do the same.
const box = document.querySelector('[data-places]');
const pad = box?.querySelector('.vpad');
const words = document.querySelector('[data-say-words]')?.dataset ?? {};
const told = (id) => JSON.parse(document.getElementById(id)?.textContent ?? '{}');
const [holds, labels, icons] = [told('holds'), told('labels'), told('kind-icons')];
const UPPER = new Set(['province', 'city', 'district']);
const EXTRA = 12; // rows drawn above and below what is seen

// ---- the outline as it is published, and as the draft makes it
const base = new Map(); // id → {id, above, kind, code, name, homes, deeper}
let staff = {};
let total = 0;
let cut = false;
let nodes = new Map(); // id → base and {mark, css, off}
let kids = new Map(); // id → [ids]
let tops = [];
const byCode = new Map();
const open = new Set();
let flat = []; // ids in view order
let depth = new Map();
let at = 0; // position of the active row in flat
const selected = new Set();
let taken = []; // cut, to be put under another
let hits = [];
let hit = -1;
let renaming = null;

const say = (text) => { document.querySelector('[data-say]').textContent = text; };
const alarm = (text) => { document.getElementById('live').textContent = text; };
const idOf = (ref) => (String(ref).startsWith('#') ? Number(ref.slice(1)) : byCode.get(String(ref)) ?? ref);

const take = (answer) => {
  for (const [id, above, kind, code, name, homes, deeper] of answer.rows) {
    base.set(id, { id, above, kind, code, name, homes, deeper });
    byCode.set(code, id);
  }
  Object.assign(staff, answer.staff);
  cut ||= Boolean(answer.cut);
};

const overlay = () => {
  nodes = new Map();
  for (const [id, node] of base) nodes.set(id, node);
  const change = (ref, more) => {
    const id = idOf(ref);
    if (nodes.has(id)) nodes.set(id, { ...nodes.get(id), ...more });
  };
  for (const row of document.querySelectorAll('[data-draft-step]')) {
    const step = JSON.parse(row.dataset.draftStep);
    if (step.command === 'move') change(step.place, { above: idOf(step.parent), mark: words.moved, moved: true });
    if (step.command === 'rename') change(step.place, { name: step.name, mark: words.renamed });
    if (step.command === 'recode') change(step.place, { mark: `${words.recoded} ${step.code}` });
    if (step.command === 'split') change(step.place, { mark: words.split, off: true });
    if (step.command === 'retire') change(step.place, { mark: words.retired, off: true });
    if (step.command === 'merge') for (const one of step.places) change(one, { mark: words.merged, off: true });
    if (step.command === 'open') {
      const id = `~${step.n}`;
      nodes.set(id, { id, above: step.parent ? idOf(step.parent) : null, kind: step.kind, code: id, name: step.name, mark: words.opened, fresh: true });
    }
  }
  kids = new Map();
  tops = [];
  for (const [id, node] of nodes) {
    if (nodes.has(node.above)) {
      const list = kids.get(node.above);
      if (list) list.push(id); else kids.set(node.above, [id]);
    } else tops.push(id);
  }
  for (const [id, list] of kids) if (UPPER.has(nodes.get(id).kind)) list.sort((a, b) => (nodes.get(a).code < nodes.get(b).code ? -1 : 1));
};

const flatten = () => {
  const active = flat[at];
  flat = [];
  depth = new Map();
  const stack = tops.map((id) => [id, 1]).reverse();
  while (stack.length) {
    const [id, level] = stack.pop();
    depth.set(id, level);
    flat.push(id);
    const below = kids.get(id);
    if (below && open.has(id)) for (let n = below.length - 1; n >= 0; n -= 1) stack.push([below[n], level + 1]);
  }
  const again = flat.indexOf(active);
  at = again >= 0 ? again : Math.max(0, Math.min(at, flat.length - 1));
};

// ---- drawing
let height = 32;
const el = (tag, css, text) => {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (text !== undefined) made.textContent = text;
  return made;
};
const drawnIcon = document.querySelector('svg.i'); // any icon of the page is the pattern of all
const icon = (name, css = '') => {
  const made = drawnIcon.cloneNode(true);
  made.setAttribute('class', `i ${css}`);
  made.firstElementChild.setAttribute('href', `${box.dataset.icons}#i-${name}`);
  return made;
};
const opens = (id) => kids.has(id) || (cut && nodes.get(id).deeper && !base.get(id)?.asked);
const below = (id) => {
  const counts = {};
  for (const child of kids.get(id) ?? []) counts[nodes.get(child).kind] = (counts[nodes.get(child).kind] ?? 0) + 1;
  return Object.entries(counts).map(([kind, n]) => `${n} ${labels[kind]}`).join(' · ');
};

const row = (id, position) => {
  const node = nodes.get(id);
  const level = depth.get(id);
  const made = el('div', `vrow${position === at ? ' on' : ''}${selected.has(id) ? ' sel' : ''}${taken.includes(id) ? ' cut' : ''}${node.off ? ' off' : ''}`);
  made.id = `v-${position}`;
  made.dataset.n = position;
  made.style.top = `${position * height}px`;
  made.style.paddingLeft = `${(level - 1) * 20}px`;
  made.setAttribute('role', 'treeitem');
  made.setAttribute('aria-level', level);
  made.setAttribute('aria-selected', String(selected.has(id)));
  const around = nodes.has(node.above) ? kids.get(node.above) : tops;
  made.setAttribute('aria-setsize', around.length);
  made.setAttribute('aria-posinset', around.indexOf(id) + 1);
  if (opens(id)) {
    made.setAttribute('aria-expanded', String(open.has(id)));
    const twist = icon('chevron-right', `tw${open.has(id) ? ' open' : ''}`);
    twist.dataset.twist = '';
    made.append(twist);
  } else made.append(el('span', 'tw'));
  made.append(icon(icons[node.kind], 'fi'));
  if (renaming === id) {
    const input = el('input', 'inp');
    input.value = node.name;
    input.maxLength = 120;
    input.setAttribute('aria-label', words.renamed);
    made.append(input);
  } else {
    const name = el('span', 'ell');
    if (hits.some((one) => one.id === id)) name.append(el('mark', '', node.name)); else name.textContent = node.name;
    made.append(name);
  }
  made.append(el('span', 'chip', labels[node.kind]));
  const small = below(id);
  if (small) made.append(el('small', '', small));
  const end = el('span', 'end');
  if (node.mark) end.append(el('b', '', node.mark));
  if (staff[id]) end.append(el('span', '', staff[id]));
  else if (node.kind === 'grid' && !node.fresh) end.append(el('span', '', words.noworker));
  made.append(end);
  return made;
};

let drawn = [0, -1];
const draw = (again = true) => {
  const first = Math.max(0, Math.floor(box.scrollTop / height) - EXTRA);
  const last = Math.min(flat.length - 1, Math.ceil((box.scrollTop + box.clientHeight) / height) + EXTRA);
  if (!again && first >= drawn[0] && last <= drawn[1]) return;
  pad.style.height = `${flat.length * height}px`;
  const made = [];
  for (let n = first; n <= last; n += 1) made.push(row(flat[n], n));
  pad.replaceChildren(...made);
  drawn = [first, last];
  if (flat[at] !== undefined) box.setAttribute('aria-activedescendant', `v-${at}`);
};
const show = (position) => {
  const top = position * height;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + height > box.scrollTop + box.clientHeight) box.scrollTop = top + height - box.clientHeight;
};
const stand = (position, { keep = false, select = true } = {}) => {
  if (position < 0 || position >= flat.length) return;
  at = position;
  if (select) {
    if (!keep) selected.clear();
    selected.add(flat[at]);
  }
  show(at);
  draw();
};
const redraw = () => { flatten(); draw(); };

// ---- opening
const more = async (id) => {
  const node = base.get(id);
  if (!cut || !node?.deeper || node.asked || kids.has(id)) return;
  node.asked = true;
  say(words.loading);
  take(await (await fetch(`${box.dataset.rows}?under=${encodeURIComponent(node.code)}`)).json());
  overlay();
};
const unfold = async (id, yes) => {
  if (yes) { await more(id); open.add(id); } else open.delete(id);
  redraw();
};
const reveal = async (path) => {
  for (const id of path.slice(0, -1)) {
    if (nodes.has(id)) { await more(id); open.add(id); }
  }
  flatten();
  const position = flat.indexOf(path.at(-1));
  if (position >= 0) {
    box.scrollTop = Math.max(0, position * height - box.clientHeight / 2);
    stand(position);
  }
};
const lineOf = (id) => { const line = []; for (let one = id; nodes.has(one); one = nodes.get(one).above) line.unshift(one); return line; };

// ---- the panel and the draft
const swap = (id, html) => {
  const fresh = new DOMParser().parseFromString(html, 'text/html').getElementById(id);
  const old = document.getElementById(id);
  if (!fresh || !old) return false;
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  return true;
};
const placeUrl = (code) => box.dataset.place.replace('CODE', encodeURIComponent(code));
const fill = async (id) => {
  const node = nodes.get(id);
  if (!node || node.fresh) return;
  const url = placeUrl(node.code);
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' } });
  if (!answer.ok || !swap('panel', await answer.text())) { location.assign(url); return; }
  history.replaceState(null, '', url);
};
const token = () => document.querySelector('[name=csrfmiddlewaretoken]')?.value ?? '';
const post = async (body) => {
  body.set('as', 'card');
  body.set('csrfmiddlewaretoken', token());
  let answer;
  try {
    answer = await fetch(box.dataset.draft, { method: 'POST', body, headers: { 'HX-Request': 'true' } });
    if (answer.redirected || !swap('draft', await answer.text())) throw new Error('lost');
  } catch { alarm(words.failed); return false; }
  const card = document.getElementById('draft');
  const count = card.querySelector('[data-count]').textContent;
  for (const spot of document.querySelectorAll('[data-steps]')) spot.textContent = count;
  overlay();
  redraw();
  say(card.querySelector('.banner')?.textContent.trim() || card.querySelector('[data-draft-step]:last-of-type')?.textContent.trim() || '');
  return answer.ok;
};
const steps = (list) => {
  const body = new FormData();
  body.set('do', 'add');
  body.set('steps', JSON.stringify(list));
  return post(body);
};
const ref = (id) => (typeof id === 'string' ? id : nodes.get(id).code);
const mayHold = (parent, id) => {
  const line = lineOf(parent);
  return parent !== id && !line.includes(id) && nodes.get(id).above !== parent && (holds[nodes.get(parent).kind] ?? []).includes(nodes.get(id).kind);
};
const moveAll = async (list, parent) => {
  const fit = list.filter((id) => mayHold(parent, id));
  if (!fit.length) { say(words.cannot); return; }
  open.add(parent);
  await steps(fit.map((id) => ({ command: 'move', args: { place: ref(id), parent: ref(parent) } })));
  taken = [];
  draw();
};
const chosen = () => (selected.size ? [...selected] : [flat[at]]).filter((id) => nodes.has(id));

// ---- keys
let typed = '';
let typedAt = 0;
const findTyped = (letter, now) => {
  typed = now - typedAt < 800 ? typed + letter : letter;
  typedAt = now;
  for (let n = 0; n < flat.length; n += 1) {
    const position = (at + n + (typed.length > 1 ? 0 : 1)) % flat.length;
    if (nodes.get(flat[position]).name.toLowerCase().startsWith(typed)) { stand(position); return; }
  }
};
const rename = () => {
  renaming = flat[at];
  draw();
  const input = pad.querySelector('.vrow input');
  input?.focus();
  input?.select();
};
const renamed = async (input) => {
  const id = renaming;
  const name = input.value.trim();
  renaming = null;
  if (name && name !== nodes.get(id).name) await steps([{ command: 'rename', args: { place: ref(id), name } }]);
  draw();
  box.focus();
};
const fold = async (key) => {
  const node = nodes.get(flat[at]);
  if (document.querySelector('#place-h') && box.dataset.current !== node.code) { await fill(flat[at]); box.dataset.current = node.code; }
  const spot = document.querySelector(`[data-tree-key="${key}"]`);
  if (!spot) return;
  spot.open = true;
  spot.querySelector('input:not([type=hidden]),select')?.focus();
};
const undoLast = () => {
  const last = [...document.querySelectorAll('#draft form[data-step]')].at(-1);
  if (last) post(new FormData(last));
};
const keys = {
  ArrowDown: (e) => stand(at + 1, { keep: e.shiftKey }),
  ArrowUp: (e) => stand(at - 1, { keep: e.shiftKey }),
  Home: () => stand(0),
  End: () => stand(flat.length - 1),
  PageDown: () => stand(Math.min(flat.length - 1, at + Math.floor(box.clientHeight / height))),
  PageUp: () => stand(Math.max(0, at - Math.floor(box.clientHeight / height))),
  ArrowRight: () => { const id = flat[at]; if (opens(id) && !open.has(id)) unfold(id, true); else if (kids.has(id)) stand(at + 1); },
  ArrowLeft: () => { const id = flat[at]; if (open.has(id)) unfold(id, false); else stand(flat.indexOf(nodes.get(id).above)); },
  Enter: () => fill(flat[at]),
  ' ': () => { const id = flat[at]; if (selected.has(id)) selected.delete(id); else selected.add(id); draw(); },
  F2: () => rename(),
  Insert: () => fold('Insert'),
  Delete: () => fold('Delete'),
  Escape: () => { taken = []; selected.clear(); draw(); },
};

const start = async () => {
  box.addEventListener('keydown', (event) => {
    if (event.target.matches('input')) {
      if (event.key === 'Enter') renamed(event.target);
      else if (event.key === 'Escape') { renaming = null; draw(); box.focus(); } else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.isComposing) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === 'x') { taken = chosen(); say(words.cut); draw(); } else if (key === 'v' && taken.length) moveAll(taken, flat[at]);
      else if (key === 'z') undoLast();
      else return;
    } else if (keys[event.key] && !event.altKey) keys[event.key](event);
    else if (event.key.length === 1 && !event.altKey && event.key !== '/' && event.key !== '?') findTyped(key, event.timeStamp);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener('focusout', (event) => { if (event.target.matches('.vrow input') && renaming !== null) renamed(event.target); });
  box.addEventListener('scroll', () => draw(false), { passive: true });
  new ResizeObserver(() => draw()).observe(box);

  const positionAt = (y) => Math.floor((y - box.getBoundingClientRect().top + box.scrollTop) / height);
  box.addEventListener('click', (event) => {
    const position = Number(event.target.closest('.vrow')?.dataset.n ?? -1);
    if (position < 0 || event.target.matches('input')) return;
    const id = flat[position];
    if (event.target.closest('[data-twist]')) { at = position; unfold(id, !open.has(id)); return; }
    if (event.shiftKey) {
      const from = at;
      for (let n = Math.min(from, position); n <= Math.max(from, position); n += 1) selected.add(flat[n]);
      stand(position, { keep: true });
    } else if (event.ctrlKey || event.metaKey) {
      if (selected.has(id)) { selected.delete(id); stand(position, { select: false }); } else stand(position, { keep: true });
    } else { stand(position); fill(id); }
  });
  box.addEventListener('dblclick', (event) => {
    const position = Number(event.target.closest('.vrow')?.dataset.n ?? -1);
    if (position >= 0 && !event.target.closest('[data-twist]')) { at = position; rename(); }
  });

  // dragging, by the mouse or a pen: a finger scrolls, and has the panel's form
  let drag = null;
  const endDrag = () => {
    drag?.ghost?.remove();
    clearInterval(drag?.timer);
    drag = null;
    for (const one of pad.querySelectorAll('.drop,.no')) one.classList.remove('drop', 'no');
  };
  const over = (y) => {
    const position = positionAt(y);
    if (position === drag.over) return;
    drag.over = position;
    drag.since = performance.now();
    for (const one of pad.querySelectorAll('.drop,.no')) one.classList.remove('drop', 'no');
    const target = flat[position];
    if (target === undefined) return;
    const fits = drag.ids.some((id) => mayHold(target, id));
    pad.querySelector(`[data-n="${position}"]`)?.classList.add(fits ? 'drop' : 'no');
  };
  box.addEventListener('pointerdown', (event) => {
    const position = Number(event.target.closest('.vrow')?.dataset.n ?? -1);
    if (position < 0 || event.button || event.pointerType === 'touch' || event.target.closest('[data-twist],input')) return;
    const id = flat[position];
    drag = { x: event.clientX, y: event.clientY, ids: selected.has(id) ? chosen() : [id], pointer: event.pointerId };
  });
  box.addEventListener('pointermove', (event) => {
    if (!drag) return;
    if (!drag.ghost) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 6) return;
      box.setPointerCapture(drag.pointer);
      drag.ghost = el('div', 'vghost');
      drag.ghost.append(icon('grip-vertical'), el('span', '', nodes.get(drag.ids[0]).name + (drag.ids.length > 1 ? ` +${drag.ids.length - 1}` : '')));
      document.body.append(drag.ghost);
      drag.timer = setInterval(() => {
        const frame = box.getBoundingClientRect();
        if (drag.last < frame.top + 40) box.scrollTop -= 24;
        else if (drag.last > frame.bottom - 40) box.scrollTop += 24;
        if (drag.since && performance.now() - drag.since > 700 && flat[drag.over] !== undefined && opens(flat[drag.over])) { drag.since = 0; unfold(flat[drag.over], true); }
      }, 60);
    }
    drag.last = event.clientY;
    drag.ghost.style.left = `${event.clientX + 14}px`;
    drag.ghost.style.top = `${event.clientY + 10}px`;
    over(event.clientY);
  });
  box.addEventListener('pointerup', (event) => {
    if (!drag?.ghost) { drag = null; return; }
    const target = flat[positionAt(event.clientY)];
    const { ids } = drag;
    endDrag();
    box.addEventListener('click', (click) => { click.stopPropagation(); click.preventDefault(); }, { capture: true, once: true });
    setTimeout(() => box.focus());
    if (target !== undefined) moveAll(ids, target);
  });
  box.addEventListener('pointercancel', endDrag);
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && drag?.ghost) endDrag(); });

  // the panel's forms put their step into the draft without leaving the tree
  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form[data-step]');
    if (!form) return;
    event.preventDefault();
    if (await post(new FormData(form))) form.closest('details')?.removeAttribute('open');
    document.querySelector('#draft .banner')?.scrollIntoView({ block: 'nearest' });
  });

  const search = document.querySelector('[data-tree-search]');
  const result = search.querySelector('[data-hits]');
  const go = async (to) => {
    if (!hits.length) return;
    hit = (to + hits.length) % hits.length;
    result.textContent = `${hit + 1}/${hits.length} ${words.wordHits}`;
    await reveal(hits[hit].path.filter((id) => nodes.has(id) || base.has(id)));
    fill(hits[hit].id);
  };
  let asked = '';
  search.addEventListener('submit', async (event) => {
    event.preventDefault();
    const q = search.q.value.trim();
    if (q && q === asked) { go(hit + 1); return; }
    asked = q;
    hits = q ? (await (await fetch(`${box.dataset.find}?q=${encodeURIComponent(q)}`)).json()).hits : [];
    hit = -1;
    result.textContent = q && !hits.length ? words.none : '';
    draw();
    go(0);
  });
  const prev = search.querySelector('[data-prev]');
  prev.addEventListener('click', () => go(hit - 1));
  search.querySelector('[data-expand]').addEventListener('click', () => { for (const id of kids.keys()) open.add(id); redraw(); });
  search.querySelector('[data-collapse]').addEventListener('click', () => { open.clear(); for (const id of tops) open.add(id); redraw(); box.scrollTop = 0; });

  const answer = await (await fetch(box.dataset.rows)).json();
  take(answer);
  total = answer.total;
  overlay();
  for (const id of tops) open.add(id);
  const current = byCode.get(box.dataset.current);
  const line = current ? lineOf(current) : [];
  for (const id of line.slice(0, -1)) open.add(id);
  document.querySelector('[data-tree]').hidden = true;
  box.hidden = false;
  for (const button of search.querySelectorAll('[data-prev],[data-expand],[data-collapse]')) button.hidden = false;
  flatten();
  at = Math.max(0, flat.indexOf(current));
  draw();
  height = pad.querySelector('.vrow')?.offsetHeight || height;
  draw();
  if (current) { selected.add(current); show(at); draw(); }
  document.querySelector('[data-total]').textContent = `${total.toLocaleString()} ${words.wordPlaces}`;
  box.dataset.ready = '';
};

if (box) start();
