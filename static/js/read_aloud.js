// Reads a page aloud: a button [data-read-aloud="selector"] speaks the words of what it names, in the page's language,
// and stops when pressed again or when the page is left. Shown only where the browser can speak.

const can = "speechSynthesis" in window && "SpeechSynthesisUtterance" in window;
const LONGEST = 160; // characters in one go: some engines fall silent in longer ones

function words(selector) {
  const found = [...document.querySelectorAll(selector)];
  const told = found.filter((one) => !found.some((other) => other !== one && other.contains(one)));
  return told.map((one) => one.innerText.replace(/\s+/g, " ").trim()).filter(Boolean);
}

function pieces(text) {
  const found = [];
  for (const part of text.match(/[^。！？；.!?;]+[。！？；.!?;]*/g) ?? []) {
    for (let at = 0; at < part.length; at += LONGEST) found.push(part.slice(at, at + LONGEST));
  }
  return found;
}

function show(button, speaking) {
  const label = button.querySelector("span");
  button.dataset.label ??= label.textContent;
  label.textContent = speaking ? button.dataset.stop : button.dataset.label;
  button.setAttribute("aria-pressed", speaking);
}

function quiet() {
  speechSynthesis.cancel();
  document.querySelectorAll("[data-read-aloud][aria-pressed=true]").forEach((one) => show(one, false));
}

function speak(button) {
  const all = words(button.dataset.readAloud).flatMap(pieces);
  if (!all.length) return;
  show(button, true);
  all.forEach((text, n) => {
    const said = new SpeechSynthesisUtterance(text);
    said.lang = document.documentElement.lang;
    said.rate = 0.9;
    if (n === all.length - 1) said.onend = () => show(button, false);
    said.onerror = () => show(button, false);
    speechSynthesis.speak(said);
  });
}

function reveal() {
  document.querySelectorAll("[data-read-aloud][hidden]").forEach((one) => (one.hidden = false));
}

if (can) {
  reveal();
  document.addEventListener("htmx:after:swap", reveal);
  addEventListener("pagehide", quiet);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-read-aloud]");
    if (!button) return;
    const speaking = button.getAttribute("aria-pressed") === "true";
    quiet();
    if (!speaking) speak(button);
  });
}
