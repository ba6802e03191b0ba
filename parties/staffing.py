"""Who is posted where, for those who post: what they see of accounts and postings, and what they may do, as tables.

Page and interface read the same tables. Which accounts one sees is said in `parties.commands.reach`.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.followers import Impact
from ledger import versions
from ledger.actor import Actor
from parties import commands, consequences
from parties.access import actor_of, scope_of
from parties.commands.reach import accounts_of, seats_of
from parties.errors import PartiesRefused
from parties.gate import NOT_FOUND, NotYours, OutOfScope
from parties.models import Account, Posting
from parties.reading import Field, read
from parties.retrying import retried

SOON = dt.timedelta(days=14)  # a posting that ends within asks for a successor
LETTERS = "abcdefghjkmnpqrstuvwxyz"  # none that is taken for another
DIGITS = "23456789"


# -- what one sees


def may_look(actor: Actor) -> bool:
    """Who posts, and who audits."""
    return actor.may("accounts") or scope_of(actor).reads_all


def must_post(actor: Actor) -> None:
    """NotYours for who only looks."""
    if not actor.may("accounts"):
        raise NotYours(_("您不能管理账号和任职。"))


def postings(actor: Actor) -> QuerySet[Posting]:
    """Every posting, past, present or to come, at a seat in reach."""
    rows = Posting.objects.select_related(
        "account__person", "substitute__person", "place", "organisation", "posted_by"
    )
    return rows.filter(seats_of(actor))


def accounts(actor: Actor, at: dt.datetime) -> QuerySet[Account]:
    """The accounts one sees."""
    return accounts_of(actor, at).select_related("person")


# -- what one may do


@dataclass(frozen=True)
class Act:
    """One thing done to an account or a posting."""

    name: str
    label: Any
    icon: str
    run: Callable[..., Any]
    fields: tuple[Field, ...] = ()
    checks: bool = False  # shown with its consequences before it is done
    danger: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was done: the posting it concerns, if one; what it touches; a secret to be shown this once."""

    account: Account
    posting: Posting | None = None
    impacts: list[Impact] = field(default_factory=list)
    secret: str = ""
    dry_run: bool = False


WHERE = (
    Field(
        "place",
        gettext_lazy("在哪个地点"),
        "place",
        hint=gettext_lazy("填编码、名称或拼音首字母；地点和单位填一个。"),
    ),
    Field("organisation", gettext_lazy("或在哪个单位"), "unit", hint=gettext_lazy("填编码或名称。")),
)
ROLE = Field("role", gettext_lazy("角色"), "role", True)
DUTY = Field(
    "duty",
    gettext_lazy("职务"),
    "duty",
    hint=gettext_lazy("楼组长、引导员按楼栋长任职，再选职务；别的不填。"),
)
SINCE = Field("since", gettext_lazy("从哪天起"), "day", hint=gettext_lazy("不填：马上。"))
UNTIL = Field("until", gettext_lazy("最后一天"), "last_day", hint=gettext_lazy("不填：一直。"))
ON_DUTY = Field("on_duty", gettext_lazy("值班"), "bool")
USERNAME = Field(
    "username", gettext_lazy("用户名"), required=True, hint=gettext_lazy("小写字母、数字，定了不改。")
)
PERSON = (
    USERNAME,
    Field("name", gettext_lazy("姓名"), required=True),
    Field("phone", gettext_lazy("电话")),
    Field("language", gettext_lazy("语言"), "language"),
)


def password_for_once() -> str:
    """Easy to read out, hard to guess: 4 + 4 + 4 signs; it has to be changed at the first sign-in."""
    parts = ["".join(secrets.choice(signs) for _n in range(4)) for signs in (LETTERS, DIGITS, LETTERS)]
    return "-".join(parts)


def _open(*, by: Actor, at: dt.datetime, **person: Any) -> Outcome:
    secret = password_for_once()
    return Outcome(commands.open_account(by=by, at=at, password=secret, **person), secret=secret)


def _post(*, account: Account, by: Actor, at: dt.datetime, since: dt.datetime | None = None, **values: Any):
    since = None if since is not None and since <= at else since  # today is from now on
    return Outcome(account, commands.post(account=account, by=by, at=at, since=since, **values))


def _password(*, account: Account, by: Actor, at: dt.datetime) -> Outcome:
    secret = password_for_once()
    return Outcome(commands.set_password(by=by, at=at, account=account, password=secret), secret=secret)


def _reveal(*, account: Account, by: Actor, at: dt.datetime, reason: str) -> Outcome:
    return Outcome(account, secret=commands.reveal_phone(by=by, at=at, account=account, reason=reason))


def _close(*, account: Account, by: Actor, at: dt.datetime) -> Outcome:
    return Outcome(commands.close_account(by=by, at=at, account=account))


def _on_posting(command: Callable[..., Posting], **fixed: Any) -> Callable[..., Outcome]:
    def run(*, posting: Posting, by: Actor, at: dt.datetime, **values: Any) -> Outcome:
        changed = command(posting=posting, by=by, at=at, **fixed, **values)
        return Outcome(changed.account, changed)

    return run


