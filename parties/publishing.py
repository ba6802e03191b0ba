"""Scheduled drafts of the tree of places and of the units take effect at their midnight, in the name of their authors.

What comes late is published late, as of then. What cannot be published stays a draft with the reason, in its
author's language; its entry tells the author, or who may take it over where the author has left. One that goes wrong keeps no other from its midnight.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.utils import translation
from django.utils.translation import gettext as _

from grid import drafts
from grid.draft_base import DraftBase
from grid.errors import TreeRefused
from ledger.actor import Actor, system
from parties import unit_drafts  # noqa: F401 (its drafts are published here too)
from parties.access import actor_of

log = logging.getLogger(__name__)


def publish_due(at: dt.datetime) -> tuple[int, int]:
    """Publish what is due; (published, failed). Running twice publishes once: each draft is locked."""
    done = [_publish(draft, at) for draft in drafts.due(at)]
    return done.count(True), done.count(False)


def _publish(draft: DraftBase, at: dt.datetime) -> bool | None:
    author: Actor = actor_of(draft.author_id, at) if draft.author_id is not None else system("tree")
    with translation.override(author.language):
        try:
            drafts.publish(draft, by=author, at=at)
            return True
        except TreeRefused as refusal:
            sentence = refusal.sentence
        except Exception:
            log.exception("draft %s could not be published", draft.pk)
            sentence = _("发布时出了意外，已经记下；草稿没有生效，请系统管理员查看后再发布。")
        try:
            left = not author.may(drafts.tree_of(draft).capability)
            drafts.fail(draft, sentence, by=system("tree"), at=at, left=left)
        except TreeRefused:
            return None  # somebody else published, recalled or discarded it a moment ago
        return False
