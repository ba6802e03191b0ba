"""The work's rows. `from cases.models import Case`."""

from cases.models.board import BoardCard
from cases.models.calendars import Calendar, CalendarDay, CalendarNotice
from cases.models.call import Call, Caller, DayNumber
from cases.models.case import ANCESTORS, Case
from cases.models.clock import Clock, SweepPass
from cases.models.deliveries import Endpoint, NoticeChoice, NoticeDelivery, OptOut
from cases.models.desk import Bulk, Export, SavedFilter, Visit
from cases.models.duty_draft import DutyDraft
from cases.models.evidence import Attachment, Words
from cases.models.finding import Finding
from cases.models.holding import Holding, Part
from cases.models.instruction import Instruction
from cases.models.notice import Notice, QuietHours
from cases.models.past import CasePast, ClockPast, VoicePast
from cases.models.rating import Voice, VoiceKey
from cases.models.relief import Relief
from cases.models.round import Round, RoundRule
from cases.models.rules import Category, DutyRow, Item, Policy, RuleTable
from cases.models.simulation import Simulation
from cases.models.texts import StandardText

__all__ = [
    "ANCESTORS",
    "Attachment",
    "BoardCard",
    "Bulk",
    "Calendar",
    "CalendarDay",
    "CalendarNotice",
    "Call",
    "Caller",
    "Case",
    "CasePast",
    "Category",
    "Clock",
    "ClockPast",
    "DayNumber",
    "DutyDraft",
    "DutyRow",
    "Endpoint",
    "Export",
    "Finding",
    "Holding",
    "Instruction",
    "Item",
    "Notice",
    "NoticeChoice",
    "NoticeDelivery",
    "OptOut",
    "Part",
    "Policy",
    "QuietHours",
    "Relief",
    "Round",
    "RoundRule",
    "RuleTable",
    "SavedFilter",
    "Simulation",
    "StandardText",
    "SweepPass",
    "Visit",
    "Voice",
    "VoiceKey",
    "VoicePast",
    "Words",
]
