"""`sla_simulate`: past clocks under other policies or another calendar, both sides side by side. Writes nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cases import calendars, rulebook, simulating
from cases.figures.asking import Period, Subject, subject_of
from cases.notices.messages import STAGES
from cases.queries import simulation as queries
from cases.refusals import MoveRefused
from cases.sla.policy import Row
from cases.sla.simulation import Scenario
from grid.finding import by_code
from ledger import clock, days, versions
from parties import directory

SHOWN = 20  # changed clocks on the terminal, unless --changed says otherwise


class Command(BaseCommand):
    help = _("按另一套时限规则或工作日历推演过去的时钟，与现状并列；什么都不写入。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="since", type=day, required=True, help=_("第一天，如 2026-10-01"))
        parser.add_argument("--to", dest="until", type=day, required=True, help=_("最后一天"))
        parser.add_argument("--place", metavar="CODE", default="", help=_("只看这个地点及以下"))
        parser.add_argument("--organisation", metavar="CODE", default="", help=_("只看这个单位及下属"))
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="STAGE=AMOUNT UNIT",
            help=_("换成这个时限，如 'resolve=3 work_day'；可写多次"),
        )
        parser.add_argument(
            "--policy",
            action="append",
            default=[],
            type=int,
            metavar="ID",
            help=_("试一条（未确认的）时限规则"),
        )
        parser.add_argument("--calendar", metavar="CODE", default="", help=_("全部改用这个工作日历"))
        parser.add_argument("--changed", type=int, default=SHOWN, metavar="N", help=_("列出多少件换边的工单"))
        parser.add_argument("--json", action="store_true", help=_("只写一行 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        versions.refresh()
        if options["until"] < options["since"]:
            raise CommandError(_("结束日不能早于开始日。"))
        subject = _subject(options)
        try:
            rows = [*map(typed, options["set"]), *map(simulating.proposed, options["policy"])]
        except MoveRefused as refused:
            raise CommandError(str(refused.sentence)) from None
        if options["calendar"] and not calendars.line(options["calendar"]):
            raise CommandError(_("没有编号为“%(code)s”的工作日历。") % {"code": options["calendar"]})
        calendar = calendars.calendar(options["calendar"]) if options["calendar"] else None
        period = Period.of_days(options["since"], options["until"])
        scenario = Scenario(rows, calendar, rulebook.policies())
        with telling(queries.rows(subject, period).count()) as tell:
            found = queries.compare(subject, period, clock.now(), scenario, tell).json()
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self._tell(found, options["changed"])

    def _tell(self, found: dict[str, Any], shown: int) -> None:
        for stage, one in found["stages"].items():
            if one["clocks"]:
                words = {
                    "stage": STAGES.get(stage, stage),
                    "now": side_words(one["now"]),
                    "then": side_words(one["then"]),
                    "better": one["better"],
                    "worse": one["worse"],
                }
                self.stdout.write(
                    _("%(stage)s：现状 %(now)s；推演 %(then)s；转为不超时 %(better)s，转为超时 %(worse)s")
                    % words
                )
        for one in found["changed"][: max(shown, 0)]:
            words = {
                "number": one["number"],
                "stage": STAGES.get(one["stage"], one["stage"]),
                "before": local(one["due_before"]),
                "after": local(one["due_after"]),
                "verdict": VERDICTS[one["after"]](),
            }
            self.stdout.write(_("  %(number)s %(stage)s：%(before)s → %(after)s，%(verdict)s") % words)
        words = {"n": found["clocks"], "changed": found["changed_total"], "seconds": found["seconds"]}
        self.stdout.write(
            _("共 %(n)s 个时钟，%(changed)s 个换边，用时 %(seconds)s 秒；没有写入任何东西。") % words
        )


VERDICTS: dict[str, Callable[[], str]] = {
    "on_time": lambda: _("按时"),
    "missed": lambda: _("超时"),
    "left": lambda: _("不计入"),
    "open": lambda: _("未到期"),
}


def day(word: str) -> dt.date:
    return days.read(word)


def local(word: str) -> str:
    return f"{dt.datetime.fromisoformat(word).astimezone(clock.LOCAL):%Y-%m-%d %H:%M}"


def side_words(side: dict[str, Any]) -> str:
    total = side["on_time"] + side["missed"]
    rate = "–" if side["rate"] is None else f"{side['rate']:.1%}"
    return f"{side['on_time']}/{total} {rate}"


def typed(word: str) -> Row:
    """`resolve=3 work_day` as a policy row."""
    stage, _equals, rest = word.partition("=")
    amount, _space, unit = rest.strip().partition(" ")
    return simulating.typed(stage.strip(), amount, unit.strip())


def _subject(options: dict[str, Any]) -> Subject:
    path, org = "", None
    if options["place"]:
        place = by_code(options["place"])
        if place is None:
            raise CommandError(_("没有编码为“%(code)s”的地点。") % {"code": options["place"]})
        path = place.path
    if options["organisation"]:
        org = directory.by_code(options["organisation"])
        if org is None:
            raise CommandError(_("没有编码为“%(code)s”的单位。") % {"code": options["organisation"]})
    return subject_of(path, org)


@contextmanager
def telling(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(str(_("推演")), total=total)
        yield lambda done: bar.update(task, completed=done)
