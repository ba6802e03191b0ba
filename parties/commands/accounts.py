"""Accounts and the people behind them: open, close, passwords, keys, preferences, erasure."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.models import AuthToken

from ledger.actor import Actor
from ledger.book import CHAIN, record
from parties import consequences
from parties.access import NotYours, actor_of, require
from parties.commands.reach import require_account
from parties.errors import PartiesRefused
from parties.ids import fresh_id
from parties.models import Account, Person, Posting
from parties.models.accounts import LANGUAGES

KEY_LIFE = dt.timedelta(days=90)
RESERVED = ("new", ".", "..")  # those addresses are something else
# why somebody's phone was shown: codes, for the ledger keeps no words
REASONS = {
    "urgent": gettext_lazy("紧急联系"),
    "handover": gettext_lazy("交接工作"),
    "correct": gettext_lazy("核对资料"),
    "complaint": gettext_lazy("处理投诉"),
}
# why cases were looked for by a caller's phone
SEARCH_REASONS = {
    "progress": gettext_lazy("反映人来问进度"),
    "repeat": gettext_lazy("看是否反映过"),
    "visit": gettext_lazy("回访核对"),
    "urgent_call": gettext_lazy("紧急联系反映人"),
}


@transaction.atomic
def open_account(
    *,
    by: Actor,
    at: dt.datetime,
    username: str,
    name: str = "",
    phone: str = "",
    person: Person | None = None,
    language: str = "zh-hans",
    password: str | None = None,
    must_change_password: bool | None = None,
) -> Account:
    """Open a login for a new person, or a further one for `person`. It may nothing before it is posted.
    Without a password nobody can sign in; one given by somebody else must be changed at the first sign-in."""
    require(by, "accounts")
    username = username.strip().lower()
    if not re.fullmatch(r"[a-z0-9_.@+-]{2,64}", username):
        raise PartiesRefused(
            _("用户名须为 2 至 64 位小写字母、数字或 _ . @ + -。"), fields={"username": username}
        )
    if username in RESERVED:
        sentence = _("“%(username)s”不能作用户名，请换一个。") % {"username": username}
        raise PartiesRefused(sentence, fields={"username": sentence})
    if person is None:
        if not name.strip():
            raise PartiesRefused(_("请填写姓名。"), fields={"name": _("必填")})
        person = Person.objects.create(name=name.strip(), phone=phone.strip())
    account = Account(
        pk=fresh_id(Account),
        username=username,
        person=person,
        language=_language(language),
        opened_at=at,
        must_change_password=password is not None if must_change_password is None else must_change_password,
    )
    account.set_password(
        _checked(password, account)
    ) if password is not None else account.set_unusable_password()
    record(subject=account, event="account.opened", by=by, at=at, payload={"person": person.pk})
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise PartiesRefused(_("用户名已被使用。"), status=409, fields={"username": username}) from None
    return account


@transaction.atomic
def close_account(*, by: Actor, at: dt.datetime, account: Account) -> Account:
    """Nobody signs in with it any more: postings end, keys are gone, open sessions stop at the next click."""
    account = lock(account)
    require_account(by, account, at)
    if by.person_id is not None and by.person_id == account.person_id:
        raise NotYours(_("不能停用自己的账号。"))
    if not account.is_active:
        raise PartiesRefused(_("该账号已停用。"), status=409)
    leaving = consequences.Leaving(account.pk, actor_of(account.pk, at).units)
    live = Posting.objects.filter(Q(until=None) | Q(until__gt=at), account=account)
    live.update(until=Greatest(Value(at), F("since")))
    AuthToken.objects.filter(user=account).delete()
    account.is_active = False
    record(subject=account, event="account.closed", by=by, at=at)
    account.save(update_fields=["is_active", *CHAIN])
    consequences.tell_left(leaving, at, by)
    return account


@transaction.atomic
def set_password(*, by: Actor, at: dt.datetime, account: Account, password: str) -> Account:
    """One's own, or with the right another's, who must then change it at the next sign-in."""
    own = by.id is not None and by.id == account.pk
    account = lock(account)
    if not own:
        require_account(by, account, at)
    account.set_password(_checked(password, account))
    account.must_change_password = not own and not by.system
    record(subject=account, event="account.password_set", by=by, at=at, payload={"own": own})
    account.save(update_fields=["password", "must_change_password", *CHAIN])
    return account


@transaction.atomic
def set_preferences(
    *,
    by: Actor,
    at: dt.datetime,
    account: Account,
    language: str | None = None,
    elder: bool | None = None,
    keys_off: bool | None = None,
) -> Account:
    """How one wants to see it: one's own affair, and no fact for the ledger. None leaves as it is."""
    account = lock(account)
    if by.id != account.pk:
        require_account(by, account, at)
    if language is not None:
        account.language = _language(language)
    if elder is not None:
        account.elder = elder
    if keys_off is not None:
        account.keys_off = keys_off
    account.save(update_fields=["language", "elder", "keys_off"])
    return account


