"""What a check found: all of it is counted, the first of it is told in full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Findings:
    """Findings in the order in which they were made; ``most`` are kept in words, ``total`` counts all."""

    most: int
    total: int = 0
    lines: list[str] = field(default_factory=list)
    #: What was looked at, with how many of each there are.
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, line: str) -> None:
        """Take one finding; line breaks in it are the data's, and not the list's."""
        self.total += 1
        if len(self.lines) < self.most:
            self.lines.append(" ".join(line.split()))

    def extend(self, lines: Iterable[str]) -> None:
        """Take some findings."""
        for line in lines:
            self.add(line)

    def count(self, what: str, number: int = 1) -> None:
        """Count what was looked at."""
        self.counts[what] = self.counts.get(what, 0) + number
