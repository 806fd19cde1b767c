"""What is fuzzed: each target is a property of a part of the program, which holds for whatever Hypothesis makes.

The tests run each with a bounded number of examples, always the same ones; ``campaign`` runs them for as long as is wished,
led by what atheris sees of the branches that are taken. What needs the whole application is in ``tests.fuzz.served``.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.fuzz import asking, documents, operator_files, readers, wording
from tests.fuzz.target import Target


def targets() -> Iterator[tuple[str, Target]]:
    """Every target by its name: what it is given, and what must hold of it."""
    for module in (asking, documents, readers, wording, operator_files):
        yield from module.targets()
