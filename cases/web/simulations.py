"""时限推演: past clocks under other rules, asked for by who writes the rules and who judges by them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError

from cases import simulating, tasks
from cases.models import Simulation
from cases.queries import simulation_pages as queries
from cases.refusals import MoveRefused, not_ready
from cases.sla.policy import Row
from cases.web.answers import go, page, params, plain
from cases.web.asked import subject_asked
from ledger import clock, days
from ledger.actor import Actor
from parties import directory, gate
from parties.gate import OutOfScope, signed_in

logger = logging.getLogger(__name__)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def simulations(request: HttpRequest) -> HttpResponse:
    """GET: what may be tried, and what one tried before. POST: try it."""
    actor, at = request.actor, clock.now()
    admit(actor)
    if request.method != "POST":
        return page(request, "cases/desk/simulations.html", queries.form(actor, at, params(request)))
    posted = {name: plain(value, 200) for name, value in request.POST.items()}
    try:
        asked = ask(actor, at, posted)
    except MoveRefused as refused:
        context = queries.form(actor, at, posted) | {"fault": str(refused.sentence)}
        return page(request, "cases/desk/simulations.html", context, refused.status)
    work_out(asked)
    return go(request, reverse("cases:simulation", args=[asked.pk]))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, or what it came to. POST starts one anew whose worker died."""
    actor = request.actor
    admit(actor)
    asked = Simulation.objects.select_related("place", "organisation").filter(
        pk=pk, asked_by_id=actor.id
    ).first()  # fmt: skip
    if asked is None:
        raise OutOfScope(gate.NOT_FOUND)
    if request.method == "POST":
        work_out(asked)
        return go(request, reverse("cases:simulation", args=[asked.pk]))
    first = params(request).get("first", "")
    start = int(first) if first.isdecimal() and len(first) < 6 else 0
    return page(request, "cases/desk/simulation.html", queries.result(actor, asked, start))


def admit(actor: Actor) -> None:
    """Who may; others 403."""
    gate.admit(actor, next((one for one in simulating.MAY if actor.may(one)), simulating.MAY[0]))


def work_out(asked: Simulation) -> None:
    """A small one at once, a large one by a worker. Without a broker it waits, and its page can start it again."""
    if asked.is_over:
        return
    if asked.total <= simulating.AT_ONCE:
        simulating.run(pk=asked.pk)
        return
    try:
        tasks.simulate.delay(pk=asked.pk)
    except OperationalError:
        logger.warning("no broker: simulation %s waits", asked.pk)


def ask(actor: Actor, at: dt.datetime, posted: Mapping[str, str]) -> Simulation:
    subject, _link = subject_asked(actor, _codes(posted))
    since, until = (_day(posted.get(name, ""), name) for name in ("since", "until"))
    rows = [*_typed(posted), *_proposed(posted)]
    return simulating.ask(
        by=actor,
        at=at,
        since=since,
        until=until,
        subject=subject,
        rows=rows,
        calendar=posted.get("calendar", ""),
    )


def _codes(posted: Mapping[str, str]) -> dict[str, str]:
    """The organisation by its code, or by a name that is one unit's alone."""
    word = posted.get("organisation", "").strip()
    found = (directory.by_code(word) or directory.named(word)) if word else None
    if word and found is None:
        raise not_ready(_("没有找到单位“%(word)s”。") % {"word": word[:40]}, organisation=word)
    return {"place": posted.get("place", ""), "organisation": found.code if found else ""}


def _day(word: str, name: str) -> dt.date:
    try:
        return days.read(word)
    except days.NoDay as wrong:
        raise not_ready(wrong.sentence if word else _("请写明起止日期。"), **{name: word}) from None


def _typed(posted: Mapping[str, str]) -> list[Row]:
    found = []
    for n in range(1, queries.LINES + 1):
        stage, amount = posted.get(f"stage{n}", ""), posted.get(f"amount{n}", "").strip()
        if stage and amount:
            found.append(simulating.typed(stage, amount, posted.get(f"unit{n}", "")))
    return found


def _proposed(posted: Mapping[str, str]) -> list[Row]:
    word = posted.get("policy", "")
    return [simulating.proposed(int(word))] if word.isdecimal() and len(word) < 10 else []
