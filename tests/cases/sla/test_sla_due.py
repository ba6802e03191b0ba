"""`sla_due`: one question from the command line, many from standard input."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

PROJECT = Path(__file__).resolve().parents[3]


def ask(monkeypatch, *lines: str | bytes) -> list[dict]:
    raw = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
    out = io.StringIO()
    call_command("sla_due", "--from", "-", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def line(unit="work_day", amount=2, start="2026-09-30T16:00:00+08:00", **more) -> str:
    return json.dumps({"unit": unit, "amount": amount, "from": start, **more})


def test_one_question():
    out = io.StringIO()
    call_command(
        "sla_due", "--unit", "work_day", "--amount", "2", "--from", "2026-09-30T16:00:00+08:00", stdout=out
    )
    assert out.getvalue().count("\n") == 1
    said = json.loads(out.getvalue())
    assert set(said) == {"due_at", "provisional", "why"}
    assert said["due_at"] == "2026-10-09T17:30:00+08:00" and said["provisional"] is False
    assert "2026-10-01（周四）至 10-07（周三）国庆节放假，不计。" in said["why"]


@pytest.mark.parametrize(
    "given",
    [
        ("--amount", "2"),
        ("--unit", "work_day"),
        ("--unit", "work_day", "--amount", "-2"),
        ("--unit", "week", "--amount", "2"),
        ("--unit", "work_day", "--amount", "two"),
    ],
)
def test_a_bad_question_is_an_error(given):
    with pytest.raises(CommandError):
        call_command("sla_due", *given, "--from", "2026-09-30T16:00:00+08:00")
    with pytest.raises(CommandError):
        call_command("sla_due", "--unit", "day", "--amount", "2", "--from", "yesterday")


def test_many_questions(monkeypatch):
    said = ask(
        monkeypatch,
        line(),
        line(start="2026-09-30T16:00:00"),  # naive: Asia/Shanghai
        line(start="2026-09-30T08:00:00Z"),
        line("hour", 0.5),
        line("work_hour", 0.1),
        line("legal_day", 3),
        line(start="2026-12-30T09:00:00+08:00"),
        line("day", "2"),
    )
    assert [one["due_at"] for one in said] == [
        "2026-10-09T17:30:00+08:00",
        "2026-10-09T17:30:00+08:00",
        "2026-10-09T17:30:00+08:00",
        "2026-09-30T16:30:00+08:00",
        "2026-09-30T16:06:00+08:00",
        "2026-10-09T00:00:00+08:00",
        "2027-01-04T17:30:00+08:00",
        "2026-10-02T16:00:00+08:00",
    ]
    assert [one["provisional"] for one in said] == [False] * 6 + [True, False]


def test_bad_lines_answer_in_their_place(monkeypatch):
    bad = [
        "not json",
        "",
        "[1, 2]",
        "null",
        "{}",
        b"\xff\xfe",
        "[" * 100_000,
        "9" * 5000,
        line("week"),
        line(unit=None),
        line(unit=["day"]),
        line("until"),
        line(amount=-1),
        line(amount=0),
        line(amount=1.5),
        line(amount=None),
        line(amount=True),
        line(amount=10**9),
        line(amount="x"),
        '{"unit": "hour", "amount": NaN, "from": "2026-09-30T16:00:00"}',
        '{"unit": "hour", "amount": 1e999, "from": "2026-09-30T16:00:00"}',
        line(start="2026-02-30T10:00:00"),
        line(start="tomorrow"),
        line(start=""),
        line(start=None),
        line(start=20260930),
        line(start="0001-01-01T00:00:00+08:00"),
        line(start="9999-12-31T23:59:59-08:00"),
        line(start="1989-12-31T23:00:00+08:00"),
        line("work_day", 40_000),
        line("hour", 1_000_000),
        line(x="y" * 200_000),
    ]
    said = ask(monkeypatch, *(part for one in bad for part in (one, line())))
    assert len(said) == 2 * len(bad)
    for given, refusal, good in zip(bad, said[::2], said[1::2], strict=True):
        assert set(refusal) == {"error"} and refusal["error"].endswith("。"), given
        assert good["due_at"] == "2026-10-09T17:30:00+08:00"


def test_the_last_line_needs_no_newline(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line().encode()), encoding="utf-8"))
    out = io.StringIO()
    call_command("sla_due", "--from", "-", stdout=out)
    assert len(out.getvalue().splitlines()) == 1


def run(questions: bytes) -> subprocess.CompletedProcess[bytes]:
    """The command as people run it, in a folder where no database could be."""
    return subprocess.run(
        [sys.executable, "manage.py", "sla_due", "--from", "-"],
        cwd=PROJECT,
        input=questions,
        capture_output=True,
        check=False,
        timeout=120,
        env={
            **os.environ,
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
            "REDIS_URL": "redis://127.0.0.1:1",
        },
    )


def test_twenty_thousand_lines_without_a_database():
    kinds = [("work_hour", 9), ("work_day", 10), ("legal_day", 15), ("day", 2), ("hour", 6)]
    days = [
        f"{2018 + n % 9}-{1 + n % 12:02}-{1 + n % 28:02}T{n % 24:02}:{n % 60:02}:00" for n in range(20_000)
    ]
    questions = "".join(line(*kinds[n % 5], day) + "\n" for n, day in enumerate(days)).encode()
    began = time.perf_counter()
    done = run(questions)
    took = time.perf_counter() - began
    assert done.returncode == 0, done.stderr.decode()
    answers = done.stdout.splitlines()
    assert len(answers) == 20_000 and not any(b'"error"' in answer for answer in answers)
    assert took < 30, f"{took:.1f} s"


def test_an_answer_comes_before_the_next_question():
    """It streams: whoever asks one question at a time is answered one at a time."""
    env = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    with subprocess.Popen(
        [sys.executable, "manage.py", "sla_due", "--from", "-"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=env,
    ) as process:
        for _ in range(3):
            process.stdin.write(line().encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["due_at"].startswith("2026-10-09")
        process.stdin.close()
        assert process.wait(timeout=30) == 0
