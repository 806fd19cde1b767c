"""The process that brings the index up to date for a service, so that the service's own threads are not held up.

Run as ``python -m kg.search.worker`` with a JSON object on standard input: the settings that matter, and the state to read. It
prints how far it is, a line for each batch, and at the end "done" or a sentence that says what is wrong.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import kg
from kg.config import Settings, load_settings
from kg.errors import KgError, StoreError
from kg.search.build import Progress, bring_up_to_date
from kg.store import RemoteStore, Snapshot, State
from kg.store.remote_service import RemoteState

_DONE = "done"
#: What is left to the requests of the service: https://man7.org/linux/man-pages/man2/nice.2.html
_NICE = 10
_SETTINGS = ("remote_query", "remote_user", "remote_password", "remote_timeout", "remote_max_bytes", "base_iri")


def _request(path: Path, state: State, settings: Settings) -> dict[str, Any]:
    folder = str(state.folder.resolve()) if isinstance(state, Snapshot) else ""
    home = str(state.home.resolve()) if isinstance(state, Snapshot) and state.home else ""
    values = {name: getattr(settings, name) for name in _SETTINGS}
    at = {"generation": state.generation, "origin": state.origin}
    return {"path": str(path.resolve()), "settings": values, "folder": folder, "home": home} | at


def _state(request: dict[str, Any], settings: Settings) -> State:
    generation, origin = request["generation"], request["origin"]
    if not request["folder"]:
        return RemoteState(RemoteStore(settings), generation, origin)
    folder = Path(request["folder"])
    try:
        return Snapshot(generation, folder, ox.Store.read_only(str(folder)), origin, Path(request["home"]))
    except OSError as error:
        # the service has gone on to a newer one meanwhile
        raise StoreError(f"The snapshot {folder} cannot be read: {error}.") from None


class Work:
    """One run of the process.

    Args:
        path: the file of the index.
        state: the state of the store that it is to hold.
    """

    def __init__(self, path: Path, state: State, settings: Settings) -> None:
        self._request = json.dumps(_request(path, state, settings))
        self._process: subprocess.Popen[str] | None = None
        self._ended, self._lock = threading.Event(), threading.Lock()

    def run(self, progress: Callable[[Progress], None]) -> bool:
        """Wait until the index is up to date; False where ``end`` was called before it was.

        Raises:
            StoreError: it cannot be brought up to date, and why.
        """
        with self._lock:
            if self._ended.is_set():
                return False
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kg.search.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": str(Path(kg.__file__).parent.parent)},
                text=True,
            )
        last = ""
        with self._process as process:
            assert process.stdin and process.stdout
            process.stdin.write(self._request)
            process.stdin.close()
            for line in process.stdout:
                last = line.strip()
                done, _, of = last.partition(" of ")
                if done.isdigit() and of.isdigit():
                    progress(Progress(int(done), int(of)))
        if self._ended.is_set():
            return False
        if last != _DONE:
            raise StoreError(last if last.endswith(".") else "The process that makes the search index has ended.")
        return True

    def end(self) -> None:
        """End the process; what it has written stays, and the next run goes on from there."""
        with self._lock:
            self._ended.set()
            if self._process:
                self._process.kill()


def main() -> None:
    """Read the request, do it, and say so."""
    os.nice(_NICE)
    request = json.load(sys.stdin)
    try:
        settings = load_settings(environment={}, **request["settings"])
        bring_up_to_date(
            Path(request["path"]),
            _state(request, settings),
            settings.base_iri,
            lambda p: (sys.stdout.write(f"{p.done} of {p.of}\n"), sys.stdout.flush()),
        )
        sys.stdout.write(f"{_DONE}\n")
    except KgError as error:
        sys.stdout.write(f"{error}\n")


if __name__ == "__main__":
    main()