@transaction.atomic
def make_key(*, by: Actor, at: dt.datetime, account: Account) -> str:
    """A new key for programs that act as this account, good for 90 days. It is shown this once: only its
    hash is kept."""
    account = lock(account)
    if by.id != account.pk:
        require_account(by, account, at)
    if not account.is_active:
        raise PartiesRefused(_("该账号已停用。"), status=409)
    token, key = AuthToken.objects.create(user=account, expiry=KEY_LIFE)
    token.expiry = at + KEY_LIFE
    token.save(update_fields=["expiry"])
    record(
        subject=account,
        event="account.key_made",
        by=by,
        at=at,
        payload={"expires_at": token.expiry.isoformat()},
    )
    account.save(update_fields=[*CHAIN])
    return key


@transaction.atomic
def forget_keys(*, by: Actor, at: dt.datetime, account: Account) -> int:
    """Every key of the account stops working; how many there were."""
    account = lock(account)
    if by.id != account.pk:
        require_account(by, account, at)
    n, _rows = AuthToken.objects.filter(user=account).delete()
    record(subject=account, event="account.keys_forgotten", by=by, at=at, payload={"keys": n})
    account.save(update_fields=[*CHAIN])
    return n


@transaction.atomic
def reveal_phone(*, by: Actor, at: dt.datetime, account: Account, reason: str) -> str:
    """A colleague's phone in full, once, for one of REASONS: the ledger keeps who asked and why."""
    account = lock(account)
    require_account(by, account, at)
    if reason not in REASONS:
        raise PartiesRefused(_("请选择为什么要看。"), fields={"reason": _("必选")})
    record(subject=account, event="account.phone_revealed", by=by, at=at, payload={"reason": reason})
    account.save(update_fields=[*CHAIN])
    return account.person.phone


@transaction.atomic
def set_addresses(*, by: Actor, at: dt.datetime, account: Account, email: str, chat_id: str) -> Account:
    """Where messages reach one, beside the inbox; "" for nowhere. One's own affair, and no fact for the ledger."""
    account = lock(account)
    if by.id != account.pk:
        require_account(by, account, at)
    email, chat_id = email.strip(), chat_id.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise PartiesRefused(
                _("邮箱不对，应像 name@example.gov.cn。"), fields={"email": _("请核对。")}
            ) from None
    if len(chat_id) > 64 or not re.fullmatch(r"[\w.@+-]*", chat_id):
        raise PartiesRefused(
            _("群机器人里的账号只能有字母、数字和 . _ @ + -，最多 64 个字。"),
            fields={"chat_id": _("请核对。")},
        )
    account.person.email, account.person.chat_id = email, chat_id
    account.person.save(update_fields=["email", "chat_id"])
    return account


@transaction.atomic
def note_export(*, by: Actor, at: dt.datetime, payload: dict[str, Any]) -> None:
    """Somebody took a list out of the house: what sort, how many rows, by which filters (their names)."""
    _note_own("account.exported", by, at, payload)


@transaction.atomic
def note_phone_search(*, by: Actor, at: dt.datetime, reason: str, found: int) -> None:
    """Somebody looked for cases by a caller's whole phone, for one of SEARCH_REASONS; the number is not kept."""
    if reason not in SEARCH_REASONS:
        raise PartiesRefused(_("请选择为什么要按电话查。"), fields={"reason": _("必选")})
    _note_own("account.phone_searched", by, at, {"reason": reason, "found": found})


def _note_own(event: str, by: Actor, at: dt.datetime, payload: dict[str, Any]) -> None:
    account = Account.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.id)
    record(subject=account, event=event, by=by, at=at, payload=payload)
    account.save(update_fields=[*CHAIN])


@transaction.atomic
def erase_person(*, by: Actor, at: dt.datetime, person: Person) -> Person:
    """Remove a person's name and addresses for good. Their accounts must be closed; what they did stays, unnamed."""
    require(by, "accounts")
    accounts = list(
        Account.objects.select_for_update(no_key=True, of=("self",)).filter(person=person).order_by("pk")
    )
    for account in accounts:
        require_account(by, account, at)
    if any(account.is_active for account in accounts):
        raise PartiesRefused(_("请先停用此人的账号。"), status=409)
    person.name = person.phone = person.email = person.chat_id = ""
    person.erased_at = at
    person.save(update_fields=["name", "phone", "email", "chat_id", "erased_at"])
    for account in accounts:
        record(subject=account, event="person.erased", by=by, at=at, payload={"person": person.pk})
        account.save(update_fields=[*CHAIN])
    return person


def lock(account: Account) -> Account:
    """The account's row, locked: also the lock of everything that hangs on it (postings, keys)."""
    return (
        Account.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person")
        .get(pk=account.pk)
    )


def _language(code: str) -> str:
    if code not in dict(LANGUAGES):
        raise PartiesRefused(_("没有这种语言。"), fields={"language": code})
    return code


def _checked(password: str, account: AbstractBaseUser) -> str:
    try:
        validate_password(password, account)
    except ValidationError as problem:
        raise PartiesRefused(
            " ".join(problem.messages), fields={"password": " ".join(problem.messages)}
        ) from None
    return password
