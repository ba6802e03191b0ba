"""How often places are walked and visited: the rules in force and to come, and a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases import round_rules
from cases.kinds import ROUNDS
from cases.queries import choices, rounds
from cases.refusals import MoveRefused
from cases.web.answers import go, page, plain
from cases.web.rules import reading
from grid import finding
from grid import kinds as places
from ledger import clock


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """The rules; POST writes one."""
    refusal, status = None, 200
    if request.method == "POST":
        try:
            row = _set(request)
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, "set"), refused.status
        else:
            messages.success(
                request,
                _("%(place)s：%(kind)s从 %(day)s 起%(every)s。")
                % {
                    "place": row.place.name,
                    "kind": ROUNDS[row.kind],
                    "day": row.since.isoformat(),
                    "every": rounds.every_words(row.every_days),
                },
            )
            return go(request, reverse("cases:round_rules"))
    may = request.actor.may("rules")
    context = {
        "rows": rounds.rules(clock.today()),
        "may": may,
        "fields": _fields() if may else [],
        "refusal": refusal,
    }
    return page(request, "cases/rules/rounds.html", context, status)


def _set(request: HttpRequest) -> Any:
    posted = request.POST
    where = plain(posted.get("place", ""), 80).strip()
    if where and finding.by_code(where) is None:  # a name, where it names one
        hits = finding.search(where, limit=2)
        where = hits[0].code if len(hits) == 1 or (hits and hits[0].name == where) else where
    return round_rules.set_rule(
        by=request.actor,
        at=clock.now(),
        place=where,
        since=reading.date(posted.get("since", ""), "since", required=False),
        **{name: plain(posted.get(name, ""), 200) for name in ("place_kind", "kind", "every_days", "basis")},
    )


def _fields() -> list[dict[str, Any]]:
    kinds = {name: places.label(name) for name in places.INNER}
    return [
        {"field": "place", "type": "line", "label": _("在哪里及以下"), "required": True, "hint": _("编码、名称或拼音首字母。")},
        {"field": "place_kind", "type": "choice", "label": _("哪种地点"), "choices": choices.words(kinds), "required": True},
        {"field": "kind", "type": "choice", "label": _("巡查还是走访"), "choices": choices.words(ROUNDS), "required": True},
        {"field": "every_days", "type": "line", "label": _("几天一次"), "required": True, "hint": _("0 是不要求。")},
        {"field": "since", "type": "date", "label": _("生效日"), "hint": _("不填是今天。")},
        {"field": "basis", "type": "line", "label": _("依据"), "required": True, "hint": _("文号或会议。")},
    ]  # fmt: skip
