"""`perform`: the order of its checks, versions, chains, repeated requests, and what it costs."""

from __future__ import annotations

import pytest

from cases import moves
from cases.models import Case, Clock, Words
from cases.refusals import MoveRefused
from ledger.models import Entry
from parties.gate import OutOfScope
from tests.builders import a_case, a_photo, walk
from tests.cases.walking import HOUR, MINUTE, events, fresh, last, local
from tests.clients import statements
from tests.house.invariants import faults


def perform(town, case, name, by="jiedao", version=None, **sent):
    version = case.version if version is None else version
    return moves.perform(
        number=case.number, move=name, by=town.actor(by), at=case.last_at + MINUTE, version=version, **sent
    )


def kind_of(town, case, name, **sent) -> str:
    try:
        perform(town, case, name, **sent)
    except OutOfScope:
        return "404"
    except MoveRefused as refusal:
        return refusal.kind
    return "done"


class TestOrder:
    """Out of scope, unreadable, not yours, stale, not from here, not ready: the first that fits is told."""

    def test_out_of_scope_comes_first(self, town):
        assert kind_of(town, a_case(), "accept", by="linju", version="nonsense") == "404"
        with pytest.raises(OutOfScope):
            moves.perform(
                number="XX20260101-0001", move="accept", by=town.actor("jiedao"), at=town.MONDAY, version=1
            )

    @pytest.mark.parametrize("version", ["", "x", "-1", "1.0", "²", "٣", "9" * 5000, True, 1.5, [], {}, " 1"])
    def test_then_the_version_must_be_readable(self, town, version):
        assert kind_of(town, a_case(), "accept", by="wangge", version=version) == "malformed"

    def test_a_missing_version_is_malformed(self, town):
        case = a_case()
        with pytest.raises(MoveRefused) as refusal:
            moves.perform(
                number=case.number, move="accept", by=town.actor("jiedao"), at=case.last_at, version=None
            )
        assert (refusal.value.status, refusal.value.fields.keys()) == (400, {"version"})

    def test_not_yours_before_stale(self, town):
        assert kind_of(town, a_case(), "accept", by="louzhang", version=77) == "404"
        assert kind_of(town, a_case(), "accept", by="wangge", version=77) == "not_yours"

    def test_stale_before_not_from_here(self, town):
        case = walk(a_case(), "accept")
        assert kind_of(town, case, "accept", version=1) == "stale"
        assert kind_of(town, case, "accept") == "not_from_here"

    def test_who_comes_late_is_told_stale(self, town):
        """Both may reject a received case; once it is accepted only one of them could."""
        case = a_case()
        walk(case, "accept")
        sent = {"ground": "no_facts", "instead": "请补充", "told": True}
        assert kind_of(town, case, "reject", by="jiedao", version=1, **sent) == "stale"

    def test_not_from_here_before_not_ready(self, town):
        assert kind_of(town, a_case(), "dispatch") == "not_from_here"
        assert kind_of(town, walk(a_case(), "accept"), "dispatch") == "not_ready"

    def test_late_ones_get_the_case_of_now(self, town):
        case = a_case()
        walk(case, "accept")
        for name, version in (("settle", 1), ("accept", 2)):
            with pytest.raises(MoveRefused) as refusal:
                perform(town, case, name, version=version)
            assert refusal.value.case.version == 2 and refusal.value.status == 409

    def test_missing_fields_are_told_all_at_once(self, town):
        with pytest.raises(MoveRefused) as refusal:
            perform(town, a_case(), "reject", told="maybe")
        assert set(refusal.value.fields) == {"ground", "instead", "told"}


class TestFields:
    @pytest.mark.parametrize(
        "sent",
        [
            {"organisation": 7}, {"organisation": "GV24\x00"}, {"organisation": ["GV24"]}, {"organisation": {}},
            {"organisation": "GV24", "assisting": 3}, {"organisation": "GV24", "assisting": [{}]},
            {"organisation": "GV24\ud800"}, {"organisation": "x" * 100_000},
        ],
    )  # fmt: skip
    def test_nonsense_is_not_ready_and_never_breaks(self, town, sent):
        assert kind_of(town, walk(a_case(), "accept"), "dispatch", **sent) == "not_ready"

    @pytest.mark.parametrize("reason", [1, [], {"a": 1}, "\x00", "\ud800", "字" * 5000, True])
    def test_texts(self, town, reason):
        assert kind_of(town, a_case(), "escalate", reason=reason) == "not_ready"

    def test_halves_of_characters_and_marks_are_left_out(self, town):
        perform(town, a_case(), "escalate", reason="没有\ud83d执\u202e法\x07权")
        assert Words.objects.get().texts == {"reason": "没有执法权"}

    def test_unknown_fields_are_left_out(self, town):
        case = perform(town, a_case(), "accept", colour="red", status="closed", holder_id=1)
        assert case.status == "accepted"

    @pytest.mark.parametrize("target", ["", 5, "GYG20261123-9999", "../../etc", "X" * 500])
    def test_merge_targets(self, town, target):
        assert kind_of(town, a_case(), "merge", target=target) == "not_ready"


