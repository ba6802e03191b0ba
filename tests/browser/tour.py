"""Every page there is, and who reads it: the round that the tests of access, layout and looks walk."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import resolve

from tests.browser.visitor import Visitor

Finder = Callable[[Visitor], str]


@dataclass(frozen=True)
class Stop:
    """One page: `where` is its address, or finds it on a page before; then `page` is the name of that address. `status`
    is what it answers with. A `variant` is a page that another stop shows already, in another state."""

    name: str
    where: str | Finder
    status: int = 200
    variant: bool = False
    page: str = ""

    @property
    def shows(self) -> str:
        """The name of the address that is open at this stop."""
        return self.page or resolve(urlsplit(self.where).path).view_name

    def go(self, visitor: Visitor) -> None:
        path = self.where if isinstance(self.where, str) else self.where(visitor)
        if not path:
            return  # the finder has opened the page itself
        with visitor.expecting(*([self.status] if self.status != 200 else [])):
            assert visitor.open(path) == self.status, (visitor.username, path)


def first(page: str, selector: str, then: str = "") -> Finder:
    """The first such link of a page; with `then`, an address below the one it goes to."""

    def find(visitor: Visitor) -> str:
        visitor.open(page)
        found = visitor.links(selector)
        assert found, f"{visitor.username} has no {selector} on {page}"
        path = found[0]
        return re.sub(r"[?#].*", "", path) + then if then else path

    return find


COMMUNITY = "370811015001"
CASE = "a.t[href^='/cases/']"
DUTY = "main .tbl a[href^='/rules/duties/']"


def refused_call(visitor: Visitor) -> str:
    """A form sent empty: the refusal on the page."""
    visitor.open("/calls/new/")
    with visitor.expecting(422):
        visitor.page.click(".p-bar button[value=take]")
        visitor.page.locator(".banner.bad[role=alert]").first.wait_for()
    return ""


def wrong_password(visitor: Visitor) -> str:
    visitor.open("/login/")
    visitor.page.fill("#id_username", f"nobody{secrets.token_hex(3)}")  # wrong too often is locked
    visitor.page.fill("#id_password", "wrong")
    visitor.page.click("form button.go")
    visitor.page.locator("#login-fault").wait_for()
    return ""


def no_such_code(visitor: Visitor) -> str:
    visitor.open("/track/")
    visitor.page.fill("#t-code", "12345678")
    visitor.page.fill("#t-tail", "0000")
    with visitor.expecting(404, 422):
        visitor.page.click("form:has(#t-code) button[type=submit]")
        visitor.page.locator(".banner").first.wait_for()
    return ""


def a_new_call(visitor: Visitor) -> str:
    """The page after a call is taken."""
    visitor.open("/calls/new/")
    visitor.page.fill("#f-text", "路口的井盖响得厉害。")
    visitor.page.fill("#f-caller_phone", "13905371234")
    visitor.page.click(".p-bar button[value=take]")
    visitor.page.wait_for_url("**/taken/")
    return ""


def a_report(then: str = "") -> Finder:
    """What somebody without an account sees after reporting; with `then`, an address below it."""

    def find(visitor: Visitor) -> str:
        visitor.open(f"/report/?place={COMMUNITY}")
        visitor.page.fill("#f-text", "楼道灯坏了三天。")
        visitor.page.fill("#f-caller_phone", "13905371234")
        visitor.page.click(".p-bar button[value=send]")
        visitor.page.wait_for_url(re.compile("/track/[0-9]+/"))
        if not then:
            visitor.page.locator("details:has([name=reason]) summary").click()
        return f"{visitor.path}{then}" if then else ""

    return find


def told_by_text(words: str) -> Finder:
    """The page of a caller's own call that the latest text with these words was about, as the tray shows it."""

    def find(visitor: Visitor) -> str:
        visitor.open("/tray/")
        found = visitor.page.locator(".rows > li", has_text=words)
        while not found.count():
            visitor.page.locator(".pager a[rel=next]").click()
            visitor.page.wait_for_load_state()
        text = found.first.inner_text()
        code = re.search(r"查询码\s*([0-9 ]+[0-9])", text)[1].replace(" ", "")
        tail = re.search(r"\*([0-9]{4})", text)[1]
        visitor.open("/track/")
        visitor.page.fill("#t-code", code)
        visitor.page.fill("#t-tail", tail)
        visitor.page.click("form:has(#t-code) button[type=submit]")
        visitor.page.wait_for_url(f"**/track/{code}/")
        return ""

    return find


