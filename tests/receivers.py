"""Real receivers on loopback: an HTTP server that answers as it is told, and a server of mail that keeps letters."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Got:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`answers` are used up one per request, the last one stays: a status, (status, body), or a function that
    writes to the handler itself."""

    answers: list = field(default_factory=lambda: [200])
    got: list[Got] = field(default_factory=list)
    url: str = ""

    def next(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextlib.contextmanager
def http_receiver(*answers: object) -> Iterator[Receiver]:
    receiver = Receiver(list(answers) or [200])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = receiver.next()
            if callable(answer):
                answer(self)
                return
            status, text = answer if isinstance(answer, tuple) else (answer, b"{}")
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", receiver.url + "elsewhere")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST  # a redirect that was followed would show

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/"
    with _running(server):
        yield receiver


def endless(handler: BaseHTTPRequestHandler) -> None:
    """More than anybody reads."""
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _n in range(4096):
            handler.wfile.write(b"x" * 65536)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, never an answer."""
    with contextlib.suppress(OSError):
        for byte in b"HTTP/1.1 200 OK and so on and on and on":
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.2)


@dataclass
class Held:
    """An answer that waits until it is let go: its request is there, and nobody knows what becomes of it."""

    answer: object = 200
    came: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.came.set()
        self.go.wait(60)
        status, text = self.answer if isinstance(self.answer, tuple) else (self.answer, b"{}")
        with contextlib.suppress(OSError):
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(text)))
            handler.end_headers()
            handler.wfile.write(text)


def dropped(handler: BaseHTTPRequestHandler) -> None:
    """The request is read, and the connection is gone."""
    handler.close_connection = True
    handler.connection.close()


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


@dataclass
class MailServer:
    """`refuse` recipients for good; while `failing`, every letter is told to come later."""

    port: int = 0
    refuse: tuple[str, ...] = ()
    failing: bool = False
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)


@contextlib.contextmanager
def mail_receiver() -> Iterator[MailServer]:
    """SMTP as far as a sender needs it."""
    post = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            say: Callable[[str], int] = lambda line: self.wfile.write(line.encode() + b"\r\n")  # noqa: E731
            to = ""
            say("220 sink")
            for raw in self.rfile:
                line = raw.decode().strip()
                word = line[:4].upper()
                if word in ("EHLO", "HELO"):
                    say("250 sink")
                elif word == "RCPT":
                    to = line.partition("<")[2].partition(">")[0]
                    say("550 nobody here" if to in post.refuse else "250 ok")
                elif word == "DATA":
                    if post.failing:
                        say("451 later")
                        continue
                    say("354 go on")
                    self._letter(to)
                    say("250 taken")
                elif word == "QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 ok")

        def _letter(self, to: str) -> None:
            lines = []
            for raw in self.rfile:
                if raw == b".\r\n":
                    break
                lines.append(raw.removeprefix(b".") if raw.startswith(b"..") else raw)
            letter = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            post.letters.append((to, letter))

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    post.port = server.server_address[1]
    with _running(server):
        yield post


@contextlib.contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
