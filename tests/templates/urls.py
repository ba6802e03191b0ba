"""The URL names that pages link to, so that templates can be rendered before and without the views."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import include, path


def nothing(request, **kwargs):
    return HttpResponse("")


def named(app: str, routes: dict[str, str]):
    return include(([path(route, nothing, name=name) for name, route in routes.items()], app))


PARTIES = {
    "home": "",
    "login": "login/",
    "logout": "logout/",
    "profile": "profile/",
    "password": "profile/password/",
    "preferences": "preferences/",
    "units": "organisations/",
    "unit": "organisations/<str:code>/",
    "people": "people/",
    "person_new": "people/new/",
    "person": "people/<str:username>/",
    "ground": "ground/",
}
CASES = {
    "new_call": "m/new/", "similar_calls": "m/similar/", "near_calls": "m/near/", "here": "m/here/", "todo": "m/todo/", "my_calls": "m/calls/", "grid": "m/grid/", "rounds": "rounds/", "round_rules": "rules/rounds/", "desk": "desk/", "queue": "queue/", "list": "cases/",
    "saved_filters": "filters/", "search": "search/", "search_suggest": "search/suggest/", "search_phone": "search/phone/", "exports": "exports/", "bulk": "bulk/<str:move>/",
    "dashboard": "dashboard/", "notices": "notices/", "track": "track/", "track_supply": "track/<str:code>/supply/", "track_withdraw": "track/<str:code>/withdraw/", "track_rate": "track/<str:code>/rate/", "track_code": "track/<str:code>/code/", "report": "report/", "boards": "board/", "board": "board/<str:code>/", "board_edit": "board/<str:code>/edit/", "board_poster": "board/<str:code>/poster/", "case_board": "cases/<str:number>/board/", "attachment": "attachments/<str:pk>/", "outbox": "outbox/", "offline": "offline/", "service_worker": "sw.js", "manifest": "manifest.webmanifest", "detail": "cases/<str:number>/", "texts": "texts/", "paper": "cases/<str:number>/paper/", "history": "cases/<str:number>/history/", "slip": "cases/<str:number>/slip/",
    "move": "cases/<str:number>/moves/<str:move>/", "fact": "cases/<str:number>/facts/<str:fact>/",
    "notice_preferences": "notices/preferences/", "channels": "notices/channels/", "channel": "notices/channels/<int:pk>/<slug:act>/",
    "gateways": "notices/gateways/", "gateway": "notices/gateways/<int:pk>/<slug:act>/", "tray": "tray/",
    "failures": "notices/failures/", "team": "team/", "hand": "team/<str:username>/", "absences": "absences/", "absence_end": "absences/<int:pk>/end/",
}  # fmt: skip

API = {
    "colleagues": "api/v1/cases/<str:number>/colleagues/",
    "live": "api/v1/live/",
    "presence": "api/v1/cases/<str:number>/presence/",
}

urlpatterns = [
    path("", named("parties", PARTIES)),
    path("", named("cases", CASES)),
    path("", named("api", API)),
]
