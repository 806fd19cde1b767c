"""Dumps of the whole store: N-Quads, TriG and the event table, packed, with a manifest; made as a whole or not at all.

A dump is a folder below the setting ``dumps``. It is written beside its place, the manifest last, and takes its name when all
of it is on the disk. The name ends in a digest of the quads, so that one store makes one name and the same bytes.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import pyoxigraph as ox
import zstandard

from kg import __version__
from kg.config import Settings
from kg.errors import StoreError
from kg.exports.files import sha256, sync_folder, whole_file
from kg.exports.lines import sorted_lines
from kg.store import Store
from kg.tables.formats import write_csv
from kg.tables.stream import event_table
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES

#: Ending of a file -> its format and media type. All hold the same quads but the table, which is about events alone.
FORMATS = {
    "nq": ("N-Quads", "application/n-quads"),
    "trig": ("TriG", "application/trig"),
    "events.csv": ("CSV", "text/csv"),
}
#: Ending of a packed file -> the compression and its media type.
COMPRESSIONS = {"gz": ("gzip", "application/gzip"), "zst": ("zstd", "application/zstd")}
MANIFEST = "manifest.json"
NAME = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}")
_LEVELS = {"gz": 6, "zst": 10}


@dataclass(frozen=True)
class DumpFile:
    """One file of a dump; ``bytes`` and ``sha256`` are of the packed file. ``quads`` is None for a table, which has ``rows``."""

    name: str
    format: str
    compression: str
    bytes: int
    sha256: str
    quads: int | None = None
    rows: int | None = None

    @property
    def ending(self) -> str:
        """What follows the dump's name: "nq.gz"."""
        return self.name.partition(".")[2]

    @property
    def media_type(self) -> str:
        """What is inside."""
        return FORMATS[self.ending.rpartition(".")[0]][1]

    @property
    def package_type(self) -> str:
        """The media type of the packing."""
        return COMPRESSIONS[self.ending.rpartition(".")[2]][1]


@dataclass(frozen=True)
class Dump:
    """A dump as its manifest tells: the day of its making, what it is of, under which licence, and its files.

    ``state`` is the SHA-256 of the N-Quads unpacked, which tells one state of a store from another.
    """

    name: str
    date: str
    title: str
    license: str
    state: str
    quads: int
    graphs: int
    program: str
    files: tuple[DumpFile, ...]

    def file(self, ending: str) -> DumpFile | None:
        """The file of an ending ("nq.gz")."""
        return next((f for f in self.files if f.ending == ending), None)

    def as_json(self) -> dict[str, Any]:
        """The manifest."""
        told = asdict(self)
        told["files"] = [{k: v for k, v in asdict(file).items() if v is not None} for file in self.files]
        return told


class _Packer(Protocol):
    def write(self, data: Any, /) -> int: ...


class _Tee(io.RawIOBase):
    """Writes to several packed files at once."""

    def __init__(self, targets: list[_Packer]) -> None:
        self._targets = targets

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        for target in self._targets:
            target.write(data)
        return len(data)


@contextmanager
def _packed(folder: Path, stem: str, endings: tuple[str, ...]) -> Iterator[BinaryIO]:
    """A file in some compressions; the same bytes give the same files (no name and no time go into gzip's head)."""
    with ExitStack() as stack:
        targets: list[_Packer] = []
        for ending in endings:
            raw = stack.enter_context(whole_file(folder / f"{stem}.{ending}"))
            if ending == "gz":
                targets.append(
                    stack.enter_context(gzip.GzipFile("", "wb", compresslevel=_LEVELS["gz"], fileobj=raw, mtime=0))
                )
            else:
                packer = zstandard.ZstdCompressor(level=_LEVELS["zst"], write_checksum=True)
                targets.append(stack.enter_context(packer.stream_writer(raw, closefd=False)))
        yield cast(BinaryIO, _Tee(targets))


def _write_nquads(store: Store, folder: Path) -> tuple[str, int, int]:
    """Digest of the lines, their number and that of the graphs they name."""
    digest, quads, graphs, last = hashlib.sha256(), 0, 0, b""
    with _packed(folder, "nq", ("gz", "zst")) as out:
        for line in sorted_lines(store):
            digest.update(line)
            out.write(line)
            quads += 1
            graph = line.rpartition(b" <")[2]
            graphs, last = graphs + (graph != last), graph
    return digest.hexdigest(), quads, graphs


