"""What an operator needs to know of an installation, each thing in a line: what is well, what to look at, what does not work."""

from __future__ import annotations

import dataclasses
import enum
import importlib.metadata
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import __version__
from kg.config import SECRET, Settings
from kg.errors import KgError
from kg.operating.holding import holder
from kg.sparql.memory import refusal
from kg.sparql.process import Worker, spawned
from kg.store import RemoteStore, Replica, Snapshot, newest_snapshot
from kg.store.folder import NEWEST, check_place, written_format
from kg.store.published import pointer
from kg.web.operation.measures import bytes_in
from kg.web.pages.assets import editor_is_built

#: Packages whose versions a report of a fault should tell.
_TOLD = ("pyoxigraph", "spacy", "onnxruntime", "granian", "flask", "trafilatura", "rdflib")
_DISTRIBUTION = "diplomatic-kg"
#: Less free space than this, in bytes, is worth a word.
_LITTLE = 1_000_000_000
#: Seconds for which a worker's start and a store's writer are waited for.
_PATIENCE = 10.0
_REQUIRED = re.compile(r"[\w.-]+")


class Mark(enum.Enum):
    """How a thing is."""

    WELL = "ok"
    LOOK = "look"
    BROKEN = "FAIL"


@dataclass(frozen=True)
class Line:
    """One thing: what it is, how it is, and that in words."""

    mark: Mark
    what: str
    words: str


def _line(what: str, found: Callable[[], tuple[Mark, str]]) -> Line:
    """A line; what goes wrong while it is found out is what is wrong."""
    try:
        mark, words = found()
    except (KgError, OSError, RuntimeError, ValueError, ImportError) as error:
        mark, words = Mark.BROKEN, " ".join(str(error).split()) or type(error).__name__
    return Line(mark, what, words)


def examine(settings: Settings, origins: Mapping[str, str]) -> Iterator[Line]:
    """Everything, one after the other.

    Args:
        origins: where settings come from that are not the defaults, see ``kg.config.origins``.
    """
    yield _line("program", lambda: (Mark.WELL, f"{_DISTRIBUTION} {__version__}, Python {platform.python_version()}"))
    yield _line("packages", _packages)
    if settings.remote_query:
        yield _line("remote store", lambda: _remote(settings))
    elif settings.replica_of:
        yield _line("replica of", lambda: _published(settings))
    else:
        yield _line("store", lambda: _store(settings))
        yield _line("in use by", lambda: _in_use(settings.store))
    yield _line("folder", lambda: _folder(settings.store))
    yield _line("free disk", lambda: _disk(settings.store))
    yield _line("model", lambda: _model(settings))
    yield _line("pages", _pages)
    yield _line("workers", _workers)
    yield _line("writing", lambda: _writing(settings))
    yield from _settings(settings, origins)


def _packages() -> tuple[Mark, str]:
    """The versions of the chief packages; what is missing of all that are needed."""
    missing = []
    for needed in importlib.metadata.requires(_DISTRIBUTION) or ():
        name, _, condition = needed.partition(";")
        if "extra" not in condition and (found := _REQUIRED.match(name)):
            try:
                importlib.metadata.version(found[0])
            except importlib.metadata.PackageNotFoundError:
                missing.append(found[0])
    if missing:
        return Mark.BROKEN, f"missing: {', '.join(missing)}"
    return Mark.WELL, ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _TOLD)


def _store(settings: Settings) -> tuple[Mark, str]:
    check_place(settings.store, make=True)
    if not (settings.store / "data" / "CURRENT").is_file():
        return Mark.LOOK, f"{settings.store.absolute()}: there is none yet; 'kg ingest' makes it"
    with newest_snapshot(settings, _PATIENCE) as snapshot:
        quads, size = len(snapshot.store), bytes_in(settings.store)
    words = f"{settings.store.absolute()}: {quads:,} quads, {size:,} bytes, generation {snapshot.generation}"
    reason = refusal(quads, settings)
    told = f"read on disk: {reason}" if reason else "held in memory when it is served"
    found = written_format(settings.store)
    if found and found.number < NEWEST:
        return Mark.LOOK, f"{words}, of format {found.number}; 'kg upgrade' brings it to format {NEWEST}; {told}"
    return Mark.WELL, f"{words}, format {NEWEST}; {told}"


