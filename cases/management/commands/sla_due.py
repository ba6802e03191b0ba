"""`sla_due`: when a deadline falls and why, on one JSON line; many from standard input. No database."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.sla import clock, units
from cases.sla.calendar import DEFAULT, SHANGHAI, OutOfCalendar

LONGEST_LINE = 65_536  # bytes; a question has three short fields


class BadQuestion(ValueError):
    """A question that cannot be answered, with the sentence that says why."""


class Command(BaseCommand):
    help = gettext_lazy("算出一个期限何时到期，并说明理由")
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit", choices=units.UNITS, help=_("时限单位"))
        parser.add_argument("--amount", help=_("数量；hour 与 work_hour 可为小数"))
        parser.add_argument(
            "--from",
            dest="start",
            required=True,
            help=_("起算时刻（ISO 8601；不带时区即北京时间）；写 - 则从标准输入逐行读 {unit, amount, from}"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["start"] == "-":
            self.answer_lines()
            return
        if not options["unit"] or not options["amount"]:
            raise CommandError(_("请写明 --unit 和 --amount。"))
        question = {"unit": options["unit"], "amount": options["amount"], "from": options["start"]}
        try:
            self.say(answer(question))
        except BadQuestion as refusal:
            raise CommandError(str(refusal)) from None

    def answer_lines(self) -> None:
        """One answer per line, in order, each as soon as its question is read."""
        for line in lines_of(sys.stdin):
            self.say(answer_line(line))

    def say(self, said: dict[str, Any]) -> None:
        encoding = getattr(self.stdout._out, "encoding", None) or "utf-8"
        readable = encoding.lower().replace("-", "") == "utf8"
        self.stdout.write(json.dumps(said, ensure_ascii=not readable))
        self.stdout.flush()


def lines_of(stream: Any) -> Iterator[bytes | None]:
    """The lines of a stream, one at a time; None for one too long to be a question."""
    source = getattr(stream, "buffer", None)
    if source is None:  # a text stream without bytes below it
        for text in stream:
            yield text.encode()
        return
    while line := source.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith(b"\n"):
            yield line
            continue
        while (rest := source.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def answer_line(line: bytes | None) -> dict[str, Any]:
    """The answer to one line: {due_at, provisional, why}, or {error}."""
    try:
        if line is None:
            raise BadQuestion(_("这一行太长。"))
        return answer(_parsed(line))
    except BadQuestion as refusal:
        return {"error": str(refusal)}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """When `amount` of `unit` counted from `from` is due, and why. Raises BadQuestion."""
    unit = question.get("unit")
    if unit not in units.UNITS:
        raise BadQuestion(
            _("不认识的单位 %(unit)s；可用：%(units)s。")
            % {"unit": _shown(unit), "units": _("、").join(units.UNITS)}
        )
    try:
        amount = units.amount_of(unit, question.get("amount"))
    except units.NotAnAmount:
        raise BadQuestion(
            _("数量须为大于 0、不过大的数（hour、work_hour 可为小数，其余须为整数）：%(amount)s。")
            % {"amount": _shown(question.get("amount"))}
        ) from None
    anchor = _instant(question.get("from"))
    try:
        asked = clock.start(clock.Rule("due", amount, unit), anchor, anchor, DEFAULT)
    except (OutOfCalendar, OverflowError):
        raise BadQuestion(_("起算或到期时刻超出日历范围（1990 至 2100 年）。")) from None
    return {
        "due_at": DEFAULT.local(asked.due_at).isoformat(),
        "provisional": asked.provisional,
        "why": clock.why(asked, DEFAULT),
    }


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        question = json.loads(line.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadQuestion(_("这一行不是 JSON。")) from None
    if not isinstance(question, dict):
        raise BadQuestion(_("这一行须是含 unit、amount、from 的 JSON 对象。"))
    return question


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _instant(value: Any) -> dt.datetime:
    """An ISO 8601 time; a naive one is Asia/Shanghai."""
    try:
        at = dt.datetime.fromisoformat(value)
        if at.tzinfo is None:
            at = at.replace(tzinfo=SHANGHAI)
        return at.astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        raise BadQuestion(_("读不懂的时刻：%(value)s。") % {"value": _shown(value)}) from None


def _shown(value: Any) -> str:
    """What was given, cut to a readable length."""
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"
