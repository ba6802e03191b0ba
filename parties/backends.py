"""Signing in, and knowing again who signed in."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from ledger import clock
from parties import access
from parties.models import Account


class PostingsBackend(BaseBackend):
    """A password opens the account; later requests read account, person and live postings in one statement."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None
    ) -> Account | None:
        if username is None or password is None:
            return None
        try:
            account = Account.objects.get_by_natural_key(username)
        except Account.DoesNotExist:
            make_password(password)  # as slow as a wrong password: the delay tells nobody which names exist
            return None
        return account if account.check_password(password) and account.is_active else None

    def get_user(self, user_id: int) -> Account | None:
        return access.load(user_id, clock.now())
