"""A service that lets everybody write, with what it says; and a listener that nobody should ever call."""

from __future__ import annotations

import contextlib
import shutil
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from kg.config import Settings
from tests.conftest import Served, serving

#: What no answer may hold: it stands in a file beside the store.
SECRET = "the-content-of-a-file-that-is-nobody-s-business"


@dataclass(frozen=True)
class Exposed:
    """The service, its folder, and the file of what it says."""

    served: Served
    folder: Path
    log: Path

    @property
    def port(self) -> int:
        return int(self.served.url.rpartition(":")[2])

    def said(self) -> str:
        """What it has said, as it stands in the file."""
        return self.log.read_bytes().decode("latin-1")

    def raw(self, data: bytes, patience: float = 15.0) -> bytes:
        """What comes back for bytes that need be no HTTP, until the service ends the connection or has said it all."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(data)
            with contextlib.suppress(ConnectionError, TimeoutError):
                while not _whole(answer) and (part := connection.recv(65_536)):
                    answer += part
        return answer


def _whole(answer: bytes) -> bool:
    head, ended, body = answer.partition(b"\r\n\r\n")
    length = next(
        (line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), None
    )
    return bool(ended) and length is not None and len(body) >= int(length)


@pytest.fixture(scope="session")
def exposed(filled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exposed]:
    folder = tmp_path_factory.mktemp("exposed")
    shutil.copytree(filled.store, folder / "store")
    (folder / "tokens").write_text(SECRET)
    (folder / "dumps").mkdir()
    with serving(
        replace(filled, store=folder / "store"),
        log=folder / "log",
        KG_WRITES="open",
        KG_STALL_TIMEOUT="1",
        KG_QUERY_TIMEOUT="1",
        KG_QUERY_MEMORY="500000000",
        KG_WRITE_TIMEOUT="20",
        KG_DUMPS=str(folder / "dumps"),
        KG_TOKENS=str(folder / "tokens"),
    ) as served:
        yield Exposed(served, folder, folder / "log")


@dataclass
class Canary:
    """Listens on this machine, and keeps what it hears."""

    port: int
    heard: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def silent(self, seconds: float = 0.3) -> bool:
        """Whether nobody has called, and nobody does within a moment."""
        time.sleep(seconds)
        return self.heard == []


@pytest.fixture
def canary() -> Iterator[Canary]:
    found = Canary(0)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            found.heard.append(b"called")
            with contextlib.suppress(OSError):
                found.heard[-1] = self.request.recv(2_000)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        found.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield found
        server.shutdown()
