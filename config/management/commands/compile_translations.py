"""Compile locale/*.po; needs no gettext on the machine."""

from typing import Any

from django.core.management.base import BaseCommand

from config import words


class Command(BaseCommand):
    help = "编译译文（不需要 gettext）。"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for target in words.compile_all():
            self.stdout.write(f"{target.parent.parent.name}/{target.name}")
