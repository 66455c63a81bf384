"""A page of what goes on now, served to browsers of this machine alone, as server-sent events.

    with serve(page(...)) as stage:
        stage.address                  http://127.0.0.1:40123/Zk3.../
        stage.show(frame(...))

It listens on loopback. Its two addresses, the page and the events, have a secret in them that is new every time, and a
request must name this very server as its host: other programs' pages cannot find it, nor reach it under a name of their
own that leads here (DNS rebinding). Nothing of the machine's files is served, and nothing that is sent is read.

A browser that is slow gets the newest frame when it is ready for it. It knows nothing about what the frames hold.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from in_the_wild.page.live import EVENTS

_LOOPBACK = "127.0.0.1"
_AWAKE_S = 5.0  # seconds without a frame after which a browser is told that the server is still there
_PATIENCE_S = 10.0  # seconds that a browser may take for its request, and for what it is sent
_FAREWELL_S = 1.0  # seconds in which browsers are told that nothing more comes
_MOST = 16  # browsers at a time
_FENCES = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Stage(ThreadingHTTPServer):
    """What browsers are shown.

    Attributes:
        page: The HTML.
        address: Where it is.
    """

    daemon_threads = True

    def __init__(self, page: bytes) -> None:
        super().__init__((_LOOPBACK, 0), _Handler)
        self.page = page
        self.path = f"/{secrets.token_urlsafe(24)}/"
        self.host = f"{_LOOPBACK}:{self.server_port}"
        self.address = f"http://{self.host}{self.path}"
        self._changed = threading.Condition()
        self._count, self._newest, self._ended, self._watching = 0, b"", False, 0

    def show(self, frame: bytes) -> None:
        """The newest frame, one line of text."""
        with self._changed:
            self._count, self._newest = self._count + 1, frame
            self._changed.notify_all()

    def end(self) -> None:
        """Nothing more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._watching, timeout=_FAREWELL_S)

    @property
    def watched(self) -> bool:
        """Whether anybody watches."""
        return self._watching > 0

    @contextmanager
    def watching(self) -> Iterator[bool]:
        """Somebody watches while the block lasts; False where too many do already."""
        with self._changed:
            admitted = self._watching < _MOST
            self._watching += admitted
        try:
            yield admitted
        finally:
            with self._changed:
                self._watching -= admitted
                self._changed.notify_all()

    def events(self) -> Iterator[bytes]:
        """The newest frame each, as an event; now and then a comment, where none comes."""
        seen = 0
        while True:
            with self._changed:
                if self._count == seen and not self._ended:
                    self._changed.wait(_AWAKE_S)
                count, newest, ended = self._count, self._newest, self._ended
            if count > seen:
                seen = count
                yield b"data: " + newest + b"\n\n"
            elif ended:
                yield b"event: end\ndata:\n\n"
                return
            else:
                yield b":\n\n"


class _Handler(BaseHTTPRequestHandler):
    """Answers one browser."""

    server: Stage
    server_version, sys_version = "pose3d", ""
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
        """The page, or the events, to who knows where they are; nothing to anybody else."""
        if self.headers.get("Host") != self.server.host:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
        elif secrets.compare_digest(self.path.encode(), self.server.path.encode()):
            self._answer("text/html; charset=utf-8", len(self.server.page))
            self.wfile.write(self.server.page)
        elif secrets.compare_digest(self.path.encode(), f"{self.server.path}{EVENTS}".encode()):
            self._stream()
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def _stream(self) -> None:
        with self.server.watching() as admitted:
            if not admitted:
                self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
                return
            self._answer("text/event-stream", None)
            with contextlib.suppress(OSError):  # whoever watched has closed the page
                for event in self.server.events():
                    self.wfile.write(event)

    def _answer(self, kind: str, length: int | None) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in _FENCES.items():
            self.send_header(name, value)
        self.end_headers()

    def _refuse(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@contextmanager
def serve(page: bytes) -> Iterator[Stage]:
    """A stage while the block lasts; who still watches is told that it has ended.

    Args:
        page: What browsers are given, which asks for `EVENTS` beside itself.
    """
    with Stage(page) as stage:
        thread = threading.Thread(target=stage.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield stage
        finally:
            stage.end()
            stage.shutdown()
            thread.join()
