"""The page's server: who knows the address is shown the newest, and nobody else gets anything."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest

from in_the_wild.live.serve import Stage, serve


@pytest.fixture
def stage() -> Iterator[Stage]:
    with serve(b"<!doctype html>the page") as started:
        yield started


def status(stage: Stage, path: str, *, method: str = "GET", host: str | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", stage.server_port, timeout=30)
    connection.request(method, path, headers={"Host": host or stage.host})
    answer = connection.getresponse()
    connection.close()
    return answer.status


def test_the_page_is_where_it_says_and_fenced(stage: Stage) -> None:
    with urllib.request.urlopen(stage.address, timeout=30) as answer:
        assert answer.read() == b"<!doctype html>the page"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_it_listens_on_loopback_alone_under_an_address_that_is_new_each_time(stage: Stage) -> None:
    assert stage.socket.getsockname()[0] == "127.0.0.1"
    assert stage.socket.family == socket.AF_INET
    with serve(b"") as other:
        assert urlsplit(other.address).path != urlsplit(stage.address).path
    assert len(urlsplit(stage.address).path) > 30


@pytest.mark.parametrize("path", ["/", "/events", "/../../etc/passwd", "//etc/passwd", "{}x", "{}../", "{}events/.."])
def test_nothing_else_is_served(stage: Stage, path: str) -> None:
    assert status(stage, path.format(urlsplit(stage.address).path)) == 404


def test_another_name_of_this_machine_is_refused(stage: Stage) -> None:
    path = urlsplit(stage.address).path
    for host in ("evil.example", f"evil.example:{stage.server_port}", f"localhost:{stage.server_port}", "127.0.0.1"):
        assert status(stage, path, host=host) == 421


def test_only_reading_is_allowed(stage: Stage) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
        assert status(stage, urlsplit(stage.address).path, method=method) == 501


def test_the_newest_is_shown_and_the_end_is_told() -> None:
    with serve(b"") as stage:
        stage.show(json.dumps({"number": 0}).encode())
        stage.show(json.dumps({"number": 1}).encode())
        answer = urllib.request.urlopen(f"{stage.address}events", timeout=30)
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.readline() == b'data: {"number": 1}\n'
        assert answer.readline() == b"\n"
        assert stage.watched
        stage.show(b"2")
        assert answer.readline() == b"data: 2\n"
    assert answer.read() == b"\nevent: end\ndata:\n\n"
    assert not stage.watched


def test_too_many_are_not_admitted(stage: Stage) -> None:
    stage.show(b"0")
    watching = [urllib.request.urlopen(f"{stage.address}events", timeout=30) for _ in range(16)]
    assert np.all([one.readline() == b"data: 0\n" for one in watching])
    assert status(stage, f"{urlsplit(stage.address).path}events") == 503
