"""What every page has around it: who I am, where I stand, what waits, where I may go.

`count` asks for a page's own numbers and the frame's in one statement; a page that does not ask pays one
statement when its frame first needs a number, and none where it needs none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import board
from cases.live import tickets, topics
from cases.notices import endpoints, failures
from cases.queries import claims, field, lists, notices, reliefs, views
from cases.queries.addresses import address
from cases.queries.counting import counts, shown
from grid.queries import lineage
from ledger import clock
from ledger.actor import ANONYMOUS, Actor
from parties import directory, staffing
from parties.leading import seen_units
from parties.roles import OUTDOORS
from parties.web.preferences import elder_of

SIMULATES = ("rules", "appraise")
SEES_DASHBOARD = ("accept", "read", "sign", "relief.grant")


def is_field(actor: Actor) -> bool:
    """Does this person work outdoors, on the phone, and at no desk?"""
    return bool(actor.roles) and OUTDOORS.issuperset(actor.roles)


def reads_rules(actor: Actor) -> bool:
    """Does this person keep the rules, or read everything?"""
    return actor.may("rules") or actor.may("read_all")


def context(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    return {"shell": Shell(request)}


def count(
    request: HttpRequest,
    wanted: Mapping[str, QuerySet] | None = None,
    same: Mapping[str, str] | None = None,
    whole: Collection[str] = (),
) -> dict[str, int]:
    """The page's numbers, the frame's counted along; one statement. `same` says which of the frame's the page
    counts itself, under which name; `whole` which of its own are counted to the end."""
    same = same or {}
    found = counts({**_frame(request.actor, same.keys()), **(wanted or {})}, whole)
    found.update({name: found[own] for name, own in same.items()})
    request.frame_counts = found
    return found


def _frame(actor: Actor, counted: Set[str]) -> dict[str, QuerySet]:
    """What the frame counts for this person, but for what the page counts itself."""
    if actor.id is None:
        return {}
    wanted: dict[str, QuerySet] = {"frame:unread": notices.alerting(actor, clock.now())}
    if is_field(actor):
        return {**wanted, "frame:todo": field.todo_rows(actor)}
    at = clock.now()
    if failures.may_look(actor):
        wanted["frame:failures"] = failures.given_up(actor, at)
    if lists.desks_of(actor):
        waiting = views.TABS["desk"]["received"].rows(actor, at)
        wanted |= {"frame:desk": waiting, "frame:desk_late": waiting.filter(lists.late_q(at))}
    if actor.may("relief.grant"):
        wanted["frame:reliefs"] = reliefs.waiting_for(actor)
    if not counted >= {"frame:queue", "frame:queue_late"} and lists.units_of(actor):
        ours = lists.in_hand(actor)
        wanted |= {"frame:queue": ours, "frame:queue_late": ours.filter(lists.late_q(at))}
    return {name: rows for name, rows in wanted.items() if name not in counted}


def frame(actor: Actor) -> dict[str, int]:
    """The frame's numbers alone, for a page that stands open."""
    return counts(_frame(actor, set()))


