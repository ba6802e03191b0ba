"""Tests: real PostgreSQL and Valkey on a temp folder that `tests/conftest.py` fills, quick hashes, own key."""

import os
import tempfile
from pathlib import Path

# The folder's name is chosen here and the servers are started by the test session: whoever is first imported
# of the two, both mean the same place, and so do the session's worker processes.
if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
    os.environ.setdefault("HUYING_TEST_HOME", f"{tempfile.gettempdir()}/huying-test-{os.getpid()}")
    os.environ["HUYING_HOME"] = os.environ["HUYING_TEST_HOME"]

from config.settings.base import *  # noqa: F403
from config.settings.base import CACHES, CELERY_BROKER_TRANSPORT_OPTIONS, STORAGES, VALKEY, env

DEBUG = False
TESTING = MAIL_READY = True
SECRET_KEY = "only-for-tests-" * 4
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if "HUYING_TEST_HOME" in os.environ:  # goes with the session's servers
    MEDIA_ROOT = Path(os.environ["HUYING_TEST_HOME"]) / "media"
else:
    MEDIA_ROOT = Path(tempfile.gettempdir()) / f"huying-test-media-{os.getpid()}"

# Parallel test processes share one Valkey, each in its own numbered database.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
VALKEY = env.Redis(path=VALKEY.path, base=VALKEY.base, db=(VALKEY.db + WORKER) % 16)
CACHES = {"default": {**CACHES["default"], "LOCATION": VALKEY.url, "KEY_PREFIX": f"test{WORKER}"}}
CELERY_BROKER_URL = VALKEY.broker
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": f"test{WORKER}:"}
