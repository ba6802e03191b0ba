"""`make check`: everything that can be said about the code without running the product. All steps run; all
failures are told; any failure fails the whole."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config.home import PROJECT

PYTHON_M = [sys.executable, "-m"]
MANAGE = [sys.executable, "-W", "ignore::RuntimeWarning", "manage.py"]

# What a real installation would set; nothing of it is used to connect.
DEPLOYED = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "DATABASE_URL": "postgresql://huying@localhost/huying",
    "REDIS_URL": "redis://localhost/0",
    "HUYING_ALLOWED_HOSTS": "huying.example",
}


def same_as_committed(generated: Path, committed: Path, how: str) -> int:
    """Whether a generated document is the one in the project."""
    if not committed.exists() or committed.read_bytes() != generated.read_bytes():
        print(f"{committed.relative_to(PROJECT)} 不是最新的：运行 {how}。")
        return 1
    return 0


def call(*command: str | Path, env: dict[str, str] | None = None) -> int:
    return subprocess.run(
        list(map(str, command)), cwd=PROJECT, env={**os.environ, **(env or {})}, check=False
    ).returncode


def schema() -> int:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "openapi.yaml"
        return call(
            *MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", fresh
        ) or same_as_committed(fresh, PROJECT / "openapi.yaml", "make generated")


STEPS = {
    "compileall": lambda: call(
        *PYTHON_M, "compileall", "-q", "config", "ledger", "grid", "parties", "cases", "tests"
    ),
    "ruff format": lambda: call(*PYTHON_M, "ruff", "format", "--check", "--quiet", "."),
    "ruff check": lambda: call(*PYTHON_M, "ruff", "check", "--quiet", "."),
    "mypy": lambda: call(*PYTHON_M, "mypy", "--no-error-summary"),
    "djlint": lambda: call(*PYTHON_M, "djlint", "--lint", "--quiet", "templates"),
    "lint-imports": lambda: call(
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as lint; lint()",
        "--no-cache",
    ),
    "manage.py check": lambda: call(*MANAGE, "check"),
    "manage.py check --deploy": lambda: call(
        *MANAGE, "check", "--deploy", "--fail-level", "WARNING", env=DEPLOYED
    ),
    "migrations": lambda: call(*MANAGE, "makemigrations", "--check", "--dry-run"),
    "lifecycle": lambda: call(*MANAGE, "lifecycle", "--check"),
    "openapi": schema,
    "translations": lambda: call(*PYTHON_M, "config.words", "check"),
}


def main() -> int:
    failed = []
    wanted = sys.argv[1:] or list(STEPS)
    for name in wanted:
        start = time.monotonic()
        print(f"== {name}", flush=True)
        if STEPS[name]():
            failed.append(name)
        print(f"   {'不通过' if name in failed else '通过'}（{time.monotonic() - start:.1f} 秒）", flush=True)
    if failed:
        print("检查不通过：" + "、".join(failed))
        return 1
    print("检查全部通过。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
