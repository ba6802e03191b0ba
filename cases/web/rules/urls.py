"""The addresses of the rules, for those who keep them."""

from django.urls import path

from cases.web.rules import calendars, duties, duty_drafts, home, notice, policies, replan, rounds

patterns = [
    path("rules/", home.show, name="rules"),
    path("rules/calendars/", calendars.every, name="calendars"),
    path("rules/calendars/<str:code>/", calendars.one, name="calendar"),
    path("rules/calendars/<str:code>/notices/<int:pk>/", notice.show, name="calendar_notice"),
    path("rules/duties/", duties.every, name="duties"),
    path("rules/duties/new/", duties.new, name="duty_new"),
    path("rules/duties/check/", duties.check, name="duty_check"),
    path("rules/duties/test/", duties.test, name="duty_test"),
    path("rules/duties/sheet/", duty_drafts.sheet, name="duty_sheet"),
    path("rules/duties/export/", duty_drafts.export, name="duty_export"),
    path("rules/duties/drafts/<int:pk>/", duty_drafts.draft, name="duty_draft"),
    path("rules/duties/suggestions/", duty_drafts.suggestions, name="duty_suggestions"),
    path("rules/duties/<int:pk>/", duties.one, name="duty"),
    path("rules/rounds/", rounds.every, name="round_rules"),
    path("rules/replan/", replan.show, name="replan"),
    path("rules/policies/", policies.every, name="policies"),
    path("rules/policies/new/", policies.new, name="policy_new"),
    path("rules/policies/adopt/", policies.adopt, name="policy_adopt"),
    path("rules/policies/test/", policies.test, name="policy_test"),
    path("rules/policies/<int:pk>/", policies.one, name="policy"),
]
