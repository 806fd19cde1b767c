"""Bytes to articles: one module for each format, one table of them, and the walk over files and folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from kg.config import Settings
from kg.errors import SourceError
from kg.model import Article
from kg.sources import jsonlines, plain
from kg.sources.failure import Failure

__all__ = ["READERS", "Failure", "read_articles", "read_lines"]

#: How a file of a kind is read: whole files by one function, or lines by one that takes a line.
WHOLE: dict[str, Callable[[bytes, str], Article]] = {"": plain.read, ".txt": plain.read, ".text": plain.read}
LINES: dict[str, Callable[[bytes, str], Article]] = {".jsonl": jsonlines.read, ".ndjson": jsonlines.read}
#: Every ending that can be read; a file without an ending is read as plain text.
READERS = WHOLE | LINES


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "it may not be read (no rights)"
    return f"it cannot be read ({error.strerror or error})"


def _files(path: Path) -> Iterator[Path | Failure]:
    """A file itself, or a folder's files and those of its folders in the order of their names; hidden ones are left out."""
    try:
        if not path.is_dir():
            yield path
            return
        with os.scandir(path) as entries:
            # a link to a folder may lead back to where it lies
            shown = [e for e in entries if not e.name.startswith(".") and not (e.is_symlink() and e.is_dir())]
            inside = sorted(Path(entry.path) for entry in shown)
    except OSError as error:
        yield Failure(str(path), _why(error))
        return
    for child in inside:
        yield from _files(child)


def read_lines(stream: BinaryIO, name: str, settings: Settings) -> Iterator[Article | Failure]:
    """JSON Lines from an open stream, one line in memory at a time; empty lines are passed over."""
    limit, number = settings.max_article_bytes, 0
    while line := stream.readline(limit + 1):
        number += 1
        source = f"{name}, line {number}"
        if len(line) > limit:
            while line and not line.endswith(b"\n"):
                line = stream.readline(limit)
            yield Failure(source, f"it is longer than {limit:,} bytes")
        elif line.strip():
            try:
                yield jsonlines.read(line, source)
            except SourceError as error:
                yield Failure(source, str(error))


def _read_file(path: Path, settings: Settings) -> Iterator[Article | Failure]:
    ending = path.suffix.lower()
    try:
        if ending not in READERS:
            readable = ", ".join(sorted(filter(None, READERS)))
            yield Failure(str(path), f"there is no reader for files that end in '{ending}' (readable are {readable})")
        elif ending in LINES:
            with path.open("rb") as stream:
                yield from read_lines(stream, str(path), settings)
        else:
            with path.open("rb") as stream:
                data = stream.read(settings.max_article_bytes + 1)
            if len(data) > settings.max_article_bytes:
                raise SourceError(f"it is longer than {settings.max_article_bytes:,} bytes")
            yield WHOLE[ending](data, path.name)
    except OSError as error:
        yield Failure(str(path), _why(error))
    except SourceError as error:
        yield Failure(str(path), str(error))


def read_articles(paths: Iterable[Path], settings: Settings) -> Iterator[Article | Failure]:
    """Articles from files and folders, lazily, in sorted order; what cannot be read comes as a Failure in its place.

    An article's ``source`` is its file's name, or its record's id: never a folder's path, which differs between machines.
    """
    for path in paths:
        for file in _files(path):
            if isinstance(file, Failure):
                yield file
            else:
                yield from _read_file(file, settings)
