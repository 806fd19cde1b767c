"""Starts this service and the native server, each in a process of its own, for as long as a block lasts."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mix import Dialect

from kg.config import Settings

#: Runs a command of this program.
KG = [sys.executable, "-c", "from kg.cli import main; main()"]


def end_with_servers() -> None:
    """Let SIGTERM end a benchmark as Ctrl-C does: its servers end with it, and its folders go."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def native_program() -> str:
    """The native server, of the package ``oxigraph``."""
    return shutil.which("oxigraph") or str(Path(sys.executable).with_name("oxigraph"))


@contextlib.contextmanager
def started(command: list[str], port: int, patience: float = 10.0, **environment: str) -> Iterator[int]:
    """A server, until the block ends; gives its process. It has some seconds to end by itself."""
    process = subprocess.Popen(
        command,
        env=os.environ | unlimited() | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the benchmark alone, which then ends its servers
    )
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} has ended")
            time.sleep(0.1)
        time.sleep(1.0)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def unlimited() -> dict[str, str]:
    """Settings by which one machine may ask as much as many clients do together."""
    known = {field.name for field in dataclasses.fields(Settings)}
    return {f"KG_{name.upper()}": "0" for name in known & {"client_rate", "client_queries", "client_query_seconds"}}


def kg_command(store: Path, port: int) -> list[str]:
    """Serves a store with this program."""
    return [*KG, "serve", "--port", str(port), "--store", str(store)]


def native_command(data: Path, port: int, *options: str, writable: bool) -> list[str]:
    """Serves a folder of Oxigraph's with the native server."""
    verb = "serve" if writable else "serve-read-only"
    where = ["--location", str(data), "--bind", f"127.0.0.1:{port}"]
    return [native_program(), verb, *where, "--union-default-graph", *options]


@dataclass
class Server:
    """One of the two, as it is started for the soak."""

    name: str
    dialect: Dialect
    port: int
    store: Path
    temporary: Path
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    sustained: float | None = None

    @property
    def address(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"
