"""Children of a warm process: each a process group of its own, with what the program needs already imported.

The process that forks them never opens a store itself: the engine's threads and locks would not live on in a copy.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


@dataclass
class Child:
    """A process that was started, and the file of what it says."""

    pid: int
    said: Path
    started: float

    def kill(self) -> None:
        """Kill the whole group, as the system does when it takes memory back."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self, timeout: float = 120.0) -> int | None:
        """Its exit code (negative: the signal), once it has ended; None where it has not by then."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.005)
        return None


def start(work: Callable[[], object], said: Path, environment: Mapping[str, str] | None = None) -> Child:
    """Do some work in a child; exit code 0 where it comes to its end."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return Child(pid, said, time.monotonic())
    code = 1
    try:
        os.setsid()
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ.update(environment or {})
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:  # noqa: BLE001 -- whatever it is, the child must not go on as if it were its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def call(work: Callable[[], Result], said: Path, environment: Mapping[str, str] | None = None) -> Result:
    """What some work gives, done in a child.

    Raises:
        AssertionError: it failed; what it said is the message.
    """
    result = said.with_suffix(".result")

    def kept() -> None:
        result.write_bytes(pickle.dumps(work()))

    code = start(kept, said, environment).wait()
    assert code == 0, f"ended with {code}: {said.read_text(errors='replace')[-2_000:]}"
    found: Result = pickle.loads(result.read_bytes())
    return found


def left_in_group(pid: int) -> list[int]:
    """The processes of a group that are still there."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == pid and fields[0] != "Z":
                found.append(int(process.name))
    return found
