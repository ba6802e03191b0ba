"""One answer for the whole and its places, by the interface."""

from __future__ import annotations

from tests.cases.test_answering import SAID, places, whole
from tests.cases.walking import events

__all__ = ["whole"]


def test_by_the_interface_and_once(whole, api):
    sent = {"version": whole.version, "told": SAID, "channel": "phone", "everywhere": True}
    for _n in range(2):
        answer = api("jiedao").post(f"cases/{whole.number}/moves/answer/", sent, key="k-everywhere")
        assert answer.status_code == 200
        report = answer.json()["places"]
        assert report["state"] == "done" and report["total"] == 2
        assert sorted(bool(one["sentence"]) for one in report["results"]) == [False, True]
    assert events(places(whole)[0]).count("case.answered") == 1
