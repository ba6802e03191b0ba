"""The sweep beside one set-based statement that does the same writes, and what other writers wait for it.

Each round makes as many clocks due twice, for the sweep and for the statement, in cases of their own among all
open ones, and runs the two in turn. Every due clock has warned before, so each writes one entry, one clock, one
case. The statement computes everything in SQL, the hash chain too, and locks nothing in advance.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction

from cases.bench import rival
from cases.models import Case, Clock
from cases.sla import sweep
from ledger import book
from ledger.models import Entry

# one clock of a case that runs and has not breached; any of them, but not in the order they lie in
PICK = """
    SELECT id, case_id FROM (
        SELECT DISTINCT ON (case_id) id, case_id FROM cases_clock
        WHERE state = 'running' AND stage IN ('resolve', 'feedback') AND breached_at IS NULL
        ORDER BY case_id, id
    ) AS one ORDER BY md5(case_id::text) LIMIT %s
"""
# moved back as a whole until it fell due a moment ago, its warning told
MAKE_DUE = """
    UPDATE cases_clock k SET anchor = anchor - back, started_at = started_at - back, warn_at = warn_at - back,
        due_at = due_at - back, warned_at = warn_at - back, next_at = due_at - back,
        segments = jsonb_build_array(segments->0 || jsonb_build_object('from', to_jsonb(started_at - back)))
    FROM (SELECT id, due_at - %(at)s + interval '1 minute' AS back FROM cases_clock WHERE id = ANY(%(ids)s)) AS m
    WHERE k.id = m.id
"""
WORST = """
    UPDATE cases_case c SET next_due_at = k.due_at, next_warn_at = k.warn_at
    FROM cases_clock k WHERE k.id = ANY(%s) AND c.id = k.case_id
"""
STAMP = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
# as Python's isoformat writes it
PLAIN = """(to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
    || CASE date_trunc('second', {0}) WHEN {0} THEN '' ELSE to_char({0}, '.US') END || '+00:00')"""
STATEMENT = f"""
    WITH due AS MATERIALIZED (
        SELECT k.id, k.case_id, k.due_at, greatest(%(at)s, c.last_at) AS at, c.chain_head AS head,
            c.chain_length + 1 AS seq, c.path,
            'clock:' || k.case_id || ':' || k.stage || ':' || k.part || ':' || k.round || ':breached' AS once,
            '{{"due_at":"' || {PLAIN.format("k.due_at")} || '","part":' || k.part || ',"round":' || k.round
                || ',"stage":"' || k.stage || '","true_at":"' || {PLAIN.format("k.due_at")} || '"}}' AS payload
        FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
        WHERE k.next_at <= %(at)s AND k.stage <> ALL (%(terms)s)
    ), hashed AS MATERIALIZED (
        SELECT *, encode(sha256(convert_to('["case",' || case_id || ',' || seq || ',"clock.breached","'
            || {STAMP.format("at")} || '","' || {STAMP.format("now()")} || '",null,"system:sweep","' || path || '",'
            || payload || ',"","","' || once || '","' || head || '"]', 'UTF8')), 'hex') AS hash
        FROM due
    ), told AS (
        INSERT INTO ledger_entry (subject_kind, subject_id, seq, event, at, recorded_at, actor_role, path, payload,
            request_key, body_hash, once, prev_hash, hash, pending)
        SELECT 'case', case_id, seq, 'clock.breached', at, now(), 'system:sweep', path, payload::jsonb, '', '', once,
            head, hash, true FROM hashed
    ), clocks AS (
        UPDATE cases_clock k SET warned_at = k.warned_at, breached_at = k.due_at, silent_at = k.silent_at,
            rungs = k.rungs, next_at = NULL FROM hashed WHERE k.id = hashed.id
    )
    UPDATE cases_case c SET chain_head = hash, chain_length = seq, last_at = hashed.at
    FROM hashed WHERE c.id = hashed.case_id
