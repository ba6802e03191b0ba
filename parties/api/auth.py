"""Keys for programs: `Authorization: Token <key>`, hashed, 90 days. One statement for key, account and postings."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from knox.crypto import hash_token
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from ledger import clock
from parties import access
from parties.models import Account


class TokenAuthentication(authentication.BaseAuthentication):
    """Recognises a key and sets `request.actor`; the answer speaks the account's language."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[Account, str] | None:
        words = authentication.get_authorization_header(request).split()
        if not words or words[0].lower() != self.keyword.lower().encode():
            return None
        account = self._holder(words)
        if account is None:
            raise exceptions.AuthenticationFailed(_("密钥无效或已过期。"))
        request._request.actor = account.actor
        translation.activate(account.language)
        return account, "token"

    def authenticate_header(self, request: Request) -> str:
        return self.keyword

    @staticmethod
    def _holder(words: list[bytes]) -> Account | None:
        if len(words) != 2:
            return None
        try:
            digest = hash_token(words[1].decode("ascii"))
        except ValueError:  # no hexadecimal text, so none of our keys
            return None
        return access.load_by_token(digest, clock.now())


def _describe_to_openapi() -> None:
    """The scheme's entry in the schema; found by the generator because the class exists."""
    from drf_spectacular.extensions import OpenApiAuthenticationExtension

    class TokenScheme(OpenApiAuthenticationExtension):
        target_class = TokenAuthentication
        name = "tokenAuth"

        def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
            return {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "Token <key>",
            }


_describe_to_openapi()