def _write_trig(folder: Path) -> None:
    """TriG of the N-Quads that were written."""
    with (folder / "nq.zst").open("rb") as packed, _packed(folder, "trig", ("gz", "zst")) as out:
        lines = zstandard.ZstdDecompressor().stream_reader(packed)
        quads = ox.parse(cast(BinaryIO, lines), format=ox.RdfFormat.N_QUADS)
        ox.serialize(quads, out, format=ox.RdfFormat.TRIG, prefixes=PREFIXES)


def _write_table(store: Store, folder: Path, iris: Iris) -> int:
    rows = 0

    def counted() -> Iterator[dict[str, str | int | float | None]]:
        nonlocal rows
        for row in event_table(store, iris):
            rows += 1
            yield row

    with _packed(folder, "events.csv", ("gz",)) as out:
        write_csv(counted(), out)
    return rows


def _described(folder: Path, name: str, quads: int, rows: int) -> Iterator[DumpFile]:
    for form in FORMATS:
        for ending in COMPRESSIONS:
            path = folder / f"{form}.{ending}"
            if not path.exists():
                continue
            final = folder / f"{name}.{form}.{ending}"
            path.rename(final)
            numbers = {"rows": rows} if form == "events.csv" else {"quads": quads}
            yield DumpFile(
                final.name,
                FORMATS[form][0],
                COMPRESSIONS[ending][0],
                final.stat().st_size,
                sha256(final),
                **numbers,
            )


def dumps(settings: Settings) -> list[Dump]:
    """The dumps that are there, the newest first; what is not a whole dump is passed over."""
    found = []
    for path in settings.dumps.glob(f"*/{MANIFEST}"):
        if not NAME.fullmatch(path.parent.name):
            continue
        try:
            told = json.loads(path.read_bytes())
            files = tuple(DumpFile(**file) for file in told.pop("files"))
            found.append((path.stat().st_mtime_ns, Dump(**told, files=files)))
        except (OSError, ValueError, TypeError):
            continue
    return [dump for _, dump in sorted(found, key=lambda f: (f[1].date, f[0], f[1].name), reverse=True)]


def _forget_old(settings: Settings) -> None:
    for dump in dumps(settings)[max(1, settings.dumps_kept) :]:
        # the manifest goes first: a dump is never there in part
        (settings.dumps / dump.name / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(settings.dumps / dump.name, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what runs that were killed have left."""
    for left in folder.glob(".making-*"):
        try:
            os.kill(int(left.name.rpartition("-")[2]), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(left, ignore_errors=True)
        except PermissionError:
            continue


def make_dump(store: Store, settings: Settings, day: dt.date) -> tuple[Dump, bool]:
    """Write a dump of a store, and forget the oldest ones; whether it is new: a state that has a dump gets no second.

    Args:
        store: a state that does not change meanwhile.
        day: the day that the dump's name begins with.

    Raises:
        StoreError: it cannot be written; nothing is left of it.
    """
    making = settings.dumps / f".making-{os.getpid()}"
    try:
        settings.dumps.mkdir(parents=True, exist_ok=True)
        _sweep(settings.dumps)
        making.mkdir()
        state, quads, graphs = _write_nquads(store, making)
        if known := next((d for d in dumps(settings) if d.state == state), None):
            return known, False
        _write_trig(making)
        rows = _write_table(store, making, Iris(settings.base_iri))
        name = f"{day.isoformat()}-{state[:12]}"
        made = Dump(
            name,
            day.isoformat(),
            settings.dataset_title,
            settings.dataset_license,
            state,
            quads,
            graphs,
            f"diplomatic-kg {__version__}",
            tuple(_described(making, name, quads, rows)),
        )
        with whole_file(making / MANIFEST) as out:
            out.write(json.dumps(made.as_json(), indent=1, ensure_ascii=False).encode() + b"\n")
        making.rename(settings.dumps / name)
        sync_folder(settings.dumps)
        _forget_old(settings)
    except OSError as error:
        raise StoreError(f"The dump cannot be written below {settings.dumps}: {error.strerror or error}.") from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return made, True
