"""A real HTTP server on this machine, and texts that are fiction."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kg.config import Settings

PAGES = Path(__file__).parent / "pages"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """A server with an answer for each path; it keeps what it was asked, with the headers."""

    answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def page(self, path: str, body: bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> str:
        """Give a path a body; its address."""
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        self.answers[path] = (200, {"Content-Type": kind, **named}, body)
        return self.url + path

    def redirect(self, path: str, target: str) -> str:
        self.answers[path] = (302, {"Location": target}, b"")
        return self.url + path


def _answer(site: Site, handler: BaseHTTPRequestHandler) -> None:
    headers = {k.lower(): v for k, v in handler.headers.items()}
    site.asked.append((handler.path, headers))
    answer = site.answers.get(handler.path, (404, {}, b"none"))
    if callable(answer):
        answer(handler)
        return
    status, told, body = answer
    known = (headers.get("if-none-match"), headers.get("if-modified-since"))
    if status == 200 and any(known) and known == (told.get("ETag"), told.get("Last-Modified")):
        status, body = 304, b""
    handler.send_response(status)
    for name, value in told.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def site() -> Iterator[Site]:
    """A server that runs while the test does."""
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(OSError):  # the client has gone, as some tests want it to
                _answer(found, self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_settings(tmp_path: Path) -> Settings:
    """Settings that let this machine's own address be fetched from, and no other private one."""
    return Settings(store=tmp_path / "store", private_networks="127.0.0.1/32", fetch_delay=0, extractors="frames")


@pytest.fixture
def page() -> bytes:
    """A page with everything stated."""
    return (PAGES / "linked-data.html").read_bytes()