def _substitute(
    *, posting: Posting, by: Actor, at: dt.datetime, substitute: Account, until: dt.datetime, since=None
) -> Outcome:
    if not accounts(by, at).filter(pk=substitute.pk).exists():
        raise PartiesRefused(_("没有这个账号。"), fields={"substitute": _("没有这个账号。")})
    since = at if since is None or since <= at else since
    changed = commands.set_substitute(
        by=by, at=at, posting=posting, substitute=substitute, since=since, until=until
    )
    return Outcome(changed.account, changed)


SUBSTITUTE = Field("substitute", gettext_lazy("B角的用户名"), "account", True)
LAST = Field("until", gettext_lazy("最后一天"), "last_day", True)
ON_ACCOUNT: dict[str, Act] = {
    act.name: act
    for act in (
        Act("post", gettext_lazy("任职"), "user-plus", _post, (ROLE, DUTY, *WHERE, SINCE, UNTIL, ON_DUTY)),
        Act("password", gettext_lazy("重设密码"), "lock", _password),
        Act("reveal", gettext_lazy("显示电话"), "eye", _reveal,
            (Field("reason", gettext_lazy("为什么要看"), "reason", True),)),
        Act("close", gettext_lazy("停用账号"), "archive", _close, checks=True, danger=True),
    )
}  # fmt: skip
ON_POSTING: dict[str, Act] = {
    act.name: act
    for act in (
        Act("confirm", gettext_lazy("确认任职"), "user-check", _on_posting(commands.confirm_posting)),
        Act("duty", gettext_lazy("开始值班"), "bell-ringing", _on_posting(commands.set_on_duty, on_duty=True)),
        Act("off_duty", gettext_lazy("不再值班"), "bell", _on_posting(commands.set_on_duty, on_duty=False)),
        Act("substitute", gettext_lazy("定 AB 角"), "users", _substitute, (SUBSTITUTE, SINCE, LAST)),
        Act("end_substitute", gettext_lazy("结束 AB 角"), "user", _on_posting(commands.end_substitute)),
        Act("end", gettext_lazy("结束任职"), "logout", _on_posting(commands.end_posting), checks=True, danger=True),
    )
}  # fmt: skip


@retried
def open_account(*, sent: Mapping[str, Any], by: Actor, at: dt.datetime, dry_run: bool = False) -> Outcome:
    """A new person with an account and a password for once."""
    must_post(by)
    return _carried_out(_open, read(PERSON, sent), by, at, dry_run)


@retried
def on_account(
    act: Act, *, username: str, sent: Mapping[str, Any], by: Actor, at: dt.datetime, dry_run: bool = False
) -> Outcome:
    """Do an act to an account one sees, or try it. OutOfScope, NotYours, PartiesRefused."""
    account = find_account(by, username, at)
    left = consequences.Leaving(account.pk, _units(account, at)) if act.checks else None
    return _done(act, {"account": account}, left, sent, by, at, dry_run)


@retried
def on_posting(
    act: Act, *, pk: int, sent: Mapping[str, Any], by: Actor, at: dt.datetime, dry_run: bool = False
) -> Outcome:
    """The same to a posting."""
    posting = find_posting(by, pk)
    left = consequences.leaving(posting, at) if act.checks else None
    return _done(act, {"posting": posting}, left, sent, by, at, dry_run)


def _done(
    act: Act,
    subject: dict[str, Any],
    left: consequences.Leaving | None,
    sent: Mapping[str, Any],
    by: Actor,
    at: dt.datetime,
    dry_run: bool,
) -> Outcome:
    must_post(by)
    impacts = consequences.impacts(left) if left is not None else []
    values = read(act.fields, sent)
    return _carried_out(act.run, {**subject, **values}, by, at, dry_run, impacts)


def _carried_out(
    run: Callable[..., Outcome],
    values: Mapping[str, Any],
    by: Actor,
    at: dt.datetime,
    dry_run: bool,
    impacts: Sequence[Impact] = (),
) -> Outcome:
    """Done, or for a dry run done and taken back, with nothing secret told."""
    with transaction.atomic():
        done = run(by=by, at=at, **values)
        if dry_run:
            transaction.set_rollback(True)
    if dry_run:
        versions.forget()
    return Outcome(done.account, done.posting, list(impacts), "" if dry_run else done.secret, dry_run)


def _units(account: Account, at: dt.datetime) -> frozenset[int]:
    return actor_of(account.pk, at).units


def find_account(actor: Actor, username: str, at: dt.datetime) -> Account:
    account = accounts(actor, at).filter(username=username.replace("\x00", "")).first()
    if account is None:
        raise OutOfScope(NOT_FOUND)
    return account


def find_posting(actor: Actor, pk: int) -> Posting:
    posting = postings(actor).filter(pk=pk).first()
    if posting is None:
        raise OutOfScope(NOT_FOUND)
    return posting
