"""What all of a draft's doings share: of which tree it is, whose, how it stands, what is written down of it."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from grid.commands.base import NO_REQUEST, Request
from grid.draft_base import DraftBase
from grid.errors import TreeRefused
from grid.followers import Impact
from grid.models import Draft
from ledger import book, clock
from ledger.actor import Actor
from ledger.masking import mask_text

Status = DraftBase.Status
# what may be written of a draft, each under its own name: draft.published, unit_draft.published
EVENTS = (
    "opened",
    "edited",
    "scheduled",
    "recalled",
    "discarded",
    "adopted",
    "published",
    "failed",
)
LONGEST_TYPED = 1000
ADraft = TypeVar("ADraft", bound=DraftBase)
Args = Mapping[str, Any]


class Node(Protocol):
    """What stands in a tree: a place, a unit."""

    pk: Any
    code: Any
    name: Any
    kind: Any


class Now(NamedTuple):
    """How something in the tree stands; `path`: of the place whose history it belongs to, "" for none."""

    name: str
    version: int
    path: str


@dataclass
class Ran:
    """What one step did: in words, with everything it changed (ids), what took over (ids), and the steps that
    take it back."""

    node: Node
    sentence: str
    impacts: list[Impact] = field(default_factory=list)
    touched: list[int] = field(default_factory=list)
    reverse: list[dict[str, Any]] = field(default_factory=list)
    opened: tuple[Node, ...] = ()
    heirs: list[int] = field(default_factory=list)


@dataclass
class Run:
    """One pass through a draft's steps; `made` is what they opened so far, by `~` reference."""

    tree: Tree
    by: Actor
    at: dt.datetime
    basis: str
    request: Request
    made: dict[str, int] = field(default_factory=dict)

    @property
    def why(self) -> dict[str, Any]:
        return {"by": self.by, "at": self.at, "basis": self.basis, "request": self.request}

    def step(self, step: Mapping[str, Any]) -> Ran:
        """Do one step. TreeRefused where it cannot be."""
        ran = self.tree.do(self, step["command"], step["args"])
        for n, node in enumerate(ran.opened, start=1):
            self.made[f"~{step['n']}.{n}"] = node.pk
        if ran.opened:
            self.made[f"~{step['n']}"] = ran.opened[0].pk
        return ran

    def find(self, ref: str) -> Any:
        """The very one that a reference names, or that an earlier step opened."""
        if ref.startswith("~"):
            if ref not in self.made:
                raise TreeRefused(_("它要用的上一步“{ref}”没有做成。").format(ref=ref))
            ref = f"#{self.made[ref]}"
        return self.tree.find(ref)