def _in_use(folder: Path) -> tuple[Mark, str]:
    found = holder(folder)
    served = sorted({p.name for p in (folder / "snapshots").glob("[0-9]*") if p.name.isdigit() and _lives(int(p.name))})
    words = [f"process {found} writes" if found else "nobody writes"]
    words += [f"process {name} serves" for name in served]
    return Mark.WELL, ", ".join(words)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _published(settings: Settings) -> tuple[Mark, str]:
    """What the primary has published, and whether all of it is there; its files are read where they have not been before."""
    root = Path(settings.replica_of)
    told = pointer(root)
    if told is None:
        return Mark.LOOK, f"nothing has been published in {root.absolute()} yet"
    with closing(Replica(settings)) as replica:
        newest = replica.current().generation
    return Mark.WELL, f"{root.absolute()}: publication {told.name}, generation {newest}, confirmed {told.confirmed}"


def _remote(settings: Settings) -> tuple[Mark, str]:
    RemoteStore(settings).query("ASK { ?s ?p ?o }")
    return Mark.WELL, f"{_shown('remote_query', settings.remote_query)} answers"


def _existing(folder: Path) -> Path:
    """A folder, or the first above it that is there."""
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())


def _folder(folder: Path) -> tuple[Mark, str]:
    there = _existing(folder)
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        return Mark.BROKEN, f"{there} is on a disk that is read-only; the service too writes its snapshots there"
    if not os.access(there, os.W_OK | os.X_OK):
        return Mark.BROKEN, f"{there} cannot be written by this user; the service too writes its snapshots there"
    return Mark.WELL, f"{there} can be written"


def _disk(folder: Path) -> tuple[Mark, str]:
    free, size = shutil.disk_usage(_existing(folder)).free, bytes_in(folder)
    little = free < max(_LITTLE, size)
    return Mark.LOOK if little else Mark.WELL, f"{free:,} bytes" + (", which is little" if little else "")


def _model(settings: Settings) -> tuple[Mark, str]:
    from kg.language import load
    from kg.tagger import tagger

    load(settings)
    words = settings.model or "the pipeline that ships with the package"
    if "tagger" in settings.roads:
        tagger.load()
        words += ", and the tagger"
    return Mark.WELL, f"{words}: loaded"


def _pages() -> tuple[Mark, str]:
    if editor_is_built():
        return Mark.WELL, "the query editor is built"
    return (
        Mark.LOOK,
        "the query editor is not built: /query has a plain text field ('python3 -m kg.web.frontend.build')",
    )


def _workers() -> tuple[Mark, str]:
    with tempfile.TemporaryDirectory() as folder:
        empty = ox.Store(folder)
        del empty
        snapshot = Snapshot(0, Path(folder), ox.Store())
        worker = Worker(snapshot, spawned(snapshot, 1_000_000_000))
        try:
            if not worker.greeted(_PATIENCE):
                return Mark.BROKEN, "a worker for queries cannot be started"
        finally:
            worker.kill()
    if worker.apart:
        return Mark.WELL, "a worker starts, and has no network"
    return (
        Mark.LOOK,
        "a worker starts; the system does not take the network away from it (user namespaces are turned off)",
    )


def _writing(settings: Settings) -> tuple[Mark, str]:
    if settings.replica_of:
        return Mark.WELL, "nobody writes on a replica"
    if settings.writes == "off":
        return Mark.WELL, "over HTTP nobody writes"
    if settings.writes == "open":
        return Mark.LOOK, "over HTTP everybody writes (writes = 'open')"
    if not settings.tokens.exists():
        return Mark.WELL, f"over HTTP nobody writes: there are no tokens in {settings.tokens}"
    if settings.tokens.stat().st_mode & 0o077:
        return Mark.LOOK, f"over HTTP who has a token; other users of this machine may read or write {settings.tokens}"
    return Mark.WELL, f"over HTTP who has a token of {settings.tokens}"


def _shown(name: str, value: object) -> str:
    """A setting's value, without what is to be told to nobody."""
    if name in SECRET:
        return "***" if value else "''"
    if isinstance(value, str):
        return repr(re.sub(r"//[^/@\s]*@", "//***@", value))
    return str(value)


def _settings(settings: Settings, origins: Mapping[str, str]) -> Iterator[Line]:
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.name in origins and value != field.default:
            yield Line(Mark.WELL, "setting", f"{field.name} = {_shown(field.name, value)}, by {origins[field.name]}")