"""  # noqa: S608


@dataclass
class Way:
    """One of the two, and its seconds per round."""

    name: str
    run: Callable[[dt.datetime], int]
    took: list[float] = field(default_factory=list)

    def rate(self, due: int) -> float:
        return due / statistics.median(self.took)


def by_sweep(at: dt.datetime) -> int:
    return sweep.sweep(at).breached


def by_statement(at: dt.datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"at": at, "terms": list(sweep.TERMS)})
        return cursor.rowcount


def measure(say: Callable[[str], None], *, due: int, rounds: int) -> None:
    """`rounds` in turn, then each once more beside two other writers; a line for each."""
    at = sweep.database_now()  # one instant for all, so that nothing else falls due meanwhile
    sweep.sweep(at)
    ways = [Way("sweep", by_sweep), Way("statement", by_statement)]
    running = Clock.objects.filter(state="running").count()
    say(f"{running} open clocks, {due} due each time")
    for n in range(rounds):
        for way in ways if n % 2 == 0 else reversed(ways):
            way.took.append(_once(way, at, due)[0])
        say("  ".join(f"{way.name} {way.took[-1]:.2f} s" for way in ways))
    for way in ways:
        say(f"{way.name:10} {way.rate(due):8.0f} entries/s")
    ratio = ways[0].rate(due) / ways[1].rate(due)
    say(f"{'ok' if ratio >= 0.5 else 'UNDER'}: one worker's sweep at {ratio:.0%} of the statement (≥ 50 %)")
    for way in ways:
        took, waits = _once(way, at, due, beside=2)
        longest = max(one.longest for one in waits) * 1000
        typical = statistics.median(one.typical for one in waits) * 1000
        verdict = ("ok: " if longest <= 100 else "OVER: ") if way.name == "sweep" else ""
        say(
            f"{verdict}beside the {way.name} ({took:.2f} s) two writers' longest wait {longest:.0f} ms, typical "
            f"{typical:.1f} ms, {sum(one.changes for one in waits)} changes"
        )


def _once(way: Way, at: dt.datetime, due: int, *, beside: int = 0) -> tuple[float, list[rival.Waits]]:
    """Seconds of one run, proved to have done its work, and what the writers beside it waited."""
    clocks, cases = _make_due(due, at)
    waits: list[rival.Waits] = []
    with _rivals(beside, cases, waits):
        began = time.perf_counter()
        done = way.run(at)
        took = time.perf_counter() - began
    if done != due:
        raise RuntimeError(f"{way.name} did {done} of {due}")
    _prove(clocks, cases)
    return took, waits


def _make_due(due: int, at: dt.datetime) -> tuple[list[int], list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(PICK, [due])
        clocks, cases = (list(column) for column in zip(*cursor.fetchall(), strict=True))
        cursor.execute(MAKE_DUE, {"at": at, "ids": clocks})
        cursor.execute(WORST, [clocks])
        cursor.execute("ANALYZE cases_clock")
    if len(clocks) != due:
        raise RuntimeError(f"only {len(clocks)} clocks are left to fall due")
    return clocks, cases


def _prove(clocks: Sequence[int], cases: Sequence[int]) -> None:
    """Every clock is marked and every case's chain ends in an entry that matches its hash."""
    if Clock.objects.filter(pk__in=clocks, breached_at__isnull=False, next_at=None).count() != len(clocks):
        raise RuntimeError("a clock was left out")
    heads = dict(Case.objects.filter(pk__in=cases).values_list("pk", "chain_head"))
    last = Entry.objects.filter(subject_kind="case", subject_id__in=cases, hash__in=list(heads.values()))
    sound = sum(heads[one.subject_id] == one.hash == book.digest(one) for one in last.iterator())
    if sound != len(cases):
        raise RuntimeError(f"{len(cases) - sound} chains are broken")


@contextmanager
def _rivals(n: int, cases: Sequence[int], waits: list[rival.Waits]) -> Iterator[None]:
    """Other writers at the due cases and as many others, in processes of their own."""
    known = set(cases)
    others = Case.objects.values_list("pk", flat=True)[: 2 * len(cases)] if n else ()
    targets = [*cases, *[pk for pk in others if pk not in known][: len(cases)]]
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    ends = []
    for _ in range(n):
        ours, theirs = spawn.Pipe()
        spawn.Process(target=rival.run, args=(_server(), targets, stop, theirs), daemon=True).start()
        ours.recv()
        ends.append(ours)
    yield
    stop.set()
    waits += [end.recv() for end in ends]


def _server() -> dict[str, object]:
    asked = connection.get_connection_params()
    return {name: asked[name] for name in ("dbname", "user", "password", "host", "port") if asked.get(name)}