class Tree(ABC):
    """A tree that can be changed by drafts: what its steps are, and who may. One object for each, registered."""

    model: ClassVar[type[DraftBase]]
    subject: ClassVar[str]  # what its entries call what stands in it, in the plural
    capability: ClassVar[str]
    no_right: Any  # a sentence: may change nothing of it
    no_right_here: Any  # a sentence: may not change this
    takes_along: ClassVar[frozenset[str]]  # commands that change what is below, too

    @abstractmethod
    def read(self, command: str, args: Args) -> dict[str, Any]:
        """The arguments as a step keeps them; see `grid.drafts.reading`."""

    @abstractmethod
    def references(self, command: str, args: Args) -> Iterator[str]:
        """Everything of the tree that a step names."""

    @abstractmethod
    def find(self, ref: str) -> Any:
        """The very one that a code or `#id` names, retired or not. TreeRefused where there is none."""

    @abstractmethod
    def may(self, by: Actor, node: Any) -> bool:
        """May `by` change it?"""

    @abstractmethod
    def do(self, run: Run, command: str, args: Args) -> Ran:
        """One step. TreeRefused where it cannot be."""

    @abstractmethod
    def lock(self, draft: DraftBase) -> None:
        """Everything that the steps can touch."""

    @abstractmethod
    def now(self, ids: Collection[int]) -> dict[int, Now]:
        """How these stand now."""

    @abstractmethod
    def since(self, versions: Mapping[int, int]) -> dict[int, list[str]]:
        """id → what happened to each after it had this version, in words."""

    @abstractmethod
    def names(self, several: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """reference → name of all that these steps name and that stands."""

    @abstractmethod
    def near(self, by: Actor, ids: Collection[int]) -> set[int]:
        """Which of these lie on the ground one works on, below it or above; who reads everything is near to all."""

    @abstractmethod
    def published_where(self, by: Actor) -> Q:
        """The publications of the part of the tree that one may change."""

    def entry_path(self, draft: DraftBase) -> str:
        """The place in whose history the draft's entries stand; "" for none."""
        return draft.path


_trees: dict[type[DraftBase], Tree] = {}


def register(tree: Tree) -> None:
    """Drafts that are rows of this model are of this tree."""
    _trees[tree.model] = tree


def tree_of(draft: DraftBase | type[DraftBase]) -> Tree:
    return _trees[draft if isinstance(draft, type) else type(draft)]


def of(by: Actor, model: type[DraftBase] = Draft) -> QuerySet[Any]:
    """The drafts one may see, newest first: one's own, and what was published where one may change the tree."""
    return mine_or_published(model._default_manager.order_by("-pk"), by)


def mine_or_published(rows: QuerySet[Any], by: Actor) -> QuerySet[Any]:
    if by.system:
        return rows
    published = Q(status=Status.PUBLISHED) & tree_of(rows.model).published_where(by)
    return rows.filter(Q(author_id=by.id) | published)


def due(at: dt.datetime) -> list[DraftBase]:
    """Scheduled drafts of every tree whose midnight has come, the earliest first."""
    found: list[DraftBase] = []
    for model in _trees:
        rows = model._default_manager.filter(status=Status.SCHEDULED, effective_on__lte=clock.local_date(at))
        found += rows.order_by("effective_on", "pk")
    return sorted(found, key=lambda draft: draft.effective_on or dt.date.min)


def left_behind(by: Actor, model: type[DraftBase] = Draft) -> list[Any]:
    """Open drafts that are nobody's any more, all of whose steps one may take; the oldest first."""
    tree = tree_of(model)
    rows = (
        model._default_manager.filter(author_id=None, status=Status.OPEN).exclude(problem="").order_by("pk")
    )
    return [draft for draft in rows[:100] if by.may(tree.capability) and may_all(draft, by)]


def may_all(draft: DraftBase, by: Actor) -> bool:
    """May one change everything that the draft names?"""
    tree = tree_of(draft)
    return all(tree.may(by, tree.find(f"#{pk}")) for pk in named_in(draft))


def named_in(draft: DraftBase) -> list[int]:
    """Ids of all that stands in the tree and is named by a step."""
    return sorted({int(pk) for step in draft.steps for pk in step["base"]})


def mine(draft: ADraft, by: Actor, *statuses: str) -> ADraft:
    if not by.system and draft.author_id != by.id:
        raise TreeRefused(_("这是别人的草稿。"), status=403)
    require_somewhere(by, tree_of(draft))
    return locked(draft, *(statuses or (Status.OPEN,)))


def locked(draft: ADraft, *statuses: str) -> ADraft:
    rows = type(draft)._default_manager.select_for_update(no_key=True, of=("self",))
    draft = rows.get(pk=draft.pk)
    if draft.status not in statuses:
        raise TreeRefused(
            _("这份草稿现在是“{status}”，不能这样改。").format(status=draft.get_status_display()), status=409
        )
    return draft


def require_somewhere(by: Actor, tree: Tree) -> None:
    if not by.may(tree.capability):
        raise TreeRefused(tree.no_right, status=403)


def check_day(day: dt.date | None, at: dt.datetime) -> None:
    if day is not None and day <= clock.local_date(at):
        raise TreeRefused(_("生效日要在今天之后。"), fields={"effective_on": _("已过")})


def tidy_basis(basis: str) -> str:
    """As it is kept and shown: what is a phone in it is masked before it is cut, or a half one would be left."""
    return mask_text(basis.strip()[:LONGEST_TYPED])[:200]


def write(
    draft: ADraft,
    what: str,
    by: Actor,
    at: dt.datetime,
    payload: dict[str, Any] | None = None,
    *fields: str,
    request: Request = NO_REQUEST,
) -> ADraft:
    """One entry, `what` of EVENTS: `draft.edited` of a draft of places, `unit_draft.edited` of one of units."""
    assert what in EVENTS, what
    draft.version += 1
    draft.changed_at = at
    book.record(
        subject=draft,
        event=f"{draft.SUBJECT}.{what}",
        by=by,
        at=at,
        path=tree_of(draft).entry_path(draft),
        payload=payload or {},
        request_key=request.key,
        body_hash=request.body_hash,
    )
    draft.save(update_fields=[*fields, "version", "changed_at", *book.CHAIN])
    return draft
