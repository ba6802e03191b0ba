"""manage.py api_key USERNAME: a new key, once, alone on the last line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from ledger import clock
from ledger.actor import system
from parties.commands import make_key
from parties.errors import PartiesRefused
from parties.models import Account


class Command(BaseCommand):
    help = _("为一个账号生成接口密钥：90 天有效，只显示这一次。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help=_("用户名"))

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        try:
            account = Account.objects.get_by_natural_key(username)
            key = make_key(by=system("cli"), at=clock.now(), account=account)
        except Account.DoesNotExist:
            raise CommandError(_("没有用户名为 %(username)s 的账号。") % {"username": username}) from None
        except PartiesRefused as refused:
            raise CommandError(refused.sentence) from None
        self.stderr.write(_("密钥只显示这一次，90 天有效："))
        self.stdout.write(key)
