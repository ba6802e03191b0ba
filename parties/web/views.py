"""Sign in, sign out, one's own settings, and where everybody's day begins."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from ledger import clock
from parties import commands
from parties.errors import PartiesRefused
from parties.middleware import MUST_CHANGE
from parties.models.accounts import LANGUAGES
from parties.privacy import mask_phone
from parties.queries import postings_of
from parties.roles import home_of
from parties.web import preferences
from parties.web.forms import LoginForm


class SignIn(LoginView):
    """The login page; `next` is followed only within this site."""

    template_name = "parties/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: LoginForm) -> HttpResponse:
        response = super().form_valid(form)
        if form.get_user().must_change_password:
            self.request.session[MUST_CHANGE] = True
        return response


class SignOut(LogoutView):
    """POST only: a link in a mail must sign nobody out."""

    http_method_names = ["post", "options"]


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """To the first screen of one's role."""
    return redirect(home_of(request.actor.roles))


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Who one is here, and how one wants to see it."""
    account, refusal = request.user, ""
    if request.method == "POST":
        try:
            account = commands.set_preferences(
                by=request.actor,
                at=clock.now(),
                account=account,
                language=request.POST.get("language", account.language),
                elder=request.POST.get("elder") == "1",
                keys_off=request.POST.get("keys_off") == "1",
            )
        except PartiesRefused as refused:
            refusal = refused.sentence
        else:
            with override(account.language):
                messages.success(request, _("已保存。"))
            return redirect("parties:profile")
    context = {
        "person": {
            "name": account.person.name,
            "username": account.username,
            "phone": mask_phone(account.person.phone),
        },
        "postings": postings_of(account, clock.now()),
        "language": account.language,
        "languages": LANGUAGES,
        "elder": account.elder,
        "keys_off": account.keys_off,
        "refusal": refusal,
    }
    return render(request, "parties/profile.html", context, status=422 if refusal else 200)


@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the session goes on, others end."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = commands.set_password(
                by=request.actor,
                at=clock.now(),
                account=request.user,
                password=form.cleaned_data["new_password1"],
            )
        except PartiesRefused as refused:
            form.add_error("new_password1", refused.sentence)
        else:
            update_session_auth_hash(request, account)
            request.session.pop(MUST_CHANGE, None)
            messages.success(request, _("密码已改。"))
            return redirect("parties:profile")
    context = {"form": form, "must": bool(request.session.get(MUST_CHANGE))}
    return render(request, "parties/password.html", context, status=422 if form.errors else 200)


@require_POST
def set_preferences(request: HttpRequest) -> HttpResponse:
    """Language or large type from any page, signed in or not, and back to it."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("parties:home")
    language, elder = request.POST.get("language"), request.POST.get("elder")
    language = language if language in dict(LANGUAGES) else None
    large = None if elder is None else elder == "1"
    if request.user.is_authenticated:
        commands.set_preferences(
            by=request.actor, at=clock.now(), account=request.user, language=language, elder=large
        )
    return preferences.keep(redirect(target), language=language, elder=large)
