"""Every URL × role. A page that is not written down here fails the test: whoever adds one says who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cases.findings import commands
from cases.models import Calendar, CalendarNotice, Call, Policy
from cases.models.rules import DutyRow
from grid import drafts
from grid.draft_base import DraftBase
from grid.models import Draft
from ledger import clock
from parties.models import UnitDraft
from tests.builders import a_photo
from tests.cases.reliefs.filing import asked
from tests.cases.walking import fresh
from tests.clients import Api
from tests.house.test_grid_of_moves import a_case_in
from tests.town import SYSTEM

# everybody signed in; the case is in the department's hands, taken by wangge in his grid
PEOPLE = ["louzhang", "wangge", "wanggezhang", "shequ", "jiedao", "zhiban", "lingdao", "quji", "bumen", "fuzeren", "ducha", "huifang", "admin", "shenji", "linju"]  # fmt: skip
TAKE = "louzhang wangge wanggezhang shequ jiedao zhiban quji linju"
ACCEPT = "wanggezhang shequ jiedao zhiban quji"
STRANGERS = "louzhang linju"  # another building, another street
SEE = " ".join(name for name in PEOPLE if name not in STRANGERS.split())
ALL = " ".join(PEOPLE)
PART = "wangge wanggezhang shequ jiedao zhiban quji bumen fuzeren"  # have a part in the case
PLACED = " ".join(name for name in PEOPLE if name not in ("bumen", "fuzeren"))  # posted to a place
CLAIMS = "shequ jiedao zhiban quji bumen fuzeren"  # may claim, or open to claims
ASKS = "shequ jiedao zhiban quji bumen fuzeren"
ANSWERS = "ducha"  # beside the dispatchers, who also ask
MAY_MOVE_PLACES = "admin"
SIGN = "shequ jiedao zhiban quji bumen fuzeren"
KEEP_TEXTS = (
    "wanggezhang shequ jiedao zhiban quji fuzeren admin"  # a unit's head, a desk, who keeps the rules
)
KEEP_BOARDS = "shequ jiedao zhiban quji"
RULES = "admin shenji"  # keep the rules, or read everything
FINDING = "bumen fuzeren lingdao ducha shenji"  # the unit it is about, and who oversees
MAY_CHANGE_UNITS = "admin"
OFF_THE_GRID = "louzhang linju bumen fuzeren"  # not in whose scope wangge's grid lies
OFF_THE_GRID_BELOW = "linju bumen fuzeren"  # neither on it, below nor above
POSTS = "admin shenji"  # and who audits them

MENDS = "admin fuzeren zhiban quji"  # keep channels, or lead a unit
LEADS = MENDS + " shenji"
LOOKS_OVER = "fuzeren zhiban quji shenji"  # leads a unit's people, or audits

LOGIN, NOBODY = 302, 401
# url name → method, status for a stranger without a login, {status: who}; ALL is whoever is not named
MATRIX: dict[str, list[tuple[str, int, dict[int, str]]]] = {
    "healthz": [("get", 503, {503: ALL})],  # no worker and no beat in a test
    "parties:home": [("get", LOGIN, {302: ALL})],
    "parties:login": [("get", 200, {302: ALL})],
    "parties:logout": [("get", 405, {405: ALL})],
    "parties:profile": [("get", LOGIN, {200: ALL})],
    "parties:password": [("get", LOGIN, {200: ALL})],
    "parties:preferences": [("get", 405, {405: ALL}), ("post", 302, {302: ALL})],
    "parties:people": [("get", LOGIN, {200: POSTS, 403: ALL})],
    "parties:person_new": [
        ("get", LOGIN, {200: "admin", 403: ALL}),
        ("post", LOGIN, {422: "admin", 403: ALL}),
    ],
    "parties:person": [("get", LOGIN, {200: POSTS, 403: ALL})],
    "parties:account_act": [("post", LOGIN, {422: "admin", 403: ALL})],
    "parties:posting_act": [("post", LOGIN, {422: "admin", 403: ALL})],
    "api:accounts": [("get", NOBODY, {200: POSTS, 403: ALL}), ("post", NOBODY, {422: "admin", 403: ALL})],
    "api:account": [("get", NOBODY, {200: POSTS, 403: ALL})],
    "api:account_act": [("post", NOBODY, {422: "admin", 403: ALL})],
    "api:postings": [("get", NOBODY, {200: POSTS, 403: ALL}), ("post", NOBODY, {422: "admin", 403: ALL})],
    "api:posting_act": [("post", NOBODY, {422: "admin", 403: ALL})],
    "parties:ground": [("get", LOGIN, {200: PLACED, 404: ALL})],
    "parties:ground_post": [("post", LOGIN, {422: "admin", 404: OFF_THE_GRID, 403: ALL})],
    "api:ground": [("get", NOBODY, {200: PLACED, 404: ALL})],
    "api:gaps": [("get", NOBODY, {200: PLACED, 404: ALL})],
    "parties:units": [("get", LOGIN, {200: ALL})],
    "parties:unit_rows": [("get", LOGIN, {200: ALL})],
    "parties:unit_find": [("get", LOGIN, {200: ALL})],
    "parties:unit_draft": [
        ("get", LOGIN, {200: MAY_CHANGE_UNITS, 403: ALL}),
        ("post", LOGIN, {400: MAY_CHANGE_UNITS, 403: ALL}),
    ],
    "parties:unit_published": [("get", LOGIN, {200: MAY_CHANGE_UNITS, 403: ALL})],
    "parties:unit_publication": [
        ("get", LOGIN, {200: "bumen fuzeren admin shenji", 404: ALL})
    ],  # of their unit
    "parties:unit": [("get", LOGIN, {200: ALL})],
    "cases:here": [("post", 200, {200: ALL})],
    "cases:near_calls": [("get", LOGIN, {200: TAKE, 403: ALL})],
    "cases:similar_calls": [("post", LOGIN, {200: TAKE, 403: ALL})],
    "cases:new_call": [("get", LOGIN, {200: TAKE, 403: ALL}), ("post", LOGIN, {422: TAKE, 403: ALL})],
    "cases:taken": [("get", LOGIN, {200: "wangge", 404: ALL})],
    "cases:todo": [("get", LOGIN, {200: ALL})],
    "cases:my_calls": [("get", LOGIN, {200: ALL})],
    "cases:grid": [("get", LOGIN, {200: PLACED, 404: ALL})],
    "cases:rounds": [
        ("get", LOGIN, {200: PLACED, 404: ALL}),
        (
            "post",
            LOGIN,
            {403: "louzhang jiedao zhiban lingdao quji bumen fuzeren ducha huifang admin shenji", 422: ALL},
        ),
    ],
    "cases:round_rules": [
        ("get", LOGIN, {200: RULES, 403: ALL}),
        ("post", LOGIN, {422: "admin", 403: ALL}),
    ],
    "api:rounds": [
        ("get", NOBODY, {200: ALL}),
        ("post", NOBODY, {422: "wangge wanggezhang shequ linju", 403: ALL}),
    ],
    "api:rounds-due": [("get", NOBODY, {200: PLACED, 404: ALL})],
    "api:rounds-cover": [("get", NOBODY, {200: PLACED, 404: ALL})],
    "api:rounds-cover-places": [("get", NOBODY, {200: PLACED, 404: ALL})],
    "api:round-rules": [("get", NOBODY, {200: ALL}), ("post", NOBODY, {422: "admin", 403: ALL})],
    "cases:desk": [("get", LOGIN, {200: ACCEPT, 403: ALL})],
    "cases:queue": [("get", LOGIN, {200: ALL})],
    "cases:workload": [("get", LOGIN, {200: LOOKS_OVER, 403: ALL})],
    "cases:hand_over": [("get", LOGIN, {200: ALL})],  # one's own; see test_workload
    "cases:absences": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {422: ALL})],  # one's own, without dates
    "cases:absence": [("get", LOGIN, {404: ALL})],  # see test_absences
    "api:hand-over": [
        ("post", NOBODY, {202: "bumen", 422: SIGN, 403: ALL})
    ],  # he has one; what became of it is in the report
    "api:absences": [("get", NOBODY, {200: ALL}), ("post", NOBODY, {422: ALL})],
    "api:absence-candidates": [("get", NOBODY, {422: ALL})],
    "api:absence": [("get", NOBODY, {404: ALL}), ("put", NOBODY, {404: ALL})],
    "api:absence-end": [("post", NOBODY, {404: ALL})],
    "api:workload": [("get", NOBODY, {200: LOOKS_OVER, 403: ALL})],
    "cases:list": [("get", LOGIN, {200: ALL})],
    "cases:dashboard": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {405: ALL})],
    "cases:dashboard_part": [("get", LOGIN, {200: ALL})],
    "cases:screen": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {405: ALL})],
    "cases:screen_board": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {405: ALL})],
    "cases:simulations": [
        ("get", LOGIN, {200: "admin ducha", 403: ALL}),
        ("post", LOGIN, {422: "admin ducha", 403: ALL}),
    ],
    "cases:simulation": [
        ("get", LOGIN, {404: "admin ducha", 403: ALL})
    ],  # one's own only; see test_simulations
    "cases:notices": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {302: ALL})],
    "cases:desk_case": [("get", LOGIN, {302: ACCEPT, 403: ALL})],  # to the list with the case open
    "cases:search": [("get", LOGIN, {200: ALL})],
    "cases:search_suggest": [("get", LOGIN, {200: ALL})],
    "cases:search_phone": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {422: ALL})],  # without a reason
    "cases:letters": [("get", LOGIN, {302: SEE, 404: ALL})],  # for a list's script; by itself the case
    "cases:bulk": [("post", LOGIN, {422: SIGN, 403: ALL})],  # nothing was ticked
    "cases:bulk_run": [("get", LOGIN, {404: ALL})],  # one's own only; see test_bulk
    "cases:exports": [("post", LOGIN, {400: ALL})],  # in no form
    "cases:export": [("get", LOGIN, {404: ALL})],  # one's own only; see test_exports
    "cases:export_file": [("get", LOGIN, {404: ALL})],
    "cases:saved_filters": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {422: ALL})],  # without a name
    "cases:saved_filter": [("post", LOGIN, {404: ALL})],  # one's own only; see test_saved
    "cases:notice": [("get", LOGIN, {404: ALL})],  # one's own only; see tests of the inbox
    "cases:notice_preferences": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {302: ALL})],
    "cases:channels": [("get", LOGIN, {200: POSTS, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:channel": [("post", LOGIN, {404: POSTS, 403: ALL})],  # there is none yet; see test_endpoints
    "cases:gateways": [("get", LOGIN, {200: POSTS, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:gateway": [("post", LOGIN, {404: POSTS, 403: ALL})],  # there is none yet; see test_gateways
    "cases:tray": [("get", 404, {404: ALL})],  # the demo's only; see test_tray
    "cases:failures": [("get", LOGIN, {200: LEADS, 403: ALL}), ("post", LOGIN, {400: MENDS, 403: ALL})],
    "cases:holders": [("get", LOGIN, {200: ALL})],
    "cases:weekly": [("get", LOGIN, {200: ALL})],
    "cases:weekly_pdf": [("get", LOGIN, {200: ALL})],
    "cases:figures": [("get", LOGIN, {200: ALL})],
    "cases:figures_later": [("get", LOGIN, {200: ALL})],
    "cases:figure": [("get", LOGIN, {200: ALL})],
    "cases:figure_rows": [("get", LOGIN, {200: ALL})],
    "cases:findings": [("get", LOGIN, {200: ALL})],
    "cases:finding_propose": [
        ("get", LOGIN, {200: "ducha", 404: STRANGERS, 403: ALL}),
        ("post", LOGIN, {422: "ducha", 404: STRANGERS, 403: ALL}),
    ],
    "cases:finding": [("get", LOGIN, {200: FINDING, 404: ALL})],
    "cases:finding_act": [
        ("get", LOGIN, {200: FINDING, 404: ALL}),
        ("post", LOGIN, {422: "bumen fuzeren", 403: "lingdao ducha shenji", 404: ALL}),
    ],
    "cases:rules": [("get", LOGIN, {200: RULES, 403: ALL})],
    "cases:replan": [("get", LOGIN, {200: RULES, 403: ALL}), ("post", LOGIN, {302: "admin", 403: ALL})],
    "cases:policies": [("get", LOGIN, {200: RULES, 403: ALL})],
    "cases:policy": [("get", LOGIN, {200: RULES, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:policy_new": [("get", LOGIN, {200: RULES, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:policy_adopt": [("get", LOGIN, {200: RULES, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:policy_test": [("get", LOGIN, {200: RULES, 403: ALL})],
    "cases:duties": [("get", LOGIN, {200: RULES, 403: ALL})],
    "cases:duty": [("get", LOGIN, {200: RULES, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:duty_new": [("get", LOGIN, {200: RULES, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:duty_check": [("get", LOGIN, {200: RULES, 403: ALL})],
    "cases:duty_sheet": [("get", LOGIN, {200: "admin", 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:duty_export": [("get", LOGIN, {200: RULES, 403: ALL})],
    "cases:duty_draft": [("get", LOGIN, {404: "admin", 403: ALL})],  # one's own only
    "cases:duty_suggestions": [
        ("get", LOGIN, {200: "admin", 403: ALL}),
        ("post", LOGIN, {422: "admin", 403: ALL}),
    ],
    "cases:duty_test": [("get", LOGIN, {200: RULES, 403: ALL})],
    "api:duties": [("get", NOBODY, {200: RULES, 403: ALL}), ("post", NOBODY, {422: "admin", 403: ALL})],
    "api:duty": [("get", NOBODY, {200: RULES, 403: ALL})],
    "api:duty-change": [("post", NOBODY, {422: "admin", 403: ALL})],
    "api:duty-end": [("post", NOBODY, {200: "admin", 403: ALL})],
    "api:duty-import": [("post", NOBODY, {422: "admin", 403: ALL})],
    "api:duty-suggestions": [("get", NOBODY, {200: "admin", 403: ALL})],
    "api:duty-drafts": [
        ("get", NOBODY, {200: "admin", 403: ALL}),
        ("post", NOBODY, {422: "admin", 403: ALL}),
    ],
    "api:duty-draft": [
        ("get", NOBODY, {404: "admin", 403: ALL}),
        ("delete", NOBODY, {404: "admin", 403: ALL}),
    ],
    "api:duty-draft-replay": [("post", NOBODY, {404: "admin", 403: ALL})],
    "api:duty-draft-publish": [("post", NOBODY, {404: "admin", 403: ALL})],
    "api:duty-test": [("get", NOBODY, {422: RULES, 403: ALL})],
    "api:duty-lint": [("get", NOBODY, {200: RULES, 403: ALL})],
    "cases:calendars": [("get", LOGIN, {200: RULES, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:calendar": [("get", LOGIN, {200: RULES, 403: ALL}), ("post", LOGIN, {422: "admin", 403: ALL})],
    "cases:calendar_notice": [
        ("get", LOGIN, {200: RULES, 403: ALL}),
        ("post", LOGIN, {422: "admin", 403: ALL}),
    ],
    "cases:detail": [("get", LOGIN, {200: SEE, 404: ALL})],
    "cases:move": [("post", LOGIN, {400: SEE, 404: ALL})],  # no version was sent
    "cases:fact": [("post", LOGIN, {422: PART, 404: STRANGERS, 403: ALL})],
    "cases:why": [("get", LOGIN, {200: SEE, 404: ALL})],
    "cases:reliefs": [("get", LOGIN, {200: ASKS + " " + ANSWERS, 403: ALL})],
    "cases:relief": [("get", LOGIN, {200: SEE, 404: ALL})],
    "cases:relief_ask": [
        ("get", LOGIN, {200: SEE, 404: ALL}),
        ("post", LOGIN, {422: "bumen fuzeren", 404: STRANGERS, 403: ALL}),
    ],
    "cases:relief_answer": [("post", LOGIN, {422: "jiedao zhiban quji", 404: STRANGERS, 403: ALL})],
    "cases:dispute": [("get", LOGIN, {200: SEE, 404: ALL})],
    "cases:claims": [("get", LOGIN, {200: CLAIMS, 403: ALL})],
    "cases:slip": [("get", LOGIN, {200: "wangge jiedao zhiban bumen fuzeren", 404: ALL})],
    "cases:attachment": [("get", LOGIN, {404: ALL})],  # a row without a file; see below
    "cases:tree": [("get", LOGIN, {200: "admin", 403: ALL})],
    "cases:tree_rows": [("get", LOGIN, {200: "admin", 403: ALL})],
    "cases:tree_find": [("get", LOGIN, {200: "admin", 403: ALL})],
    "cases:tree_retired": [("get", LOGIN, {200: "admin", 403: ALL})],
    "cases:tree_past": [("get", LOGIN, {200: "admin", 403: ALL})],
    "cases:tree_place": [("get", LOGIN, {200: "admin", 403: ALL})],
    "cases:tree_draft": [("get", LOGIN, {200: "admin", 403: ALL}), ("post", LOGIN, {400: "admin", 403: ALL})],
    "cases:tree_published": [("get", LOGIN, {200: "admin", 403: ALL})],
    "cases:tree_publication": [
        ("get", LOGIN, {404: OFF_THE_GRID_BELOW, 200: ALL})
    ],  # it renamed wangge's grid
    "cases:outbox": [("get", LOGIN, {200: ALL})],
    "cases:offline": [("get", 200, {200: ALL})],
    "cases:service_worker": [("get", 200, {200: ALL})],
    "cases:manifest": [("get", 200, {200: ALL})],
    "cases:report": [("get", 200, {200: ALL})],
    "cases:board": [("get", 200, {200: ALL})],
    "cases:board_poster": [("get", 200, {200: ALL})],
    "cases:board_photo": [("get", 404, {404: ALL})],  # of what stands on a board only; see test_board
    "cases:boards": [("get", LOGIN, {302: "shequ", 404: ALL})],
    "cases:board_edit": [
        ("get", LOGIN, {200: KEEP_BOARDS, 403: ALL}),
        ("post", LOGIN, {422: KEEP_BOARDS, 403: ALL}),
    ],
    "cases:case_board": [
        ("get", LOGIN, {200: KEEP_BOARDS, 404: STRANGERS, 403: ALL}),
        ("post", LOGIN, {422: KEEP_BOARDS, 404: STRANGERS, 403: ALL}),
    ],
    "api:board": [("get", NOBODY, {200: ALL}), ("post", NOBODY, {422: KEEP_BOARDS, 403: ALL})],
    "api:board_card": [("put", NOBODY, {422: KEEP_BOARDS, 403: ALL})],
    "api:case_board": [("post", NOBODY, {422: KEEP_BOARDS, 404: STRANGERS, 403: ALL})],
    "cases:track": [("get", 200, {200: ALL})],
    "cases:tracked": [("get", LOGIN, {302: ALL})],  # to where the phone's last digits are asked
    "cases:track_slip": [("get", LOGIN, {302: ALL})],
    "cases:track_photo": [("get", LOGIN, {302: ALL})],
    "cases:track_supply": [("post", LOGIN, {302: ALL})],
    "cases:track_withdraw": [("post", LOGIN, {302: ALL})],
    "cases:track_rate": [("post", LOGIN, {302: ALL})],
    "cases:track_code": [("post", LOGIN, {302: ALL})],
    "parties:sheets": [
        ("get", LOGIN, {200: MAY_MOVE_PLACES, 403: ALL}),
        ("post", LOGIN, {422: MAY_MOVE_PLACES, 403: ALL}),
    ],
    "parties:sheet": [("get", LOGIN, {404: MAY_MOVE_PLACES, 403: ALL})],  # somebody else's
    "parties:export": [("get", LOGIN, {404: MAY_MOVE_PLACES, 403: ALL})],  # without saying what
    "parties:boundaries": [
        ("get", LOGIN, {200: MAY_MOVE_PLACES, 403: ALL}),
        ("post", LOGIN, {422: MAY_MOVE_PLACES, 403: ALL}),
    ],
    "parties:boundaries_export": [("get", LOGIN, {200: MAY_MOVE_PLACES, 403: ALL})],
    "parties:boundary": [
        ("get", LOGIN, {200: MAY_MOVE_PLACES, 403: ALL}),
        ("post", LOGIN, {409: MAY_MOVE_PLACES, 403: ALL}),
    ],
    "api:place_boundary": [("get", NOBODY, {200: ALL}), ("put", NOBODY, {422: MAY_MOVE_PLACES, 403: ALL})],
    "parties:stickers": [("get", LOGIN, {200: MAY_MOVE_PLACES, 403: ALL})],
    "cases:sticker": [
        ("get", 404, {404: ALL})
    ],  # open to everybody, this one leads nowhere; see test_stickers
    "api:schema": [("get", 200, {200: ALL})],
    "api:docs": [("get", 200, {200: ALL})],
    "api:nowhere": [("get", 404, {404: ALL})],
    "api:me": [("get", NOBODY, {200: ALL})],
    "api:organisations": [("get", NOBODY, {200: ALL}), ("post", NOBODY, {201: MAY_CHANGE_UNITS, 403: ALL})],
    "api:organisation": [("get", NOBODY, {200: ALL})],
    "api:organisation_change": [("post", NOBODY, {200: MAY_CHANGE_UNITS, 403: ALL})],
    "api:places": [("get", NOBODY, {200: ALL}), ("post", NOBODY, {201: MAY_MOVE_PLACES, 403: ALL})],
    "api:place": [("get", NOBODY, {200: ALL})],
    "api:place_move": [("post", NOBODY, {200: MAY_MOVE_PLACES, 403: ALL})],
    "api:place_history": [("get", NOBODY, {200: ALL})],
    "api:places_difference": [("get", NOBODY, {400: ALL})],  # no day was sent
    "api:drafts": [
        ("get", NOBODY, {200: MAY_MOVE_PLACES, 403: ALL}),
        ("post", NOBODY, {201: MAY_MOVE_PLACES, 403: ALL}),
    ],
    # a draft of nobody here: to those who may change the tree it is not there
    "api:draft": [
        ("get", NOBODY, {404: MAY_MOVE_PLACES, 403: ALL}),
        ("patch", NOBODY, {404: MAY_MOVE_PLACES, 403: ALL}),
    ],
    "api:draft_steps": [("post", NOBODY, {404: MAY_MOVE_PLACES, 403: ALL})],
    "api:draft_step": [
        ("put", NOBODY, {404: MAY_MOVE_PLACES, 403: ALL}),
        ("delete", NOBODY, {404: MAY_MOVE_PLACES, 403: ALL}),
    ],
    "api:draft_check": [("get", NOBODY, {404: MAY_MOVE_PLACES, 403: ALL})],
    "api:draft_move": [("post", NOBODY, {404: MAY_MOVE_PLACES, 403: ALL})],
    "api:unit_drafts": [
        ("get", NOBODY, {200: MAY_CHANGE_UNITS, 403: ALL}),
        ("post", NOBODY, {201: MAY_CHANGE_UNITS, 403: ALL}),
    ],
    # a draft of nobody here: to those who may change the tree it is not there
    "api:unit_draft": [
        ("get", NOBODY, {404: MAY_CHANGE_UNITS, 403: ALL}),
        ("patch", NOBODY, {404: MAY_CHANGE_UNITS, 403: ALL}),
    ],
    "api:unit_draft_steps": [("post", NOBODY, {404: MAY_CHANGE_UNITS, 403: ALL})],
    "api:unit_draft_step": [
        ("put", NOBODY, {404: MAY_CHANGE_UNITS, 403: ALL}),
        ("delete", NOBODY, {404: MAY_CHANGE_UNITS, 403: ALL}),
    ],
    "api:unit_draft_check": [("get", NOBODY, {404: MAY_CHANGE_UNITS, 403: ALL})],
    "api:unit_draft_move": [("post", NOBODY, {404: MAY_CHANGE_UNITS, 403: ALL})],
    "api:categories": [("get", NOBODY, {200: ALL})],
    "api:attachments": [("get", NOBODY, {405: ALL})],
    "api:attachment": [("get", NOBODY, {404: ALL})],
    "api:calls": [("post", NOBODY, {422: ALL})],
    "api:cases": [("get", NOBODY, {200: ALL})],
    "api:similar": [("get", NOBODY, {400: TAKE, 403: ALL})],  # no place was sent
    "api:case-similar": [("get", NOBODY, {200: SEE, 404: ALL})],
    "api:case": [("get", NOBODY, {200: SEE, 404: ALL})],
    "api:move": [("post", NOBODY, {400: SEE, 404: ALL})],
    "api:fact": [("post", NOBODY, {422: PART, 404: STRANGERS, 403: ALL})],
    "api:dispute": [("get", NOBODY, {200: SEE, 404: ALL})],
    "api:receivers": [("get", NOBODY, {200: SEE, 404: ALL})],
    "api:timeline": [("get", NOBODY, {200: SEE, 404: ALL})],
    "api:why": [("get", NOBODY, {200: SEE, 404: ALL})],
    "api:reliefs": [
        ("get", NOBODY, {200: SEE, 404: ALL}),
        ("post", NOBODY, {422: "bumen fuzeren", 404: STRANGERS, 403: ALL}),
    ],
    "api:relief-answer": [("post", NOBODY, {422: "jiedao zhiban quji", 404: STRANGERS, 403: ALL})],
    "api:stats-summary": [("get", NOBODY, {200: ALL})],
    "api:stats-trend": [("get", NOBODY, {200: ALL})],
    "api:stats-ranking": [("get", NOBODY, {200: ALL})],
    "api:stats-board": [("get", NOBODY, {200: ALL})],
    "api:stats-figures": [("get", NOBODY, {200: ALL})],
    "api:stats-weekly": [("get", NOBODY, {200: ALL})],
    "api:stats-split": [("get", NOBODY, {422: ALL})],
    "api:stats-rising": [("get", NOBODY, {200: ALL})],
    "api:stats-spread": [("get", NOBODY, {200: ALL})],
    "api:stats-voices": [("get", NOBODY, {200: ALL})],
    "api:stats-instructions": [("get", NOBODY, {200: ALL})],
    "api:stats-later": [("get", NOBODY, {200: ALL})],
    "api:stats-holders": [("get", NOBODY, {200: ALL})],
    "api:findings": [("get", NOBODY, {200: ALL}), ("post", NOBODY, {404: ALL})],
    "api:finding": [("get", NOBODY, {200: FINDING, 404: ALL})],
    "api:finding-act": [("post", NOBODY, {422: "bumen fuzeren", 403: "lingdao ducha shenji", 404: ALL})],
    "api:colleagues": [("get", NOBODY, {200: SEE, 404: ALL})],
    "cases:texts": [("get", LOGIN, {200: ALL}), ("post", LOGIN, {422: KEEP_TEXTS, 403: ALL})],
    "cases:texts_offered": [("get", LOGIN, {200: SEE, 404: ALL})],
    "cases:history": [("get", LOGIN, {200: SEE, 404: ALL})],
    "cases:paper": [("get", LOGIN, {200: SEE, 404: ALL})],
    "api:texts": [("get", NOBODY, {200: ALL}), ("post", NOBODY, {422: KEEP_TEXTS, 403: ALL})],
    "api:text": [("put", NOBODY, {422: KEEP_TEXTS, 403: ALL}), ("delete", NOBODY, {404: ALL})],
    "api:live": [("get", NOBODY, {200: ALL})],
    "api:live-ticket": [("get", NOBODY, {200: ALL})],
    "api:presence": [
        ("get", NOBODY, {200: SEE, 404: ALL}),
        ("post", NOBODY, {200: SEE, 404: ALL}),
        ("delete", NOBODY, {204: SEE, 404: ALL}),
    ],
    "api:phone_search": [("post", NOBODY, {422: ALL})],
    "api:bulk": [("post", NOBODY, {400: ALL})],
    "api:bulk_run": [("get", NOBODY, {404: ALL})],
    "api:filters": [("get", NOBODY, {200: ALL}), ("post", NOBODY, {422: ALL})],  # without a name
    "api:filter": [("delete", NOBODY, {404: ALL}), ("patch", NOBODY, {404: ALL})],
    "api:exports": [("post", NOBODY, {400: ALL})],
    "api:export": [("get", NOBODY, {404: ALL})],
    "api:export_file": [("get", NOBODY, {404: ALL})],
    "api:notices": [("get", NOBODY, {200: ALL})],
    "api:notices_read": [("post", NOBODY, {400: ALL})],  # without saying which
    "api:notice_preferences": [("get", NOBODY, {200: ALL}), ("put", NOBODY, {200: ALL})],
    "api:channels": [("get", NOBODY, {200: POSTS, 403: ALL}), ("post", NOBODY, {422: "admin", 403: ALL})],
    "api:channel": [("get", NOBODY, {404: POSTS, 403: ALL}), ("patch", NOBODY, {404: POSTS, 403: ALL})],
    "api:channel_test": [("post", NOBODY, {404: POSTS, 403: ALL})],
    "api:gateways": [("get", NOBODY, {200: POSTS, 403: ALL}), ("post", NOBODY, {422: "admin", 403: ALL})],
    "api:gateway": [("get", NOBODY, {404: POSTS, 403: ALL}), ("patch", NOBODY, {404: POSTS, 403: ALL})],
    "api:gateway_test": [("post", NOBODY, {404: POSTS, 403: ALL})],
    "api:receipts": [("post", 404, {404: ALL})],  # only who knows the address; see test_receipts
    "api:tray": [("get", NOBODY, {404: ALL})],
    "api:failures": [("get", NOBODY, {200: LEADS, 403: ALL})],
    "api:failure_act": [("post", NOBODY, {400: MENDS, 403: ALL})],
}

# what is sent where an empty body would not be looked at far enough
BODIES = {
    "api:organisations": {
        "code": "WY-1",
        "name": "前铺物业",
        "kind": "property",
        "parent": "JD-370811015",
        "basis": "任民〔2026〕1号",
    },
    "api:organisation_change": {"version": 1, "name": "前铺社区居委会", "basis": "任民〔2026〕1号"},
    "api:places": {"kind": "grid", "name": "第九网格", "parent": "370811015001"},
    "api:place_boundary": {"version": 1, "boundary": None},
    "api:place_move": {"version": 1, "name": "前铺一网格"},
    "api:reliefs": {"kind": "extension"},
}


def patterns(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one, space + (f"{one.namespace}:" if one.namespace else ""))
        else:
            yield space + (one.name or str(one.pattern)), one


def a_publication(model: type[DraftBase], command: str, **args: str) -> int:
    """The number of one that the system published."""
    made = drafts.open_draft(by=SYSTEM, at=clock.now(), model=model)
    made = drafts.add(made, command=command, args=args, by=SYSTEM, at=clock.now())
    return int(drafts.publish(made, by=SYSTEM, at=clock.now()).pk)


def a_notice() -> int:
    """The key of a notice that was read and lacks most of its holidays."""
    notice = CalendarNotice.objects.create(
        calendar=Calendar.objects.get(code="default"),
        year=2027,
        text="元旦：1月1日放假。",
        sent_at=clock.now(),
    )
    return notice.pk


@pytest.fixture
def case(town):
    """With a relief that waits for the street's desk."""
    case = a_case_in("in_hand")
    asked(case)
    return fresh(case)