def found_by_name(visitor: Visitor) -> str:
    """Who has no phone and no code, looked for by the desk."""
    visitor.open("/search/phone/")
    form = visitor.page.locator("form:has([name=name])").first
    form.locator("[name=name]").fill("孟庆芳")
    form.locator("[name=place]").fill(COMMUNITY)
    form.locator("[name=reason]").select_option(index=1)
    form.locator("button[type=submit]").click()
    visitor.page.wait_for_load_state()
    return ""


def a_card_looked_at(visitor: Visitor) -> str:
    """A wish with one step, before it is put on the board."""
    visitor.open(f"/board/{COMMUNITY}/edit/")
    visitor.page.fill("#b-title", "6号楼前加两盏路灯")
    visitor.page.fill("[name=words1]", "选好位置")
    visitor.page.click("button[value=look]")
    visitor.page.locator("#look").wait_for()
    return ""


def a_tried_change(visitor: Visitor) -> str:
    """What would be if a duty row ended, replayed on past cases."""
    visitor.open(first("/rules/duties/?item=0601", DUTY)(visitor))
    visitor.page.locator("details:has(button[value=try_end]) summary").click()
    visitor.page.click("button[value=try_end]")
    visitor.page.wait_for_url("**/drafts/*/")
    visitor.page.click("button[value=replay]")
    visitor.page.locator("#replay .card").first.wait_for()
    return ""


def ticked(way: str, then: str) -> Finder:
    """One case of the desk's list ticked: the page before a move is made for many, or the report after."""

    def find(visitor: Visitor) -> str:
        visitor.open("/desk/")
        visitor.page.locator("input[name=number]").first.check()
        visitor.page.click(f".bulk button[formaction='/bulk/{way}/']")
        visitor.page.wait_for_url(re.compile(then))
        return ""

    return find


def an_export(visitor: Visitor) -> str:
    """Where a file that was asked for lies."""
    visitor.open("/cases/")
    visitor.page.locator("details.menu:has(form[action='/exports/']) summary").click()
    visitor.page.click("button[name=form][value=csv]")
    visitor.page.wait_for_url("**/exports/*/")
    return ""


