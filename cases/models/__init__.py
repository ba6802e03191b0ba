"""The work's tables."""

from cases.models.rules import *  # noqa: F403
