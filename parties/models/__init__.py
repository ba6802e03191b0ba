"""People, their logins, organisations, and what ties one to the other."""

from parties.models.absences import Absence
from parties.models.accounts import Account
from parties.models.drafts import UnitDraft
from parties.models.organisations import Organisation, Serving
from parties.models.people import Person
from parties.models.postings import Posting

__all__ = ["Absence", "Account", "Organisation", "Person", "Posting", "Serving", "UnitDraft"]
