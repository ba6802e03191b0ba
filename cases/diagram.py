"""The lifecycle table as a page to read: LIFECYCLE.md with its diagram. Nothing on it is typed by hand.

`page()` gives the same bytes for the same table, whatever language the process speaks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.utils.translation import override

from cases import authority, guards, kinds
from cases.lifecycle import FACTS, INTEREST, MOVES, STAGE_OF, SYSTEM, Effect, FactKind, Move, Need

HEAD = """# The life of a case

Written by `manage.py lifecycle` from `cases/lifecycle.py`; `make check` says when it is not fresh. Change the
table, never this page.

"""
# an effect of the table in words; `{}` are the stages
EFFECTS = {
    "start": "start {}",
    "stop": "stop {}",
    "end": "end {} (by another move than its own)",
    "pause": "pause {}",
    "resume": "resume {}",
    "void": "void the stop of {}",
    "end_all": "end all",
    "call_off": "call off all, to be undone by unmerge",
    "adopt": "the confirmed item's limit takes the place of resolve and feedback, once",
    "promise": "the promise is fixed, the first time",
    "verify_if_due": "start verify where a check is due",
    "feedback_if_caller": "start feedback if it has a caller",
    "approach": "start {} anew where a policy sets one (contact: where there is a caller not reached yet)",
    "unmerge": "what the merge ended runs on as if it had not been",
}
HOLDERS = {
    "same": "stays",
    "desk": "the desk",
    "unit": "the actor's unit",
    "organisation": "the organisation named",
    "up": "the desk one level up",
    "down": "the desk one level down",
    "last": "the last holder",
}
CHOICES = {
    "came_from": "where it came from",
    "second_time_up": "the second time the desk above",
}


def page() -> str:
    """The whole of LIFECYCLE.md."""
    with override("zh-hans"):
        return HEAD + "\n".join(
            [
                *_statuses(),
                *_diagram(),
                *_moves(),
                *_each_move(),
                *_facts(),
                *_rules(),
            ]
        )


# -- the parts


def _statuses() -> Iterator[str]:
    yield "## Statuses\n"
    yield "| status | label | a resident reads | open | waited for by the clock | moves out |"
    yield "|---|---|---|---|---|---|"
    for name, label in kinds.STATUSES.items():
        out = ", ".join(f"`{move.name}`" for move in MOVES.values() if name in move.sources) or "–"
        stage = " or ".join(STAGE_OF.get(name, ())) or "–"
        is_open = "yes" if name in kinds.OPEN else "no"
        yield f"| `{name}` | {label} | {kinds.RESIDENT_STATUSES[name]} | {is_open} | {stage} | {out} |"
    yield ""


def _diagram() -> Iterator[str]:
    """Moves between the same two statuses share an arrow; what leaves every open status is told in words."""
    yield "## Diagram\n"
    yield "```mermaid"
    yield "stateDiagram-v2"
    for name, label in kinds.STATUSES.items():
        yield f'    state "{label} {name}" as {name}'
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for move in MOVES.values():
        if move.sources == kinds.OPEN or move.to == kinds.OPEN:
            continue
        for source in move.sources or ("[*]",):
            for to in move.to:
                arrows[source, to].append(f"{move.label} {move.name}")
    for (source, to), names in arrows.items():
        yield f"    {source} --> {to}: {', '.join(names)}"
    for name in kinds.ENDED:
        yield f"    {name} --> [*]"
    yield "```\n"
    yield "Not drawn, since they leave or lead to every open status:\n"
    for move in MOVES.values():
        if move.sources == kinds.OPEN or move.to == kinds.OPEN:
            yield f"- {move.label} `{move.name}`: {_words(move.sources)} → {_words(move.to)}"
    yield ""


def _moves() -> Iterator[str]:
    yield "## Moves\n"
    yield "| move | from → to | capability | who | clocks | holder afterwards | entry |"
    yield "|---|---|---|---|---|---|---|"
    for move in MOVES.values():
        yield (
            f"| {move.label} `{move.name}` | {_words(move.sources)} → {_target(move)} | {_capability(move)} "
            f"| {move.who} | {'; '.join(_effects(move.clocks)) or '–'} | {HOLDERS[move.holder]} "
            f"| `{move.announces}` |"
        )
    yield ""


def _each_move() -> Iterator[str]:
    for move in MOVES.values():
        yield f"### {move.label} `{move.name}`\n"
        yield f"- from {_words(move.sources)} to {_target(move)}"
        yield f"- who: {_capability(move)}; {_docstring(authority.RULES[move.who])}"
        yield from _form(move.needs)
        for name in move.guards:
            yield f"- guard `{name}`: {_docstring(guards.GUARDS[name])}"
        yield from (f"- clocks: {words}" for words in _effects(move.clocks))
        yield f"- holder: {HOLDERS[move.holder]}"
        ways = [f"key {move.key}" if move.key else "", "asks to confirm" if move.confirm else ""]
        if said := ", ".join(filter(None, ways)):
            yield f"- on screen: {said}"
        yield f"- entry: `{move.announces}`\n"


def _facts() -> Iterator[str]:
    yield "## Facts beside the moves\n"
    yield "The status stays. Those marked * move the version.\n"
    yield "| fact | in | capability | who | form | entry |"
    yield "|---|---|---|---|---|---|"
    for fact in FACTS.values():
        form = ", ".join(_need(need) for need in fact.needs) or "–"
        yield (
            f"| {fact.label} `{fact.name}`{'*' if fact.bumps else ''} | {_words(fact.sources)} "
            f"| {_capability(fact)} | {fact.who} | {form} | `{fact.event}` |"
        )
    yield ""
    for fact in FACTS.values():
        for name in fact.guards:
            yield f"- {fact.label} `{fact.name}`, guard `{name}`: {_docstring(guards.GUARDS[name])}"
    yield ""


def _rules() -> Iterator[str]:
    """The `who` column, told once."""
    yield "## Who may\n"
    used = {row.who for row in (*MOVES.values(), *FACTS.values())}
    for name, rule in authority.RULES.items():
        if name in used:
            yield f"- **{name}**: {_docstring(rule)}"
    yield ""


# -- words


def _words(statuses: Iterable[str]) -> str:
    statuses = tuple(statuses)
    if not statuses:
        return "–"
    return "every open status" if statuses == kinds.OPEN else ", ".join(statuses)


def _target(move: Move) -> str:
    return _words(move.to) + (f" ({CHOICES[move.chooses]})" if move.chooses else "")


def _capability(row: Move | FactKind) -> str:
    if isinstance(row.capability, dict):
        return "; ".join(f"{status}: `{name}`" for status, name in row.capability.items())
    return {SYSTEM: "the system", INTEREST: "no capability"}.get(row.capability, f"`{row.capability}`")


def _effects(effects: Iterable[Effect]) -> Iterator[str]:
    for effect in effects:
        yield EFFECTS[effect.verb].format(", ".join(effect.stages))


def _form(needs: tuple[Need, ...]) -> Iterator[str]:
    for need in needs:
        yield f"- form: {_need(need)}"


def _need(need: Need) -> str:
    required = {
        True: "",
        False: ", optional",
        "case": ", unless the case has it",
        "item": ", where the item wants proof",
    }[need.required]
    return f"{need.label} `{need.field}` ({need.type}{required})"


def _docstring(rule: object) -> str:
    return " ".join((rule.__doc__ or "").split())
