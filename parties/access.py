"""The permission home: who somebody is at an instant, how far that reaches, and the word no.

`actor_of` reads everything in one statement; `Scope` then filters lists (`place_q`, `organisation_q`)
and judges single objects (`covers_path`, `covers_organisation`) by the same rule, so they cannot drift.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from grid.tree import path_ids
from ledger import versions
from ledger.actor import ANONYMOUS, Actor, Grant
from parties import directory
from parties.models import Account, Person
from parties.roles import CAPABILITIES, DESK_ROLES, ROLES


class NotYours(PermissionDenied):
    """Inside the scope, but without the right. The message is the sentence to show; the edge says 403."""

    @property
    def sentence(self) -> str:
        return str(self)


# -- who
_ACCOUNT = [field.column for field in Account._meta.concrete_fields]
_PERSON = [field.column for field in Person._meta.concrete_fields]
_WHO = "SELECT user_id FROM knox_authtoken WHERE digest = %(digest)s AND (expiry IS NULL OR expiry > %(at)s)"
_SQL = """
SELECT {account}, {person},
       posting.role, posting.place_id, place.path, place.kind, posting.organisation_id,
       posting.account_id, (SELECT lender.person_id FROM parties_account lender WHERE lender.id = posting.account_id),
       posting.substitute_id = account.id AND posting.substitute_from <= %(at)s AND posting.substitute_until > %(at)s,
       (SELECT json_object_agg(name, n)::text FROM ledger_version)
FROM parties_account account
JOIN parties_person person ON person.id = account.person_id
LEFT JOIN parties_posting posting
       ON (posting.account_id = account.id
           OR (posting.substitute_id = account.id
               AND posting.substitute_from <= %(at)s AND posting.substitute_until > %(at)s)
           OR posting.account_id = ANY(ARRAY(
               SELECT absence.account_id FROM parties_absence absence
               WHERE absence.substitute_id = {who} AND absence.ended_at IS NULL
                     AND absence.since <= %(at)s AND absence.until > %(at)s)))
      AND posting.since <= %(at)s AND (posting.until IS NULL OR posting.until > %(at)s)
      AND posting.confirmed_at IS NOT NULL
LEFT JOIN grid_place place ON place.id = posting.place_id
WHERE account.id = {who} AND account.is_active
ORDER BY posting.id
"""


def _statement(who: str) -> str:
    return _SQL.format(
        account=", ".join(f'account."{column}"' for column in _ACCOUNT),
        person=", ".join(f'person."{column}"' for column in _PERSON),
        who=who,
    )


_BY_ID, _BY_DIGEST = _statement("%(id)s"), _statement(f"({_WHO})")


def actor_of(account_id: int | None, at: dt.datetime) -> Actor:
    """The actor behind an account at an instant, with every live posting and those of whom one stands in for; one statement
    (desks and units come from the directory in process). Nobody, or an account that was closed: the anonymous actor, who may nothing."""
    account = load(account_id, at) if account_id is not None else None
    return account.actor if account is not None and account.actor is not None else ANONYMOUS


def load(account_id: int, at: dt.datetime) -> Account | None:
    """The account with its person and `actor`, in one statement; None where it is unknown or closed."""
    return _load(_BY_ID, {"id": account_id, "at": at})


def load_by_token(digest: str, at: dt.datetime) -> Account | None:
    """The same for the holder of an API key, by the key's digest; None where it is unknown or expired."""
    return _load(_BY_DIGEST, {"digest": digest, "at": at})


def _load(statement: str, params: dict[str, object]) -> Account | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall()
    if not rows:
        return None
    first, n = rows[0], len(_ACCOUNT)
    account = Account.from_db(connection.alias, [f.attname for f in Account._meta.concrete_fields], first[:n])
    account.person = Person.from_db(
        connection.alias, [f.attname for f in Person._meta.concrete_fields], first[n : n + len(_PERSON)]
    )
    versions.adopt(json.loads(first[-1] or "{}"))
    account.actor = _actor(account, [row[n + len(_PERSON) : -1] for row in rows], params["at"])
    return account


def _actor(account: Account, rows: list[tuple], at: Any) -> Actor:
    posted = [(grant_of(*row[:5]), *row[5:]) for row in rows if row[0] in ROLES]
    own = [grant for grant, holder, _human, _ab in posted if holder == account.pk]
    lent = [
        replace(grant, lent_by=holder, lender=human)
        for grant, holder, human, ab in posted
        if holder != account.pk and (ab or is_lendable(grant, own))
    ]
    grants = (*own, *lent)
    ranked = sorted(grants, key=lambda grant: ROLES[grant.role].rank)
    return Actor(
        id=account.pk,
        person_id=account.person_id,
        name=account.person.name,
        role=ranked[-1].role if ranked else "",
        grants=grants,
        language=account.language,
        username=account.username,
        at=at,
    )


def is_lendable(grant: Grant, own: Iterable[Grant]) -> bool:
    """May who has these postings stand in by this one of an absent colleague? Works for the same unit and may do the
    same there; so an absence lends ground, and never a right that one has not. No role that a second person confirms."""
    if ROLES[grant.role].waits or grant.unit_id is None:
        return False
    return any(one.unit_id == grant.unit_id and one.capabilities >= grant.capabilities for one in own)


