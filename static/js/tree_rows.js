// The rows of a tree's editor: only those in view stand in the page, so that forty thousand places cost sixty elements.
const tree = window.treeEditor;

if (tree) {
  const { box, words } = tree;
  const pad = box.querySelector('.vpad');
  const pattern = document.querySelector('svg.i'); // any icon of the page
  const EXTRA = 12; // rows above and below what is seen
  let drawn = [0, -1];
  tree.height = 32;

  tree.el = (tag, css, text) => {
    const made = document.createElement(tag);
    if (css) made.className = css;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  tree.icon = (name, css = '') => {
    const made = pattern.cloneNode(true);
    made.setAttribute('class', `i ${css}`);
    made.firstElementChild.setAttribute('href', `${box.dataset.icons}#i-${name}`);
    return made;
  };
  const { el, icon } = tree;

  const below = (id) => {
    const counts = {};
    for (const child of tree.kids.get(id) ?? []) {
      const { kind } = tree.nodes.get(child);
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return Object.entries(counts).map(([kind, n]) => `${n} ${tree.labels[kind]}`).join(' · ');
  };

  const staffed = (id, node) => !node.fresh && !node.off && (box.dataset.staffed ? node.kind === box.dataset.staffed : tree.mayChange(id));

  const nameOf = (id, node) => {
    if (tree.renaming === id) {
      const input = el('input', 'inp');
      input.value = node.name;
      input.maxLength = 120;
      input.setAttribute('aria-label', words.renamed);
      return input;
    }
    const name = el('span', 'ell');
    if (tree.hits.some((one) => one.id === id)) name.append(el('mark', '', node.name)); else name.textContent = node.name;
    return name;
  };

  const row = (id, position) => {
    const node = tree.nodes.get(id);
    const level = tree.depth.get(id);
    const open = tree.open.has(id);
    const looks = [position === tree.at && 'on', tree.selected.has(id) && 'sel', tree.taken.includes(id) && 'cut', node.off && 'off'];
    const made = el('div', ['vrow', ...looks].filter(Boolean).join(' '));
    made.id = `v-${position}`;
    made.dataset.n = position;
    made.style.top = `${position * tree.height}px`;
    made.style.paddingLeft = `${(level - 1) * 20}px`;
    const around = tree.nodes.has(node.above) ? tree.kids.get(node.above) : tree.tops;
    const said = { role: 'treeitem', 'aria-level': level, 'aria-selected': tree.selected.has(id), 'aria-setsize': around.length, 'aria-posinset': around.indexOf(id) + 1 };
    if (tree.opens(id)) said['aria-expanded'] = open;
    for (const [name, value] of Object.entries(said)) made.setAttribute(name, String(value));
    const twist = tree.opens(id) ? icon('chevron-right', `tw${open ? ' open' : ''}`) : el('span', 'tw');
    if (tree.opens(id)) twist.dataset.twist = '';
    made.append(twist, icon(tree.icons[node.kind], 'fi'), nameOf(id, node), el('span', 'chip', tree.labels[node.kind]));
    const small = below(id);
    if (small) made.append(el('small', '', small));
    const end = el('span', 'end');
    if (node.mark) end.append(el('b', '', node.mark));
    const people = tree.staff[id] ?? (staffed(id, node) ? words.noworker : '');
    if (people) end.append(el('span', '', people));
    made.append(end);
    return made;
  };

  tree.draw = (again = true) => {
    const first = Math.max(0, Math.floor(box.scrollTop / tree.height) - EXTRA);
    const last = Math.min(tree.flat.length - 1, Math.ceil((box.scrollTop + box.clientHeight) / tree.height) + EXTRA);
    if (!again && first >= drawn[0] && last <= drawn[1]) return;
    pad.style.height = `${tree.flat.length * tree.height}px`;
    const made = [];
    for (let n = first; n <= last; n += 1) made.push(row(tree.flat[n], n));
    pad.replaceChildren(...made);
    drawn = [first, last];
    box.setAttribute('aria-activedescendant', `v-${tree.at}`);
    tree.picked?.();
  };
  tree.redraw = () => { tree.flatten(); tree.draw(); };
  tree.measure = () => {
    tree.height = pad.querySelector('.vrow')?.offsetHeight || tree.height;
    tree.draw();
  };

  tree.show = (position) => {
    const top = position * tree.height;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + tree.height > box.scrollTop + box.clientHeight) box.scrollTop = top + tree.height - box.clientHeight;
  };
  tree.stand = (position, { keep = false, select = true } = {}) => {
    if (position < 0 || position >= tree.flat.length) return;
    tree.at = position;
    if (select) {
      if (!keep) tree.selected.clear();
      tree.selected.add(tree.flat[position]);
    }
    tree.show(position);
    tree.draw();
  };

  // of a very large tree the rows end at a kind: what is below is asked for when it is opened
  tree.more = async (id) => {
    const node = tree.base.get(id);
    if (!tree.cut || !node?.deeper || node.asked || tree.kids.has(id)) return;
    node.asked = true;
    tree.say(words.loading);
    tree.take(await (await fetch(`${box.dataset.rows}?under=${encodeURIComponent(node.code)}`)).json());
    tree.overlay();
  };
  tree.unfold = async (id, yes) => {
    if (yes) { await tree.more(id); tree.open.add(id); } else tree.open.delete(id);
    tree.redraw();
  };
  tree.reveal = async (path) => {
    for (const id of path.slice(0, -1)) if (tree.nodes.has(id)) { await tree.more(id); tree.open.add(id); }
    tree.flatten();
    const position = tree.flat.indexOf(path.at(-1));
    if (position < 0) return;
    box.scrollTop = Math.max(0, position * tree.height - box.clientHeight / 2);
    tree.stand(position);
  };

  box.addEventListener('scroll', () => tree.draw(false), { passive: true });
  new ResizeObserver(() => tree.flat.length && tree.draw()).observe(box);
}
