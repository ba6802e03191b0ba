"""The addresses of the rules, for those who keep them."""

from django.urls import path

from cases.web.rules import calendars, notice

patterns = [
    path("rules/calendars/", calendars.every, name="calendars"),
    path("rules/calendars/<str:code>/", calendars.one, name="calendar"),
    path("rules/calendars/<str:code>/notices/<int:pk>/", notice.show, name="calendar_notice"),
]
