"""Bytes to articles: one module for each format, one table of them, and the walk over files, folders and addresses."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from kg.config import Settings
from kg.model import Article
from kg.sources import jsonlines
from kg.sources.failure import Duplicate, Failure, Skipped, Skips
from kg.sources.fetch import Fetcher
from kg.sources.formats import ENDINGS, FORMATS, by_name
from kg.sources.memory import Memory
from kg.sources.origin import Origin
from kg.sources.web import read_address

__all__ = [
    "STANDARD_INPUT",
    "Duplicate",
    "Failure",
    "Memory",
    "Skipped",
    "Skips",
    "is_address",
    "read_articles",
    "read_lines",
    "size",
]

#: The input that stands for standard input.
STANDARD_INPUT = "-"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def is_address(given: str | Path) -> bool:
    """Whether an input is an address on the web (of any scheme), not a file or folder."""
    return isinstance(given, str) and _ADDRESS.match(given) is not None


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "it may not be read (no rights)"
    return f"it cannot be read ({error.strerror or error})"


def _belongs_to_a_page(name: str, names: set[str]) -> bool:
    """Whether a folder holds the pictures and scripts of a page that a browser saved beside it."""
    stem = name.removesuffix("_files")
    return stem != name and not names.isdisjoint({f"{stem}.html", f"{stem}.htm"})


def _files(path: Path) -> Iterator[Path | Failure]:
    """A file itself, or a folder's files and those of its folders in the order of their names; hidden ones are left out."""
    try:
        if not path.is_dir():
            yield path
            return
        with os.scandir(path) as entries:
            # a link to a folder may lead back to where it lies
            shown = [e for e in entries if not e.name.startswith(".") and not (e.is_symlink() and e.is_dir())]
            names = {entry.name for entry in shown}
            inside = sorted(Path(e.path) for e in shown if not (e.is_dir() and _belongs_to_a_page(e.name, names)))
    except OSError as error:
        yield Failure(str(path), _why(error))
        return
    for child in inside:
        yield from _files(child)


def _not_too_long(items: Iterable[Article | Failure], settings: Settings) -> Iterator[Article | Failure]:
    """Items with a Failure in the place of each article that is longer than the settings let one be."""
    limit = settings.max_article_characters
    for item in items:
        if limit and isinstance(item, Article) and len(item.text) > limit:
            told = f"its text has {len(item.text):,} characters; the limit (max_article_characters) is {limit:,}"
            yield Failure.of(item, told)
        else:
            yield item


def read_lines(stream: BinaryIO, name: str, settings: Settings) -> Iterator[Article | Failure]:
    """JSON Lines from an open stream, one line in memory at a time; empty lines are passed over."""
    return _not_too_long(jsonlines.items(stream, Origin(name, name), settings), settings)


def _read_file(path: Path, settings: Settings, before: int) -> Iterator[Article | Failure]:
    """A file's articles, each with where it was read from; ``before`` are the bytes of the files before it."""
    name, given = by_name(path.name), str(path)
    if name is None:
        readable = ", ".join(sorted(ENDINGS))
        reason = f"there is no reader for files that end in '{path.suffix.lower()}' (readable are {readable})"
        yield Failure(given, reason, given=given)
        return
    try:
        with path.open("rb") as stream:
            for item in FORMATS[name].items(stream, Origin(given, path.name), settings):
                # some readers close what they have read to its end, and a pipe does not tell how far it was read
                read = stream.tell() if not stream.closed and stream.seekable() else _bytes(path)
                yield replace(item, given=given, offset=before + read)
    except OSError as error:
        yield Failure(given, _why(error), given=given)


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # told of when it is opened
        return 0


def size(inputs: Iterable[Path | str]) -> int | None:
    """Bytes of all the files that inputs name; None where an address or standard input is among them: nobody knows theirs."""
    given = list(inputs)
    if any(is_address(path) or str(path) == STANDARD_INPUT for path in given):
        return None
    return sum(_bytes(file) for path in given for file in _files(Path(path)) if isinstance(file, Path))


def read_articles(
    inputs: Iterable[Path | str], settings: Settings, memory: Memory | None = None
) -> Iterator[Article | Failure]:
    """Articles from files, folders and addresses, lazily, in sorted order; what cannot be read comes as a Failure in its place.

    ``-`` among the inputs is standard input, read as JSON Lines. An article's ``source`` is its file's name, its address, or its
    record's id: never a folder's path, which differs between machines.

    Args:
        memory: what was fetched before; None fetches everything anew and remembers nothing.
    """
    return _not_too_long(_read(inputs, Fetcher(settings, memory or Memory(None)), settings), settings)


def _read(inputs: Iterable[Path | str], fetcher: Fetcher, settings: Settings) -> Iterator[Article | Failure]:
    before = 0
    for given in inputs:
        if is_address(given):
            yield from (replace(item, given=str(given)) for item in read_address(str(given), fetcher, settings))
            continue
        if str(given) == STANDARD_INPUT:
            name = "standard input"
            yield from (replace(item, given=name) for item in read_lines(sys.stdin.buffer, name, settings))
            continue
        for file in _files(Path(given)):
            if isinstance(file, Failure):
                yield replace(file, given=file.source)
            else:
                yield from _read_file(file, settings, before)
                before += _bytes(file)
