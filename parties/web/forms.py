"""What people type when they sign in."""

from __future__ import annotations

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """One sentence for every wrong answer: it does not tell whether the account exists or is closed."""

    error_messages = {
        "invalid_login": _("账号或密码不对，请再试一次。"),
        "inactive": _("账号或密码不对，请再试一次。"),
    }

    def clean_username(self) -> str:
        return self.cleaned_data["username"].strip().lower()
