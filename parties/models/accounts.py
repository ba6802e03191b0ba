"""A login. It carries no authority of its own: that comes from live postings only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models import Chained
from parties.models.people import Person

if TYPE_CHECKING:
    from ledger.actor import Actor

LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英语"))]


class AccountManager(BaseUserManager["Account"]):
    """Looks accounts up; opening one is `parties.commands.open_account`."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.select_related("person").get(username=(username or "").strip().lower())


class Account(AbstractBaseUser, Chained):
    """One login of one person. Usernames are lower case, so that nobody is kept out by a capital."""

    SUBJECT = "account"

    username = models.CharField(
        _("用户名"), max_length=64, unique=True, validators=[ASCIIUsernameValidator()]
    )
    person = models.ForeignKey(
        Person, verbose_name=_("人员"), on_delete=models.PROTECT, related_name="accounts"
    )
    language = models.CharField(_("语言"), max_length=10, choices=LANGUAGES, default="zh-hans")
    elder = models.BooleanField(_("大字版"), default=False)
    keys_off = models.BooleanField(_("关掉单键快捷键"), default=False)
    must_change_password = models.BooleanField(_("须改密码"), default=False)
    is_active = models.BooleanField(_("启用"), default=True)
    opened_at = models.DateTimeField(_("开通时间"))

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []

    # Nobody enters Django's own admin by being a "staff user": rights are postings, checked in the commands.
    is_staff = False
    is_superuser = False

    # Set by parties.access.load(): the account together with its live postings, in one statement.
    actor: Actor | None = None

    objects = AccountManager()

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        constraints = [
            models.CheckConstraint(
                condition=Q(username__regex=r"^[a-z0-9_.@+-]+$"), name="account_username_lower"
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _label in LANGUAGES]), name="account_language_known"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.person.name

    def get_short_name(self) -> str:
        return self.person.name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False
