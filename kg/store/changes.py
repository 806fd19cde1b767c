"""Which graphs were written, and when: a list beside the generation.

By it what is made from the store need not look at all of it. A line is a generation, a tab, and the graph that was written
in it; ``*`` stands for an update in SPARQL of which that is not known, and nothing for the default graph. It is written
before the write itself: it names more graphs than were changed after a crash, never fewer. The oldest lines are dropped when
the file has grown.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

FILE = "changes"
ANY = "*"
#: Bytes above which the older half is dropped: some 20,000 graphs.
LARGEST = 2_000_000
#: Bytes at the end that are looked at first: a few writes.
_REACH = 4_096


def note(store: Path, generation: int, graphs: Iterable[str]) -> None:
    """Add the graphs of a generation that is about to begin."""
    path = store / FILE
    with path.open("a+b") as out:
        # a line that was broken off, by a kill or a full disk, must not swallow the next one
        if out.tell() and (out.seek(-1, os.SEEK_END), out.read(1))[1] != b"\n":
            out.write(b"\n")
        out.write("".join(f"{generation}\t{graph}\n" for graph in graphs).encode())
        grown = out.tell() > LARGEST
    if grown:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = lines[len(lines) // 2 :]
        # the generation that was cut through is no longer known as a whole
        kept = [line for line in kept if line.partition("\t")[0] != kept[0].partition("\t")[0]]
        temporary = path.with_suffix(".new")
        temporary.write_text("".join(kept), encoding="utf-8")
        temporary.replace(path)


def changed(store: Path, since: int, until: int) -> frozenset[str] | None:
    """The graphs that were written after one generation, up to another; None where that is not known."""
    if since == until:
        return frozenset()
    if since > until:
        return None
    try:
        lines = _after(store / FILE, since).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    found: dict[int, set[str]] = {}
    for line in lines:
        number, _, graph = line.partition("\t")
        if number.isdigit():
            found.setdefault(int(number), set()).add(graph)
    wanted = range(since + 1, until + 1)
    if any(number not in found or ANY in found[number] for number in wanted):
        return None
    return frozenset(graph for number in wanted for graph in found[number])


def _after(path: Path, generation: int) -> bytes:
    """The end of the list, which may be long: the lines of all later generations, and perhaps some of those before."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        for reach in (_REACH, 16 * _REACH):
            if reach >= size:
                break
            file.seek(size - reach)
            # the first line may be cut through
            part = file.read().partition(b"\n")[2]
            first = part.partition(b"\t")[0]
            if first.isdigit() and int(first) <= generation:
                return part
        file.seek(0)
        return file.read()
