// What a tree's editor asks of the server: its rows, the panel of one of them, the steps of the draft, what fits a word.
const tree = window.treeEditor;

if (tree) {
  const { box, words } = tree;
  const { noun } = box.dataset;
  const narrow = matchMedia('(max-width:1100px)'); // the panel stands below the tree, not beside it
  const urlOf = (code) => box.dataset.panel.replace('CODE', encodeURIComponent(code));

  const swap = (id, html) => {
    const fresh = new DOMParser().parseFromString(html, 'text/html').getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) return false;
    old.replaceWith(fresh);
    window.htmx?.process(fresh);
    return true;
  };

  tree.fill = async (id, { show = false } = {}) => {
    const node = tree.nodes.get(id);
    if (!node || node.fresh) return;
    const url = urlOf(tree.ref(id));
    const answer = await fetch(url, { headers: { 'HX-Request': 'true' } });
    if (!answer.ok || !swap('panel', await answer.text())) { location.assign(url); return; }
    history.replaceState(null, '', url);
    box.dataset.current = tree.ref(id);
    if (show && narrow.matches) document.getElementById('panel').scrollIntoView({ block: 'start' });
  };

  const post = async (body) => {
    body.set('as', 'card');
    body.set('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]')?.value ?? '');
    let answer;
    try {
      answer = await fetch(box.dataset.draft, { method: 'POST', body, headers: { 'HX-Request': 'true' } });
      if (answer.redirected || !swap('draft', await answer.text())) throw new Error('lost');
    } catch { tree.alarm(words.failed); return false; }
    const card = document.getElementById('draft');
    for (const spot of document.querySelectorAll('[data-steps]')) spot.textContent = card.querySelector('[data-count]').textContent;
    tree.overlay();
    tree.redraw();
    tree.say((card.querySelector('.banner') ?? card.querySelector('[data-draft-step]:last-of-type'))?.textContent.trim() ?? '');
    return answer.ok;
  };

  const steps = (list) => {
    const body = new FormData();
    body.set('do', 'add');
    body.set('steps', JSON.stringify(list));
    return post(body);
  };
  const misfits = document.querySelector('[data-misfits]');
  misfits.querySelector('button').addEventListener('click', () => { misfits.hidden = true; box.focus(); });
  const tellMisfits = (ids, parent) => { // which did not fit, and why
    misfits.hidden = !ids.length;
    const told = ids.slice(0, 5).map((id) => `“${tree.nodes.get(id).name}” ${tree.whyNot(parent, id)}`);
    misfits.querySelector('span').textContent = `${words.misfit} ${ids.length}：${told.join('；')}${ids.length > 5 ? ' …' : ''}`;
  };
  tree.moveAll = async (ids, parent) => {
    const fit = ids.filter((id) => tree.mayHold(parent, id));
    tellMisfits(ids.filter((id) => !fit.includes(id)), parent);
    if (!fit.length) return;
    tree.open.add(parent);
    tree.taken = [];
    await steps(fit.map((id) => ({ command: 'move', args: { [noun]: tree.ref(id), parent: tree.ref(parent) } })));
    tree.draw();
  };
  tree.rename = (id, name) => steps([{ command: 'rename', args: { [noun]: tree.ref(id), name } }]);

  // several chosen: all but the one stood on are merged into that one
  const bar = document.querySelector('[data-picked]');
  const anew = bar.querySelector('[data-merge-anew]');
  tree.picked = () => {
    const into = tree.flat[tree.at];
    const gone = tree.chosen().filter((id) => id !== into);
    bar.hidden = !gone.length || !tree.selected.has(into) || ![into, ...gone].every((id) => tree.mayChange(id) && !tree.nodes.get(id).off);
    if (bar.hidden) return;
    if (anew) anew.hidden = new Set([into, ...gone].map((id) => tree.nodes.get(id).kind)).size > 1;
    const nameOf = (id) => `“${tree.nodes.get(id).name}”`;
    bar.querySelector('[data-gone]').textContent = gone.slice(0, 3).map(nameOf).join('') + (gone.length > 3 ? ` +${gone.length - 3}` : '');
    bar.querySelector('[data-into]').textContent = nameOf(into);
  };
  bar.querySelector('button').addEventListener('click', async () => {
    const into = tree.flat[tree.at];
    const gone = tree.chosen().filter((id) => id !== into).map(tree.ref);
    tree.selected = new Set([into]);
    await steps([{ command: 'merge', args: { [`${noun}s`]: gone, target: tree.ref(into) } }]);
    box.focus();
  });
  anew?.addEventListener('submit', async (event) => { // or into a new one, all of them
    event.preventDefault();
    const name = anew.elements.name.value.trim();
    if (!await steps([{ command: 'merge', args: { [`${noun}s`]: tree.chosen().map(tree.ref), name } }])) return;
    anew.reset();
    tree.selected = new Set([tree.flat[tree.at]]);
    tree.draw();
    box.focus();
  });
  tree.undoLast = () => {
    const last = [...document.querySelectorAll('#draft form[data-step]')].at(-1);
    if (last) post(new FormData(last));
  };

  // the panel's forms put their step into the draft without leaving the tree
  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form[data-step]');
    if (!form) return;
    event.preventDefault();
    if (await post(new FormData(form))) form.closest('details')?.removeAttribute('open');
    document.querySelector('#draft .banner')?.scrollIntoView({ block: 'nearest' });
  });

  // finding
  const search = document.querySelector('[data-tree-search]');
  const result = search.querySelector('[data-hits]');
  const gone = document.querySelector('[data-gone-hits]');
  const link = (url, text) => {
    const made = tree.el('a', 'link', text);
    made.href = url;
    return made;
  };
  const tellGone = (found, q) => { // the retired stand in no row: each by its own page, all by their list
    gone.hidden = !found.retired;
    const said = (found.gone ?? []).flatMap((one) => [link(one.url, one.name), ` ${one.where}；`]);
    gone.querySelector('span').replaceChildren(tree.el('b', '', `${words.wordRetired} ${found.retired} `), ...said, link(`${words.homeRetired}?q=${encodeURIComponent(q)}`, words.wordMore));
  };
  let hit = -1;
  let asked = '';
  const go = async (to) => {
    if (!tree.hits.length) return;
    hit = (to + tree.hits.length) % tree.hits.length;
    result.textContent = `${hit + 1}/${tree.hits.length} ${words.wordHits}`;
    await tree.reveal(tree.hits[hit].path);
    tree.fill(tree.hits[hit].id);
  };
  search.addEventListener('submit', async (event) => {
    event.preventDefault();
    const q = search.q.value.trim();
    if (q && q === asked) { go(hit + 1); return; }
    asked = q;
    const found = q ? await (await fetch(`${box.dataset.find}?q=${encodeURIComponent(q)}`)).json() : { hits: [], retired: 0 };
    tree.hits = found.hits;
    if (gone) tellGone(found, q);
    hit = -1;
    result.textContent = q && !tree.hits.length ? words.none : '';
    tree.draw();
    go(0);
  });
  search.querySelector('[data-prev]').addEventListener('click', () => go(hit - 1));
  search.querySelector('[data-expand]').addEventListener('click', () => {
    for (const id of tree.kids.keys()) tree.open.add(id);
    tree.redraw();
  });
  search.querySelector('[data-collapse]').addEventListener('click', () => {
    tree.open = new Set(tree.tops);
    box.scrollTop = 0;
    tree.redraw();
  });

  const start = async () => {
    tree.take(await (await fetch(box.dataset.rows)).json());
    tree.overlay();
    const current = tree.byCode.get(box.dataset.current);
    for (const id of [...tree.tops, ...tree.lineOf(current).slice(0, -1)]) tree.open.add(id);
    document.querySelector('[data-tree]').hidden = true;
    box.hidden = false;
    for (const button of search.querySelectorAll('[data-prev],[data-expand],[data-collapse]')) button.hidden = false;
    tree.redraw();
    tree.measure();
    const position = Math.max(0, tree.flat.indexOf(current));
    box.scrollTop = Math.max(0, position * tree.height - box.clientHeight / 2);
    tree.stand(position);
    document.querySelector('[data-total]').textContent = `${tree.total.toLocaleString()} ${words.wordTotal}`;
    box.dataset.ready = '';
  };
  start();
}
