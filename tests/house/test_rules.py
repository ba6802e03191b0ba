"""The rules of the house, read off the code itself."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from cases import kinds, lifecycle
from cases.management.commands.lifecycle import PAGE
from cases.models import Case
from cases.models.finding import STATES
from config import wiring, words
from grid.drafts.base import EVENTS
from grid.models import Draft
from ledger import post
from parties import roles
from parties.models import UnitDraft

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "cases", "parties", "grid", "ledger")
CODE = [
    file
    for room in ROOMS
    for file in sorted((PROJECT / room).rglob("*.py"))
    if "migrations" not in file.parts and "__pycache__" not in file.parts
]
TREES = {file.relative_to(PROJECT).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in CODE}
LONGEST = 400
# a bench measures wall time and the supervisor waits by it; neither tells when something happened
TELLS_TIME = {"ledger/clock.py"}
READS_HOST_CLOCK = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "time_ns"), ("timezone", "now"), ("dt", "now"),
}  # fmt: skip
# imports inside functions, each with its reason
LATE_IMPORTS = {
    "config/": "it wires the floors when Django is ready, and some of it runs before Django is",
    "management/commands/": "a command may load what only it needs",
    "apps.py": "Django calls ready() when every model is loaded",
    "cases/sla/": "the words read clocks and policies, so these cannot import them above",
    "parties/api/auth.py": "the schema generator is asked for only where it is there",
}


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = (
                node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            )
            if (owner, node.attr) in READS_HOST_CLOCK:
                yield f"{owner}.{node.attr}", node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            for name in node.names:
                if name.name in ("time", "time_ns"):
                    yield f"time.{name.name}", node.lineno


def test_only_the_clock_reads_the_host_clock():
    strays = [
        f"{name}:{line} {what}"
        for name, tree in TREES.items()
        if name not in TELLS_TIME
        for what, line in calls(tree)
    ]
    assert strays == []


def test_sql_asks_the_database_for_the_time_in_one_place():
    """Rows carry the instants that commands are given; only the sweep and the health check ask the database."""
    found = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and any(word in node.value for word in ("SELECT now()", "CURRENT_TIMESTAMP", "clock_timestamp()"))
    }  # fmt: skip
    assert found <= {"cases/sla/sweep.py", "config/health.py"} | {n for n in found if "/bench/" in n}


def test_no_import_hides_in_a_function():
    hidden = []
    for name, tree in TREES.items():
        if any(name.startswith(known) or known in name for known in LATE_IMPORTS):
            continue
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                hidden += [
                    f"{name}:{node.lineno} {module}"
                    for node in ast.walk(function)
                    for module in _imported(node)
                    if module.split(".")[0] in ROOMS
                ]
    assert hidden == []


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_imports_point_one_way():
    lint = "from importlinter.cli import lint_imports_command as lint; lint()"
    run = subprocess.run(
        [sys.executable, "-c", lint, "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:]


def test_there_is_no_utils():
    assert [name for name in TREES if Path(name).stem in ("utils", "util", "helpers", "misc", "common")] == []


def test_no_module_has_two_subjects():
    long = {name: len((PROJECT / name).read_text(encoding="utf-8").splitlines()) for name in TREES}
    if over := {name: n for name, n in long.items() if n > LONGEST}:
        warnings.warn(f"past {LONGEST} lines: {over}", stacklevel=1)


def test_every_module_says_what_it_is():
    mute = [name for name, tree in TREES.items() if tree.body and not ast.get_docstring(tree)]
    assert [name for name in mute if not name.endswith("/apps.py")] == []


def test_no_signal_receivers():
    """One audit trail, one way of reacting: the ledger's."""
    found = [
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.db.models.signals"
    ]
    assert found == []


# -- events


EVENT = re.compile(
    r"(board|case|draft|part|clock|endpoint|finding|place|account|person|organisation|round|rules)\.[a-z_]+|relief\.(?!ask$|grant$)[a-z_]+"
)


