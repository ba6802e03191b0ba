// A place's boundary on a map without tiles: corners moved by mouse, finger or keys (map_view.js looks around). The text
// beside it stays the truth: every change is written there, and what is typed there is drawn.
const svg = document.querySelector('[data-map]');
const text = document.querySelector('[data-points]');
const MOST_HANDLES = 300;

if (svg && text) {
  const own = svg.querySelector('[data-own]');
  const handles = svg.querySelector('[data-handles]');
  const live = document.querySelector('[data-map-live]');
  const tools = document.querySelector('[data-map-tools]');
  const { lon, lat, squeeze, unit } = Object.fromEntries(
    ['lon', 'lat', 'squeeze', 'unit'].map((name) => [name, Number(svg.dataset[name])]));
  const view = () => svg.getAttribute('viewBox').split(' ').map(Number);
  let rings = []; // [{part, points: [[x, y]]}] in units of the picture
  let past = [];

  const flat = ([a, b]) => [(a - lon) * squeeze / unit, (lat - b) / unit];
  const degrees = ([x, y]) => [lon + x * unit / squeeze, lat - y * unit];
  const words = (name, n) => svg.dataset[name].replace('%s', n);
  const say = (sentence) => { live.textContent = sentence; };
  const count = () => rings.reduce((sum, ring) => sum + ring.points.length, 0);

  const read = () => {
    const found = [{ part: 0, points: [] }];
    for (const raw of text.value.split('\n')) {
      const line = raw.trim();
      const last = found[found.length - 1];
      if (line === '+') found.push({ part: last.part + 1, points: [] });
      else if (!line) { if (last.points.length) found.push({ part: last.part, points: [] }); } else {
        const pair = line.split(/[,，;；\s]+/).map(Number);
        if (pair.length === 2 && pair.every(Number.isFinite)) last.points.push(flat(pair));
      }
    }
    rings = found.filter((ring) => ring.points.length);
    for (const ring of rings) {
      const [a, z] = [ring.points[0], ring.points[ring.points.length - 1]];
      if (ring.points.length > 1 && a[0] === z[0] && a[1] === z[1]) ring.points.pop();
    }
  };
  const write = () => {
    let part = 0;
    text.value = rings.map((ring, n) => {
      const lines = ring.points.map((point) => degrees(point).map((value) => value.toFixed(7)).join(',')).join('\n');
      const before = n === 0 ? '' : ring.part === part ? '\n\n' : '\n+\n';
      part = ring.part;
      return before + lines;
    }).join('');
  };
  const keep = () => { past.push(text.value); past = past.slice(-100); };

  // -- drawing
  const size = () => view()[2] / Math.max(svg.clientWidth, 1);
  const figure = (name, attributes) => {
    const made = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const seen = ([x, y], [left, top, wide, high]) => x >= left && x <= left + wide && y >= top && y <= top + high;
  const outline = () => {
    own.setAttribute('d', rings.map((ring) => `M${ring.points.map((p) => p.join(',')).join(' ')}Z`).join(''));
  };
  const draw = (focus) => {
    outline();
    const scale = size();
    const frame = view();
    for (const label of svg.querySelectorAll('[data-label]')) label.setAttribute('font-size', 13 * scale);
    handles.replaceChildren();
    const shown = rings.flatMap((ring, r) => ring.points.map((point, n) => ({ r, n, point }))).filter((one) => seen(one.point, frame));
    if (shown.length <= MOST_HANDLES) {
      for (const { r, n, point } of shown) {
        const next = rings[r].points[(n + 1) % rings[r].points.length];
        if (rings[r].points.length > 1) {
          handles.append(figure('circle', {
            cx: (point[0] + next[0]) / 2, cy: (point[1] + next[1]) / 2, r: 6 * scale, fill: '#fff', stroke: '#1350b0',
            'stroke-width': 1.5 * scale, opacity: 0.75, 'data-r': r, 'data-n': n, 'data-middle': '',
          }));
        }
      }
      for (const { r, n, point } of shown) {
        handles.append(figure('circle', {
          cx: point[0], cy: point[1], r: 9 * scale, fill: '#1350b0', stroke: '#fff', 'stroke-width': 2 * scale,
          tabindex: 0, role: 'button', 'aria-label': words('point', n + 1), 'data-r': r, 'data-n': n, 'data-corner': '',
        }));
      }
    }
    if (focus) handles.querySelector(`[data-corner][data-r="${focus[0]}"][data-n="${focus[1]}"]`)?.focus();
  };
  const changed = (focus) => { write(); draw(focus); say(words('count', count())); };

  // -- what can be done to corners
  const insert = (r, n) => {
    const { points } = rings[r];
    const next = points[(n + 1) % points.length];
    keep();
    points.splice(n + 1, 0, [(points[n][0] + next[0]) / 2, (points[n][1] + next[1]) / 2]);
    changed([r, n + 1]);
  };
  const remove = (r, n) => {
    keep();
    rings[r].points.splice(n, 1);
    if (!rings[r].points.length) rings.splice(r, 1);
    const left = rings[r]?.points.length;
    changed(left ? [r, n % left] : null);
    if (!left) svg.focus();
  };
  const append = (point) => {
    keep();
    if (!rings.length) rings.push({ part: 0, points: [] });
    rings[rings.length - 1].points.push(point);
    changed([rings.length - 1, rings[rings.length - 1].points.length - 1]);
  };

  // -- by hand
  const here = (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [x, y];
  };
  let drag = null;
  svg.addEventListener('pointerdown', (event) => {
    const target = event.target.closest('[data-n]');
    if (drag || !target) { drag = null; return; }
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    let [r, n] = [Number(target.dataset.r), Number(target.dataset.n)];
    if ('middle' in target.dataset) { insert(r, n); n += 1; } else keep();
    drag = { r, n };
  });
  svg.addEventListener('pointermove', (event) => {
    if (!drag) return;
    const [x, y] = here(event);
    rings[drag.r].points[drag.n] = [x, y];
    outline();
    const corner = handles.querySelector(`[data-corner][data-r="${drag.r}"][data-n="${drag.n}"]`);
    corner?.setAttribute('cx', x);
    corner?.setAttribute('cy', y);
  });
  const release = () => {
    if (!drag) return;
    const was = drag;
    drag = null;
    changed([was.r, was.n]);
  };
  svg.addEventListener('pointerup', release);
  svg.addEventListener('pointercancel', release);
  svg.addEventListener('dblclick', (event) => {
    if (!event.target.closest('[data-corner],[data-middle]')) append(here(event));
  });
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  svg.addEventListener('keydown', (event) => {
    const corner = event.target.closest('[data-corner]');
    const way = ways[event.key];
    if (corner) {
      const [r, n] = [Number(corner.dataset.r), Number(corner.dataset.n)];
      if (way) {
        const step = size() * (event.shiftKey ? 20 : 2);
        keep();
        const point = rings[r].points[n];
        rings[r].points[n] = [point[0] + way[0] * step, point[1] + way[1] * step];
        write();
        draw([r, n]);
      } else if (event.key === 'Insert' || event.key === 'Enter') insert(r, n);
      else if (event.key === 'Delete' || event.key === 'Backspace') remove(r, n);
      else return;
    } else if (event.key === 'Insert' || event.key === 'Enter') {
      const [left, top, wide, high] = view();
      append([left + wide / 2, top + high / 2]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  tools.addEventListener('click', (event) => {
    if (!event.target.closest('[data-undo]') || !past.length) return;
    text.value = past.pop();
    read();
    draw();
    say(words('count', count()));
  });
  text.addEventListener('input', () => { read(); draw(); });

  svg.addEventListener('viewchange', () => draw());
  read();
  draw();
}
