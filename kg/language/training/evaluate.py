"""Step ``evaluate``: scores on the test sets, size and speed.

The parser reads raw text with its own tokenizer, as it does in use. Its scores are spaCy's (https://spacy.io/api/scorer):
attachment with and without label (LAS, UAS, punctuation left out), fine and coarse tags, features, sentences; for names the
F-score of exact spans with their type.
"""

from __future__ import annotations

import json
import platform
import time
from importlib.metadata import version
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example

from kg.language.training.assemble import size
from kg.language.training.folders import Folders

PARSE_SETS = ("ewt_test", "gum_test", "pud")
NAME_SETS = ("ner_gum_test", "ner_pud_test", "ner_uner_test", "ner_politics_test")
PARSE_SCORES = {
    "LAS": "dep_las",
    "UAS": "dep_uas",
    "TAG": "tag_acc",
    "UPOS": "pos_acc",
    "morph": "morph_acc",
    "sentence F": "sents_f",
}
SPEED_ROUNDS = 3

#: ``{"test set": {"score": per cent}}``
Table = dict[str, dict[str, float]]


def _docs(folders: Folders, name: str, nlp: Language) -> list[Doc]:
    return list(DocBin().from_disk(folders.docs(name)).get_docs(nlp.vocab))


def _scores(nlp: Language, gold: list[Doc]) -> dict[str, object]:
    return dict(nlp.evaluate([Example(nlp.make_doc(doc.text), doc) for doc in gold]))


def parse_table(folders: Folders, nlp: Language) -> Table:
    """Scores of the parse on every treebank's test set."""
    table: Table = {}
    with nlp.select_pipes(disable=["ner"]):
        for name in PARSE_SETS:
            scores = _scores(nlp, _docs(folders, name, nlp))
            table[name] = {label: _per_cent(scores[key]) for label, key in PARSE_SCORES.items()}
    return table


def name_table(folders: Folders, nlp: Language) -> Table:
    """Scores of the names on every test set, over all and by type."""
    table: Table = {}
    with nlp.select_pipes(enable=["ner"]):
        for name in NAME_SETS:
            scores = _scores(nlp, _docs(folders, name, nlp))
            table[name] = {label: _per_cent(scores[f"ents_{label.lower()}"]) for label in ("P", "R", "F")}
            by_type = scores["ents_per_type"]
            for label in ("PER", "ORG", "LOC"):
                table[name][label] = _per_cent(by_type[label]["f"])  # type: ignore[index]
    return table


def _per_cent(value: object) -> float:
    return round(100 * float(value), 2)  # type: ignore[arg-type]


def speed(folders: Folders, nlp: Language) -> int:
    """Words that the whole pipeline reads in a second of one processor, in batches of paragraphs; the best of some rounds."""
    texts = [doc.text for doc in _docs(folders, "pud", nlp)]
    best = 0.0
    for _ in range(SPEED_ROUNDS):
        start = time.process_time()
        words = sum(len(doc) for doc in nlp.pipe(texts, batch_size=128))
        best = max(best, words / (time.process_time() - start))
    return round(best, -2)  # type: ignore[return-value]


def measure(folders: Folders, path: Path) -> dict[str, object]:
    """All figures of one pipeline."""
    nlp = spacy.load(path)
    return {
        "parse": parse_table(folders, nlp),
        "names": name_table(folders, nlp),
        "bytes": size(path),
        "words_per_second": int(speed(folders, nlp)),
        "python": platform.python_version(),
        "spacy": version("spacy"),
    }


def _print(title: str, figures: dict[str, object]) -> None:
    print(f"\n{title}: {figures['bytes']:,} bytes, {figures['words_per_second']:,} words a second")
    for part in ("parse", "names"):
        for name, scores in figures[part].items():  # type: ignore[attr-defined]
            print(f"  {name:18s}" + "  ".join(f"{label} {value:5.2f}" for label, value in scores.items()))


def evaluate(folders: Folders, reference: Path | None = None) -> None:
    """Measures the assembled pipeline, and another one beside it."""
    figures = {"model": measure(folders, folders.out / "model")}
    if reference is not None:
        figures["reference"] = measure(folders, reference)
    folders.figures.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for title, values in figures.items():
        _print(title, values)
