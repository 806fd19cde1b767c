"""The checks find what they are there for: a page with every fault, from a real server."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.browser.checks import faults

PAGE = b"""<!doctype html><html lang="en"><head><title>Faults</title><link rel="icon" href="data:,"><style>
:focus { outline: none; } p { color: #aaa; background: #fff; } .wide { width: 3000px; }</style></head><body><main>
<a href="/one">One</a><a href="/two" tabindex="5">Two</a><p class="wide">Letters that can hardly be seen</p>
<img alt="" src="http://127.0.0.2:9/elsewhere.png"></main>
<script>console.error("told"); document.write("<h1>By script</h1>")</script>
</body></html>"""


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the library's
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_each_fault_is_told(address: str, browser: Chrome) -> None:
    told = "\n".join(faults(browser, address))
    for part in (
        "axe: color-contrast",
        "is 30",
        "keyboard: no focus to be seen on 'One'",
        "does not come to 'One' as number 1",
        "without scripts: no heading",
        "told",
        "asks another host: http://127.0.0.2:9/elsewhere.png",
    ):
        assert part in told, f"{part!r} is not in:\n{told}"
