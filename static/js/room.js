// What this phone keeps by itself (forms that wait, photos of a draft) is put into the page by scripts, after its first
// look. Its room is as high as it was when the phone was last put away, so nothing jumps then. Runs before the page.
{
  const root = document.documentElement.style;
  const read = () => { try { return JSON.parse(localStorage.getItem('room')) ?? {}; } catch { return {}; } };
  for (const [name, height] of Object.entries(read())) if (/^\w+$/.test(name)) root.setProperty(`--room-${name}`, `${Number(height)}px`);
  const measure = () => {
    const rooms = read();
    for (const one of document.querySelectorAll('[data-room].set')) rooms[one.dataset.room] = one.offsetHeight || undefined;
    try { localStorage.setItem('room', JSON.stringify(rooms)); } catch { /* full or forbidden: then it jumps */ }
  };
  addEventListener('pagehide', measure);
  document.addEventListener('visibilitychange', () => { if (document.hidden) measure(); });
}
