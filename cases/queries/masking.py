"""What of people's words a page shows. Phones, identity numbers and callers' names are masked for every reader,
also inside free text; the words of a guarded case are for those near it only (cases.scope.reads_words)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from cases import rulebook
from cases.models.call import Caller, matter_q
from cases.models.case import Case
from cases.scope import reads_words
from ledger.actor import Actor
from parties.privacy import mask_text


def names_of(cases: Iterable[int]) -> dict[int, list[str]]:
    """Case → the names of its callers and of those they called for, also of what was merged into it; one statement."""
    wanted = set(cases)
    rows = Caller.objects.filter(matter_q(*wanted, via="call__"))
    found: dict[int, list[str]] = {case: [] for case in wanted}
    told = rows.values_list("call__case_id", "call__case__merged_into_id", "name", "for_person")
    for case, into, *names in told if wanted else ():
        for pk in found.keys() & {case, into}:
            found[pk] += filter(None, names)
    return found


def words_for(actor: Actor, case: Case, text: str, names: Iterable[str] = ()) -> str:
    """Somebody's words on this case as this reader may read them; "" where they are not his to read."""
    return mask_text(text, names) if text and reads_words(actor, case) else ""


def texts_for(
    actor: Actor, case: Case, texts: Mapping[str, str], names: Iterable[str] = ()
) -> dict[str, str]:
    """The same for the words of an entry, by field."""
    if not reads_words(actor, case):
        return {}
    return {name: mask_text(words, names) for name, words in texts.items()}


def title_for(actor: Actor, case: Case, names: Iterable[str] = ()) -> str:
    """The title stands for the words it was made from; a hidden one says what kind of matter it is."""
    if words := words_for(actor, case, case.title, names):
        return words
    item = rulebook.item_by_id(case.item_id)
    return item.name if item else _("内容不公开")