@pytest.fixture
def people(town) -> dict[str, Client]:
    found = {"": Client(raise_request_exception=False)}
    for username in PEOPLE:
        found[username] = Client(raise_request_exception=False)
        found[username].force_login(town.account(username), "parties.backends.PostingsBackend")
    return found


def test_every_url_is_written_down():
    found = {name for name, _pattern in patterns(get_resolver()) if not name.startswith("admin:")}
    assert found - set(MATRIX) == set(), "who may see these? Write it into MATRIX"
    assert set(MATRIX) - found == set(), "these are gone"


@pytest.mark.parametrize("name", MATRIX)
def test_who_gets_what(town, case, people, name):
    pattern = next(one for found, one in patterns(get_resolver()) if found == name)
    known = {
        "number": case.number, "move": "resolve", "fact": "note", "stage": "resolve",
        "n": 1, "kind": "extension", "answer": "refuse", "pk": a_photo(town.actor("wangge")), "code": Call.objects.get().tracking_code,
    }  # fmt: skip
    known |= {"token": "nothing", "key": "S"}
    if name in (
        "cases:simulation",
        "cases:duty_draft",
        "api:duty-draft",
        "api:duty-draft-replay",
        "api:duty-draft-publish",
        "cases:saved_filter",
        "cases:bulk_run",
        "cases:absence",
        "api:absence",
        "api:absence-end",
        "cases:export",
        "cases:export_file",
        "api:bulk_run",
        "api:filter",
        "api:export",
        "api:export_file",
    ):
        known["pk"] = 1
    if name.endswith((":channel", ":channel_test", ":gateway", ":gateway_test", ":receipts", ":notice")):
        known |= {"pk": 1, "act": "test"}
    if name == "api:failure_act":
        known |= {"act": "again"}
    if name.startswith("api:place") or name in ("parties:stickers", "parties:boundary", "cases:tree_place"):
        known |= {"code": town.GRID, "move": "rename"}
    if "finding" in name:
        known |= {"pk": a_finding_about(case), "act": "state"}
    if name.startswith(("api:draft", "api:unit_draft")):
        known |= {"pk": 1, "n": 1, "move": "publish"}
    if name == "cases:tree_publication":
        known |= {"pk": a_publication(Draft, "rename", place=town.GRID, name="前铺一网格")}
    if name == "parties:unit_publication":
        known |= {"pk": a_publication(UnitDraft, "rename", unit="GV24", name="区执法局")}
    if name.endswith(("person", "account", "account_act")):
        known |= {"username": "wangge", "act": "reveal"}
    if name == "parties:ground_post":
        known |= {"code": town.GRID}
    if name.endswith("posting_act"):
        known |= {"pk": town.account("wangge").postings.get().pk, "act": "substitute"}
    if name in ("parties:unit",) or name.startswith("api:organisation"):
        known |= {"code": f"JW-{town.COMMUNITY}", "way": "rename", "change": "rename"}
    if name == "cases:dashboard_part":
        known |= {"name": "rising"}
    if name.startswith("cases:figure"):
        known |= {"code": "resolved", "part": "missed"}
    if name in ("cases:duty", "api:duty", "api:duty-change", "api:duty-end"):
        known |= {"pk": DutyRow.objects.filter(until=None).latest("pk").pk}
    if name == "cases:bulk":
        known |= {"move": "sign"}
    if name == "api:text":
        known |= {"pk": 1}  # none of that number
    if "board" in name and not name.endswith("screen_board"):
        known |= {"code": town.COMMUNITY, "pk": 1, "which": "after"}
    if name == "cases:policy":
        known |= {"pk": Policy.objects.earliest("pk").pk}
    if name.startswith("cases:calendar"):
        known |= {"code": "default", "pk": a_notice()}
    url = reverse(
        name, kwargs={word: known[word] for word in re.findall(r"<\w+:(\w+)>", str(pattern.pattern))}
    )
    wrong = []
    for method, stranger, table in MATRIX[name]:
        for username, client in people.items():
            want = stranger
            if username:
                want = next(status for status, who in table.items() if username in who.split())
            sent = (
                {"data": BODIES.get(name, {}), "content_type": "application/json"}
                if name.startswith("api:")
                else {}
            )
            answer = getattr(client, method)(url, **(sent if method in ("post", "put") else {}))
            if answer.status_code != want:
                wrong.append(f"{method} {url} as {username or 'nobody'}: {answer.status_code}, not {want}")
            if want == LOGIN and not username and table.get(302) != ALL:
                assert answer["Location"].startswith("/login/"), answer["Location"]
    assert wrong == []


