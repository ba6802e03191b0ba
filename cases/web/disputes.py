"""退回与争议 of one case: what a desk looks at before it rules, and 认领: the board of what is open to claims."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.queries import claims as boards
from cases.queries import detail, lists, ordering
from cases.queries import dispute_page as queries
from cases.web import shell
from cases.web.answers import back_of, page, params, plain
from ledger import clock
from parties import gate
from parties.gate import signed_in


@signed_in
@require_safe
def dispute(request: HttpRequest, number: str) -> HttpResponse:
    """The parties with grounds, statements and minutes, the duty rows, past rulings; and the ruling's form."""
    actor, at = request.actor, clock.now()
    opened = detail.open_case(actor, plain(number))
    row = lists.row_of(actor, opened.case, opened.board.rows, at) | {"version": opened.case.version}
    context = {
        "case": row,
        "dispute": queries.page(actor, opened, at),
        "here": request.path,
        "back": back_of(request),
    }
    return page(request, "cases/desk/dispute.html", context)


@signed_in
@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """等人认领, with the form of who may claim; and what one's own units claimed."""
    actor, at, asked = request.actor, clock.now(), params(request)
    if not boards.may_look(actor):
        raise gate.NotYours(_("您没有认领或开放认领的权限。"))
    tab = asked.get("tab", "open")
    tab = tab if tab in boards.TABS else "open"
    wanted = {name: boards.in_tab(actor, name) for name in boards.TABS}
    numbers = shell.count(request, wanted)
    kept = {name: asked[name] for name in ("cursor", "nth") if asked.get(name)} | {"tab": tab}
    found, pager = lists.page_of(boards.with_names(wanted[tab]), ordering.BY_DUE, kept, numbers[tab])
    title, sentence = boards.EMPTY[tab]
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'tab': name})}",
                "count": lists.shown(numbers[name]),
                "late": False,
                "current": name == tab,
            }
            for name, label in boards.TABS.items()
        ],
        "rows": boards.rows_of(actor, found, at),
        "page": pager,
        "here": f"{request.path}?{urlencode({'tab': tab})}",
        "empty": {"title": title, "sentence": sentence},
    }
    return page(request, "cases/desk/claims.html", context)
