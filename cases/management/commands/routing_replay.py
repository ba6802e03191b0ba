"""How well past dispatches would route later ones: learn on the earlier part, route the later."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from cases.management import pasts
from cases.routing.learning import Experience, Outcome, replay


class Command(BaseCommand):
    help = (
        "Learn duty rows on the earlier part of a file of past dispatches, route the later part by them, and print how "
        "often the exact unit was named, how often nobody, how often a wrong one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        pasts.add_arguments(parser)
        parser.add_argument("--learn", type=float, default=0.5, help="the share to learn on (default: 0.5)")
        parser.add_argument("--confused", type=int, default=10, help="how many mix-ups to print")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, *args: Any, **options: Any) -> None:
        found = pasts.read(options)
        earlier, later = found.halves(min(1.0, max(0.0, options["learn"])))
        experience = Experience.of(earlier)
        support, confidence = options["support"], options["confidence"]
        outcome = replay(experience, later, support=support, confidence=confidence)
        known = {one.unit for one in earlier}
        reachable = sum(one.unit in known for one in later)
        if options["json"]:
            told = {"learnt": len(earlier), "routed": outcome.total, "hit": outcome.hit}
            told |= {"abstained": outcome.abstained, "wrong": outcome.wrong, "reachable": reachable}
            told |= {"skipped": found.skipped.total(), "lines": found.lines}
            self.stdout.write(json.dumps(told))
            return
        pasts.tell(self, found)
        self.stdout.write(
            _("按时间先后，前 %(learnt)s 件用来学习，后 %(routed)s 件用来派遣。")
            % {"learnt": len(earlier), "routed": outcome.total}
        )
        self.stdout.write(
            _("后半段里 %(n)s 件（%(share)s）的单位在前半段出现过，这是能派对的上限。")
            % {"n": reachable, "share": _percent(reachable, outcome.total)}
        )
        self.stdout.write(_("支持数 把握 | 职责行 | 派对 | 不派（留在受理台） | 派错 | 派出去的里面派对"))
        ladder = {(n, c) for n in (1, 3, 5, 8) for c in (0.5, 0.7, 0.9)} | {(support, confidence)}
        for n, c in sorted(ladder):
            one = replay(experience, later, support=n, confidence=c)
            rows = len(experience.suggestions(support=n, confidence=c))
            mark = "→" if (n, c) == (support, confidence) else " "
            self.stdout.write(f"{mark} ≥{n} ≥{c:.2f} | {rows} | {_line(one)}")
        if outcome.confused and options["confused"]:
            self.stdout.write(_("派错最多的（实际办理 ← 按职责行会派给）："))
            for (went_to, named), n in outcome.confused.most_common(options["confused"]):
                self.stdout.write(f"  {n}  {went_to} ← {named}")


def _line(one: Outcome) -> str:
    counts = (one.hit, one.abstained, one.wrong)
    shares = [f"{n}（{_percent(n, one.total)}）" for n in counts]
    return " | ".join([*shares, _percent(one.hit, one.hit + one.wrong)])


def _percent(n: int, whole: int) -> str:
    return f"{100 * n / whole:.1f} %" if whole else "—"
