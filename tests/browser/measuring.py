"""What a hand and an eye find wrong with the page that stands open: wider than the screen, type too small to read, targets
too small to hit."""

from __future__ import annotations

from tests.browser.visitor import Visitor

TARGET = 44
MEASURE = """([target]) => {
  const phone = document.documentElement.classList.contains('phone');
  const floor = document.querySelector('.sc') ? 0 : phone ? 14 : 12;  // the wall is made for 1920 px
  const wrong = [];
  const seen = el => el.checkVisibility({opacityProperty: false, visibilityProperty: true});
  const name = el => el.tagName.toLowerCase() + (el.id ? '#' + el.id : '') +
    (typeof el.className === 'string' && el.className ? '.' + el.className.split(' ').join('.') : '') +
    ' “' + (el.textContent || el.value || '').trim().slice(0, 20) + '”';
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) {
    wrong.push('wider than the screen by ' + (page.scrollWidth - page.clientWidth));
    for (const el of document.querySelectorAll('body *')) {
      if (el.getBoundingClientRect().right > page.clientWidth + 1 && !el.closest('.scroll, .tabs, .pill-tabs')) {
        wrong.push('  ' + name(el)); break;
      }
    }
  }
  // type: the size as painted, also inside a drawing that is scaled
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = new Set();
  while (words.nextNode()) {
    const el = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !seen(el) || el.closest('.sr, .skip, script, style, title, option')) continue;
    let size = parseFloat(getComputedStyle(el).fontSize);
    if (el.ownerSVGElement) size *= el.getScreenCTM().a;
    if (size < floor - 0.05) small.add(size.toFixed(1) + ' px: ' + name(el));
  }
  wrong.push(...[...small].slice(0, 6));
  // targets: links inside a sentence are excepted, and a box counts with the label around it
  if (phone) {
    const little = new Set();
    for (const el of document.querySelectorAll('a, button, summary, input:not([type=hidden]), select, textarea')) {
      if (!seen(el) || el.closest('.skip')) continue;
      const whole = (el.matches('input') && el.closest('label')) || el;
      const box = whole.getBoundingClientRect();
      const inSentence = el.matches('a') && getComputedStyle(el).display === 'inline' && el.closest('p, dd');
      if (inSentence || (el.classList.contains('sr') && whole === el)) continue;
      if (box.width && (box.height < target - 0.5 || box.width < target - 0.5)) {
        little.add(Math.round(box.width) + '×' + Math.round(box.height) + ': ' + name(el));
      }
    }
    wrong.push(...[...little].slice(0, 6));
  }
  return wrong;
}"""


def measured(visitor: Visitor) -> list[str]:
    return visitor.page.evaluate(MEASURE, [TARGET])