def events_in_the_code() -> set[str]:
    """What is announced: the tables' events, and every word of that form in the code."""
    found = {
        node.value
        for name, tree in TREES.items()
        if name != "config/wiring.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value)
    }
    found -= set(roles.CAPABILITIES)  # finding.confirm is what one may do, not what happened
    found |= {f"finding.{state}" for state in STATES}
    found |= {f"{model.SUBJECT}.{what}" for model in (Draft, UnitDraft) for what in EVENTS}
    return found | set(lifecycle.events()) | {f"clock.{kind}" for kind in ("warned", "breached", "silent")}


def test_every_event_is_wired_or_declared_silent():
    assert set(wiring.REACTIONS) & wiring.SILENT == set()
    declared = set(wiring.REACTIONS) | wiring.SILENT
    assert events_in_the_code() - declared == set(), "say in config/wiring.py who reacts, or that nobody does"
    assert declared - events_in_the_code() == set(), "nobody announces these"


def test_what_is_wired_is_connected():
    connected = post.wired()
    for event, names in wiring.REACTIONS.items():
        assert [name.rpartition(".")[2] for name in connected[event]] == list(names)
        for name in connected[event]:
            assert len(name) <= 80  # the column of a delivery


# -- what is generated


def test_the_lifecycle_page_is_fresh():
    call_command("lifecycle", check=True, stdout=io.StringIO())
    assert "stateDiagram-v2" in PAGE.read_text(encoding="utf-8")


def test_a_stale_page_is_told(monkeypatch, tmp_path):
    from django.core.management import CommandError

    from cases.management.commands import lifecycle as command

    monkeypatch.setattr(command, "PAGE", tmp_path / "LIFECYCLE.md")
    with pytest.raises(CommandError, match=r"manage\.py lifecycle"):
        call_command("lifecycle", check=True, stdout=io.StringIO())
    call_command("lifecycle", stdout=io.StringIO())
    call_command("lifecycle", check=True, stdout=io.StringIO())


def test_the_page_is_the_same_in_every_language():
    from django.utils.translation import override

    from cases import diagram

    chinese = diagram.page()
    with override("en"):
        assert diagram.page() == chinese


def test_every_string_is_translated():
    assert words.faults() == []


def test_no_words_inside_a_formatted_string():
    """Whoever collects the words for translation does not look in there."""
    wrong = []
    for path, whole in TREES.items():
        for node in ast.walk(whole):
            if isinstance(node, ast.JoinedStr):
                calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
                if {getattr(one.func, "id", "") for one in calls} & {"_", "gettext", "ngettext", "pgettext"}:
                    wrong.append(f"{path}:{node.lineno}")
    assert not wrong, wrong


@pytest.mark.django_db
def test_every_migration_is_written():
    call_command("makemigrations", check=True, dry_run=True, stdout=io.StringIO(), verbosity=0)


# -- one home for words


def test_the_database_knows_the_tables_words():
    """The status constraint is made of the very words of the table."""
    (rule,) = [one for one in Case._meta.constraints if one.name == "case_status_known"]
    assert dict(rule.condition.children)["status__in"] == list(kinds.STATUSES)
    used = {status for move in lifecycle.MOVES.values() for status in (*move.sources, *move.to)}
    assert used == set(kinds.STATUSES)


@pytest.mark.django_db
def test_the_database_refuses_other_words():
    from django.db import IntegrityError, connection, transaction

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'case_status_known'"
        )
        (definition,) = cursor.fetchone()
    for status in kinds.STATUSES:
        assert f"'{status}'" in definition
    assert definition.count("::character varying") == len(kinds.STATUSES) or definition.count("'") == 2 * len(
        kinds.STATUSES
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.bulk_create([_row("undone")])


def _row(status: str) -> Case:
    from ledger import clock

    now = clock.now()
    return Case(
        number="X", status=status, level="grid", raised_level="grid", origin="patrol", channel="app",
        place_id=1, holder_id=1, desk_id=1, held_since=now, called_at=now, received_at=now, last_at=now,
    )  # fmt: skip


def test_the_capabilities_of_the_table_are_posted():
    given = set().union(*(role.capabilities for role in roles.ROLES.values()))
    asked = set()
    for row in (*lifecycle.MOVES.values(), *lifecycle.FACTS.values()):
        asked |= set(row.capability.values() if isinstance(row.capability, dict) else [row.capability])
    assert asked - given == {lifecycle.SYSTEM, lifecycle.INTEREST}
