"""Step ``assemble``: one pipeline from the parser and the recogniser, with nothing in it that is not needed to run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import spacy
from spacy.language import Language

from kg.language.training.fit import LAST
from kg.language.training.folders import Folders

NAME, VERSION = "diplomatic_news", "1.0.0"
#: A pipeline of the same minor version of spaCy reads it.
SPACY_VERSION = ">=3.8.0,<3.9.0"
META = {
    "name": NAME,
    "version": VERSION,
    "description": "Universal Dependencies parse and names (PER, ORG, LOC) for English news",
    "license": "CC BY-SA 4.0",
    "url": "",
    "author": "",
    "email": "",
}
#: What training notes down: scores on the development set.
_DROPPED_META = ("performance", "spacy_git_version")


def assemble(folders: Folders) -> None:
    """Writes the folder that ships."""
    nlp = spacy.load(folders.pipeline("tune") / LAST)
    nlp.add_pipe("ner", source=spacy.load(folders.pipeline("ner") / LAST))
    target = folders.out / "model"
    shutil.rmtree(target, ignore_errors=True)
    nlp.meta.update(META)
    nlp.config["paths"] = dict.fromkeys(nlp.config["paths"])  # folders of the machine that trained it
    nlp.to_disk(target)
    _prune_strings(nlp, target)
    _prune_meta(target)
    print(f"model: {size(target):,} bytes")


def _prune_strings(nlp: Language, target: Path) -> None:
    """Keeps the names of labels and features; words are found by their hashes, and new ones are added while reading."""
    needed = {label for labels in nlp.pipe_labels.values() for label in labels}
    needed |= {part for label in needed for part in label.replace("|", " ").split()}
    needed |= {side for part in needed for side in part.split("=")}
    needed |= {label for name in ("parser", "ner") for label in nlp.get_pipe(name).labels}  # type: ignore[attr-defined]
    strings = sorted(needed | {"ROOT", "dep", "root"})
    (target / "vocab" / "strings.json").write_text(json.dumps(strings, indent=0) + "\n", encoding="utf-8")


def _prune_meta(target: Path) -> None:
    path = target / "meta.json"
    meta = json.loads(path.read_text(encoding="utf-8"))
    kept = {key: value for key, value in meta.items() if key not in _DROPPED_META}
    kept["spacy_version"] = SPACY_VERSION
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def size(folder: Path) -> int:
    """The bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
