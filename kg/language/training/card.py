"""Step ``card``: the model card, its figures from the evaluation and its words from ``card.md``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Template

from kg.language.training.assemble import NAME, VERSION, size
from kg.language.training.evaluate import NAME_SETS, PARSE_SETS, Table
from kg.language.training.folders import HERE, Folders

TITLES = {
    "ewt_test": "EWT test (web)",
    "gum_test": "GUM test (mixed)",
    "pud": "PUD (news, Wikipedia)",
    "ner_gum_test": "GUM test, spoken and written news and the like",
    "ner_pud_test": "PUD, 334 news sentences",
    "ner_uner_test": "UNER-EWT test (web)",
    "ner_politics_test": "CrossNER politics test (Wikipedia)",
}


def markdown_table(table: Table, sets: tuple[str, ...]) -> str:
    """The scores, one line for each test set."""
    labels = list(table[sets[0]])
    lines = ["| | " + " | ".join(labels) + " |", "| --- |" + " --- |" * len(labels)]
    for name in sets:
        cells = [f"{table[name][label]:.1f}" for label in labels]
        lines.append(f"| {TITLES[name]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def fill(template: str, figures: Mapping[str, object], sizes: Mapping[str, int]) -> str:
    """The card's text; ``sizes`` are the bytes of the pipeline and of its parts."""
    return Template(template).substitute(
        name=NAME,
        version=VERSION,
        parse=markdown_table(figures["parse"], PARSE_SETS),  # type: ignore[arg-type]
        names=markdown_table(figures["names"], NAME_SETS),  # type: ignore[arg-type]
        speed=f"{figures['words_per_second']:,}",
        spacy=figures["spacy"],
        python=figures["python"],
        bytes=f"{sizes['']:,}",
        **{part: f"{sizes[part] / 1e6:.1f}" for part in ("tok2vec", "ner", "vocab")},
    )


def write_card(folders: Folders) -> None:
    """Writes ``OUT/MODEL_CARD.md``."""
    figures = json.loads(folders.figures.read_text(encoding="utf-8"))["model"]
    model = folders.out / "model"
    sizes = {part: size(model / part) for part in ("", "tok2vec", "ner", "vocab")}
    template = (HERE / "card.md").read_text(encoding="utf-8")
    (folders.out / "MODEL_CARD.md").write_text(fill(template, figures, sizes), encoding="utf-8")
