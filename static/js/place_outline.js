// The tree of places as the editor knows it: the outline as published, the draft laid over it, and the rows in the order
// in which they stand. `window.placeTree` is what the editor's scripts share (place_rows, place_draft, place_keys).
const told = (id) => JSON.parse(document.getElementById(id)?.textContent ?? '{}');
const holds = told('holds');
const UPPER = new Set(['province', 'city', 'district']);

const tree = {
  box: document.querySelector('.vtree'),
  words: document.querySelector('[data-say-words]')?.dataset ?? {},
  labels: told('labels'),
  icons: told('kind-icons'),
  base: new Map(), // id → {id, above, kind, code, name, deeper}
  nodes: new Map(), // the same with the draft over it: mark, off (goes), fresh (comes)
  kids: new Map(), // id → [ids]
  tops: [],
  open: new Set(),
  flat: [], // ids in the order of the rows
  depth: new Map(),
  at: 0, // the active row
  selected: new Set(),
  taken: [], // cut, to be put under another
  hits: [],
  renaming: null,
  staff: {},
  total: 0,
  cut: false,
  byCode: new Map(),
};

const idOf = (ref) => (String(ref).startsWith('#') ? Number(ref.slice(1)) : tree.byCode.get(String(ref)) ?? ref);

tree.say = (text) => { document.querySelector('[data-say]').textContent = text; };
tree.alarm = (text) => { document.getElementById('live').textContent = text; };
tree.ref = (id) => (typeof id === 'string' ? id : tree.base.get(id).code);
tree.opens = (id) => tree.kids.has(id) || (tree.cut && tree.nodes.get(id).deeper && !tree.base.get(id)?.asked);

tree.take = (answer) => {
  for (const [id, above, kind, code, name, , deeper] of answer.rows) {
    tree.base.set(id, { id, above, kind, code, name, deeper });
    tree.byCode.set(code, id);
  }
  Object.assign(tree.staff, answer.staff);
  tree.total ||= answer.total;
  tree.cut ||= Boolean(answer.cut);
};

const LAID = {
  move: (step, change, words) => change(step.place, { above: idOf(step.parent), mark: words.moved }),
  rename: (step, change, words) => change(step.place, { name: step.name, mark: words.renamed }),
  recode: (step, change, words) => change(step.place, { mark: `${words.recoded} ${step.code}` }),
  split: (step, change, words) => change(step.place, { mark: words.split, off: true }),
  retire: (step, change, words) => change(step.place, { mark: words.retired, off: true }),
  merge: (step, change, words) => step.places.forEach((one) => change(one, { mark: words.merged, off: true })),
  open: (step, change, words) => {
    const id = `~${step.n}`;
    tree.nodes.set(id, { id, above: step.parent ? idOf(step.parent) : null, kind: step.kind, code: id, name: step.name, mark: words.opened, fresh: true });
  },
};

tree.overlay = () => {
  tree.nodes = new Map(tree.base);
  const change = (ref, more) => {
    const node = tree.nodes.get(idOf(ref));
    if (node) tree.nodes.set(node.id, { ...node, ...more });
  };
  for (const row of document.querySelectorAll('[data-draft-step]')) {
    const step = JSON.parse(row.dataset.draftStep);
    LAID[step.command]?.(step, change, tree.words);
  }
  tree.kids = new Map();
  tree.tops = [];
  for (const [id, { above }] of tree.nodes) {
    if (!tree.nodes.has(above)) tree.tops.push(id);
    else if (tree.kids.has(above)) tree.kids.get(above).push(id);
    else tree.kids.set(above, [id]);
  }
  for (const [id, list] of tree.kids) {
    if (UPPER.has(tree.nodes.get(id).kind)) list.sort((a, b) => (tree.nodes.get(a).code < tree.nodes.get(b).code ? -1 : 1));
  }
};

tree.flatten = () => {
  const active = tree.flat[tree.at];
  tree.flat = [];
  tree.depth = new Map();
  const waiting = tree.tops.map((id) => [id, 1]).reverse();
  while (waiting.length) {
    const [id, level] = waiting.pop();
    tree.depth.set(id, level);
    tree.flat.push(id);
    const below = tree.open.has(id) ? tree.kids.get(id) ?? [] : [];
    for (let n = below.length - 1; n >= 0; n -= 1) waiting.push([below[n], level + 1]);
  }
  const again = tree.flat.indexOf(active);
  tree.at = again >= 0 ? again : Math.max(0, Math.min(tree.at, tree.flat.length - 1));
};

tree.lineOf = (id) => {
  const line = [];
  for (let one = id; tree.nodes.has(one); one = tree.nodes.get(one).above) line.unshift(one);
  return line;
};
tree.mayHold = (parent, id) => !tree.lineOf(parent).includes(id) && tree.nodes.get(id).above !== parent
  && (holds[tree.nodes.get(parent).kind] ?? []).includes(tree.nodes.get(id).kind);
tree.chosen = () => (tree.selected.size ? [...tree.selected] : [tree.flat[tree.at]]).filter((id) => tree.nodes.has(id));

if (tree.box) window.placeTree = tree;
