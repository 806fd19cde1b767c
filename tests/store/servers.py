"""Real servers for the tests of remote stores, on free ports of this machine, and one that lies."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import free_port

_VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
NumberOfBuffers = 4000
MaxDirtyBuffers = 2000
DirsAllowed = {folder}
SchedulerInterval = 10
ThreadsPerQuery = 1
[HTTPServer]
ServerPort = 127.0.0.1:{http_port}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000
MaxQueryExecutionTime = 60
"""


@dataclass(frozen=True)
class Remote:
    """A server: which it is, the settings that lead to it, and its process."""

    name: str
    settings: dict[str, Any]
    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        """The settings as variables."""
        return {f"KG_{name.upper()}": str(value) for name, value in self.settings.items()}


@contextmanager
def _started(command: list[str], address: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    # Virtuoso leaves files where it is started
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        deadline = time.monotonic() + 180  # a busy machine takes its time
        while True:
            try:
                with urllib.request.urlopen(f"{address}?query=ASK%7B%7D", timeout=5):
                    break
            except OSError:
                assert process.poll() is None, f"{command[0]} has ended"
                assert time.monotonic() < deadline, f"{command[0]} does not answer"
                time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def oxigraph(folder: Path, *options: str) -> Iterator[Remote]:
    """``oxigraph serve`` on a folder."""
    port = free_port()
    program = shutil.which("oxigraph") or str(Path(sys.executable).with_name("oxigraph"))
    base = f"http://127.0.0.1:{port}"
    paths = {"remote_query": "query", "remote_update": "update", "remote_graphs": "store"}
    settings = {name: f"{base}/{path}" for name, path in paths.items()}
    command = [program, "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}", *options]
    with _started(command, f"{base}/query", folder.parent) as process:
        yield Remote("oxigraph", settings, process)


@contextmanager
def virtuoso(folder: Path) -> Iterator[Remote]:
    """Virtuoso with a new database, as it comes: rows are cut at 10,000, and writing needs its password."""
    program = shutil.which("virtuoso-t")
    if not program:
        pytest.skip("Virtuoso is not installed (the Debian package virtuoso-opensource)")
    folder.mkdir(parents=True)
    http_port = free_port()
    configuration = folder / "virtuoso.ini"
    configuration.write_text(_VIRTUOSO.format(folder=folder, port=free_port(), http_port=http_port))
    base = f"http://127.0.0.1:{http_port}"
    settings = {
        "remote_query": f"{base}/sparql",
        "remote_update": f"{base}/sparql-auth",
        "remote_graphs": f"{base}/sparql-graph-crud-auth",
        "remote_user": "dba",
        "remote_password": "dba",
    }
    with _started([program, "+foreground", "+configfile", str(configuration)], f"{base}/sparql", folder) as process:
        yield Remote("virtuoso", settings, process)


#: Head and body of an answer to a query.
Answer = tuple[dict[str, str], bytes]


@contextmanager
def lying(answer: Callable[[str], Answer]) -> Iterator[str]:
    """A server that says 200 to everything (or what stands as ``Status`` in the head); what it sends for a query's Accept header
    is up to the test. Its address.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            head, body = answer(self.headers["Accept"])
            self.send_response(int(head.get("Status", 200)))
            for name, value in head.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
