"""A phone on a bad line: first visits by slow 4G and a processor four times slower, a repeat visit without a network.

Design §8: LCP ≤ 2.0 s, CLS ≤ 0.05, blocked for ≤ 150 ms in all; offline usable ≤ 1 s. Bytes are a test
(tests/cases/web/test_page_bytes.py); times are measured here, for they mean nothing on a busy machine.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

from cases.bench import browsing
from cases.bench.browsing import Say

PHONE = {"width": 390, "height": 844}
LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 94_000,
}  # 1.6 Mbit/s
SLOWER = 4
ROUNDS = 3
LIMITS = {"lcp": 2000.0, "cls": 0.05, "blocked": 150.0}
OFFLINE = 1000.0
WORKER = "wangge"
# what the browser says of a visit: the largest paint, what moved, what kept it from answering
WATCH = """
window.seen = { lcp: 0, cls: 0, blocked: 0 };
new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) seen.cls += one.value; })
  .observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.blocked += one.duration - 50; })
  .observe({ type: "longtask", buffered: true });
"""


def measure(say: Say, chromium: str, password: str, *, community: str) -> bool:
    """Within the limits? Medians of some rounds, each a first visit of a browser that knows nothing."""
    fine = True
    strangers = ("/report/", f"/report/?place={community}", "/track/", f"/board/{community}/")
    with browsing.served() as address, browsing.opened(chromium) as browser:
        state = _signed_in(browser, address, password)
        for path, who in [*((path, None) for path in strangers), ("/calls/new/", state), ("/my/", state)]:
            visits = [_first_visit(browser, address + path, who) for _round in range(ROUNDS)]
            middle = {name: statistics.median(visit[name] for visit in visits) for name in LIMITS}
            over = [name for name, most in LIMITS.items() if middle[name] > most]
            fine &= not over
            say(
                f"{path:<28} LCP {middle['lcp']:>5.0f} ms  CLS {middle['cls']:.3f}  阻塞 {middle['blocked']:>4.0f} ms"
                f"  {'✓' if not over else '✗ ' + '、'.join(over)}"
            )
        again = statistics.median(_offline(browser, address, state) for _round in range(ROUNDS))
        fine &= again <= OFFLINE
        say(f"{'断网再开 /calls/new/':<24} {again:>5.0f} ms 可用  {'✓' if again <= OFFLINE else '✗'}")
    say(f"慢 4G、{SLOWER} 倍慢的处理器；负载 {os.getloadavg()[0]:.1f}，{os.cpu_count()} 个核")
    return fine


def _signed_in(browser: Any, address: str, password: str) -> Any:
    page = browsing.sign_in(browser, address, WORKER, password, PHONE)
    state = page.context.storage_state()
    page.context.close()
    return state


def _first_visit(browser: Any, url: str, state: Any) -> dict[str, float]:
    context = browser.new_context(viewport=PHONE, storage_state=state, service_workers="block")
    page = context.new_page()
    page.add_init_script(WATCH)
    told = context.new_cdp_session(page)
    told.send("Network.enable")
    told.send("Network.emulateNetworkConditions", LINE)
    told.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="networkidle")
    page.wait_for_timeout(500)  # the observers tell a little later
    seen: dict[str, float] = page.evaluate("seen")
    context.close()
    return seen


def _offline(browser: Any, address: str, state: Any) -> float:
    """Milliseconds from opening the page until one may type into it, nothing being reachable."""
    context = browser.new_context(viewport=PHONE, storage_state=state)
    page = context.new_page()
    page.goto(f"{address}/calls/new/", wait_until="networkidle")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.reload(wait_until="networkidle")  # now by the worker, which keeps what it shows
    context.set_offline(True)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    began = time.perf_counter()
    page.goto(f"{address}/calls/new/", wait_until="commit")
    page.locator("#f-text").fill("路灯不亮")
    took = (time.perf_counter() - began) * 1000
    context.close()
    return took
