"""manage.py open_admin USERNAME --name NAME: the first administrator of a real installation."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from grid.models import Place
from ledger import clock
from ledger.actor import system
from parties.commands import open_account, post
from parties.errors import PartiesRefused
from parties.roles import ROLES


class Command(BaseCommand):
    help = _("开通一个系统管理员账号，打印一次性密码（首次登录须修改）。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help=_("用户名"))
        parser.add_argument("--name", required=True, help=_("姓名"))
        parser.add_argument("--place", default="", help=_("管理到哪个地点（编码）；默认第一个区县"))

    @transaction.atomic
    def handle(self, *args: Any, username: str, name: str, place: str, **options: Any) -> None:
        by, at, password = system("cli"), clock.now(), secrets.token_urlsafe(12)
        seats = Place.objects.filter(kind__in=ROLES["admin"].seats, retired_at=None)
        seat = (seats.filter(code=place) if place else seats.filter(kind="district").order_by("code")).first()
        if seat is None:
            raise CommandError(_("没有可以任职的地点，请先导入区县和街道（manage.py import_places）。"))
        try:
            account = open_account(by=by, at=at, username=username, name=name, password=password)
            post(by=by, at=at, account=account, role="admin", place=seat)
        except PartiesRefused as refused:
            raise CommandError(refused.sentence) from None
        self.stderr.write(_("一次性密码，首次登录须修改："))
        self.stdout.write(password)
