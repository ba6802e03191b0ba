"""Precision and recall of the offer to join, on a file of real messages."""

from __future__ import annotations

import csv
import gzip
import io
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases import likeness, likeness_trial
from cases.likeness_trial import Message, Trial

THRESHOLDS = (0.12, 0.15, 0.16, 0.18, 0.20, 0.22, 0.25, 0.30, 0.40, 0.60, 0.90)


class Command(BaseCommand):
    help = (
        "Replay messages (CSV, also .gz: row_id, subject, body, sent_at, dup_group) and print precision and recall of "
        "the offer to join at several thresholds: of exact duplicates, and of incidents where --incidents (incident, "
        "row_id) names them."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--incidents", type=Path, help="CSV: incident,row_id; read by people")
        parser.add_argument("--source", default="hot", help="the source_set in which incidents were read")

    def handle(self, *args: Any, file: Path, incidents: Path | None, source: str, **options: Any) -> None:
        rows = _read(file)
        if incidents is not None:
            matters = {row["row_id"]: row["incident"] for row in _read(incidents)}
            within = [row for row in rows if row.get("source_set") == source]
            trial = likeness_trial.replay([_message(row, matters.get(row["row_id"], "")) for row in within])
            self._print(f"incidents in {source!r}, {likeness.DAYS} days back", trial)
        trial = likeness_trial.replay(_message(row, row["dup_group"]) for row in rows if _whole(row))
        self._print(f"exact duplicates (dup_group), {likeness.DAYS} days back", trial)
        trial = likeness_trial.replay(
            (_message(row, row["dup_group"]) for row in rows if _whole(row)), days=None, least=0.3
        )
        self._print("exact duplicates (dup_group), all days", trial)

    def _print(self, title: str, trial: Trial) -> None:
        each = 1000 * trial.seconds / trial.messages if trial.messages else 0
        self.stdout.write(f"{title}: {trial.messages} messages, {each:.2f} ms each")
        self.stdout.write("threshold  precision  recall      F   offered  right  expected")
        for threshold in THRESHOLDS:
            one = trial.at(threshold)
            mark = "  <- default" if threshold == likeness.THRESHOLD else ""
            self.stdout.write(
                f"{threshold:9.2f}  {_rate(one.precision):>9}  {_rate(one.recall):>6}  {_rate(one.f):>5}  "
                f"{one.right + one.wrong:>8}  {one.right:>5}  {one.expected:>8}{mark}"
            )


def _whole(row: dict[str, str]) -> bool:
    """A body that is nothing but a mark or two says nothing about anything."""
    return len(likeness.pairs(row["body"])) >= likeness.TOO_SHORT


def _message(row: dict[str, str], matter: str) -> Message:
    return Message(
        row["row_id"], f"{row['subject']} {row['body']}", likeness_trial.date_of(row["sent_at"]), matter
    )


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _read(path: Path) -> list[dict[str, str]]:
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        csv.field_size_limit(2**24)
        return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise CommandError(f"{path}: {problem}") from problem
