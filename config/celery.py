"""Work behind the page: the queues and, in one list, everything that happens by itself."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("huying")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

QUEUES = {
    "pulse": "heartbeats only, so that a backlog elsewhere never looks like a dead worker",
    "clocks": "the sweep of what is due",
    "post": "entries handed to their reactions",
    "outward": "messages that leave the house: others may answer slowly",
    "slow": "imports, exports, papers",
    "default": "the rest",
}
app.conf.task_queues = [Queue(name) for name in QUEUES]
app.conf.task_default_queue = "default"
app.conf.task_routes = {
    "config.heartbeat": {"queue": "pulse"},
    "cases.sweep_clocks": {"queue": "clocks"},
    "parties.publish_drafts": {"queue": "clocks"},
    "parties.finish_sheets": {"queue": "slow"},
    "cases.finish_notices": {"queue": "slow"},
    "cases.check_tallies": {"queue": "slow"},
    "cases.finish_errands": {"queue": "slow"},
    "cases.send_notices": {"queue": "outward"},
    "ledger.*": {"queue": "post"},
}

# (what, every how many seconds or when by the local clock, expires after seconds): a task that waited longer than its
# period is worthless. What comes once a day has its hour, since beat keeps no memory of when it last sent what.
TIMETABLE: list[tuple[str, float | crontab, float]] = [
    ("cases.sweep_clocks", 30.0, 30.0),
    ("parties.publish_drafts", 30.0, 30.0),
    ("parties.finish_sheets", 60.0, 60.0),
    ("cases.finish_errands", 60.0, 60.0),
    ("ledger.sweep_undelivered", 10.0, 10.0),
    ("cases.send_notices", 15.0, 15.0),
    ("config.heartbeat", 10.0, 10.0),
    ("cases.finish_notices", crontab(hour=3, minute=40), 6 * 3600.0),
    ("cases.check_tallies", crontab(hour=4, minute=10), 6 * 3600.0),
    ("cases.forget_free_files", crontab(hour=4, minute=40), 6 * 3600.0),
]
app.conf.beat_schedule = {
    name: {"task": name, "schedule": every, "options": {"expires": expires}}
    for name, every, expires in TIMETABLE
}
