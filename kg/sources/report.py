"""The report of a run's failures: JSON Lines, one object for each, which a later run takes as its inputs.

``given`` is the file or address as the run was told it, ``source`` the record in it, ``reason`` why it failed. What a file holds
beside the record that failed is in the store by then, and is left alone when the file is read again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import SourceError
from kg.sources import Failure, is_address


@contextmanager
def report(path: Path | None) -> Iterator[Callable[[Failure], None]]:
    """Write failures as they come; the report takes its name when the run is over, so that one is never half there.

    A run that is broken off leaves what it knows in a file that ends in ``.part``.

    Raises:
        SourceError: the file cannot be written.
    """
    if path is None:
        yield lambda _: None
        return
    part = path.with_name(path.name + ".part")
    with _told(path):
        out = part.open("w", encoding="utf-8")
    with out:

        def write(failure: Failure) -> None:
            found = {"given": failure.given, "source": failure.source, "reason": failure.reason}
            with _told(path):
                out.write(json.dumps(found | {"article": failure.article_id}, ensure_ascii=False) + "\n")
                out.flush()

        yield write
    with _told(path):
        part.replace(path)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(f"The report {path} cannot be written: {error.strerror or error}.") from None


def inputs_of(path: Path) -> list[Path | str]:
    """The files and addresses that a report names, each once, in its order.

    Raises:
        SourceError: it cannot be read, or a line is none of a report.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"The report {path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    found: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        try:
            given = json.loads(line)["given"]
        except (ValueError, KeyError, TypeError):
            given = None
        if not isinstance(given, str):
            raise SourceError(f"{path}, line {number}: it names no input, so this is no report of failures.")
        found[given] = None
    return [given if is_address(given) else Path(given) for given in found]
