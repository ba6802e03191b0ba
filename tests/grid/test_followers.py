import pytest

from grid import followers
from grid.errors import TreeRefused
from grid.followers import Impact


class Recorder:
    def __init__(self) -> None:
        self.asked: list = []
        self.applied: list = []
        self.blocks = False

    def impact(self, change):
        self.asked.append(change)
        return [Impact("cases", 3, "3 件工单没有去处", blocks=self.blocks)]

    def apply(self, change, at, by):
        self.applied.append((change, at, by))


@pytest.fixture
def follower():
    follower = Recorder()
    followers.register(follower)
    followers.register(follower)  # twice is once
    yield follower
    followers.unregister(follower)


def test_a_dry_run_asks_and_does_not_apply(ground, follower):
    outcome = ground.move("370811015001", "370811111", dry_run=True)
    assert [impact.subject for impact in outcome.impacts] == ["places", "cases"]
    assert len(follower.asked) == 1 and not follower.applied


def test_a_move_tells_both_paths_and_the_place_as_it_was(ground, follower):
    before = ground["370811015001"]
    ground.move("370811015001", "370811111")
    (change, _at, _by) = follower.applied[0]
    assert (change.kind, change.old_path, change.new_path) == (
        "moved",
        before.path,
        ground["370811015001"].path,
    )
    assert change.place.path == before.path and change.place.parent_id == before.parent_id


def test_open_work_without_a_home_refuses_the_end(ground, follower):
    follower.blocks = True
    with pytest.raises(TreeRefused) as refusal:
        ground.retire("370811015002")
    assert refusal.value.status == 422 and "3 件工单没有去处" in refusal.value.sentence
    assert ground["370811015002"].is_live and not follower.applied
    follower.blocks = False
    ground.retire("370811015002", "370811015001")
    assert follower.applied[0][0].successor == ground["370811015001"]
