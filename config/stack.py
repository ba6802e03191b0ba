"""The whole product on one machine under one supervisor: servers, web, worker, exactly one beat, and the live process.

The supervisor is the main thread and nothing else: children are tied to it, so a kill -9 of it takes them along.
What dies is started again with growing pauses; what is asked to stop stops in order.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from types import FrameType
from urllib.parse import urlsplit

from django.conf import settings

from config import env, processes
from config.celery import QUEUES
from config.home import PROJECT, Home, HomeRefused
from config.ownership import Owner, Ownership, owner_of, was_cut_off
from config.part import Part, how_it_ended, say
from config.servers import ServerFailed, Servers

PAUSES = (0.5, 1, 2, 4, 8, 15)  # seconds before the next start of a part that keeps dying
SETTLED = 30  # seconds after which a part counts as well again
DEMO_ACCOUNTS = (
    "louzhang wangge wanggezhang shequ jiedao zhiban lingdao quji bumen fuzeren ducha huifang admin shenji"
)


class Stack:
    """The supervisor. `run()` returns the exit code when all has stopped."""

    def __init__(self, home: Home, *, host: str, port: int, demo: bool) -> None:
        self.home = home
        self.host, self.port, self.demo = host, port, demo
        self.outer_database = env.text("DATABASE_URL")
        self.outer_valkey = env.text("REDIS_URL")
        self.servers = Servers(home, postgres=not self.outer_database, valkey=not self.outer_valkey)
        self.selector = selectors.DefaultSelector()
        self.parts: list[Part] = []
        self.leaving = 0

    # -- life
    def run(self) -> int:
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._leave)
        if self.demo is False and self.home.demo_mark.exists() and not self.outer_database:
            raise HomeRefused(
                f"{self.home} 里是演示数据（账号密码公开）：请加 --demo 运行，或用 HUYING_HOME 另指一个空目录。"
            )
        listeners: list[socket.socket] = []
        ownership: Ownership | None = None
        try:
            listeners.append(self._listen(self.port))
            self.port = listeners[0].getsockname()[1]
            listeners.append(self._listen(env.number("HUYING_LIVE_PORT", 0, least=0, most=65535)))
            self.live_port = listeners[1].getsockname()[1]
            ownership = self._own()
            say("stack", f"数据目录 {self.home}")
            self.servers.start()
            self._heed()
            self.environment = self._environment()
            ownership.announce(self._owner(ready=False))
            if self._prepare():
                ownership.announce(self._owner(ready=True))
                self.parts = self._program(*listeners)
                for part in self.parts:
                    self._heed()
                    self._launch(part)
                self._watch()
        except Leaving:
            pass
        except ServerFailed as failure:
            say("stack", str(failure))
            return 1
        finally:
            for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(signum, self._hurry)
            for listener in listeners:
                listener.close()
            self._stop()
            if ownership is not None:
                ownership.release()
        return 0 if self.leaving else 1

    def _leave(self, signum: int, frame: FrameType | None) -> None:
        if self.leaving:
            return self._hurry(signum, frame)
        self.leaving = signum
        raise Leaving

    def _heed(self) -> None:
        """Leave now if we were asked to: what a signal raises is lost where it falls into a finalizer."""
        if self.leaving:
            raise Leaving

    def _hurry(self, signum: int, frame: FrameType | None) -> None:
        """Asked again while stopping: the parts that hold no data need not be waited for."""
        for part in self.parts:
            if part.child is not None and part.child.poll() is None:
                part.child.kill()

    def _listen(self, port: int) -> socket.socket:
        """A port, taken before anything is started, and kept while web restarts. Not listening yet: until web
        does, callers are refused and not left hanging."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # After a kill -9 of the last supervisor its web server needs a moment to let go of the port.
        until = time.monotonic() + (10 if was_cut_off(self.home) else 0)
        while True:
            try:
                listener.bind((self.host, port))
                break
            except OSError as problem:
                owner = owner_of(self.home)
                if owner is not None and owner.kind == "stack":
                    raise self._running_already(owner) from None
                if time.monotonic() >= until:
                    raise HomeRefused(
                        f"端口 {port} 用不了（{problem.strerror}）：请用 --port 或环境变量 PORT 换一个。"
                    ) from None
                time.sleep(0.2)
        return listener

    def _own(self) -> Ownership:
        told = False
        while (ownership := Ownership.take(self.home)) is None:
            owner = owner_of(self.home)
            if owner is not None and owner.kind == "stack":
                raise self._running_already(owner)
            if not told:
                told = True
                say("stack", "另一个命令正在使用数据库，等它结束…")
            time.sleep(0.2)
        ownership.announce(self._owner(ready=False))
        return ownership

    def _running_already(self, owner: Owner) -> HomeRefused:
        return HomeRefused(f"这个数据目录上已有一套在运行（进程 {owner.pid}，{owner.address}）：{self.home}")

    def _owner(self, *, ready: bool) -> Owner:
        return Owner(
            pid=os.getpid(),
            kind="stack",
            ready=ready,
            address=self.address,
            database_url=self.outer_database or self.home.database_url,
            redis_url=self.outer_valkey or self.home.redis_url,
            demo=self.demo,
        )

    @property
    def address(self) -> str:
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
        host = everywhere.get(self.host, self.host)
        return f"http://{host}:{self.port}/"

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HUYING_HOME": str(self.home.path),
            "DATABASE_URL": self.outer_database or self.home.database_url,
            "REDIS_URL": self.outer_valkey or self.home.redis_url,
            "HUYING_DEMO": "1" if self.demo else "0",
            # a page listens at another port of the host it came from, unless a proxy is in front and says where
            "HUYING_LIVE_URL": env.text("HUYING_LIVE_URL", f":{self.live_port}"),
            "HUYING_SITE_URL": env.text("HUYING_SITE_URL", self.address),
            "PYTHONUNBUFFERED": "1",
            # Celery warns against root because of pickled messages; ours are JSON.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        }

    def _prepare(self) -> bool:
        """Tables, words, static files, demo data: in a child whose progress bar has the terminal."""
        command = [sys.executable, str(PROJECT / "manage.py"), "prepare"] + (["--demo"] if self.demo else [])
        with subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=processes.tied_to_us(signal.SIGTERM),
        ) as child:
            try:
                while (code := child.poll()) is None:
                    self._heed()
                    if dead := self.servers.dead():
                        raise ServerFailed(f"{dead[0].name} 停了：\n{processes.tail(dead[0].log)}")
                    time.sleep(0.05)
            except BaseException:
                processes.stop(child, (signal.SIGTERM, 5))
                raise
        if code:
            say("stack", "准备没有完成（见上），不启动。")
        return code == 0

    # -- the parts
    def _program(self, listener: socket.socket, live_listener: socket.socket) -> list[Part]:
        python = sys.executable
        for one in (listener, live_listener):
            os.set_inheritable(one.fileno(), True)
        celery = [python, "-m", "celery", "-A", "config.celery", "--quiet"]
        workers = env.number("HUYING_WEB_WORKERS", 2, least=1, most=64)
        threads = env.number("HUYING_WEB_THREADS", 4, least=1, most=64)
        hands = env.number("HUYING_WORKER_PROCESSES", 2, least=1, most=64)
        web = [python, "-m", "gunicorn", "config.wsgi:application", "--bind", f"fd://{listener.fileno()}"]
        web += [
            "--worker-class",
            "gthread",
            "--workers",
            str(workers),
            "--threads",
            str(threads),
            "--preload",
        ]
        web += ["--keep-alive", "15", "--timeout", "60", "--graceful-timeout", "5", "--log-level", "warning"]
        web += ["--no-control-socket"]
        worker = [
            *celery,
            "worker",
            "--concurrency",
            str(hands),
            "--queues",
            ",".join(QUEUES),
            "--loglevel",
            "WARNING",
        ]
        worker += ["--without-gossip", "--without-mingle", "--hostname", "huying@localhost"]
        beat = [
            *celery,
            "beat",
            "--scheduler",
            "celery.beat:Scheduler",
            "--pidfile=",
            "--loglevel",
            "WARNING",
        ]
        live = [python, "-m", "uvicorn", "config.live:application", "--fd", str(live_listener.fileno())]
        live += ["--no-access-log", "--no-server-header", "--log-level", "warning", "--lifespan", "on"]
        live += ["--timeout-graceful-shutdown", "2"]
        gentle = ((signal.SIGTERM, 8.0), (signal.SIGQUIT, 2.0))
        return [
            Part("web", web, gentle, {"pass_fds": (listener.fileno(),)}),
            Part("worker", worker, gentle),
            Part("beat", beat, ((signal.SIGTERM, 3.0),)),
            Part("live", live, ((signal.SIGTERM, 4.0),), {"pass_fds": (live_listener.fileno(),)}),
        ]

    def _launch(self, part: Part) -> None:
        part.start(self.environment)
        assert part.child is not None and part.child.stdout is not None
        self.selector.register(part.child.stdout, selectors.EVENT_READ, part)

    def _watch(self) -> None:
        """Until asked to leave: pass on what the parts say, restart what dies, tell once when all is well."""
        announced = False
        next_look = time.monotonic() + 1
        while True:
            self._heed()
            for ready, _events in self.selector.select(timeout=0.2):
                part: Part = ready.data
                if not part.read():
                    self.selector.unregister(ready.fileobj)
            self._revive_servers()
            for part in self.parts:
                self._revive(part)
            if not announced and time.monotonic() > next_look:
                announced = self._is_well()
                next_look = time.monotonic() + 0.5
                if announced:
                    self._announce()

    def _revive(self, part: Part) -> None:
        assert part.child is not None
        now = time.monotonic()
        code = part.child.poll()
        if code is None:
            if part.deaths and now - part.started > SETTLED:
                part.deaths = 0
            return
        if not part.next_start:
            processes.end_group(part.child)
            pause = PAUSES[min(part.deaths, len(PAUSES) - 1)]
            part.deaths += 1
            part.next_start = now + pause
            say("stack", f"{part.name} 停了（{how_it_ended(code)}），{pause:g} 秒后重启")
        elif now >= part.next_start:
            part.next_start = 0.0
            self._launch(part)

    def _revive_servers(self) -> None:
        for server in self.servers.dead():
            assert server.child is not None
            say("stack", f"{server.name} 停了（{how_it_ended(server.child.returncode)}），正在重启")
            processes.end_group(server.child)
            server.launch()
            server.wait()
            say("stack", f"{server.name} 已恢复")

    def _is_well(self) -> bool:
        place = urlsplit(self.address)
        connection = HTTPConnection(place.hostname or "", self.port, timeout=2)
        known = settings.ALLOWED_HOSTS[0].lstrip(".*") or "localhost"
        try:
            connection.request("GET", "/healthz", headers={"Host": known})
            answer = connection.getresponse()
            return answer.status == 200 and json.loads(answer.read())["status"] == "ok"
        except (OSError, ValueError, KeyError):
            return False
        finally:
            connection.close()

    def _announce(self) -> None:
        say("stack", "就绪 ready")
        say("stack", f"打开 {self.address}")
        if self.demo:
            say("stack", f"演示账号：{DEMO_ACCOUNTS}；密码都是 huying-demo")
        say("stack", "按 Ctrl-C 停止")

    def _stop(self) -> None:
        """Beat first, so that nothing new is asked for; the database last."""
        if self.leaving and self.parts:
            say("stack", "正在停止…")
        steps: list[Callable[[], None]] = [part.stop for part in reversed(self.parts)]
        for step in [*steps, self.servers.stop]:
            step()
        self.selector.close()
        if self.leaving:
            say("stack", "已停止")


class Leaving(BaseException):
    """Somebody asked the supervisor to stop. No handler of errors on the way may take it for one."""
