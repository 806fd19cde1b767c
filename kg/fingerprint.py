"""The version of everything that shapes an article's facts: code, data, model and the settings that show in the graph."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from kg import __version__
from kg.config import Settings

#: The parts of the package that an article's quads depend on; pages and commands do not change them.
SHAPING = (
    "data",
    "facts",
    "language",
    "llm",
    "mentions",
    "model.py",
    "ontology",
    "registry",
    "sources",
    "tagger",
    "triples",
)
#: Folders in them that read what is in the graph, or make models that are data by then.
ASIDE = {"training", "questions", "views"}
PACKAGE = Path(__file__).parent


@cache
def _files_digest() -> str:
    digest = hashlib.sha256()
    for part in SHAPING:
        path = PACKAGE / part
        if part == "ontology" and not path.exists():
            path = PACKAGE.parent / part  # in a checkout it stands beside the package
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc" and not ASIDE & set(file.parts):
                digest.update(f"{part}/{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def fingerprint(settings: Settings) -> str:
    """The package's version and, after a plus sign, 12 hexadecimal digits that change with whatever shapes the facts.

    The form is that of a version with a local part (PEP 440).
    """
    shaping = f"{_files_digest()} {settings.base_iri} {settings.model} {settings.extractors} {settings.llm_model}"
    return f"{__version__}+{hashlib.sha256(shaping.encode()).hexdigest()[:12]}"
