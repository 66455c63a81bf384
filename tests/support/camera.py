"""A camera in the network: it shows a clip over RTSP to whoever asks, in real time and without ever saying how long.

ffmpeg makes the RTP packets; they are passed on within the connection, as cameras do behind a router.
"""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import imageio_ffmpeg

_RTP = 0  # the channel of pictures within the connection


class Camera:
    """Answers one connection after the other.

    Attributes:
        shown: how many times it was asked to play.
    """

    def __init__(self, clip: Path, *, turns: int) -> None:
        self.shown = 0
        self._clip, self._turns = clip, turns
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._packets.bind(("127.0.0.1", 0))
        self._packets.settimeout(0.2)
        told = subprocess.run([*self._sender(), "-t", "0.01", self._target], capture_output=True, text=True, check=True)
        lines = told.stdout.partition("SDP:")[2].split("\n")
        self._description = "\r\n".join(line.strip() for line in lines if line.strip()) + "\r\na=control:track1\r\n"
        while self._next() is not None:
            pass

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._listening.getsockname()[1]}/street"

    def serve(self) -> None:
        """Until it is closed."""
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as asked:
                self._talk(connection, asked)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _talk(self, connection: socket.socket, asked: object) -> None:
        while request := _request(asked):
            method, number = request
            if method == "TEARDOWN":
                return
            headers = {
                "OPTIONS": "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
                "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(self._description)}\r\n",
                "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n",
            }
            body = self._description if method == "DESCRIBE" else ""
            answer = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 1\r\n{headers.get(method, '')}\r\n{body}"
            connection.sendall(answer.encode())
            if method == "PLAY":
                self._play(connection)
                return

    @property
    def _target(self) -> str:
        return f"rtp://127.0.0.1:{self._packets.getsockname()[1]}"

    def _sender(self) -> list[str]:
        """The ffmpeg that makes packets, but for where to."""
        return [
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-re", "-stream_loop", str(self._turns - 1)),
            *("-i", str(self._clip), "-an", "-c:v", "copy", "-f", "rtp", "-payload_type", "96"),
        ]

    def _next(self) -> bytes | None:
        """The next packet, None if there is none for a while."""
        try:
            return self._packets.recv(1 << 16)
        except TimeoutError:
            return None

    def _play(self, connection: socket.socket) -> None:
        self.shown += 1
        command = [*self._sender(), self._target]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as sender:
            try:
                while True:
                    packet = self._next()
                    if packet is None and sender.poll() is not None:
                        return
                    if packet is None:
                        continue
                    connection.sendall(b"$" + bytes([_RTP]) + len(packet).to_bytes(2, "big") + packet)
            except OSError:  # whoever asked has seen enough
                return
            finally:
                sender.kill()


def _request(asked: object) -> tuple[str, str] | None:
    """The next request's method and number."""
    lines = []
    for line in asked:  # type: ignore[attr-defined]
        if not line.strip():
            break
        lines.append(line.decode())
    number = re.search(r"^CSeq: *(\d+)", "".join(lines), re.MULTILINE | re.IGNORECASE)
    return (lines[0].split()[0], number[1]) if lines and number else None


@contextmanager
def filming(clip: Path, *, turns: int) -> Iterator[Camera]:
    """A camera that shows a clip so many times in a row, while the block lasts."""
    camera = Camera(clip, turns=turns)
    thread = threading.Thread(target=camera.serve)
    thread.start()
    try:
        yield camera
    finally:
        camera.close()
        thread.join()
