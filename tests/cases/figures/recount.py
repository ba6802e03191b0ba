"""Every figure counted again in plain Python over exported rows, read off the words of the contract and sharing
no code with the product: not its conditions, not its periods, not its ORM."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection

Row = dict[str, Any]
Pair = tuple[int, int]
STAGE_FIGURES = {
    "accept": "accept_on_time",
    "dispatch": "dispatch_on_time",
    "sign": "sign_on_time",
    "contact": "contacted",
    "resolve": "resolve_on_time",
    "feedback": "feedback_on_time",
    "verify": "verify_on_time",
}


@dataclass
class Books:
    """What was exported: whole tables as lists of dicts, organisations and places by id."""

    cases: dict[int, Row]
    clocks: list[Row]
    stays: list[Row]
    reliefs: list[Row]
    voices: list[Row]
    organisations: dict[int, Row]

    @classmethod
    def read(cls) -> Books:
        return cls(
            cases={row["id"]: row for row in _table("cases_case")},
            clocks=_table("cases_clock"),
            stays=_table("cases_holding"),
            reliefs=_table("cases_relief"),
            voices=_table("cases_voice"),
            organisations={row["id"]: row for row in _table("parties_organisation")},
        )

    def as_of_todays_tree(self) -> Books:
        """The same with every row where its place, or the first that took over from it, stands today."""
        places = {row["id"]: row for row in _table("grid_place")}
        heirs: dict[int, int] = {}
        for row in sorted(_table("grid_succession"), key=lambda row: -row["id"]):
            heirs[row["old_id"]] = row["new_id"]  # the first stays

        def today(path: str) -> str:
            place = places[int(path.strip("/").split("/")[-1])]
            while place["retired_at"] is not None and place["id"] in heirs:
                place = places[heirs[place["id"]]]
            return str(place["path"])

        def there(row: Row) -> Row:
            return {**row, "path": today(row["path"])}

        return Books(
            cases={pk: there(row) for pk, row in self.cases.items()},
            clocks=[there(row) for row in self.clocks],
            stays=self.stays,
            reliefs=self.reliefs,
            voices=[there(row) for row in self.voices],
            organisations=self.organisations,
        )


def _table(name: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name}")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass
class Asked:
    """A place's id-path or an organisation's, and [since, until) as instants."""

    since: dt.datetime
    until: dt.datetime
    at: dt.datetime
    place_path: str = ""
    organisation_path: str = ""


def recount(books: Books, asked: Asked) -> dict[str, Pair]:
    units = {
        pk
        for pk, row in books.organisations.items()
        if asked.organisation_path and row["path"].startswith(asked.organisation_path)
    }

    def here(row: Row) -> bool:
        return row["path"].startswith(asked.place_path)

    def whose(row: Row) -> bool:
        return not asked.organisation_path or row["organisation_id"] in units

    def within(instant: dt.datetime | None) -> bool:
        return instant is not None and asked.since <= instant < asked.until

    def counts(case: Row) -> bool:
        return case["status"] != "merged" and not case["excluded"]

    found: dict[str, Pair] = {}
    _clocks(books, asked, here, whose, within, counts, found)
    mine = [
        case
        for case in books.cases.values()
        if here(case) and (not asked.organisation_path or set(case["unit_ids"]) & units)
    ]
    _cases(books, asked, mine, within, counts, found)
    left = [
        stay
        for stay in books.stays
        if stay["ended_by"] == "decline"
        and within(stay["until"])
        and whose(stay)
        and here(books.cases[stay["case_id"]])
        and counts(books.cases[stay["case_id"]])
    ]
    _voices(books, here, whose, within, counts, found)
    found["handling_time"] = _handled(mine, within, counts)
    found["declined_rightly"] = (sum(not _came_back(books, stay) for stay in left), len(left))
    return found


def _handled(
    mine: Iterable[Row], within: Callable[[dt.datetime | None], bool], counts: Callable[[Row], bool]
) -> Pair:
    """(the median of the minutes, rounded, how many)"""
    minutes = [
        case["handling_minutes"]
        for case in mine
        if counts(case) and within(case["resolved_at"]) and case["first_dispatched_at"]
    ]
    return (round(median(minutes)) if minutes else 0, len(minutes))


def _came_back(books: Books, stay: Row) -> bool:
    if books.cases[stay["case_id"]]["holder_id"] == stay["organisation_id"]:
        return True
    return any(
        other["case_id"] == stay["case_id"]
        and other["organisation_id"] == stay["organisation_id"]
        and other["since"] >= stay["until"]
        for other in books.stays
    )


def _clocks(
    books: Books,
    asked: Asked,
    here: Callable[[Row], bool],
    whose: Callable[[Row], bool],
    within: Callable[[dt.datetime | None], bool],
    counts: Callable[[Row], bool],
    found: dict[str, Pair],
) -> None:
    tallies = {code: [0, 0] for code in (*STAGE_FIGURES.values(), "resolved")}
    for clock in books.clocks:
        code = STAGE_FIGURES.get(clock["stage"])
        if code is None or not within(clock["due_at"]) or not here(clock) or not whose(clock):
            continue
        if not counts(books.cases[clock["case_id"]]):
            continue
        if clock["state"] == "paused" or clock["outcome"] == "cancelled":
            continue
        late_or_open = clock["stopped_at"] is None or clock["stopped_at"] > clock["due_at"]
        if clock["outcome"] == "ended" and not late_or_open:
            continue  # another move came before its time was up
        if clock["stopped_at"] is None and clock["due_at"] >= asked.at:
            continue  # nobody knows yet
        met = clock["outcome"] == "met"
        tallies[code][1] += 1
        tallies[code][0] += met and not late_or_open
        if code == "resolve_on_time":
            tallies["resolved"][1] += 1
            tallies["resolved"][0] += met
    found.update({code: (num, den) for code, (num, den) in tallies.items()})


def _voices(
    books: Books,
    here: Callable[[Row], bool],
    whose: Callable[[Row], bool],
    within: Callable[[dt.datetime | None], bool],
    counts: Callable[[Row], bool],
    found: dict[str, Pair],
) -> None:
    mine = [row for row in books.voices if here(row) and whose(row) and counts(books.cases[row["case_id"]])]
    said = [row for row in mine if within(row["rated_at"])]
    told = [row for row in mine if within(row["told_at"])]
    content = ("very_good", "good", "fair")
    found["solved"] = (sum(row["solved"] == "yes" for row in said), len(said))
    found["satisfied"] = (sum(row["step"] in content for row in said), len(said))
    heard = [row for row in told if row["rated_at"] and row["rated_at"] >= row["told_at"]]
    found["rated"] = (len(heard), len(told))


def _cases(
    books: Books,
    asked: Asked,
    mine: Iterable[Row],
    within: Callable[[dt.datetime | None], bool],
    counts: Callable[[Row], bool],
    found: dict[str, Pair],
) -> None:
    granted = {
        kind: {row["case_id"] for row in books.reliefs if row["kind"] == kind and row["state"] == "granted"}
        for kind in ("extension", "hold", "exclusion")
    }
    standing = [case for case in mine if case["status"] != "merged"]
    taken_all = [case for case in standing if within(case["received_at"])]
    taken = [case for case in taken_all if counts(case)]
    done = [case for case in standing if counts(case) and within(case["resolved_at"])]
    first = [case for case in standing if counts(case) and within(case["first_resolved_at"])]
    sent = [case for case in taken if case["first_dispatched_at"]]
    resident = [case for case in taken if case["origin"] == "resident"]
    promised = [
        case
        for case in standing
        if counts(case)
        and within(case["promised_at"])
        and (case["resolved_at"] or case["promised_at"] < asked.at)
        and not (case["status"] in ("rejected", "withdrawn") and not case["resolved_at"])
    ]

    def share(rows: list[Row], says: Callable[[Row], Any]) -> Pair:
        return sum(bool(says(row)) for row in rows), len(rows)

    found["promise_kept"] = share(
        promised, lambda c: c["resolved_at"] and c["resolved_at"] <= c["promised_at"]
    )
    found["settled_at_level"] = share(done, lambda c: c["resolved_level"] == c["raised_level"])
    found["self_settled"] = share(done, lambda c: c["self_settled"])
    found["reworked"] = share(first, lambda c: c["reworks"])
    found["reopened"] = share(first, lambda c: c["reopens"])
    found["declined"] = share(sent, lambda c: c["declines"])
    found["extended"] = share(taken, lambda c: c["id"] in granted["extension"])
    found["held"] = share(taken, lambda c: c["id"] in granted["hold"])
    found["excluded"] = share(taken_all, lambda c: c["id"] in granted["exclusion"])
    found["withdrawn"] = share(taken, lambda c: c["status"] == "withdrawn")
    found["rejected"] = share(taken, lambda c: c["status"] == "rejected")
    found["repeated"] = share(resident, lambda c: c["callers"] > 1 or c["reopens"])
    found["patrol"] = share(taken, lambda c: c["origin"] == "patrol")


# -- what the dashboard counts besides rates

LOCAL = dt.timezone(dt.timedelta(hours=8))
WEEK = dt.timedelta(days=7)


def recount_plain(books: Books, asked: Asked) -> dict[str, Any]:
    """Registrations of the period by origin, channel, hour and grid; what was resolved by level; how many came in the
    weeks before, by item; what is open now, by lamp; callers heard in two cases or more."""
    units = {
        pk
        for pk, row in books.organisations.items()
        if asked.organisation_path and row["path"].startswith(asked.organisation_path)
    }
    mine = [
        case
        for case in books.cases.values()
        if case["path"].startswith(asked.place_path)
        and (not asked.organisation_path or set(case["unit_ids"]) & units)
        and case["status"] != "merged"
        and not case["excluded"]
    ]
    taken = [case for case in mine if asked.since <= case["received_at"] < asked.until]
    done = [case for case in mine if case["resolved_at"] and asked.since <= case["resolved_at"] < asked.until]
    seen = min(asked.until, asked.at) - asked.since
    weeks = min(max(8, 4 * -(-seen // WEEK)), 52)
    found: dict[str, Any] = {
        "origins": {},
        "channels": {},
        "hours": {},
        "spots": {},
        "levels": {},
        "items": {},
    }

    def add(name: str, key: Any) -> None:
        found[name][key] = found[name].get(key, 0) + 1

    for case in taken:
        add("origins", case["origin"])
        add("channels", case["channel"])
        if not case["sensitive"]:
            local = case["received_at"].astimezone(LOCAL)
            add("hours", (local.isoweekday(), local.hour))
            if case["grid_id"] is not None:
                add("spots", case["grid_id"])
    for case in done:
        add("levels", (case["raised_level"], case["resolved_level"]))
    for case in mine:
        if case["item_id"] is None or not asked.since - weeks * WEEK <= case["received_at"] < asked.until:
            continue
        now, before = found["items"].get(case["item_id"], (0, 0))
        is_now = case["received_at"] >= asked.since
        found["items"][case["item_id"]] = (now + is_now, before + (not is_now))
    found["weeks"] = weeks
    return found