class Shell:
    """`shell` in the templates; each part is made when a template first asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _actor(self) -> Actor:
        return getattr(
            self._request, "actor", ANONYMOUS
        )  # a page of an error may come before anybody is known

    @cached_property
    def _counts(self) -> dict[str, int]:
        found = getattr(self._request, "frame_counts", None)
        return count(self._request) if found is None else found

    @cached_property
    def name(self) -> str:
        return self._actor.name

    @cached_property
    def unit(self) -> str:
        units = [
            directory.name_of(grant.unit_id, short=True) for grant in self._actor.grants if grant.unit_id
        ]
        return next(iter(units), "")

    @cached_property
    def place(self) -> str:
        paths = [grant.place_path for grant in self._actor.grants if grant.place_path]
        if paths:
            line = list(lineage(min(paths, key=len)).values())
            return " · ".join(place.name for place in line[-2:] if place.kind not in ("province", "city"))
        return self.unit

    @cached_property
    def unread(self) -> int:
        return self._counts.get("frame:unread", 0)

    @cached_property
    def todo(self) -> int:
        return self._counts.get("frame:todo", 0)

    @cached_property
    def elder(self) -> bool:
        return elder_of(self._request)

    @cached_property
    def live(self) -> str:
        """Where this page listens; the view of a case says by `request.live_case` which it may also hear of."""
        heard = topics.of_actor(self._actor)
        if pk := getattr(self._request, "live_case", None):
            heard.append(topics.case(pk))
        return tickets.address(self._request, heard) if heard else ""

    @cached_property
    def me(self) -> str:
        """Whose drafts are kept in this browser: a name that says nothing, and is nobody else's."""
        who = self._actor.id
        return "" if who is None else salted_hmac("huying.drafts", str(who)).hexdigest()[:16]

    @property
    def has_tray(self) -> bool:
        """The demo keeps texts to callers on screen."""
        return bool(settings.DEMO)

    @cached_property
    def keys_off(self) -> bool:
        return bool(getattr(self._request.user, "keys_off", False))

    @cached_property
    def nav(self) -> list[dict[str, Any]]:
        actor = self._actor
        if actor.id is None:
            return []
        if is_field(actor):  # the phone has its own four tabs; this is for the pages it shares with a desk
            return [{"label": _("工作"), "items": self._field_items()}]
        work = [
            self._item("desk", _("受理与派遣"), "cases:desk", "phone-incoming", counted=True)
            if lists.desks_of(actor)
            else None,
            self._item("queue", _("待办队列"), "cases:queue", "inbox", counted=True)
            if lists.units_of(actor)
            else None,
            self._item("workload", _("谁手上有什么"), "cases:workload", "users-group")
            if seen_units(actor)
            else None,
            self._item("reliefs", _("延期与挂账"), "cases:reliefs", "hourglass", counted=True)
            if actor.may("relief.grant") or actor.may("relief.ask")
            else None,
            self._item("claims", _("认领"), "cases:claims", "hand-grab") if claims.may_look(actor) else None,
            self._item("list", _("全部工单"), "cases:list", "files"),
            self._item("new", pgettext("a button", "登记"), "cases:new_call", "circle-plus")
            if actor.may("take")
            else None,
            self._item("board", _("公示板"), "cases:boards", "star")
            if any(grant.place_kind == "community" for grant in actor.grants_for(board.KEEPER))
            else None,
            self._item("notices", _("消息"), "cases:notices", "bell"),
            self._item("failures", _("消息投递"), "cases:failures", "alert-triangle", counted=True)
            if self._counts.get("frame:failures")
            else None,
            self._item("tray", _("短信托盘"), "cases:tray", "message") if self.has_tray else None,
        ]
        groups = [{"label": _("工作"), "items": [item for item in work if item]}]
        boards = []
        if any(actor.may(capability) for capability in SEES_DASHBOARD):
            boards.append(self._item("dashboard", _("运行看板"), "cases:dashboard", "gauge"))
            boards.append(self._item("screen", _("指挥大屏"), "cases:screen", "device-tv"))
            boards.append(self._item("rounds", _("巡查走访"), "cases:rounds", "map-2"))
            boards.append(self._item("findings", _("认定"), "cases:findings", "gavel"))
        if any(actor.may(capability) for capability in SIMULATES):
            boards.append(self._item("simulations", _("时限推演"), "cases:simulations", "player-play"))
        if boards:
            groups.append({"label": _("督办考核"), "items": boards})
        return [*groups, {"label": _("配置"), "items": self._settings()}]

    def _settings(self) -> list[dict[str, Any]]:
        """Where the town is kept: open to read for everybody, for admins to change."""
        items = [self._item("units", _("单位"), "parties:units", "building-bank")]
        if lists.units_of(self._actor) or reads_rules(self._actor):
            items.append(self._item("texts", _("标准用语"), "cases:texts", "message"))
        if self._actor.may("tree"):
            items.insert(0, self._item("tree", _("地点"), "cases:tree", "sitemap"))
            items.append(self._item("sheets", _("地点表"), "parties:sheets", "table"))
            items.append(self._item("boundaries", _("边界"), "parties:boundaries", "map-2"))
        if reads_rules(self._actor):
            items.append(self._item("duties", _("职责行"), "cases:duties", "list-check"))
            items.append(self._item("calendars", _("工作日历"), "cases:calendars", "calendar"))
            items.append(self._item("policies", _("时限规则"), "cases:policies", "hourglass"))
            items.append(self._item("round_rules", _("巡查走访规则"), "cases:round_rules", "adjustments"))
        if endpoints.may_look(self._actor):
            items.append(self._item("channels", _("消息通道"), "cases:channels", "speakerphone"))
        if staffing.may_look(self._actor):
            items.append(self._item("people", _("人员与任职"), "parties:people", "users"))
        if any(grant.place_path for grant in self._actor.grants):
            items.append(self._item("ground", _("一线人员"), "parties:ground", "id-badge-2"))
        return items

    def _field_items(self) -> list[dict[str, Any]]:
        return [
            self._item("new", pgettext("a button", "登记"), "cases:new_call", "camera"),
            {**self._item("todo", _("要我办"), "cases:todo", "clipboard-check"), "count": self.todo or ""},
            self._item("mine", _("我的"), "cases:my_calls", "list-check"),
            self._item("grid", _("网格"), "cases:grid", "map-2"),
            self._item("notices", _("消息"), "cases:notices", "bell"),
            *([self._item("tray", _("短信托盘"), "cases:tray", "message")] if self.has_tray else []),
        ]

    def _item(self, key: str, label: str, name: str, icon: str, *, counted: bool = False) -> dict[str, Any]:
        n = self._counts.get(f"frame:{key}", 0) if counted else 0
        return {
            "key": key,
            "label": label,
            "url": address(name),
            "icon": icon,
            "count": shown(n) if n else "",
            "late": bool(counted and self._counts.get(f"frame:{key}_late")),
        }
