"""How the soak tells what it found."""

from __future__ import annotations

import os
import platform
from collections import Counter
from typing import TYPE_CHECKING, TextIO

from arrivals import WANTED, Tally
from load import percentile
from mix import SHARES

if TYPE_CHECKING:
    from holding import Held, Minute

MB = 1e6


class Report:
    """Writes lines to several files at once."""

    percentile = staticmethod(percentile)

    def __init__(self, *files: TextIO) -> None:
        self._files = files

    def say(self, text: str) -> None:
        """Write a line, to be seen at once."""
        for file in self._files:
            file.write(text + "\n")
            file.flush()

    @staticmethod
    def columns() -> str:
        """Names of a minute's columns."""
        return (
            "minute   asked      ok refused limited  left errors |  small p50    p99 |  page p50    p99 | "
            "RSS MB PSS MB procs threads handles | store snaps  gone  tmp MB | ingested | late p99"
        )

    @staticmethod
    def line(number: int, minute: Minute) -> str:
        """A minute."""
        tally, held = minute.tally, minute.census
        counts = [tally.all(), tally.number("ok"), tally.number("refused"), tally.number("timeout", "too large")]
        counts += [tally.number("left", "let go"), tally.errors()]
        times = [percentile(tally.seconds[kind], share) for kind in ("small", "page") for share in (0.5, 0.99)]
        disk = [size / MB for size in (held.store, held.snapshots, held.gone, held.temporary)]
        return (
            f"{number:6} {counts[0]:7} {counts[1]:7} {counts[2]:7} {counts[3]:7} {counts[4]:5} {counts[5]:6} | "
            f"{times[0]:10.1f} {times[1]:6.0f} | {times[2]:9.1f} {times[3]:6.0f} | "
            f"{held.rss / MB:6.0f} {held.pss / MB:6.0f} {held.processes:5} {held.threads:7} {held.handles:7} | "
            f"{disk[0]:5.0f} {disk[1]:5.0f} {disk[2]:5.0f} {disk[3]:7.1f} | {minute.ingested:8} | "
            f"{percentile(tally.late, 0.99):8.1f}"
            f"{f'  the machine stood still for {minute.stood:.0f} s' if minute.stood else ''}"
        )


def heading(minutes: float, bound: float, limit: float) -> str:
    """What is about to be measured, and on what."""
    total = sum(SHARES.values())
    shares = ", ".join(f"{name} {100 * share / total:g} %" for name, share in SHARES.items())
    load = ", ".join(f"{number:.2f}" for number in os.getloadavg())
    return (
        f"{minutes:g} minutes each; {os.cpu_count()} processors, {platform.platform()}, load before {load}\n"
        f"mix: {shares}; queries end after {limit:g} s; sustainable: small queries' p99 within {bound:g} ms, none refused"
    )


def _outcomes(tally: Tally) -> list[str]:
    names: Counter[str] = Counter()
    for counts in tally.outcomes.values():
        names.update(counts)
    return sorted(names, key=lambda name: (name not in WANTED, -names[name]))


def beside(held: dict[str, Held], sustained: dict[str, float | None]) -> str:
    """The servers side by side."""
    rows: list[tuple[str, list[str]]] = [
        ("sustainable requests/s", [f"{s:.0f}" if (s := sustained[n]) is not None else "not asked" for n in held]),
        ("held under, requests/s", [f"{h.rate:.0f}" for h in held.values()]),
        ("minutes", [f"{h.minutes():.1f}" for h in held.values()]),
        ("the machine stood still, s", [f"{h.stood():.0f}" for h in held.values()]),
    ]
    tallies = [h.total() for h in held.values()]
    for kind in SHARES:
        for name in sorted({o for t in tallies for o in t.outcomes[kind]}, key=lambda o: (o not in WANTED, o)):
            label = f"{kind}: {name}{'' if name in WANTED else ' (error)'}"
            rows.append((label, [f"{t.outcomes[kind][name]:,}" for t in tallies]))
    for kind in ("small", "page", "huge", "update", "graph"):
        for share in (0.5, 0.99):
            shown = [f"{percentile(t.seconds[kind], share):,.1f}" for t in tallies]
            rows.append((f"{kind}, p{100 * share:g}, ms", shown))
    rows.append(("articles ingested", [f"{h.ingested():,}" for h in held.values()]))
    rows.append(("runs of it: whole, refused", [f"{len(h.runs)}, {h.refused}" for h in held.values()]))
    rows.append(("the longest of them, s", [f"{max(h.runs, default=0):,.0f}" for h in held.values()]))
    rows.append(("errors", [f"{t.errors():,}" for t in tallies]))
    for label, name in (("RSS", "rss"), ("PSS", "pss"), ("snapshots", "snapshots"), ("gone files", "gone")):
        rows.append((f"{label} at most, MB", [f"{getattr(h.peak(), name) / MB:,.0f}" for h in held.values()]))
    for name in ("processes", "threads", "handles"):
        rows.append((f"{name} at most", [f"{getattr(h.peak(), name):,}" for h in held.values()]))
    text = "\n" + f"{'':36}" + "".join(f"{name:>16}" for name in held) + "\n"
    text += "\n".join(f"{label:36}" + "".join(f"{value:>16}" for value in values) for label, values in rows)
    for name, tally in zip(held, tallies, strict=True):
        for what, example in sorted(tally.examples.items()):
            text += f"\n{name}, for example: {what}: {example}"
    return text
