"""A server of files on loopback, which counts what it sends, and one that never answers."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class FileServer(ThreadingHTTPServer):
    """Serves the files of a folder, parts of them where that is asked for.

    Attributes:
        sent: bytes, so far.
        requests: paths that were asked for.
    """

    daemon_threads = True

    def __init__(self, folder: Path, *, ranges: bool, sizes: bool, pause: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.ranges, self.sizes, self.pause = folder, ranges, sizes, pause
        self.sent = 0
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FileServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        path = self.server.folder / self.path.partition("?")[0].lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if self.server.ranges else None
        first = int(asked[1]) if asked else 0
        last = int(asked[2]) if asked and asked[2] else len(data) - 1
        self.send_response(206 if asked else 200)
        if self.server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        if self.server.sizes:
            self.send_header("Content-Length", str(last + 1 - first))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for begin in range(first, last + 1, 1 << 14):
                part = data[begin : min(begin + (1 << 14), last + 1)]
                self.wfile.write(part if self.server.sizes else b"%x\r\n%b\r\n" % (len(part), part))
                self.server.sent += len(part)
                time.sleep(self.server.pause)
            if not self.server.sizes:
                self.wfile.write(b"0\r\n\r\n")
        except OSError:  # whoever asked has had enough
            return

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@contextmanager
def serving(folder: Path, *, ranges: bool = True, sizes: bool = True, pause: float = 0.0) -> Iterator[FileServer]:
    """A server of a folder while the block lasts.

    Args:
        folder: what it serves.
        ranges: whether it sends parts of files.
        sizes: whether it says how much it will send.
        pause: seconds after every 16 kB; without one, megabytes wait in the sockets' buffers.
    """
    server = FileServer(folder, ranges=ranges, sizes=sizes, pause=pause)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silence() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/clip.mp4"
