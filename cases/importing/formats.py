"""Which column says what: by options, or by the name of a known file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cases.kinds import KINDS
from grid.errors import Unreadable
from grid.sheets import Row as PlaceRow

Cells = Mapping[str, str]

# what other systems call our kinds, beside our own words
KIND_WORDS = {
    "投诉": "complaint",
    "举报": "complaint",
    "咨询": "enquiry",
    "建议": "suggestion",
    "求决": "problem",
    "求助": "problem",
    "感谢": "praise",
    "表扬": "praise",
    "纠纷": "dispute",
    "代办": "errand",
    "其他": "problem",
}


@dataclass(frozen=True)
class Columns:
    """Names of columns; empty: the file does not say it."""

    text: str = ""
    subject: str = ""
    called_at: str = ""
    ref: str = ""
    place: str = ""
    item: str = ""
    kind: str = ""
    target: str = ""
    closed: str = ""


@dataclass(frozen=True)
class Format:
    """A known file. `text_of`, `place_of`, `channel_of` stand in for a column where several make one;
    `ground` gives the rows of the places that the file speaks of, to be opened before its calls."""

    name: str
    columns: Columns
    signature: frozenset[str] = frozenset()
    origin: str = ""
    channel: str = "import"
    text_of: Callable[[Cells], str] | None = None
    place_of: Callable[[Cells], str] | None = None
    channel_of: Callable[[Cells], str] | None = None
    ground: Callable[[Iterable[Cells]], list[PlaceRow]] | None = None
    uses: frozenset[str] = field(default_factory=frozenset)  # columns that the functions read

    def check(self, header: Iterable[str]) -> None:
        """Raises Unreadable where the file lacks what is to be read from it."""
        if self.text_of is None and not (self.columns.text or self.columns.subject):
            raise Unreadable(_("请用 --text-column 写明哪一列是呼叫的内容。"))
        _check([*vars(self.columns).values(), *sorted(self.uses)], header)


def _check(names: Iterable[str], header: Iterable[str]) -> None:
    columns = list(header)
    lacking = [name for name in names if name and name not in columns]
    if lacking:
        words = {"lacking": _("、").join(lacking), "header": _("、").join(columns)}
        raise Unreadable(_("文件里没有这些列：%(lacking)s。表头是：%(header)s。") % words)


def kind_of(word: str) -> str | None:
    """The kind that a file means by a word: ours by name or label, or a usual word; "" gives the default."""
    word = word.strip()
    if not word or word in KINDS:
        return word
    return KIND_WORDS.get(word) or next((name for name, label in KINDS.items() if str(label) == word), None)


# -- messages: public letters, no place in them

MESSAGES = Format(
    name="messages",
    columns=Columns(text="body", subject="subject", called_at="sent_at", ref="row_id"),
    signature=frozenset({"row_id", "subject", "sent_at", "body"}),
    origin="resident",
)

# -- pingshan: events of a district with their streets and communities, and no text

DISTRICT = "440310"
ABOVE = (
    ("44", "广东省", "province", ""),
    ("4403", "深圳市", "city", "44"),
    (DISTRICT, "坪山区", "district", "4403"),
)
CHANNELS = {
    "12345": "hotline",
    "12319": "hotline",
    "固话投诉": "phone",
    "政府信箱": "web",
    "@坪山": "wechat",
    "美丽深圳": "wechat",
}
TYPES = ("type_l1", "type_l2", "type_l3")


def _text(cells: Cells) -> str:
    """The event's type, from the widest word to the narrowest: all that is known of what was said."""
    return " / ".join(dict.fromkeys(filter(None, (cells.get(name, "").strip() for name in TYPES))))


def _street(cells: Cells) -> str:
    return f"{DISTRICT}{cells['street_id'].strip():0>3}"


def _community(cells: Cells) -> str:
    """Twelve digits: the street's nine and the last three of the community's number."""
    return f"{_street(cells)}{cells['community_id'].strip()[-3:]:0>3}"


def _channel(cells: Cells) -> str:
    return CHANNELS.get(cells["source"].strip(), "import")


def _ground(rows: Iterable[Cells]) -> list[PlaceRow]:
    """The district with what stands above it, and every street and community that a row names."""
    found = {
        code: PlaceRow(n, code, name, kind, above) for n, (code, name, kind, above) in enumerate(ABOVE, 1)
    }
    for cells in rows:
        street, community = _street(cells), _community(cells)
        for code, name, kind, above in (
            (street, cells["street"].strip(), "street", DISTRICT),
            (community, cells["community"].strip(), "community", street),
        ):
            if name and code not in found:
                found[code] = PlaceRow(len(found) + 1, code, name, kind, above)
    return list(found.values())


PINGSHAN = Format(
    name="pingshan",
    columns=Columns(called_at="created_at", ref="event_id", kind="nature"),
    signature=frozenset({"event_id", "created_at", "street_id", "community_id", "type_l1", "nature"}),
    origin="resident",
    text_of=_text,
    place_of=_community,
    channel_of=_channel,
    ground=_ground,
    uses=frozenset({"street_id", "street", "community_id", "community", "source", *TYPES}),
)

FORMATS = {known.name: known for known in (MESSAGES, PINGSHAN)}


def detect(header: Iterable[str]) -> Format | None:
    """The known file that has this header, if it is one."""
    columns = set(header)
    return next((known for known in FORMATS.values() if known.signature <= columns), None)
