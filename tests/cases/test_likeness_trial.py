"""The replay that says how good the offer to join is; on real messages where they are at hand."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases import likeness, likeness_trial
from cases.likeness_trial import Message

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "messages_dev.csv.gz"
INCIDENTS = Path(__file__).parent / "data" / "incidents.csv"
DAY = dt.date(2026, 11, 2)


def at(n: int, text: str, matter: str = "", key: str = "") -> Message:
    return Message(key or f"m{n}", text, DAY + dt.timedelta(days=n), matter)


def test_counts_what_was_offered_rightly_wrongly_and_not_at_all():
    trial = likeness_trial.replay(
        [
            at(0, "丽发新城旁边的搅拌站夜里施工太吵", "a"),
            at(1, "丽发新城旁边的搅拌站夜里又施工", "a"),
            at(2, "观音阁市场东门的路灯不亮", "b"),
            at(3, "市场里面漆黑一片，请派人来", "b"),
            at(4, "观音阁市场东门的垃圾没人清"),
        ]
    )
    one = trial.at(0.18)
    assert (one.right, one.expected) == (1, 2) and one.recall == 0.5
    assert one.wrong == 1 and one.precision == 0.5 and one.f == 0.5
    assert trial.at(1.1).precision is None and trial.at(1.1).recall == 0


def test_who_comes_after_the_days_is_not_expected():
    said = "丽发新城旁边的搅拌站夜里施工太吵"
    trial = likeness_trial.replay([at(0, said, "a"), at(40, said, "a")])
    assert trial.at(0.1).expected == 0
    assert likeness_trial.replay([at(0, said, "a"), at(40, said, "a")], days=None).at(0.1).right == 1


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2019/7/7 07:28", dt.date(2019, 7, 7)),
        ("2019-07-07 07:28:06", dt.date(2019, 7, 7)),
        ("", None),
        ("2019-02-30", None),
    ],
)
def test_dates_as_people_write_them(written, day):
    assert likeness_trial.date_of(written) == day


def test_an_unreadable_file_is_a_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"none\.csv"):
        call_command("likeness", tmp_path / "none.csv")


@pytest.mark.skipif(not REAL.exists(), reason="the file of real messages is not at hand")
def test_on_real_messages():
    """The threshold is the default's; the labels were read by people, see DECISIONS.md."""
    rows = [row for row in _rows() if row["source_set"] == "hot"]
    matters = dict(line.split(",")[::-1] for line in INCIDENTS.read_text().split()[1:])
    trial = likeness_trial.replay(
        Message(
            row["row_id"],
            f"{row['subject']} {row['body']}",
            likeness_trial.date_of(row["sent_at"]),
            matters.get(row["row_id"], ""),
        )
        for row in rows
    )
    one = trial.at(likeness.THRESHOLD)
    assert one.precision is not None and one.recall is not None
    assert one.precision >= 0.84 and one.recall >= 0.78
    assert trial.seconds / trial.messages < 0.05


def _rows() -> list[dict[str, str]]:
    from cases.management.commands.likeness import _read

    return _read(REAL)


@pytest.mark.parametrize("bad", [b"\xff\xfe\x00", b""])
def test_a_broken_file(tmp_path, bad):
    path = tmp_path / "m.csv"
    path.write_bytes(bad)
    if bad:
        with pytest.raises(CommandError):
            call_command("likeness", path)
    else:
        out = io.StringIO()
        call_command("likeness", path, stdout=out)
        assert "0 messages" in out.getvalue()
