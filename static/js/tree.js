// Nested lists of links become an ARIA tree: arrows move, open and fold, typing finds by name or pinyin initials, F2,
// Insert and Delete open the fold of the panel that names them (data-tree-key). Without it the links work as they are.
const items = (tree) => [...tree.querySelectorAll('a[role=treeitem]')];
const shown = (tree) => items(tree).filter((a) => !a.parentElement.closest('ul[hidden]'));
const below = (a) => a.parentElement.querySelector(':scope > ul');
const above = (a) => a.parentElement.parentElement.closest('li')?.querySelector(':scope > a');
const narrow = matchMedia('(max-width:820px)');
let made = 0;

const dress = (list, level) => {
  for (const li of list.children) {
    const a = li.querySelector(':scope > a');
    const group = below(a);
    li.setAttribute('role', 'none');
    a.setAttribute('role', 'treeitem');
    a.setAttribute('aria-level', level);
    a.tabIndex = -1;
    if (group || a.dataset.branch) a.setAttribute('aria-expanded', String(Boolean(group && !group.hidden)));
    if (!group) continue;
    group.setAttribute('role', 'group');
    group.id ||= `branch-${(made += 1)}`;
    a.setAttribute('aria-owns', group.id);
    dress(group, level + 1);
  }
};

const stand = (tree, a, focus = true) => {
  for (const other of tree.querySelectorAll('a[tabindex="0"]')) other.tabIndex = -1;
  a.tabIndex = 0;
  if (focus) a.focus();
};

const fetched = async (a) => {
  const answer = await fetch(a.dataset.branch, { headers: { 'HX-Request': 'true' } });
  if (!answer.ok || answer.redirected) { location.assign(a.href); return null; }
  const list = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('ul');
  a.parentElement.append(list);
  window.htmx?.process(list);
  return list;
};

const unfold = async (a, open) => {
  if (a.getAttribute('aria-busy') === 'true' || !a.hasAttribute('aria-expanded')) return;
  let list = below(a);
  if (open && !list && a.dataset.branch) {
    a.setAttribute('aria-busy', 'true');
    list = await fetched(a).catch(() => location.assign(a.href));
    a.removeAttribute('aria-busy');
  }
  if (!list) return;
  list.hidden = !open;
  a.parentElement.classList.toggle('open', open);
  dress(a.parentElement.parentElement, Number(a.getAttribute('aria-level')));
  const tree = a.closest('[data-tree]');
  stand(tree, document.activeElement?.closest('[data-tree]') === tree && document.activeElement.role === 'treeitem'
    && !document.activeElement.closest('ul[hidden]') ? document.activeElement : a);
};

let typed = '';
let typedAt = 0;
const find = (tree, at, letter, now) => {
  typed = now - typedAt < 800 ? typed + letter : letter;
  typedAt = now;
  const all = shown(tree);
  const from = all.indexOf(at) + (typed.length > 1 ? 0 : 1);
  const fits = (a) => a.textContent.trim().toLowerCase().startsWith(typed) || a.dataset.initials?.startsWith(typed);
  return [...all.slice(from), ...all.slice(0, from)].find(fits);
};

const keys = {
  ArrowDown: (tree, a, all) => all[all.indexOf(a) + 1],
  ArrowUp: (tree, a, all) => all[all.indexOf(a) - 1],
  Home: (tree, a, all) => all[0],
  End: (tree, a, all) => all.at(-1),
  ArrowRight: (tree, a) => (a.getAttribute('aria-expanded') === 'true' ? below(a)?.querySelector('a') : unfold(a, true)),
  ArrowLeft: (tree, a) => (a.getAttribute('aria-expanded') === 'true' ? unfold(a, false) : above(a)),
  ' ': (tree, a) => { a.click(); },
  '*': (tree, a) => { for (const li of [...a.parentElement.parentElement.children]) unfold(li.querySelector('a'), true); },
};

const fold = (a, key) => {
  if (!a.hasAttribute('aria-current')) { a.click(); return; }
  const spot = document.querySelector(`[data-tree-key="${key}"]`);
  if (!spot) return;
  spot.open = true;
  spot.querySelector('input:not([type=hidden]),select,textarea')?.focus();
};

const choose = (tree, a) => {
  for (const other of tree.querySelectorAll('a[aria-current]')) {
    other.removeAttribute('aria-current');
    other.classList.remove('sel');
  }
  a.setAttribute('aria-current', 'page');
  a.classList.add('sel');
  stand(tree, a);
};

for (const tree of document.querySelectorAll('[data-tree]')) {
  const top = tree.querySelector('ul');
  if (!top) continue;
  top.setAttribute('role', 'tree');
  top.setAttribute('aria-label', tree.getAttribute('aria-label'));
  dress(top, 1);
  stand(tree, tree.querySelector('a[aria-current]') ?? items(tree)[0], false);
  tree.querySelector('a[aria-current]')?.scrollIntoView({ block: 'nearest' });
  tree.addEventListener('click', (event) => {
    const a = event.target.closest('a[role=treeitem]');
    if (!a || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest('.tw') && a.hasAttribute('aria-expanded')) {
      event.preventDefault();
      event.stopImmediatePropagation();
      unfold(a, a.getAttribute('aria-expanded') !== 'true');
    } else if (narrow.matches) event.stopImmediatePropagation(); // there the page of the link is easier to read
    else choose(tree, a);
  }, true);
  tree.addEventListener('keydown', (event) => {
    const a = event.target.closest('a[role=treeitem]');
    if (!a || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (['F2', 'Insert', 'Delete'].includes(event.key)) fold(a, event.key);
    else if (keys[event.key]) {
      const next = keys[event.key](tree, a, shown(tree));
      if (next instanceof Element) stand(tree, next);
    } else if (event.key.length === 1) {
      const next = find(tree, a, event.key.toLowerCase(), event.timeStamp);
      if (next) stand(tree, next);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
