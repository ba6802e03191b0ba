"""Changes of the tree: open, rename, recode, move, merge, split, retire, restore.

Each takes the tree's lock before it reads, checks right and version, changes the rows through `grid.tree`,
keeps how the place was (`PlacePast`), records one fact on every place it changes, lets the followers move what
is theirs and says that places changed. With `dry_run` nothing is locked or written and the effect comes back.
What the database breaks off because of others is begun again. A draft of many changes is `grid.drafts`.
"""

from grid.commands.base import CAPABILITY, NO_REQUEST, Outcome, Request, replayed
from grid.commands.bounding import set_boundary
from grid.commands.carrying import set_facts
from grid.commands.ending import restore_place, retire_place
from grid.commands.places import move_place, open_place, recode_place, rename_place
from grid.commands.reshaping import Part, charges, merge_places, split_place

__all__ = [
    "CAPABILITY",
    "NO_REQUEST",
    "Outcome",
    "Part",
    "Request",
    "charges",
    "merge_places",
    "move_place",
    "open_place",
    "recode_place",
    "rename_place",
    "replayed",
    "restore_place",
    "retire_place",
    "set_boundary",
    "set_facts",
    "split_place",
]
