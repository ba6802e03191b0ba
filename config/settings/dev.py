"""This machine: `make run`, `manage.py stack` and every command beside it. Plain HTTP on loopback."""

from config.settings.base import *  # noqa: F403
from config.settings.base import HOME, SECRET_KEY, env

DEBUG = env.flag("HUYING_DEBUG")
SECRET_KEY = SECRET_KEY or HOME.secret_key()
