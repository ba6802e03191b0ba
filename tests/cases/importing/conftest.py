from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command


@pytest.fixture
def sheet(tmp_path: Path):
    """Write a CSV: `sheet(rows, name="calls.csv", encoding="utf-8")`; rows are dicts with the same keys."""

    def write(rows: list[dict[str, str]], name: str = "calls.csv", encoding: str = "utf-8") -> Path:
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path, data = tmp_path / name, text.getvalue().encode(encoding)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


class Said:
    """What the command wrote: `totals` from its last line."""

    def __init__(self, out: str, err: str) -> None:
        self.out, self.err = out, err
        self.totals: dict[str, Any] = json.loads(out.strip().splitlines()[-1])


@pytest.fixture
def load():
    """Run import_calls: `load(path, place="…", ref_column="…")`."""

    def run(path: Path | str, **options: Any) -> Said:
        out, err = io.StringIO(), io.StringIO()
        call_command("import_calls", str(path), stdout=out, stderr=err, skip_checks=True, **options)
        return Said(out.getvalue(), err.getvalue())

    return run
