"""Where the calls of a file lie: by a column, all at one place, or spread over the grids below by a seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.importing.rows import Row, RowRefused
from grid import finding, kinds, naming, tree
from grid.errors import Unreadable
from grid.models import Place, PlaceName
from parties.models import Posting

QUIET = "linju"  # the demo's stranger: no call ever lies in that account's grid (SPEC §12)


@dataclass(frozen=True)
class Spot:
    """A place as the import looks at it."""

    id: int
    code: str
    path: str
    kind: str
    live: bool


class Places:
    """Finds the place of each row. `base`: the code of the place that `--place` names; `spread`: over the grids
    below the place found (the base, or what the row itself names). Raises Unreadable for a base that is none."""

    def __init__(self, base: str = "", *, spread: bool = False, seed: int = 1) -> None:
        self.spread, self.seed = spread, seed
        self.quiet = quiet_paths()
        self._known: dict[str, Spot | str] = {}  # word → the place, or the sentence that says why not
        self._grids: dict[str, list[Spot]] = {}  # id-path → the grids below
        self.base = self._base(base) if base else None

    def _base(self, word: str) -> Spot:
        self.look_up([word])
        found = self._known[word]
        if isinstance(found, str):
            raise Unreadable(found)
        if found.kind in kinds.UPPER and not self.spread:
            raise Unreadable(
                _("%(code)s 在街道以上：请用街道或以下的地点，或加 --spread grids。") % {"code": word}
            )
        if self.spread and not self._below(found):
            raise Unreadable(_("%(code)s 之下没有网格可以分。") % {"code": word})
        return found

    def look_up(self, words: Iterable[str]) -> None:
        """Find many words at once: codes, also old ones, then names; what was found before is not asked again."""
        wanted = {word for word in words if word and word not in self._known}
        if not wanted:
            return
        for word, place in finding.by_codes(sorted(wanted)).items():
            self._known[word] = _spot(place)
        names = sorted(wanted - self._known.keys())
        if names:
            self._by_name(names)

    def place_of(self, row: Row) -> Spot:
        """Raises RowRefused with the sentence for the row."""
        found: Spot | str | None = self._known.get(row.place) if row.place else self.base
        if found is None:
            raise RowRefused(_("没有写明地点：请用 --place 或 --place-column。"))
        if isinstance(found, str):
            raise RowRefused(found)
        if self.spread and (grids := self._below(found)):
            # hangs on the row's own reference: the same place however often and from wherever it is read
            return Random(f"{self.seed}:{row.ref}").choice(grids)  # noqa: S311  no secret
        if found.kind in kinds.UPPER:
            raise RowRefused(_("%(code)s 在街道以上，不能登记。") % {"code": found.code})
        if found.path.startswith(self.quiet):
            raise RowRefused(_("%(code)s 是演示用的安静网格，不放工单。") % {"code": found.code})
        return found

    def _below(self, spot: Spot) -> list[Spot]:
        if spot.path not in self._grids:
            rows = Place.objects.filter(tree.within(spot.path), kind="grid", retired_at=None).order_by("code")
            found = [_spot(place) for place in rows.only("id", "code", "path", "kind", "retired_at")]
            self._grids[spot.path] = [one for one in found if not one.path.startswith(self.quiet)]
        return self._grids[spot.path]

    def _by_name(self, names: list[str]) -> None:
        normals = {name: naming.normal(name) for name in names}
        called = PlaceName.objects.filter(
            kind__in=[PlaceName.Kind.NAME, PlaceName.Kind.ALIAS], normal__in=normals.values()
        )
        rows = Place.objects.filter(retired_at=None).exclude(kind__in=kinds.UPPER)
        base: Spot | None = getattr(self, "base", None)
        if base is not None:
            rows = rows.filter(tree.within(base.path))
        hits: dict[str, dict[int, Spot]] = {}
        for place in rows.filter(name_normal__in=normals.values()).defer("boundary"):
            hits.setdefault(place.name_normal, {})[place.pk] = _spot(place)
        for alias in called.filter(Q(place__in=rows)).select_related("place"):
            hits.setdefault(alias.normal, {})[alias.place_id] = _spot(alias.place)
        for name, normal in normals.items():
            found = list(hits.get(normal, {}).values())
            if len(found) == 1:
                self._known[name] = found[0]
            elif found:
                self._known[name] = _("有 %(n)s 个地点都叫“%(name)s”，请写编码。") % {
                    "n": len(found),
                    "name": name[:40],
                }
            else:
                self._known[name] = _("没有“%(name)s”这个地点。") % {"name": name[:40]}


def quiet_paths() -> tuple[str, ...]:
    """The id-paths into which no call may be put: in the demo the grid of its stranger."""
    if not settings.DEMO:
        return ()
    posted = Posting.objects.filter(account__username=QUIET, place__isnull=False)
    return tuple(posted.values_list("place__path", flat=True))


def held(ids: Iterable[int]) -> dict[int, Spot]:
    """The places as they are now, kept from moving until the transaction ends; in one order, one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, code, path, kind, retired_at IS NULL FROM grid_place WHERE id = ANY(%s) "
            "ORDER BY id FOR SHARE",
            [sorted(set(ids))],
        )
        return {row[0]: Spot(*row) for row in cursor.fetchall()}


def _spot(place: Place) -> Spot:
    return Spot(place.pk, place.code, place.path, place.kind, place.is_live)
