"""What the operator gives: settings, decisions on identity, and tables of other collections of events."""

from __future__ import annotations

import dataclasses
import gzip
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from hypothesis import strategies as st

from kg.config import Settings, load_settings
from kg.errors import KgError
from kg.graph.opening import loaded
from kg.identity.curation import read_curation
from kg.imports import gdelt, icews
from kg.imports.files import cells, lines
from kg.imports.record import RowError
from kg.triples.iris import Iris
from tests.fuzz import documents, texts
from tests.fuzz.target import Target


def _in_a_file(read: Callable[[Path], object], ending: str) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"given{ending}"
            path.write_bytes(data)
            try:
                read(path)
            except KgError as error:
                assert str(error)

    return run


_KEYS = tuple(field.name for field in dataclasses.fields(Settings))


def _toml() -> st.SearchStrategy[bytes]:
    value = st.one_of(
        st.integers(-10, 10**6).map(str),
        st.sampled_from(
            (
                "true",
                "inf",
                "nan",
                "-inf",
                "1e400",
                "[]",
                "{}",
                "[1]",
                "2016-01-26",
                "9" * 400,
                '""',
                "''",
                "0x10",
                "1979-05-27T07:32:00Z",
            )
        ),
        st.text(max_size=12).map(json.dumps),
        st.sampled_from(
            (
                "http://a/",
                "http:// a/",
                "frames",
                "text=body",
                "10.0.0.0/8",
                "utf-8",
                "hex",
                "base64",
                "idna",
                "a\\u0000b",
                "union",
                "on",
                "http://[a/",
            )
        ).map(lambda t: f'"{t}"'),
    )
    line = st.one_of(st.tuples(st.sampled_from(_KEYS), value).map(" = ".join), st.text(max_size=20))
    return st.lists(line, max_size=4).map(lambda found: "\n".join(found).encode(errors="replace"))


def _environment(given: dict[str, str]) -> None:
    try:
        load_settings(environment=given)
    except KgError as error:
        assert str(error)


_CURATION = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(("same-as", "not-same-as", "label", "x", "")),
            st.sampled_from(("person/a", "event/b", "http://a/b", "a b/c", "x", "\u2028/a", "http://[/")),
            st.one_of(st.sampled_from(("person/a", "http://a/b", "Words")), st.text(max_size=10)),
        ).map("\t".join),
        st.text(max_size=20),
    ),
    max_size=5,
).map(lambda found: "\n".join(found).encode(errors="replace"))


def _row_of(width: int) -> st.SearchStrategy[bytes]:
    cell = st.one_of(
        st.just(""),
        st.sampled_from(
            (
                "USA",
                "KHM",
                "040",
                "20160126",
                "0",
                "-1",
                "1e9",
                "nan",
                "inf",
                "²",
                "٣",
                "99999999999999",
                "FR",
                "http://a/ b",
                '"',
                "a\x00",
            )
        ),
        st.text(max_size=8),
    )

    def made(found: list[str], key: str, day: str, code: str) -> bytes:
        found[0], found[1] = key, day
        if width > 26:
            found[26] = code
        return "\t".join(found).encode(errors="replace")

    keys, codes = st.sampled_from(("1", "²", "x", "")), st.sampled_from(("040", "1823", "²0", "0", ""))
    days = st.sampled_from(("20160126", "00010101", "20161301", "2016-01-26", "99991231"))
    return st.builds(made, st.lists(cell, min_size=width, max_size=width), keys, days, codes)


_HEADER = "Event ID\tEvent Date\tSource Name\tSource Country\tCAMEO Code\tTarget Name\tTarget Country\tCountry\tCity\tLatitude\tLongitude\tIntensity"


def _gdelt(row: bytes) -> None:
    try:
        event = gdelt.read(cells(row))
    except RowError:
        return
    _imported(gdelt.COLLECTION, event)


def _icews(row: bytes) -> None:
    try:
        event = icews.Reader(_HEADER.split("\t")).read(cells(row))
    except RowError:
        return
    _imported(icews.COLLECTION, event)


def _imported(collection: Any, event: Any) -> None:
    from kg.imports.writer import ImportWriter

    iris = Iris("http://a.invalid/")
    quads = ImportWriter(collection, iris.imported_graph(collection.name, "x"), iris).events([event])
    text = ox.serialize(list(quads), format=ox.RdfFormat.N_QUADS) or b""
    assert len(list(ox.parse(text, format=ox.RdfFormat.N_QUADS))) > 0


def _all_lines(path: Path) -> None:
    for _, line in lines(path):
        cells(line)


_GZIP = (gzip.compress(b"1\t2\n", mtime=0), b"PK\x05\x06" + b"\0" * 18)


def targets() -> Iterator[tuple[str, Target]]:
    """What an operator gives, by the names of what it is."""
    yield "settings-file", (_toml(), _in_a_file(lambda path: load_settings(path, {}), ".toml"))
    yield (
        "environment",
        (
            st.dictionaries(st.sampled_from(_KEYS).map(lambda k: f"KG_{k.upper()}"), st.text(max_size=12), max_size=3),
            _environment,
        ),
    )
    yield "curation", (_CURATION, _in_a_file(lambda path: read_curation(path, "http://a.invalid/"), ".tsv"))
    yield "gdelt", (st.one_of(_row_of(58), _row_of(61), st.binary(max_size=80)), _gdelt)
    yield "icews", (_row_of(12), _icews)
    yield "packed", (texts.tampered(_GZIP), _in_a_file(_all_lines, ".gz"))
    yield "zipped", (texts.tampered(_GZIP), _in_a_file(_all_lines, ".zip"))
    for ending, media_type in (
        ("nq", "application/n-quads"),
        ("trig", "application/trig"),
        ("jsonld", "application/ld+json"),
    ):
        yield f"dump-{ending}", (documents.in_format(media_type, nested=False), _in_a_file(loaded, f".{ending}"))
