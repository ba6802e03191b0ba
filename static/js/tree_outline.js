// A tree as its editor knows it (of places, of units): the outline as published, the draft laid over it, and the rows in
// the order in which they stand. `window.treeEditor` is what its scripts share (tree_rows, tree_draft, tree_keys). Steps
// name what they change by the noun of the box: {place}, {unit}; several by its plural.
const told = (id) => JSON.parse(document.getElementById(id)?.textContent ?? '{}');
const holds = document.getElementById('holds') && told('holds'); // kind → kinds it may hold; none: any
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
  reach: null, // ids below which one may change; none: everywhere
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
  const gone = new Set(answer.off);
  for (const [id, above, kind, code, name, , deeper] of answer.rows) {
    tree.base.set(id, { id, above, kind, code, name, deeper, off: gone.has(id) });
    tree.byCode.set(code, id);
  }
  if (answer.reach) tree.reach = new Set(answer.reach);
  Object.assign(tree.staff, answer.staff);
  tree.total ||= answer.total;
  tree.cut ||= Boolean(answer.cut);
};

const named = (step) => [step[`${tree.box.dataset.noun}s`] ?? step[tree.box.dataset.noun]].flat();

const LAID = { // what a step does to the rows it names
  move: (step, words) => ({ above: idOf(step.parent), mark: words.moved }),
  rename: (step, words) => ({ name: step.name, mark: words.renamed }),
  recode: (step, words) => ({ mark: `${words.recoded} ${step.code}` }),
  split: (step, words) => ({ mark: words.split, off: true }),
  retire: (step, words) => ({ mark: words.retired, off: true }),
  merge: (step, words) => ({ mark: words.merged, off: true }),
  restore: (step) => ({ mark: step.label, off: false }),
};

const opened = (step, above, kind, words) => {
  const id = `~${step.n}`;
  tree.nodes.set(id, { id, above, kind, code: id, name: step.name, mark: words.opened, fresh: true });
};

tree.overlay = () => {
  tree.nodes = new Map(tree.base);
  const change = (ref, more) => {
    const node = tree.nodes.get(idOf(ref));
    if (node) tree.nodes.set(node.id, { ...node, ...more });
  };
  for (const row of document.querySelectorAll('[data-draft-step]')) {
    const step = JSON.parse(row.dataset.draftStep);
    const laid = LAID[step.command] ?? (() => ({ mark: step.label }));
    const first = tree.nodes.get(idOf(named(step)[0]));
    if (step.command === 'merge' && !step.target && first) opened(step, first.above, first.kind, tree.words);
    if (step.command === 'open') opened(step, step.parent ? idOf(step.parent) : null, step.kind, tree.words);
    else for (const one of named(step)) change(one, laid(step, tree.words));
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
tree.mayChange = (id) => !tree.reach || tree.lineOf(id).some((one) => tree.reach.has(one));
tree.whyNot = (parent, id) => { // in words; empty where it may be put there
  const [to, one] = [tree.nodes.get(parent), tree.nodes.get(id)];
  if (tree.lineOf(parent).includes(id)) return tree.words.whyInside;
  if (one.above === parent) return tree.words.whyAlready;
  if (to.off) return tree.words.whyOff;
  if (!tree.mayChange(parent) || !tree.mayChange(id)) return tree.words.whyReach;
  if (!holds || (holds[to.kind] ?? []).includes(one.kind)) return '';
  return tree.words.whyRank.replace('{kind}', tree.labels[one.kind]).replace('{above}', tree.labels[to.kind]).replace(/[。.]$/, '');
};
tree.mayHold = (parent, id) => !tree.whyNot(parent, id);
tree.chosen = () => (tree.selected.size ? [...tree.selected] : [tree.flat[tree.at]]).filter((id) => tree.nodes.has(id));

if (tree.box) window.treeEditor = tree;