ANYBODY = [
    Stop("report", "/report/"),
    Stop("report from a sticker", "/report/?place=370811015001", variant=True),
    Stop("board", f"/board/{COMMUNITY}/"),
    Stop("a sheet for the stairwell", f"/board/{COMMUNITY}/poster/"),
    Stop("tray of texts", "/tray/"),
    Stop("offline", "/offline/"),
    Stop("login", "/login/"),
    Stop("login refused", wrong_password, page="parties:login"),
    Stop("track", "/track/"),
    Stop("track refused", no_such_code, page="cases:track"),
    Stop("own call", a_report(), page="cases:tracked"),
    Stop("own slip", a_report("slip/"), page="cases:track_slip"),
    Stop("own call to add to", told_by_text("需要您补充"), page="cases:tracked", variant=True),
    Stop("own call to rate", told_by_text("评价码"), page="cases:tracked", variant=True),
    Stop("no page", "/nothing/here/", 404, page="404"),
]
PHONE_TOURS = {
    "": ANYBODY,
    "wangge": [
        Stop("new call", "/calls/new/"),
        Stop("find a place", "/calls/new/?place_q=3"),
        Stop("refused call", refused_call, page="cases:new_call"),
        Stop("taken", a_new_call, page="cases:taken"),
        Stop("slip", first("/my/", ".call h2 a", "slip/"), page="cases:slip"),
        Stop("todo", "/todo/"),
        Stop("my calls", "/my/"),
        Stop("answered", "/my/?tab=answered", variant=True),
        Stop("closed", "/my/?tab=closed", variant=True),
        Stop("grid", "/grid/"),
        Stop("rounds on the phone", "/rounds/?show=due"),
        Stop("case", first("/my/", ".call h2 a"), page="cases:detail"),
        Stop("case to work on", first("/todo/", ".todo a"), page="cases:detail"),
        Stop("fact", first("/my/", ".call h2 a", "facts/note/"), page="cases:fact"),
        Stop("why", first("/my/", ".call h2 a", "clocks/resolve/why/"), page="cases:why"),
        Stop("notices", "/notices/"),
        Stop("list", "/cases/"),
        Stop("profile", "/profile/"),
        Stop("password", "/profile/password/"),
        Stop("outside", "/cases/GYG20200101-0001/", 404, variant=True),
    ],
}
DESK_TOURS = {
    "jiedao": [
        Stop("desk", "/desk/"),
        Stop("to dispatch", "/desk/?tab=accepted", variant=True),
        Stop("returned", "/desk/?tab=disputes", variant=True),
        Stop("breaching", "/desk/?tab=breaching", variant=True),
        Stop("new call", "/calls/new/"),
        Stop("queue", "/queue/"),
        Stop("list", "/cases/"),
        Stop("list filtered", "/cases/?status=closed", variant=True),
        Stop("nothing found", "/cases/?q=zzzzzz", variant=True),
        Stop("notices", "/notices/"),
        Stop("relief", first("/reliefs/", "main a[href^='/cases/'][href*='/reliefs/']"), page="cases:relief"),
        Stop("dispute", first("/desk/?tab=disputes", "a[href$='/dispute/']"), page="cases:dispute"),
        Stop("claims", "/claims/"),
        Stop("reliefs", "/reliefs/"),
        Stop("search", "/search/?q=路"),
        Stop("search by phone", "/search/phone/"),
        Stop("found by name", found_by_name, page="cases:search_phone", variant=True),
        Stop("saved filters", "/filters/"),
        Stop("export", an_export, page="cases:export"),
        Stop("many at once", ticked("accept_dispatch", "/bulk/accept_dispatch/"), page="cases:bulk"),
        Stop("report of many", ticked("take_up", r"/bulk/\d+/"), page="cases:bulk_run"),
        Stop("closed case", first("/cases/?status=closed,answered", CASE), variant=True, page="cases:detail"),
        Stop("history", first("/cases/", CASE, "history/"), page="cases:history"),
        Stop("standard texts", "/texts/"),
        Stop("notice settings", "/notices/preferences/"),
        Stop("absence", "/absences/"),
        Stop("findings", "/findings/"),
        Stop("dashboard", "/dashboard/"),
        Stop("profile", "/profile/"),
    ],
    "bumen": [
        Stop("queue", "/queue/"),
        Stop("to sign", "/queue/?tab=sign", variant=True),
        Stop("given back", "/queue/?tab=returned", variant=True),
        Stop("case", first("/queue/", CASE), page="cases:detail"),
        Stop("case to sign", first("/queue/?tab=sign", CASE), page="cases:detail"),
        Stop("decline", first("/queue/?tab=sign", CASE, "moves/decline/"), page="cases:move"),
        Stop("why", first("/queue/", CASE, "clocks/resolve/why/"), page="cases:why"),
        Stop("texts to choose from", first("/queue/", CASE, "texts/resolve/"), page="cases:texts_offered"),
        Stop("relief asked", first("/queue/", CASE, "reliefs/new/extension/"), page="cases:relief_ask"),
        Stop("dashboard", "/dashboard/"),
    ],
    "ducha": [
        Stop("a finding proposed", first("/cases/", CASE, "finding/"), page="cases:finding_propose"),
        Stop("a finding", first("/findings/", "main a[href^='/findings/']"), page="cases:finding"),
        Stop("simulations", "/simulations/"),
        Stop("rounds at a desk", "/rounds/?show=late", variant=True),
    ],
    "shequ": [
        Stop("own board", f"/board/{COMMUNITY}/edit/"),
        Stop("a card as the public sees it", a_card_looked_at, page="cases:board_edit", variant=True),
        Stop(
            "case to the board",
            first("/cases/?status=resolved,answered,closed", CASE, "board/"),
            page="cases:case_board",
        ),
    ],
    "fuzeren": [
        Stop("workload", "/workload/"),
        Stop("handing over", "/workload/hand-over/"),
        Stop("failures", "/notices/failures/"),
    ],
    "lingdao": [
        Stop("dashboard", "/dashboard/"),
        Stop("command screen", "/screen/"),
        Stop("a past day on the screen", "/screen/?day=2026-11-20&hour=11", variant=True),
        Stop("ranking of departments", "/dashboard/?group=department", variant=True),
        Stop("a community", first("/dashboard/", ".rk td a"), variant=True, page="cases:dashboard"),
        Stop(
            "cases behind a number",
            first("/dashboard/", ".kpi a.link"),
            page="cases:figure_rows",
        ),
        Stop("what rises", "/dashboard/parts/rising/"),
        Stop("where and when", "/dashboard/parts/spread/"),
        Stop("sources and levels", "/dashboard/parts/shares/", variant=True),
        Stop("heard again", "/dashboard/parts/voices/", variant=True),
        Stop("places walked", "/dashboard/parts/rounds/", variant=True),
        Stop("figures", "/dashboard/figures/"),
        Stop("a figure", "/dashboard/figures/resolve_on_time/"),
        Stop("holders", "/dashboard/holders/"),
        Stop("added later", "/dashboard/later/"),
        Stop("weekly report", "/dashboard/weekly/"),
        Stop("not yours", "/desk/", 403),
    ],
    "admin": [
        Stop("profile", "/profile/"),
        Stop("list", "/cases/"),
        Stop("organisations", "/organisations/"),
        Stop("an organisation", "/organisations/GV24/"),
        Stop("organisations found", "/organisations/?q=cgj", variant=True),
        Stop("people", "/people/"),
        Stop("a person", "/people/wangge/"),
        Stop("a new person", "/people/new/"),
        Stop("people on the ground", "/ground/?place=370811015001"),
        Stop("gaps", "/ground/?place=370811015&gap=no_worker", variant=True),
        Stop("tree", "/tree/"),
        Stop("a place in the tree", f"/tree/{COMMUNITY}/"),
        Stop("tree draft", "/tree/draft/"),
        Stop("tree published", "/tree/published/"),
        Stop("tree retired", "/tree/retired/"),
        Stop("sheets", "/places/sheets/"),
        Stop("boundaries", "/places/boundaries/?root=370811015"),
        Stop("boundary", "/places/370811015001/boundary/"),
        Stop("tree past", "/tree/past/"),
        Stop("unit draft", "/organisations/draft/"),
        Stop("units published", "/organisations/published/"),
        Stop("channels", "/notices/channels/"),
        Stop("gateways", "/notices/gateways/"),
        Stop("rules", "/rules/"),
        Stop("how often rounds", "/rules/rounds/"),
        Stop("calendars", "/rules/calendars/"),
        Stop("a calendar", "/rules/calendars/default/"),
        Stop("deadlines", "/rules/policies/"),
        Stop(
            "a deadline",
            first("/rules/policies/", "main .tbl a[href^='/rules/policies/']"),
            page="cases:policy",
        ),
        Stop("a new deadline", "/rules/policies/new/"),
        Stop("deadlines tried", "/rules/policies/test/"),
        Stop("deadlines adopted", "/rules/policies/adopt/"),
        Stop("clocks laid anew", "/rules/replan/"),
        Stop("duties", "/rules/duties/"),
        Stop("a duty", first("/rules/duties/?item=0601", DUTY), page="cases:duty"),
        Stop("a new duty", "/rules/duties/new/"),
        Stop("holes in the duties", "/rules/duties/check/"),
        Stop("who would get it", "/rules/duties/test/?asked=1&item=0601&place=370811015001"),
        Stop("duties as a sheet", "/rules/duties/sheet/"),
        Stop("suggested duties", "/rules/duties/suggestions/"),
        Stop("a change tried first", a_tried_change, page="cases:duty_draft"),
    ],
    "linju": [Stop("nothing yet", "/my/", variant=True), Stop("nothing to do", "/todo/", variant=True)],
}


def walk(visitor: Visitor, stops: list[Stop]) -> Iterator[str]:
    """Open page after page; the name of each while it stands open."""
    for stop in stops:
        stop.go(visitor)
        if stop.page:
            assert stop.page == "404" or resolve(visitor.path).view_name == stop.page, (
                stop.name,
                visitor.path,
            )
        yield stop.name
