// Hands on a tree's editor: keys (of the ARIA tree, and F2, Insert, Delete, Ctrl+X, Ctrl+V, Ctrl+Z), clicks, dragging.
const tree = window.treeEditor;

if (tree) {
  const { box, words } = tree;
  const pad = box.querySelector('.vpad');
  const active = () => tree.flat[tree.at];
  const page = () => Math.floor(box.clientHeight / tree.height);

  let typed = '';
  let typedAt = 0;
  const find = (letter, now) => {
    typed = now - typedAt < 800 ? typed + letter : letter;
    typedAt = now;
    for (let n = 0; n < tree.flat.length; n += 1) {
      const position = (tree.at + n + (typed.length > 1 ? 0 : 1)) % tree.flat.length;
      if (tree.nodes.get(tree.flat[position]).name.toLowerCase().startsWith(typed)) { tree.stand(position); return; }
    }
  };

  const rename = () => {
    if (!tree.mayChange(active())) { tree.say(words.cannot); return; }
    tree.renaming = active();
    tree.draw();
    const input = pad.querySelector('.vrow input');
    input?.focus();
    input?.select();
  };
  const renamed = async (input) => {
    const id = tree.renaming;
    const name = input.value.trim();
    tree.renaming = null;
    if (name && name !== tree.nodes.get(id).name) await tree.rename(id, name);
    tree.draw();
    box.focus();
  };
  const fold = async (key) => {
    if (box.dataset.current !== tree.nodes.get(active()).code) await tree.fill(active());
    const spot = document.querySelector(`[data-tree-key="${key}"]`);
    if (!spot) return;
    spot.open = true;
    spot.querySelector('input:not([type=hidden]),select')?.focus();
  };

  const keys = {
    ArrowDown: (event) => tree.stand(tree.at + 1, { keep: event.shiftKey }),
    ArrowUp: (event) => tree.stand(tree.at - 1, { keep: event.shiftKey }),
    Home: () => tree.stand(0),
    End: () => tree.stand(tree.flat.length - 1),
    PageDown: () => tree.stand(Math.min(tree.flat.length - 1, tree.at + page())),
    PageUp: () => tree.stand(Math.max(0, tree.at - page())),
    ArrowRight: () => {
      const id = active();
      if (tree.opens(id) && !tree.open.has(id)) tree.unfold(id, true);
      else if (tree.kids.has(id)) tree.stand(tree.at + 1);
    },
    ArrowLeft: () => {
      const id = active();
      if (tree.open.has(id) && tree.kids.has(id)) tree.unfold(id, false);
      else tree.stand(tree.flat.indexOf(tree.nodes.get(id).above));
    },
    Enter: () => tree.fill(active(), { show: true }),
    ' ': () => {
      if (!tree.selected.delete(active())) tree.selected.add(active());
      tree.draw();
    },
    F2: rename,
    Insert: () => fold('Insert'),
    Delete: () => fold('Delete'),
    Escape: () => { tree.taken = []; tree.selected.clear(); tree.draw(); },
  };
  const held = {
    x: () => { tree.taken = tree.chosen(); tree.say(words.cut); tree.draw(); },
    v: () => { if (tree.taken.length) tree.moveAll(tree.taken, active()); },
    z: () => tree.undoLast(),
  };

  box.addEventListener('keydown', (event) => {
    const key = event.key.toLowerCase();
    if (event.isComposing) return;
    if (event.target.matches('input')) {
      if (event.key === 'Enter') renamed(event.target);
      else if (event.key === 'Escape') { tree.renaming = null; tree.draw(); box.focus(); } else return;
    } else if (event.ctrlKey || event.metaKey) {
      if (!held[key]) return;
      held[key]();
    } else if (keys[event.key] && !event.altKey) keys[event.key](event);
    else if (event.key.length === 1 && !event.altKey && !'/?'.includes(key)) find(key, event.timeStamp);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener('focusout', (event) => {
    if (event.target.matches('.vrow input') && tree.renaming !== null) renamed(event.target);
  });

  const under = (event) => Number(event.target.closest('.vrow')?.dataset.n ?? -1);
  box.addEventListener('click', (event) => {
    const position = under(event);
    if (position < 0 || event.target.matches('input')) return;
    const id = tree.flat[position];
    if (event.target.closest('[data-twist]')) {
      tree.at = position;
      tree.unfold(id, !tree.open.has(id));
    } else if (event.shiftKey) {
      for (let n = Math.min(tree.at, position); n <= Math.max(tree.at, position); n += 1) tree.selected.add(tree.flat[n]);
      tree.stand(position, { keep: true });
    } else if (event.ctrlKey || event.metaKey) {
      const was = tree.selected.delete(id);
      tree.stand(position, { keep: true, select: !was });
    } else {
      tree.stand(position);
      tree.fill(id, { show: true });
    }
  });
  box.addEventListener('dblclick', (event) => {
    if (under(event) < 0 || event.target.closest('[data-twist]')) return;
    tree.at = under(event);
    rename();
  });

  // dragging by the mouse or a pen; a finger scrolls, and has the panel's form
  let drag = null;
  const unmark = () => { for (const one of pad.querySelectorAll('.drop,.no')) one.classList.remove('drop', 'no'); };
  const end = () => { drag?.ghost?.remove(); clearInterval(drag?.timer); drag = null; unmark(); };
  const at = (y) => Math.floor((y - box.getBoundingClientRect().top + box.scrollTop) / tree.height);
  const lift = () => {
    box.setPointerCapture(drag.pointer);
    drag.ghost = tree.el('div', 'vghost');
    const more = drag.ids.length > 1 ? ` +${drag.ids.length - 1}` : '';
    drag.ghost.append(tree.icon('grip-vertical'), tree.el('span', '', tree.nodes.get(drag.ids[0]).name + more));
    document.body.append(drag.ghost);
    drag.timer = setInterval(() => { // near an edge the tree scrolls; a folded row opens under a hand that waits
      const frame = box.getBoundingClientRect();
      if (drag.y < frame.top + 40) box.scrollTop -= 24;
      else if (drag.y > frame.bottom - 40) box.scrollTop += 24;
      const id = tree.flat[drag.over];
      if (drag.since && performance.now() - drag.since > 700 && id !== undefined && tree.opens(id)) { drag.since = 0; tree.unfold(id, true); }
    }, 60);
  };
  box.addEventListener('pointerdown', (event) => {
    const id = tree.flat[under(event)];
    if (id === undefined || event.button || event.pointerType === 'touch' || event.target.closest('[data-twist],input')) return;
    drag = { from: [event.clientX, event.clientY], ids: tree.selected.has(id) ? tree.chosen() : [id], pointer: event.pointerId };
  });
  box.addEventListener('pointermove', (event) => {
    if (!drag) return;
    drag.y = event.clientY;
    if (!drag.ghost) {
      if (Math.hypot(event.clientX - drag.from[0], event.clientY - drag.from[1]) < 6) return;
      lift();
    }
    drag.ghost.style.left = `${event.clientX + 14}px`;
    drag.ghost.style.top = `${event.clientY + 10}px`;
    if (at(event.clientY) === drag.over) return;
    drag.over = at(event.clientY);
    drag.since = performance.now();
    unmark();
    const target = tree.flat[drag.over];
    if (target === undefined) return;
    const fits = drag.ids.some((id) => tree.mayHold(target, id));
    pad.querySelector(`[data-n="${drag.over}"]`)?.classList.add(fits ? 'drop' : 'no');
  });
  box.addEventListener('pointerup', (event) => {
    if (!drag?.ghost) { drag = null; return; }
    const { ids } = drag;
    const target = tree.flat[at(event.clientY)];
    end();
    box.addEventListener('click', (click) => { click.stopPropagation(); click.preventDefault(); }, { capture: true, once: true });
    setTimeout(() => box.focus());
    if (target !== undefined) tree.moveAll(ids, target);
  });
  box.addEventListener('pointercancel', end);
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && drag?.ghost) end(); });
}
