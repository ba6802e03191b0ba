// Pictures are made smaller on the phone before they travel (1600 px, JPEG): that also drops where and when the camera
// says they were taken. Without this, or when anything fails, the picture goes as it is.
const LONG = 1600;
const QUALITY = 0.72;

const shrink = async (file) => {
  if (!/^image\/(jpeg|png|webp|heic|heif)$/.test(file.type) || !self.createImageBitmap) return file;
  try {
    const whole = await createImageBitmap(file);
    const scale = Math.min(1, LONG / Math.max(whole.width, whole.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(whole.width * scale);
    canvas.height = Math.round(whole.height * scale);
    canvas.getContext('2d').drawImage(whole, 0, 0, canvas.width, canvas.height);
    whole.close();
    const small = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
    if (!small || small.size >= file.size) return file;
    return new File([small], file.name.replace(/\.\w+$/, '') + '.jpg', { type: 'image/jpeg', lastModified: file.lastModified });
  } catch {
    return file;
  }
};

const kept = new WeakMap(); // input → files, so that a second picture adds to the first

const put = (input, files) => {
  const carrier = new DataTransfer();
  for (const file of files) carrier.items.add(file);
  input.files = carrier.files;
  kept.set(input, files);
  input.dispatchEvent(new CustomEvent('files:changed', { bubbles: true, detail: files }));
};

const show = (input) => {
  const place = document.getElementById(input.dataset.photos) ?? document.querySelector(`[data-thumbs="${CSS.escape(input.id)}"]`);
  if (!place) return;
  for (const old of [...place.children]) if (old.input === input) { URL.revokeObjectURL(old.address); old.remove(); }
  for (const [at, file] of (kept.get(input) ?? []).entries()) {
    const figure = document.createElement('figure');
    figure.className = file.type.startsWith('image/') ? 'ph' : 'ph sound';
    figure.input = input;
    if (file.type.startsWith('image/')) {
      const picture = document.createElement('img');
      figure.address = picture.src = URL.createObjectURL(file);
      picture.alt = file.name;
      figure.append(picture);
    } else if (file.type.startsWith('audio/')) {
      const sound = document.createElement('audio');
      sound.controls = true;
      sound.style.width = '104px';
      sound.setAttribute('aria-label', file.name);
      figure.address = sound.src = URL.createObjectURL(file);
      figure.append(sound);
    }
    const tag = document.createElement('figcaption');
    tag.className = 'tag';
    tag.textContent = `${Math.max(1, Math.round(file.size / 1024))} KB`;
    const drop = document.createElement('button');
    drop.type = 'button';
    drop.className = 'drop';
    drop.textContent = '×';
    drop.setAttribute('aria-label', `${place.dataset.drop ?? '×'} ${at + 1}`);
    drop.addEventListener('click', () => { put(input, kept.get(input).filter((_, other) => other !== at)); show(input); });
    figure.append(tag, drop);
    place.append(figure);
  }
};

document.addEventListener('change', async (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !('photos' in input.dataset) || !self.DataTransfer) return;
  const form = input.form;
  const buttons = form ? [...document.querySelectorAll('button[type=submit]')].filter((button) => button.form === form) : [];
  for (const button of buttons) button.disabled = true; // nothing leaves half-shrunk
  try {
    const fresh = await Promise.all([...input.files].map(shrink));
    put(input, [...(kept.get(input) ?? []), ...fresh].slice(0, 9));
    show(input);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
});

// Files that come from elsewhere: a recording just made (files:add), what was kept before (files:put).
for (const name of ['files:add', 'files:put']) {
  document.addEventListener(name, ({ target: input, detail }) => {
    if (!('photos' in input.dataset) || !self.DataTransfer) return;
    put(input, [...(name === 'files:add' ? kept.get(input) ?? [] : []), ...detail].slice(0, 9));
    show(input);
  });
}

// A refused form comes back with its pictures still chosen (htmx keeps the element): show them again.
document.addEventListener('htmx:after:swap', () => {
  for (const input of document.querySelectorAll('input[data-photos]')) if (kept.get(input)?.length) show(input);
});
