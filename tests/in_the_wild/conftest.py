"""Stores for tests: one in this process's memory, and an S3 that runs on this machine."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Iterator

import fsspec
import pytest


@pytest.fixture
def memory() -> Iterator[str]:
    yield "memory://bucket"
    fsspec.filesystem("memory").rm("/", recursive=True)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pytest.importorskip("s3fs", reason="needs pip install s3fs")
    server = pytest.importorskip("moto.server", reason="needs pip install 'moto[server]'").ThreadedMotoServer
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = server(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    system = fsspec.get_filesystem_class("s3")
    system.clear_instance_cache()
    urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    system().mkdir("bucket")
    yield "s3://bucket"
    running.stop()
    system.clear_instance_cache()


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))
