"""A running service's processes, looked at from outside."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import Served


@dataclass(frozen=True)
class Process:
    """One of them; ``program`` is the file that it runs, where it is one of the workers' or "" ."""

    pid: int
    program: str
    parent_program: str

    @property
    def folder(self) -> Path:
        """What the system tells of it."""
        return Path(f"/proc/{self.pid}")

    @property
    def works(self) -> bool:
        """Whether it is there to evaluate queries."""
        return self.program == "worker.py" or self.program == self.parent_program == "template.py"


def processes(service: Served) -> list[Process]:
    """The service's process and all that come from it."""
    tree, found = [(service.process.pid, "")], []
    while tree:
        pid, above = tree.pop()
        with contextlib.suppress(OSError):  # one that has just ended
            line = Path(f"/proc/{pid}/cmdline").read_text()
            program = next((name for name in ("worker.py", "template.py") if name in line), "")
            found.append(Process(pid, program, above))
            children = [c for task in Path(f"/proc/{pid}").glob("task/*/children") for c in task.read_text().split()]
            tree += [(int(child), program) for child in children]
    return found


def until(condition: object, seconds: float = 40.0) -> None:
    """Wait until something is so."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):  # of a process that ended while it was looked at
            if condition():
                return
        assert time.monotonic() < deadline
        time.sleep(0.1)
