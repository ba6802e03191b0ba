#!/usr/bin/env python
"""Every command of Huying. Works against the running stack, or starts the database for its own time."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from config import local
    from config.env import Unreadable
    from config.home import HomeRefused

    try:
        local.ready(sys.argv)
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except (Unreadable, HomeRefused) as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
