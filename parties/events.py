"""What the parties write into the ledger. Payloads are ids, codes, enums and ISO instants; a person's name
or phone never is. An organisation's names are public and stand in `organisation.renamed`."""

from __future__ import annotations

EVENTS = frozenset(
    {
        # subject: the account; payload {posting, role, place, organisation, …}
        "account.posted",
        "account.posting_confirmed",
        "account.posting_ended",
        "account.posting_moved",  # by a change of the tree
        "account.substituted",
        "account.substitution_ended",
        "account.duty_set",
        # subject: the account; payload {absence, since, until, substitute}
        "account.absence_set",
        "account.absence_changed",
        "account.absence_ended",
        "account.handed_work",  # {bulk, cases}: many cases given at once, how many
        # subject: the account
        "account.opened",  # {person}
        "account.closed",
        "account.password_set",  # {own}
        "account.phone_revealed",  # {reason}: one of parties.commands.accounts.REASONS
        "account.exported",  # {export, form, list, rows, filters}: their names, not what was asked for
        "account.phone_searched",  # {reason, found}: one of parties.commands.accounts.SEARCH_REASONS
        "account.key_made",  # {expires_at}
        "account.keys_forgotten",  # {keys}
        "person.erased",  # {person}
        # subject: the organisation
        "organisation.opened",  # {code, kind, parent, desk_of, serves}
        "organisation.renamed",  # {field: [before, after]}
        "organisation.moved",  # {parent, old_path}
        "organisation.serving_set",  # {begun, ended}: ids of places
        "organisation.desk_moved",  # {desk_of}
        "organisation.retired",
        "organisation.merged",  # {into}: the floors above hand over open work
        "organisation.absorbed",  # {merged}
        "organisation.parted",  # {from}: a merge taken back, told by the unit that had taken over
        "organisation.restored",  # {from}: the unit that stands again
        # subject: the draft of the tree of units
        "unit_draft.opened",
        "unit_draft.edited",  # {step, does}
        "unit_draft.scheduled",  # {on}
        "unit_draft.recalled",
        "unit_draft.discarded",
        "unit_draft.adopted",
        "unit_draft.published",  # {units, steps, undoes}
        "unit_draft.failed",  # {author}: nobody, where the author has left
    }
)
