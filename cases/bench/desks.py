"""From key to paint at the desks, in a real browser among 2,000 open cases: J and K with the case beside the list, the
letters, sending. From the key as the browser got it to the end of the frame that shows what it was pressed for."""

from __future__ import annotations

import os
import statistics
from typing import Any

from cases.bench import browsing
from cases.bench.browsing import Say

OPEN = 2000
ITEM = "0309"  # 消费纠纷: a street's matter from the start, resolved with words alone
ROUNDS = 20
LIMIT = 100  # ms, the median from key to paint
PAUSE = 400  # ms between two keys: as fast as one reads a line
# `keyed.arm(what)` before a key, `keyed.took` after it: ms, once the frame was shown in which it had happened
WATCH = """() => {
  const pane = () => document.getElementById('pane');
  const on = () => document.querySelector('[data-queue] [data-row].on')?.dataset.number;
  const sel = () => document.querySelector('[data-queue] [data-row].sel')?.dataset.number;
  const has = (within) => document.activeElement?.closest(within) && document.activeElement.matches('input,select,textarea,button');
  const states = {
    pane: () => (pane()?.dataset.pane === on() && !pane()?.hasAttribute('aria-busy') ? on() ?? null : null),
    fold: () => (has('#pane details[open],#pane .lead-move,#pane [data-key=M]') ? 'open' : null),
    line: () => sel() ?? null,
    sheet: () => (document.querySelector('#sheet[open] #sheet-in:not([aria-busy])') && has('#sheet-in') ? 'open' : null),
    sent: () => (document.querySelector('#sheet[open]') ? null : String(document.querySelectorAll('[data-queue] .done').length)),
  };
  window.keyed = { took: null };
  window.keyed.arm = (what) => {
    const before = states[what]();
    let from = 0;
    window.keyed.took = null;
    const key = (event) => { if (!['Control', 'Shift'].includes(event.key)) { from = event.timeStamp; removeEventListener('keydown', key, true); } };
    addEventListener('keydown', key, true);
    const look = () => {
      const now = states[what]();
      if (!from || now === null || now === before) return requestAnimationFrame(look);
      const shown = new MessageChannel();
      shown.port1.onmessage = () => { window.keyed.took = performance.now() - from; };
      shown.port2.postMessage(0);
    };
    requestAnimationFrame(look);
  };
}"""


class Timed:
    """Keys pressed on a page, each waited for; the milliseconds by what they were pressed for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.taken: dict[str, list[float]] = {}
        self.watch()

    def watch(self) -> None:
        self.page.evaluate(f"({WATCH})()")

    def press(self, key: str, what: str, label: str = "") -> None:
        """`what` the key is to bring about: pane, fold, line, sheet, sent."""
        self.page.evaluate("(what) => window.keyed.arm(what)", what)
        self.page.keyboard.press(key)
        self.page.wait_for_function("() => window.keyed.took !== null")
        self.taken.setdefault(label or what, []).append(self.page.evaluate("() => window.keyed.took"))


def measure(say: Say, chromium: str, password: str) -> bool:
    """Within the limit?"""
    taken: dict[str, list[float]] = {}
    with browsing.served() as address:
        with browsing.signed_in(chromium, address, "jiedao", password) as page:
            taken |= _desk(page, address)
        with browsing.signed_in(chromium, address, "bumen", password) as page:
            taken |= _queue(page, address)
    taken["合计"] = [one for values in taken.values() for one in values]
    fine = True
    for label, values in taken.items():
        middle = statistics.median(values)
        judged = label != WAITS
        fine &= middle <= LIMIT or not judged
        p90 = statistics.quantiles(values, n=10)[-1]
        verdict = ("✓" if middle <= LIMIT else "✗ 超限") if judged else "等服务器答复，不判"
        say(f"中位 {middle:>4.0f} ms  p90 {p90:>4.0f} ms  {len(values):>3} 次  {verdict}  {label}")
    say(f"限 {LIMIT} ms；负载 {os.getloadavg()[0]:.1f}，{os.cpu_count()} 个核")
    return fine


WAITS = "队列：送出，到下一件"


def _desk(page: Any, address: str) -> dict[str, list[float]]:
    page.goto(f"{address}/desk/")
    page.wait_for_load_state("networkidle")
    keys = Timed(page)
    for key in "j" * (ROUNDS - 8) + "kkkkjjjj":
        page.wait_for_timeout(PAUSE)
        keys.press(key, "pane", "受理台：J K，旁边换一件")
    for _round in range(ROUNDS // 2):
        page.wait_for_timeout(PAUSE)
        keys.press("u", "fold", "受理台：字母，表单打开")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.keyboard.press("k")
    for _round in range(ROUNDS // 2):
        page.wait_for_timeout(2 * PAUSE)
        keys.press("Control+Enter", "pane", "受理台：受理并派遣，到下一件")
    return keys.taken


def _queue(page: Any, address: str) -> dict[str, list[float]]:
    page.goto(f"{address}/queue/?tab=sign")
    page.wait_for_load_state("networkidle")
    keys = Timed(page)
    for _round in range(ROUNDS):
        keys.press("j", "line", "队列：J，到下一件")
        page.wait_for_timeout(PAUSE // 4)
    for _round in range(ROUNDS // 2):
        page.wait_for_timeout(PAUSE)
        keys.press("p", "sheet", "队列：字母，表单打开")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
    for _round in range(ROUNDS // 2):
        page.wait_for_timeout(PAUSE)
        keys.press("s", "sheet", "队列：字母，表单打开")
        keys.press("Control+Enter", "sent", WAITS)
    return keys.taken
