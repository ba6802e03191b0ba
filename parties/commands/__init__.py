"""Every change of people and organisations. Keyword-only, one transaction each, one entry each."""

from parties.commands.absences import change_absence, end_absence, set_absence
from parties.commands.accounts import (
    close_account,
    erase_person,
    forget_keys,
    make_key,
    note_export,
    note_phone_search,
    open_account,
    reveal_phone,
    set_addresses,
    set_password,
    set_preferences,
)
from parties.commands.merging import merge_organisation
from parties.commands.organisations import (
    SETTINGS,
    move_organisation,
    open_organisation,
    rename_organisation,
    retire_organisation,
)
from parties.commands.postings import (
    confirm_posting,
    end_posting,
    end_substitute,
    post,
    set_on_duty,
    set_substitute,
)
from parties.commands.restoring import restore_organisation
from parties.commands.servings import begin_serving, end_serving, set_serving

__all__ = [
    "SETTINGS",
    "begin_serving",
    "change_absence",
    "close_account",
    "confirm_posting",
    "end_absence",
    "end_posting",
    "end_serving",
    "end_substitute",
    "erase_person",
    "forget_keys",
    "make_key",
    "merge_organisation",
    "move_organisation",
    "note_export",
    "note_phone_search",
    "open_account",
    "open_organisation",
    "post",
    "rename_organisation",
    "restore_organisation",
    "retire_organisation",
    "reveal_phone",
    "set_absence",
    "set_addresses",
    "set_on_duty",
    "set_password",
    "set_preferences",
    "set_serving",
    "set_substitute",
]
