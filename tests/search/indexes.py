"""Articles to search, and the index over a store of them."""

from __future__ import annotations

import json
from pathlib import Path

from kg.config import Settings
from kg.search import Filters, Index, up_to_date
from kg.store import states_and_writer

#: Articles of one or two sentences, written for these tests: fiction, also where it names people who exist.
ARTICLES = (Path(__file__).parent / "articles.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
FIRST, MORE = ARTICLES[:5], {json.loads(line)["id"]: line for line in ARTICLES[5:]}


def article_file(folder: Path, *articles: str) -> Path:
    """A file of these lines."""
    path = folder / f"{len(articles)}.jsonl"
    path.write_text("".join(articles), encoding="utf-8")
    return path


def current(settings: Settings) -> Index:
    """The index, brought up to the store's state."""
    states, writer = states_and_writer(settings)
    try:
        return up_to_date(settings, states)
    finally:
        writer.close()
        states.close()


def labels(index: Index, text: str, group: str = "names") -> list[str]:
    """What is found in a group, by its label or its text."""
    return [hit.label or hit.text for hit in index.search(text, Filters(group=group)).hits]
