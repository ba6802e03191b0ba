"""Finding a place: by code, name, pinyin, point and sticker.

Whatever was retired leads to what took over. Answers are Places; show them with `queries.places_json`,
so that every result carries its path. The number of statements never grows with the number of results.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import Case, CharField, IntegerField, Q, QuerySet, Value, When

from grid import boundaries, geometry, kinds, naming, queries, tree
from grid import datum as datums
from grid.codes import tidy as tidy_code
from grid.models import Place, PlaceName, Succession

_LETTERS = re.compile(r"^[a-z0-9 '’-]+$", re.IGNORECASE)
_CODE = re.compile(r"^[0-9A-Z-]{2,24}$")
FEW_LETTERS = 2  # an infix of one letter says nothing

EXACT, START, LETTERS_START, INSIDE, LETTERS_INSIDE = range(1, 6)  # how well a hit fits, best first


def by_code(code: str) -> Place | None:
    """The live place that a code leads to, be it an old one; a retired place only when nothing live
    took over (or several did)."""
    code = tidy_code(code)
    place = Place.objects.filter(code=code).first()
    if place is None:
        place = Place.objects.filter(names__kind=PlaceName.Kind.CODE, names__value=code).first()
    return _led_on(place)


def by_codes(codes: Sequence[str]) -> dict[str, Place]:
    """code → place for many codes, in a fixed number of statements; unknown codes are left out."""
    wanted = {tidy_code(code): code for code in codes}
    found = {place.code: place for place in queries.light().filter(code__in=wanted)}
    former = PlaceName.objects.filter(kind=PlaceName.Kind.CODE, value__in=wanted.keys() - found.keys())
    found.update({row.value: row.place for row in former.select_related("place")})
    led = _heirs(list(found.values()))
    return {wanted[code]: led.get(place.pk, place) for code, place in found.items()}


def by_qr(token: str) -> Place | None:
    """The live place that a sticker leads to."""
    row = (
        PlaceName.objects.filter(kind=PlaceName.Kind.QR, value=token.strip().lower())
        .select_related("place")
        .first()
    )
    return _led_on(row.place if row else None)


def heirs(place_id: int) -> list[Place]:
    """The live places that took over from a retired one, over any number of steps, those of its first successor
    first: several where one of them was split, none where nothing took over."""
    ids = queries.all_heirs_of([place_id]).get(place_id, [])
    found = Place.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


def at_point(
    lon: float,
    lat: float,
    *,
    kind: str | None = None,
    within: Place | None = None,
    datum: str = datums.KEPT,
) -> Place | None:
    """The lowest live place whose boundary holds the point (degrees, in `datum`); edges count.

    Of two on one level the smaller wins. Estates lie across grids and are found only when asked for. One
    statement."""
    if datum == datums.GCJ:
        lon, lat = datums.from_gcj(lon, lat)
    hits = [place for place in _around(lon, lat, kind, within) if geometry.covers(place.boundary, lon, lat)]
    if not hits:
        return None
    return min(hits, key=lambda p: (-kinds.rank(p.kind), geometry.size(p.boundary), p.code))


def _around(lon: float, lat: float, kind: str | None, within: Place | None) -> QuerySet[Place]:
    """Those whose box holds the point: the index answers, the exact test is for the few that remain."""
    rows = Place.objects.filter(boundaries.near((lon, lat, lon, lat)), retired_at=None).order_by()
    if within is not None:
        rows = rows.filter(tree.within(within))
    return rows.filter(kind=kind) if kind else rows.exclude(kind=kinds.ESTATE)


def search(q: str, within: Place | None = None, kind: str | None = None, limit: int = 20) -> list[Place]:
    """Live places that fit what somebody typed, best first.

    Understood: a code or its beginning; a name, former name or alias, whole or in part, with or without
    the usual suffix; pinyin from the beginning; initials from the beginning or inside. Names and letters
    that only occur inside are looked for when those that fit better do not fill the list."""
    text = naming.tidy(q)
    if not text or limit < 1:
        return []
    scope = queries.light()
    if within is not None:
        scope = scope.filter(tree.within(within))
    if kind:
        scope = scope.filter(kind=kind)
    found = _hits(scope, _beginnings(text), limit)
    if len(found) < limit:
        known = [place.pk for place in found]
        found += _hits(scope.exclude(pk__in=known), _insides(text), limit - len(found))
    found = _lead_on(found, within, kind)
    queries.lineages(place.path for place in found)  # the paths will be shown: fetch their names together
    return found


Fits = list[tuple[int, Q]]


def _beginnings(text: str) -> Fits:
    """What fits from the start, with how well."""
    normal, code = naming.normal(text), tidy_code(text)
    fits: Fits = [
        (EXACT, Q(name_normal=normal) | _called(normal=normal)),
        (START, Q(name_normal__startswith=normal) | _called(normal__startswith=normal)),
    ]
    if _CODE.match(code):
        fits += [
            (EXACT, Q(code=code) | _coded(value=code)),
            (START, Q(code__startswith=code)),
        ]
    if _LETTERS.match(text):
        letters = _letters(text)
        short = naming.without_suffix_initials(letters)
        fits += [
            (EXACT, Q(name_initials__in={letters, short}) | Q(name_pinyin=letters)),
            (LETTERS_START, Q(name_initials__startswith=letters) | Q(name_pinyin__startswith=letters)),
        ]
    return fits


def _insides(text: str) -> Fits:
    """What fits somewhere inside."""
    normal = naming.normal(text)
    fits: Fits = [
        (
            INSIDE,
            Q(name_normal__contains=normal) | Q(name__contains=text) | _called(normal__contains=normal),
        )
    ]
    if _LETTERS.match(text) and len(letters := _letters(text)) >= FEW_LETTERS:
        fits.append((LETTERS_INSIDE, Q(name_initials__contains=letters)))
    return fits


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _called(**how: str) -> Q:
    names = PlaceName.objects.filter(kind__in=[PlaceName.Kind.NAME, PlaceName.Kind.ALIAS], **how)
    return Q(pk__in=names.values("place_id"))


def _coded(**how: str) -> Q:
    return Q(pk__in=PlaceName.objects.filter(kind=PlaceName.Kind.CODE, **how).values("place_id"))


def _hits(scope: QuerySet[Place], fits: Fits, limit: int) -> list[Place]:
    any_of = Q()
    for _how_well, condition in fits:
        any_of |= condition
    how_well = Case(
        *(When(condition, then=Value(n)) for n, condition in fits),
        default=Value(9),
        output_field=IntegerField(),
    )
    rank = Case(
        *(When(kind=name, then=Value(f"{entry.rank:02d}")) for name, entry in kinds.TABLE.items()),
        default=Value("99"),
        output_field=CharField(),
    )
    live_or_led_on = Q(retired_at=None) | Q(pk__in=Succession.objects.values("old_id"))
    rows = scope.filter(any_of).filter(live_or_led_on)
    return list(rows.annotate(how_well=how_well, rank=rank).order_by("how_well", "rank", "code")[:limit])


def _led_on(place: Place | None) -> Place | None:
    return None if place is None else _heirs([place]).get(place.pk, place)


def _heirs(places: Sequence[Place]) -> dict[int, Place]:
    """id of each retired place among these → its one live heir, where there is one."""
    heirs = queries.heirs_of([place.pk for place in places if not place.is_live])
    live = Place.objects.in_bulk(heirs.values()) if heirs else {}
    return {old: live[new] for old, new in heirs.items() if new in live}


def _lead_on(places: list[Place], within: Place | None, kind: str | None) -> list[Place]:
    """The hits with every retired place replaced by its live heir, each place once, order kept; an heir
    outside of what the search was narrowed to goes."""
    led = _heirs(places)
    found: dict[int, Place] = {}
    for place in places:
        place = led.get(place.pk, place)
        inside = within is None or tree.contains(within.path, place.path)
        if place.is_live and inside and kind in (None, "", place.kind):
            found.setdefault(place.pk, place)
    return list(found.values())
