// A little work before a report is taken, where many come from one address (data-work on the form): find a number so that
// the digest of task and number begins with so many zero bits, then send the form again by itself. Without a secure page
// there is no digest: then one waits and taps again.
const zeros = (bytes) => {
  let n = 0;
  for (const byte of bytes) {
    n += Math.clz32(byte) - 24;
    if (byte) break;
  }
  return n;
};

const solve = async (task, bits) => {
  const words = new TextEncoder();
  for (let number = 0; ; number += 256) { // so many at a time, that the page stays alive
    const many = await Promise.all(Array.from({ length: 256 }, (_, n) => crypto.subtle.digest('SHA-256', words.encode(`${task}:${number + n}`))));
    const found = many.findIndex((digest) => zeros(new Uint8Array(digest)) >= bits);
    if (found >= 0) return number + found;
  }
};

const work = async () => {
  const form = document.querySelector('form[data-work]');
  if (!form || form.dataset.working || !self.crypto?.subtle) return;
  form.dataset.working = '1';
  const task = form.elements.work.value;
  form.elements.work_done.value = await solve(task, Number(form.dataset.work));
  if (form.isConnected && form.elements.work.value === task) form.requestSubmit(document.querySelector('[data-go]'));
};
document.addEventListener('htmx:after:swap', work);
work();