def grant_of(
    role: str,
    place_id: int | None,
    place_path: str | None,
    place_kind: str | None,
    organisation_id: int | None,
) -> Grant:
    """Workers, clerks and dispatchers posted to a place work for its desk; whoever is posted to a unit, for it."""
    unit = directory.by_id(organisation_id)
    desk = directory.desk_of_path(place_path) if place_path and role in DESK_ROLES else None
    works_for = unit or desk
    return Grant(
        role=role,
        capabilities=ROLES[role].capabilities,
        place_id=place_id,
        place_path=place_path or "",
        place_kind=place_kind or "",
        organisation_id=organisation_id,
        organisation_path=unit.path if unit is not None else "",
        unit_id=works_for.id if works_for is not None else None,
    )


# -- how far
DISTRICTS = ("province", "city", "district")


@dataclass(frozen=True)
class Scope:
    """Subtrees, as id-paths, in which somebody's postings grant something; none inside another.

    `units` are the organisations one works for. `reads_all`: the whole (auditors, the system)."""

    places: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    units: frozenset[int] = frozenset()
    reads_all: bool = False

    def place_q(self, field: str = "path") -> Q:
        """Rows whose `field` (an id-path of a place) lies in scope."""
        return self._q(field, self.places)

    def organisation_q(self, field: str = "path") -> Q:
        """Rows whose `field` (an id-path of an organisation) lies in scope."""
        return self._q(field, self.organisations)

    def covers_path(self, path: str) -> bool:
        """Is this place in scope? The same rule as `place_q`."""
        return self.reads_all or any(path.startswith(root) for root in self.places)

    def covers_organisation(self, path: str) -> bool:
        """Is this organisation in scope? The same rule as `organisation_q`."""
        return self.reads_all or any(path.startswith(root) for root in self.organisations)

    @cached_property
    def place_ids(self) -> tuple[int, ...]:
        """The roots of `places`, for rows that carry their ancestors as columns."""
        return tuple(path_ids(path)[-1] for path in self.places)

    @cached_property
    def organisation_ids(self) -> frozenset[int]:
        """Every organisation in the subtrees, and the units one works for; from the directory, no statement."""
        return directory.under(*self.organisations) | self.units

    def _q(self, field: str, roots: tuple[str, ...]) -> Q:
        if self.reads_all:
            return Q()
        found = Q(pk__in=[])
        for root in roots:
            found |= Q(**{f"{field}__startswith": root})
        return found


def scope_of(actor: Actor, capability: str | None = None) -> Scope:
    """Where `actor` may act at all, or may use one capability."""
    if actor.system:
        return Scope(reads_all=True)
    grants = actor.grants if capability is None else actor.grants_for(capability)
    return Scope(
        places=_topmost(grant.place_path for grant in grants),
        organisations=_topmost(grant.organisation_path for grant in grants),
        units=frozenset(grant.unit_id for grant in grants if grant.unit_id is not None),
        reads_all=any("read_all" in grant.capabilities for grant in grants),
    )


def reach_of(actor: Actor, capability: str = "dispatch") -> tuple[str, ...]:
    """The subtrees of organisations (id-paths) to which `actor` may hand work: those one is posted to, and,
    posted to a place, those of its desk: a committee its own, a command centre all of its street or district."""
    if actor.system:
        return ("/",)
    grants = actor.grants_for(capability)
    roots = [grant.organisation_path for grant in grants]
    roots += [directory.authority_at(grant.place_path) for grant in grants if grant.place_path]
    return _topmost(roots)


def reaches(actor: Actor, organisation: str, capability: str = "dispatch") -> bool:
    """Is the organisation (id-path) within `reach_of`?"""
    return any(organisation.startswith(root) for root in reach_of(actor, capability))


def reaches_roots(actor: Actor, capability: str) -> bool:
    """May `actor` use it over what hangs under nothing? Who looks after a whole district or more."""
    return actor.system or any(grant.place_kind in DISTRICTS for grant in actor.grants_for(capability))


def kept_by(actor: Actor, capability: str = "organisations") -> tuple[str, ...]:
    """The subtrees of units (id-paths) that `actor` looks after, or whose people: those in reach; for who looks after a
    district or more also those that no desk commands."""
    free = directory.deskless_roots() if reaches_roots(actor, capability) else ()
    return _topmost([*reach_of(actor, capability), *free])


def keeps(actor: Actor, organisation: str | None, capability: str = "organisations") -> bool:
    """Does `actor` look after the unit (id-path; None: what hangs under none)?"""
    if organisation is None:
        return reaches_roots(actor, capability)
    return organisation.startswith(kept_by(actor, capability))


def _topmost(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted({path for path in paths if path}):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return tuple(kept)


# -- no
def can(actor: Actor, capability: str, *, path: str | None = None, organisation: str | None = None) -> bool:
    """May `actor` use `capability` over this place or organisation (anywhere, when none is given)?"""
    return actor.may(capability, path=path, organisation=organisation)


def require(
    actor: Actor, capability: str, *, path: str | None = None, organisation: str | None = None
) -> None:
    """As `can`, but a no is raised: NotYours with its sentence."""
    if not can(actor, capability, path=path, organisation=organisation):
        word = CAPABILITIES.get(capability, capability)
        raise NotYours(_("您没有在此处“%(capability)s”的权限。") % {"capability": word})
