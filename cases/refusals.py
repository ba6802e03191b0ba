"""Refusals in the domain's own words; one translator at the edge turns them into a status (SPEC §5)."""

from __future__ import annotations

STATUS = {
    "malformed": 400,
    "not_yours": 403,
    "stale": 409,
    "not_from_here": 409,
    "not_ready": 422,
}


class MoveRefused(Exception):
    """`kind` is a key of STATUS; `sentence` is for the reader; `fields` names what is missing or does not
    fit; `case` is the current case where the reader needs it (409)."""

    def __init__(self, kind: str, sentence: object, *, fields: dict | None = None, case=None) -> None:
        super().__init__(str(sentence))
        self.kind, self.sentence, self.fields, self.case = kind, sentence, fields or {}, case
        self.move = ""  # which of several moves it was, where an edge makes them in one go

    @property
    def status(self) -> int:
        return STATUS[self.kind]


def malformed(sentence: object, **fields) -> MoveRefused:
    return MoveRefused("malformed", sentence, fields=fields)


def not_yours(sentence: object) -> MoveRefused:
    return MoveRefused("not_yours", sentence)


def not_ready(sentence: object, **fields) -> MoveRefused:
    return MoveRefused("not_ready", sentence, fields=fields)
