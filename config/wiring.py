"""What happens after what: event name → reactions, and who follows a change of the tree. Nothing else lives here."""

from __future__ import annotations

# event → reactions by dotted name under cases.reactions; an event that nobody needs to hear is declared silent
REACTIONS: dict[str, tuple[str, ...]] = {
    "case.received": ("notify", "text_callers"),
    "case.joined": ("lift_by_callers",),
    "case.caller_joined": ("lift_by_callers", "text_callers"),
    "case.lifted": ("notify",),
    "part.opened": ("notify",),
    "case.rejected": ("notify", "draft_findings", "close_the_whole", "text_callers"),
    "case.settled": ("notify", "draft_findings", "close_the_whole"),
    "case.escalated": ("notify", "draft_findings"),
    "case.handed_down": ("notify", "draft_findings"),
    "case.assigned": ("tell_of_dispute", "notify"),
    "case.recalled": ("notify", "draft_findings"),
    "case.declined": ("tell_of_dispute", "notify", "draft_findings"),
    "case.ruled": ("notify", "draft_findings"),
    "case.transferred": ("tell_of_dispute", "notify", "draft_findings"),
    "case.asked": ("notify", "text_callers"),
    "case.supplied": ("notify",),
    "case.resolved": ("notify", "draft_findings", "close_the_whole"),
    "case.reworked": ("notify",),
    "case.answered": ("notify", "text_callers", "ask_for_ratings"),
    "case.rated": ("close_what_is_rated",),
    "case.closed": ("notify",),
    "case.reopened": ("notify", "draft_findings"),
    "case.urged": ("notify",),
    "case.noted": ("notify",),
    "case.instructed": ("notify",),
    "case.instruction_answered": ("notify",),
    "case.person_assigned": ("notify",),
    "case.passed_on": ("notify",),
    "account.handed_work": ("tell_of_work",),
    **dict.fromkeys(
        ("account.absence_set", "account.absence_changed", "account.absence_ended"), ("tell_of_absence",)
    ),
    "case.stated": ("notify",),
    "case.release_asked": ("notify",),
    "case.release_refused": ("notify",),
    "case.verified": ("close_what_is_checked",),
    **dict.fromkeys(
        ("case.accepted", "case.signed", "case.contacted"),
        ("draft_findings",),
    ),
    "case.withdrawn": ("draft_findings", "close_the_whole", "text_callers"),
    "case.missed": ("notify",),
    "case.interim_missed": ("notify",),
    **dict.fromkeys(("case.interim", "case.caller_told"), ("text_callers",)),
    "case.merged": ("close_the_whole",),
    "case.child_unlinked": ("close_what_is_checked",),
    **dict.fromkeys(
        ("part.signed", "part.declined", "part.done", "part.released"),
        ("draft_findings",),
    ),
    # what may put a clock in time after all
    **dict.fromkeys(
        ("case.held", "case.parted", "case.caller_split", "clock.replanned"), ("review_findings",)
    ),
    "finding.drafted": ("tell_of_finding",),
    "finding.stated": ("tell_of_finding",),
    "finding.confirmed": ("tell_of_finding",),
    "finding.dropped": ("tell_of_finding",),
    "finding.withdrawn": ("tell_of_finding",),
    "relief.asked": ("notify",),
    "relief.raised": ("notify",),
    "relief.unanswered": ("notify",),
    "relief.granted": ("notify", "review_findings"),
    "relief.refused": ("notify",),
    "relief.review_due": ("notify",),
    "organisation.merged": ("hand_over",),
    "organisation.restored": ("hand_back",),
    "draft.published": ("tell_of_publication",),
    "draft.failed": ("tell_of_publication",),
    # of a change by itself; those of a publication are told with it
    **dict.fromkeys(
        (
            "place.renamed",
            "place.recoded",
            "place.moved",
            "place.retired",
            "place.restored",
            "place.facts_set",
        ),
        ("tell_of_change",),
    ),
    "endpoint.paused": ("tell_of_endpoint",),
    "unit_draft.published": ("tell_of_publication",),
    "unit_draft.failed": ("tell_of_publication",),
    "clock.warned": ("notify",),
    "clock.breached": ("notify",),
    "clock.silent": ("notify", "draft_findings"),
    "clock.overdue": ("notify",),
}

SILENT = frozenset(
    {
        "endpoint.opened",
        "endpoint.changed",
        "endpoint.tested",
        "endpoint.resumed",
        "case.started",
        "case.claimed",
        "case.resumed",
        "case.unmerged",
        "case.caller_withdrew",
        "case.linked",
        "case.unlinked",
        "case.spread",
        "case.child_linked",
        "case.rehomed",
        "case.handed_over",
        "case.put_back",
        "case.attached",
        "case.revealed",
        "case.texts_stopped",
        "case.texts_resumed",
        "case.arrived",
        "case.secured",
        "round.made",
        "rules.round_set",
        "rules.rounds_loaded",
        "case.taken_up",
        "case.released",
        "case.ruling_kept",
        "case.opened_to_claims",
        "case.closed_to_claims",
        "case.reclassified",
        "case.relocated",
        "case.urgency_changed",
        "relief.withdrawn",
        "relief.reviewed",
        "board.card_written",
        "board.card_retired",
        "board.card_moved",
        "rules.text_written",
        "rules.text_retired",
        "place.opened",
        "place.boundary_set",
        "draft.opened",
        "draft.edited",
        "draft.scheduled",
        "draft.recalled",
        "draft.discarded",
        "draft.adopted",
        "unit_draft.opened",
        "unit_draft.edited",
        "unit_draft.scheduled",
        "unit_draft.recalled",
        "unit_draft.discarded",
        "unit_draft.adopted",
        "account.opened",
        "account.closed",
        "account.password_set",
        "account.phone_revealed",
        "account.exported",
        "account.phone_searched",
        "account.key_made",
        "account.keys_forgotten",
        "account.posted",
        "account.posting_confirmed",
        "account.posting_ended",
        "account.posting_moved",
        "account.substituted",
        "account.substitution_ended",
        "account.duty_set",
        "person.erased",
        "organisation.opened",
        "organisation.renamed",
        "organisation.moved",
        "organisation.serving_set",
        "organisation.desk_moved",
        "organisation.retired",
        "organisation.absorbed",
        "organisation.parted",
        "rules.checklist_loaded",
        "rules.item_edited",
        "rules.duty_loaded",
        "rules.duty_opened",
        "rules.duty_ended",
        "rules.duty_published",
        "rules.duty_moved",
        "rules.policies_loaded",
        "rules.policy_proposed",
        "rules.policy_confirmed",
        "rules.calendars_loaded",
        "rules.calendar_day_set",
        "rules.calendar_day_removed",
        "rules.calendar_changed",
        "rules.calendar_opened",
        "rules.notice_imported",
        "rules.policy_withdrawn",
        "rules.policy_end_proposed",
        "rules.policy_ended",
    }
)


def connect() -> None:
    """Called once, when every app is loaded."""
    from cases import board_following, duty_following, following, reactions, units
    from cases.figures import kept
    from cases.live import telling
    from grid import followers
    from ledger import book, post
    from parties import consequences
    from parties.followers import PartiesFollower

    for event, names in REACTIONS.items():
        post.connect(event, *(getattr(reactions, name) for name in names))
    book.listen(kept.recorded)  # before whoever is told to look looks
    book.listen(telling.recorded)
    followers.register(PartiesFollower())  # desks first: the cases then find the desk that took over
    followers.register(following.OpenCases())
    consequences.register(units.WorkOfUnits())
    followers.register(duty_following.DutyRows())
    followers.register(board_following.Boards())