def a_finding_about(case) -> int:
    with transaction.atomic():
        row = commands.draft(
            kind="late_response", case=case, organisation=case.holder_id, by=SYSTEM, at=clock.now()
        )
    assert row is not None
    return row.pk


def test_every_page_is_closed_to_strangers_by_default():
    """What is open without a login is a short list."""
    is_open = {
        name
        for name, rows in MATRIX.items()
        for _method, stranger, table in rows
        if stranger not in (LOGIN, NOBODY, 405)
    }
    assert is_open == {
        "healthz", "parties:login", "parties:preferences", "cases:track", "cases:report", "cases:here", "cases:board", "cases:board_poster", "cases:board_photo", "cases:sticker", "cases:offline", "cases:service_worker", "cases:manifest", "api:schema", "api:docs", "api:nowhere", "api:receipts", "cases:tray",
    } - {"parties:preferences"}  # fmt: skip


def test_nobody_enters_the_admin_site(people):
    for client in people.values():
        assert client.get("/admin/").status_code == 302
        assert client.get("/admin/auth/group/").status_code == 302


def test_the_stranger_gets_nothing(town, case, people):
    """linju: 404 on every address of the case, an empty list everywhere."""
    api = Api("linju")
    assert api.get("cases/").json()["results"] == []
    for queue in ("mine", "reported", "returned", "breaching", "all"):
        assert api.get("cases/", {"queue": queue}).json()["results"] == []
    for move in ("accept", "sign", "resolve", "withdraw", "supply"):
        assert api.post(f"cases/{case.number}/moves/{move}/", {"version": case.version}).status_code == 404
    for fact in ("note", "reveal", "urge", "verify", "relocate"):
        assert api.post(f"cases/{case.number}/facts/{fact}/", {"text": "x"}).status_code == 404
    for page in ("/cases/", "/todo/", "/my/", "/queue/", "/notices/", "/grid/"):
        assert case.number not in people["linju"].get(page).content.decode()


@pytest.mark.parametrize("username", PEOPLE)
def test_lists_show_what_the_single_case_shows(town, case, username):
    api = Api(username)
    listed = [row["number"] for row in api.get("cases/").json()["results"]]
    assert (case.number in listed) == (api.get(f"cases/{case.number}/").status_code == 200)
