"""The example questions: files of the ontology, each with its sentence in English on the first line."""

from __future__ import annotations

from dataclasses import dataclass

from kg.triples.vocab import ontology_folder


@dataclass(frozen=True)
class Question:
    """One example: its name in addresses, the question in English, and the query."""

    name: str
    title: str
    query: str


def questions() -> tuple[Question, ...]:
    """All example questions, in their order."""
    found = []
    for path in sorted((ontology_folder() / "questions").glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        # "01-who-met-whom.rq" is called "who-met-whom"
        found.append(Question(path.stem.split("-", 1)[1], text.splitlines()[0].lstrip("# "), text))
    return tuple(found)
