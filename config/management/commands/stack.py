"""The whole product on this machine."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from config import env
from config.home import home
from config.stack import Stack


class Command(BaseCommand):
    help = "在本机运行整套产品：数据库、Valkey、网页、后台任务。Ctrl-C 停止。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=None, help="端口，默认取环境变量 PORT，再默认 8000")
        parser.add_argument(
            "--host", default=env.text("HUYING_HOST", "127.0.0.1"), help="监听地址，默认只听本机"
        )
        parser.add_argument("--demo", action="store_true", help="装入演示城区与演示账号（密码公开）")

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"] if options["port"] is not None else env.number("PORT", 8000, most=65535)
        sys.exit(
            Stack(
                home(), host=options["host"], port=port, demo=options["demo"] or env.flag("HUYING_DEMO")
            ).run()
        )
