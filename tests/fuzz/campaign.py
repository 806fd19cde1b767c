"""A longer campaign: every target for some minutes, led by the branches that are taken, and what was found at the end.

``python -m tests.fuzz.campaign --minutes 2 [TARGET ...]``. Each target runs in a process of its own, without a network where
the system allows that. With atheris inputs are bred by coverage of ``kg``; without it they are made at random, and it says so.
A find does not end its target: each kind is told once, with the smallest input that was seen.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from hypothesis import HealthCheck, given, settings

ROOT = Path(__file__).parent.parent.parent
#: Bytes of an input from which Hypothesis draws, and how many inputs a target begins with.
_LONGEST, _SEEDS = 8_192, 40
#: Characters of an input that are kept.
_KEPT = 1_000_000


def at_file(out: Path) -> Path:
    """Where the input stands that a target is at."""
    return out.with_suffix(".at")


def _place(trace: TracebackType | None) -> str:
    """The last place in the project's own code that an exception went through."""
    ours = [frame for frame in traceback.extract_tb(trace) if str(ROOT / "kg") in frame.filename]
    last = ours[-1] if ours else traceback.extract_tb(trace)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


class Tally:
    """What one target has tried and found, written down every second: the fuzzer ends the process without a word."""

    def __init__(self, out: Path, check: Callable[[Any], None]) -> None:
        self._out, self._check = out, check
        self.inputs = 0
        self.finds: dict[str, dict[str, str]] = {}
        self.slowest, self.slow_input, self._written = 0.0, "", 0.0
        self._at = at_file(out).open("w", encoding="utf-8", errors="backslashreplace")

    def __call__(self, value: Any) -> None:
        self.inputs += 1
        # what brings the process down can no longer be told of afterwards
        self._at.seek(0)
        self._at.write(repr(value))
        self._at.truncate()
        self._at.flush()
        began = time.process_time()
        try:
            self._check(value)
        except Exception as error:  # noqa: BLE001 -- whatever comes is the find
            self._found(error, value)
        took = time.process_time() - began
        if took > self.slowest:
            self.slowest, self.slow_input = took, repr(value)[:_KEPT]
        if time.monotonic() > self._written + 1:
            self.write()

    def _found(self, error: Exception, value: Any) -> None:
        key, shown = f"{type(error).__name__} at {_place(error.__traceback__)}", repr(value)
        known = self.finds.get(key)
        if known is None or len(shown) < len(known["input"]):
            self.finds[key] = {"message": str(error)[:400], "input": shown[:_KEPT]}
            self.write()

    def write(self) -> None:
        """Write down what there is."""
        self._written = time.monotonic()
        told = {"inputs": self.inputs, "finds": self.finds, "slowest": self.slowest, "slow_input": self.slow_input}
        self._out.write_text(json.dumps(told))


def _target(name: str, folder: Path) -> tuple[Any, Callable[[Any], None]]:
    from tests.fuzz import served
    from tests.fuzz.targets import targets

    if name not in (*served.READING, *served.WRITING):
        return dict(targets())[name]
    import logging

    from kg.config import Settings
    from kg.pipeline import ingest
    from server import create_app

    logging.disable(logging.CRITICAL)
    own = Settings(store=folder / "store", extractors="frames", query_timeout=3.0)
    if name in served.READING:
        ingest([ROOT / "seeds"], own)
        return dict(served.targets(create_app(own)))[name]
    return dict(served.writing_targets(create_app(replace(own, writes="open", search="off"))))[name]


def _run_one(name: str, seconds: float, out: Path, seed: int) -> None:
    """Fuzz one target in this process, which ends with it."""
    from kg.sparql.worker import leave_network

    leave_network()
    try:
        import atheris
    except ImportError:
        atheris = None
    with tempfile.TemporaryDirectory() as folder:
        if atheris:
            with atheris.instrument_imports(include=["kg"]):
                strategy, check = _target(name, Path(folder))
        else:
            strategy, check = _target(name, Path(folder))
        tally = Tally(out, check)
        checks = list(HealthCheck)
        made = settings(database=None, deadline=None, suppress_health_check=checks)(given(strategy)(tally.__call__))
        one: Callable[[bytes], object] = made.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
        if atheris:
            _bred(atheris, one, seconds, Path(folder), seed)
        chance, ends = random.Random(seed), time.monotonic() + seconds
        while time.monotonic() < ends:
            one(chance.randbytes(chance.randrange(_LONGEST)))
        tally.write()


def _bred(atheris: Any, one: Callable[[bytes], object], seconds: float, folder: Path, seed: int) -> None:
    corpus, chance = folder / "corpus", random.Random(seed)
    corpus.mkdir()
    for number in range(_SEEDS):
        (corpus / f"{number}").write_bytes(chance.randbytes(chance.choice((64, 512, 2_048, _LONGEST))))

    def test_one(data: bytes) -> None:
        one(data)

    options = [
        f"-max_total_time={int(seconds)}",
        f"-max_len={_LONGEST}",
        "-len_control=0",
        "-timeout=600",
        "-rss_limit_mb=4000",
    ]
    options += [f"-seed={seed}", f"-artifact_prefix={folder}/", "-verbosity=0", "-print_final_stats=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], test_one)
    atheris.Fuzz()


def _tell(name: str, done: subprocess.CompletedProcess[str], out: Path) -> int:
    """Print what came of a target; how many inputs it tried."""
    told = json.loads(out.read_text()) if out.exists() else {"inputs": 0, "finds": {}, "slowest": 0, "slow_input": ""}
    print(
        f"{name:16} {told['inputs']:>9,} inputs, {len(told['finds'])} finds, slowest {told['slowest']:.2f} s",
        flush=True,
    )
    if told["slowest"] > 1:
        print(f"    slow: {told['slow_input'][:200]}")
    for place, find in told["finds"].items():
        print(f"    {place}: {find['message']}\n        {find['input'][:600]}")
    if done.returncode not in (0, 77):
        at = at_file(out).read_text(encoding="utf-8")[:600] if at_file(out).exists() else ""
        print(f"    the process ended with {done.returncode} at {at}: {done.stderr[-800:]}", flush=True)
    return int(told["inputs"])


def main() -> None:
    """Run a campaign, or (with ``--one``) a single target in this process."""
    from tests.fuzz import served
    from tests.fuzz.targets import targets

    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz.campaign", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("targets", nargs="*", help="names of targets; all where none is given")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long each target runs")
    parser.add_argument("--seed", type=int, default=1, help="from what the inputs are made")
    parser.add_argument("--keep", type=Path, help="a folder for what each target found, whole, as JSON")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given_ = parser.parse_args()
    every = [*(name for name, _ in targets()), *served.READING, *served.WRITING]
    if unknown := [name for name in given_.targets if name not in every]:
        parser.error(f"there is no target {unknown[0]!r}; there are {', '.join(every)}")
    if given_.one:
        _run_one(given_.targets[0], given_.minutes * 60, given_.one, given_.seed)
        return
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        kept = given_.keep or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        for name in given_.targets or every:
            out = kept / f"{name}.json"
            command = [sys.executable, "-m", "tests.fuzz.campaign", name, "--one", str(out), "--seed", str(given_.seed)]
            command += ["--minutes", str(given_.minutes)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            total += _tell(name, done, out)
    print(f"{total:,} inputs in all")


if __name__ == "__main__":
    main()
