"""Lines of a file that may be packed as .zip or .gz, numbered, one in memory at a time."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from kg.errors import SourceError

#: A longer line is no row of a table.
LONGEST = 1_000_000


def graph_key(path: Path) -> str:
    """The file's name as it stands in the address of its graph, without .zip and .gz."""
    name = re.sub(r"\.(zip|gz)$", "", path.name, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9._~-]+", "-", name).strip("-.") or "file"


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(LONGEST + 1):
        if len(line) > LONGEST:
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST)
            line = b"\t"  # in no layout: it is told of as a bad row
        yield line.rstrip(b"\r\n")


def _streams(path: Path) -> Iterator[IO[bytes]]:
    ending = path.suffix.lower()
    if ending == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                with archive.open(name) as member:
                    yield member
    elif ending == ".gz":
        with gzip.open(path) as unpacked:
            yield cast(IO[bytes], unpacked)
    else:
        with path.open("rb") as plain:
            yield plain


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, from 1; of an archive's files one after the other.

    Raises:
        SourceError: it cannot be read.
    """
    number = 0
    try:
        for stream in _streams(path):
            for line in _lines(stream):
                number += 1
                yield number, line
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{path}: it cannot be read after line {number} ({reason}).") from None


def cells(line: bytes) -> list[str]:
    """The cells of a line; GDELT's older files are not always UTF-8."""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    return [
        c[1:-1].replace('""', '"') if len(c) > 1 and c[0] == c[-1] == '"' else c
        for c in map(str.strip, text.split("\t"))
    ]
