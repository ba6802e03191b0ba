"""Typed readers of the environment. A value that cannot be read stops the boot with a sentence.

Every reader takes the variable's name and a default and returns a value of one type. An empty
variable counts as unset, so `DATABASE_URL= make run` means what it looks like.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit


class Unreadable(Exception):
    """An environment variable holds something that cannot be used; the message is the sentence to show."""


def text(name: str, default: str = "") -> str:
    """The variable's text, stripped."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """yes/no in the usual spellings."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise Unreadable(f"环境变量 {name}={value!r} 读不懂：请写 1 或 0。")


def number(name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    """A whole number between `least` and `most`."""
    value = text(name)
    if not value:
        return default
    try:
        parsed = int(value)
    except ValueError:
        raise Unreadable(f"环境变量 {name}={value!r} 读不懂：请写一个整数。") from None
    if not least <= parsed <= most:
        raise Unreadable(f"环境变量 {name}={value!r} 超出范围：应在 {least} 到 {most} 之间。")
    return parsed


def names(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list, blanks dropped."""
    value = text(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else list(default)


def folder(name: str, default: Path) -> Path:
    """An absolute folder path; `~` is the user's home. Nothing is created."""
    value = text(name)
    return Path(value).expanduser().absolute() if value else default


def required(name: str) -> str:
    """The variable's text; unset stops the boot."""
    value = text(name)
    if not value:
        raise Unreadable(f"缺少环境变量 {name}：正式部署必须设置它。")
    return value


@dataclass(frozen=True)
class Database:
    """Where PostgreSQL is. `host` may be a folder (a Unix socket)."""

    name: str
    user: str
    password: str = ""
    host: str = ""
    port: str = ""
    sslmode: str = ""

    @property
    def settings(self) -> dict[str, object]:
        """The entry of Django's DATABASES that says where; how is the settings' own business."""
        options = {"sslmode": self.sslmode} if self.sslmode else {}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": self.user,
            "PASSWORD": self.password,
            "HOST": self.host,
            "PORT": self.port,
            "OPTIONS": options,
        }

    @property
    def url(self) -> str:
        """The spelling that `database()` reads back."""
        who = quote(self.user, safe="")
        if self.password:
            who += ":" + quote(self.password, safe="")
        if self.host.startswith("/"):
            return f"postgresql://{who}@/{quote(self.name)}?host={quote(self.host)}"
        port = f":{self.port}" if self.port else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        tail = f"?sslmode={self.sslmode}" if self.sslmode else ""
        return f"postgresql://{who}@{host}{port}/{quote(self.name)}{tail}"


def database(name: str, default: str) -> Database:
    """`postgresql://user:pw@host:port/db` or, over a socket, `postgresql://user@/db?host=/folder`."""
    value = text(name, default)
    how = "应形如 postgresql://用户:密码@主机:端口/库名，或 postgresql://用户@/库名?host=/套接字目录。"
    try:
        parts = urlsplit(value)
        query = {
            key: values[-1] for key, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
        }
        port = str(parts.port or query.pop("port", ""))
    except ValueError:
        raise Unreadable(f"环境变量 {name} 读不懂：{how}") from None
    host = unquote(parts.hostname or "") or query.pop("host", "")
    database_name = unquote(parts.path.lstrip("/"))
    sslmode = query.pop("sslmode", "")
    if parts.scheme not in {"postgresql", "postgres"} or not database_name or query:
        raise Unreadable(f"环境变量 {name} 读不懂：{how}")
    return Database(
        name=database_name,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=host,
        port=port,
        sslmode=sslmode,
    )


@dataclass(frozen=True)
class Redis:
    """Where Valkey (or Redis) is: a socket path or a network address, and a database number."""

    path: str = ""
    base: str = ""  # redis://host:port without a path, when it is no socket
    db: int = 0

    @property
    def url(self) -> str:
        """For redis-py and Django's cache."""
        return f"unix://{quote(self.path)}?db={self.db}" if self.path else f"{self.base}/{self.db}"

    @property
    def broker(self) -> str:
        """For Celery, which spells sockets differently."""
        if self.path:
            return f"redis+socket://{quote(self.path)}?virtual_host={self.db}"
        return f"{self.base}/{self.db}"


def redis(name: str, default: str) -> Redis:
    """`redis://host:port/db`, `rediss://…`, `unix:///socket?db=0` or `redis+socket:///socket?virtual_host=0`."""
    value = text(name, default)
    how = "应形如 redis://主机:端口/0，或 unix:///套接字路径?db=0。"
    try:
        parts = urlsplit(value)
        query = {
            key: values[-1] for key, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
        }
        if parts.scheme in {"unix", "redis+socket"}:
            db = int(query.get("db", query.get("virtual_host", "0")))
            path = unquote(parts.path)
            if path.startswith("/") and not parts.netloc:
                return Redis(path=path, db=db)
        elif parts.scheme in {"redis", "rediss"} and parts.hostname:
            db = int(parts.path.strip("/") or query.get("db", "0"))
            return Redis(base=f"{parts.scheme}://{parts.netloc}", db=db)
    except ValueError:
        pass
    raise Unreadable(f"环境变量 {name} 读不懂：{how}")