class TestWritten:
    def test_the_entry(self, town):
        case = perform(town, a_case(), "escalate", by="zhiban", reason="没有执法权")
        entry = last(case)
        assert (entry.event, entry.actor_role, entry.path) == ("case.escalated", "shift_lead", case.path)
        assert entry.actor_id == town.account("zhiban").pk
        assert entry.payload["status"] == ["received", "received"] and entry.payload["holder"] == "ZX-370811"
        assert Words.objects.get(case=case, seq=entry.seq).texts == {"reason": "没有执法权"}

    def test_signed_in_the_role_that_gave_the_right(self, town):
        """Somebody with two posts signs in the one that let him."""
        from parties.models import Posting

        bumen = town.account("bumen")
        Posting.objects.create(
            account=bumen, role="street_dispatcher", place=town.place(town.STREET), since=town.FOUNDED,
            confirmed_at=town.FOUNDED,
        )  # fmt: skip
        case = perform(town, a_case(), "accept", by="bumen")
        assert last(case).actor_role == "street_dispatcher"
        case = walk(case, "dispatch")
        assert last(perform(town, case, "sign", by="bumen")).actor_role == "department_clerk"

    def test_never_earlier_than_the_entry_before(self, town):
        case = walk(a_case(), "accept")
        late = moves.perform(
            number=case.number, move="escalate", by=town.actor("jiedao"), at=case.last_at - HOUR,
            version=case.version, reason="x",
        )  # fmt: skip
        assert late.last_at == case.last_at and last(late).at == case.last_at

    def test_each_move_counts_once(self, town):
        case = a_case(through=("accept", "dispatch", "sign"))
        assert case.version == fresh(case).version == 4


class TestChain:
    """受理并派遣 is one form and two entries."""

    STEPS = (("accept", {}), ("dispatch", {"organisation": "GV24"}))

    def chain(self, town, case, steps=STEPS, **more):
        return moves.perform_chain(
            number=case.number, steps=steps, by=town.actor("jiedao"), at=local("23 10:00"), version=case.version,
            **more,
        )  # fmt: skip

    def test_all_at_once(self, town):
        case = self.chain(town, a_case())
        assert (case.status, case.version) == ("assigned", 2)
        assert events(case) == ["case.received", "case.accepted", "case.assigned"]
        assert Clock.objects.get(case=case, stage="dispatch").outcome == "met"

    def test_or_nothing(self, town):
        case = a_case()
        with pytest.raises(MoveRefused):
            self.chain(town, case, (("accept", {}), ("dispatch", {"organisation": "GV03"})))
        assert fresh(case).status == "received" and events(case) == ["case.received"]
        assert faults(fresh(case)) == []

    def test_the_request_stands_on_its_first_entry(self, town):
        case = a_case()
        first = self.chain(town, case, request_key="k", body_hash="b")
        again = self.chain(town, case, request_key="k", body_hash="b")
        assert (again.pk, again.version, again.status) == (first.pk, 2, "assigned")
        assert list(Entry.objects.exclude(request_key="").values_list("event", flat=True)) == [
            "case.accepted"
        ]


class TestAgain:
    def test_the_same_request_acts_once(self, town):
        case = a_case()
        for _ in range(3):
            done = perform(town, case, "accept", version=1, request_key="k1", body_hash="b1")
            assert (done.status, done.version) == ("accepted", 2)
        assert events(case) == ["case.received", "case.accepted"]

    def test_even_when_the_case_moved_on_and_left_ones_sight(self, town):
        case = a_case()
        perform(town, case, "accept", version=1, request_key="k1", body_hash="b1")
        walk(fresh(case), "dispatch", "sign")
        done = perform(town, case, "accept", version=1, request_key="k1", body_hash="b1")
        assert done.status == "in_hand"

    def test_another_body_under_the_key(self, town):
        case = a_case()
        perform(town, case, "accept", request_key="k1", body_hash="b1")
        with pytest.raises(MoveRefused, match="幂等键") as refusal:
            perform(town, case, "accept", request_key="k1", body_hash="b2")
        assert refusal.value.status == 422

    def test_keys_are_ones_own(self, town):
        perform(town, a_case(), "accept", request_key="k1", body_hash="b1")
        done = perform(town, a_case(), "accept", by="zhiban", request_key="k1", body_hash="b1")
        assert done.status == "accepted" and Case.objects.filter(status="accepted").count() == 2

    def test_what_was_refused_may_be_sent_again(self, town):
        case = walk(a_case(), "accept")
        assert (
            kind_of(town, case, "dispatch", organisation="GV03", request_key="k", body_hash="b")
            == "not_ready"
        )
        assert (
            perform(town, case, "dispatch", organisation="GV24", request_key="k", body_hash="c").status
            == "assigned"
        )


# ENGINE decision 7, by count, authentication aside
COSTS = {
    "accept": 10, "dispatch": 10, "sign": 10, "resolve": 10, "rework": 10, "answer": 10, "reopen": 10, "escalate": 10,
}  # fmt: skip


def test_what_a_move_costs(town):
    case = a_case(through=())
    for name in ("accept", "dispatch", "sign", "resolve", "rework", "resolve", "answer", "reopen"):
        case = fresh(case)
        who = town.actor({"rework": "wangge", "answer": "wangge", "reopen": "zhiban"}.get(name, "jiedao"))
        who = town.actor("bumen") if name in ("sign", "resolve") else who
        from tests.builders import DETAILS

        sent = {**DETAILS.get(name, {})}
        if name == "resolve":
            sent["attachments"] = [a_photo(who)]
        with statements() as sql:
            moves.perform(
                number=case.number, move=name, by=who, at=case.last_at + MINUTE, version=case.version, **sent
            )
        assert len(sql) <= COSTS[name], (name, len(sql), [one[:90] for one in sql])
