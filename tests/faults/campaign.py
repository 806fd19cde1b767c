"""Kills every operation at random moments, and looks at what is left: ``python -m tests.faults.campaign --kills 300 --seed 1``.

Each round begins with a copy of a small store, starts one operation in a process group of its own, kills the group at a moment
spread over the operation's measured length, looks at the store, does the operation again to its end, and compares with a run
that was never killed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

import server  # noqa: F401 -- what children need is imported once
from kg.config import Settings
from kg.language import load
from tests.faults.bench import Bench, Operation
from tests.faults.operations import OPERATIONS, Writing


def _measure(kind: type[Operation], bench: Bench, folder: Path) -> list[str]:
    """Do an operation once without a kill, so that its length is known; what is wrong then."""
    if kind is Writing:  # ends by the kill alone
        return []
    one = kind(bench, folder)
    began = time.monotonic()
    code = one.start().wait()
    kind.length = time.monotonic() - began
    shown = one.done() if code == 0 else [f"ends with {code}: {(folder / 'said').read_text()[-800:]}"]
    shutil.rmtree(folder)
    return shown


def campaign(kills: int, seed: int, folder: Path, only: str = "") -> tuple[Counter[str], Counter[str], list[str]]:
    """So many rounds; how many of each operation there were, of these how many hit it at work, and what was found."""
    chosen = random.Random(seed)
    kinds = [kind for kind in OPERATIONS if not only or kind.__name__ == only]
    load(Settings()).parse([])
    bench = Bench.made(folder)
    rounds, hit, found, done = Counter[str](), Counter[str](), list[str](), set[type[Operation]]()
    # a short campaign takes the lengths for what they were elsewhere
    measured = kills > 2 * len(kinds)
    for number in range(kills):
        kind = kinds[number % len(kinds)]
        name = kind.__name__
        if measured and kind not in done:
            done.add(kind)
            found += [f"{name}, not killed: {line}" for line in _measure(kind, bench, folder / f"{name}-measured")]
        moment = chosen.uniform(0, kind.length)
        one = kind(bench, folder / f"round{number}")
        rounds[name] += 1
        hit[name] += one.killed(moment)
        try:
            lines = one.after() + one.again()
        except AssertionError as error:
            lines = [str(error)]
        found += [f"{name}, killed after {moment:.3f} of {kind.length:.3f} s: {line}" for line in lines]
        for line in lines:
            click.echo(f"round {number}, {name}, killed after {moment:.3f} of {kind.length:.3f} s: {line}")
        if not lines:
            shutil.rmtree(one.folder)
    return rounds, hit, found


def _main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=300)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="", choices=["", *(kind.__name__ for kind in OPERATIONS)])
    asked.add_argument("--folder", type=Path, help="Where what was found is kept.  [default: a new one]")
    given = asked.parse_args()
    folder = Path(tempfile.mkdtemp(dir=given.folder))
    began = time.monotonic()
    rounds, hit, found = campaign(given.kills, given.seed, folder, given.only)
    for name, number in rounds.items():
        click.echo(f"{name}: {number} rounds, {hit[name]} of them killed at work")
    click.echo(
        f"{sum(rounds.values())} kills in {time.monotonic() - began:.0f} s, {len(found)} findings; seed {given.seed}"
    )
    if found:
        click.echo(f"What is left of these rounds is in {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(_main())
