"""What makes the phone's pages work without a network: the worker that keeps them, the manifest by which they are
installed, and who is signed in when what waited is sent."""

from __future__ import annotations

import hashlib
import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cases.web import shell
from cases.web.answers import page, private
from ledger import clock
from parties.gate import signed_in

PAGES = ("cases:new_call", "cases:todo", "cases:my_calls", "cases:grid")  # the phone's four tabs
LISTS = ("cases:todo", "cases:my_calls")  # whose cases are read beforehand
LOOK = ("wg.css", "mark.svg", "vendor/htmx.min.js", "vendor/icons.svg")
SCRIPTS = (  # of the pages above and of a case's, on the phone
    "after_swap", "autosave", "geolocate", "kept_files", "near", "outbox", "outbox_forms", "outbox_panel", "phone",
    "phone_store", "photo_resize", "read_aloud", "pick", "room", "rounds", "segs", "signature", "voice",
)  # fmt: skip


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker for the whole site, which only this address may give out; hashed names change its
    version with the files."""
    files = [static(name) for name in (*LOOK, *(f"js/{name}.js" for name in SCRIPTS))]
    behind = static("js/service_worker.js")
    told = {
        "version": hashlib.sha256("\n".join([*files, behind]).encode()).hexdigest()[:12],
        "files": files,
        "pages": [reverse(name) for name in PAGES],
        "lists": [reverse(name) for name in LISTS],
        "ground": reverse("cases:grid"),
        "near": reverse("cases:near_calls"),
        "offline": reverse("cases:offline"),
    }
    text = f"self.SHELL = {json.dumps(told)};\nimportScripts({json.dumps(behind)});\n"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """How the phone shows it on its home screen."""
    told = {
        "name": _("呼应"),
        "short_name": _("呼应"),
        "lang": get_language(),
        "start_url": reverse("parties:home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f2f5f9",
        "theme_color": "#1350b0",
        "icons": [
            {"src": static("mark.svg"), "sizes": "any", "type": "image/svg+xml"},
            *(
                {"src": static(f"mark-{side}.png"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
                for side in (192, 512)
                for purpose in ("any", "maskable")
            ),
        ],
        "shortcuts": [{"name": pgettext("a button", "登记"), "url": reverse("cases:new_call")}],
    }  # fmt: skip
    return JsonResponse(told, content_type="application/manifest+json")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What a page that was never read looks like without a network."""
    return page(request, "errors/offline.html", {})


@signed_in
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Whose unsent forms may go now, with a token that is good for them and the time by which they are judged."""
    told = {"me": shell.Shell(request).me, "csrf": get_token(request), "now": clock.now().isoformat()}
    return private(JsonResponse(told))
