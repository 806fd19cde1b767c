"""The frame lexicon of ``kg/data/frames``, read once: what its rows mean is told in that folder's README."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from kg.model import EventType
from kg.registry.tables import rows, several


@dataclass(frozen=True)
class Frame:
    """One row of ``verbs.tsv`` or ``nouns.tsv``; slots are tried in order, ``+`` in a slot takes both sides of it."""

    predicate: str
    particle: str
    type: EventType
    kind: str | None
    when: tuple[str, ...]
    source: tuple[str, ...]
    target: tuple[str, ...]
    about: tuple[str, ...]
    flags: frozenset[str]


@dataclass
class Lexicon:
    """All tables; the keys are lemmas."""

    verbs: dict[str, list[Frame]] = field(default_factory=dict)
    nouns: dict[str, list[Frame]] = field(default_factory=dict)
    light: dict[str, tuple[str, str]] = field(default_factory=dict)
    embedding: dict[str, str] = field(default_factory=dict)
    classes: dict[str, frozenset[str]] = field(default_factory=dict)
    saying: dict[str, frozenset[str]] = field(default_factory=dict)
    attributing: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    saying_nouns: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    channels: list[tuple[str, str, str]] = field(default_factory=list)
    instrument_words: dict[str, dict[str, str]] = field(default_factory=dict)

    def members(self, value: str) -> frozenset[str]:
        """The lemmas of "a|b|@class"."""
        found: set[str] = set()
        for part in value.split("|"):
            found |= self.classes.get(part[1:], frozenset()) if part.startswith("@") else {part}
        return frozenset(found)


def _frame(row: dict[str, str], name: str) -> Frame:
    lemma, _, particle = row[name].partition(" ")
    return Frame(
        lemma,
        particle,
        EventType(row["type"]),
        row["kind"] or None,
        tuple(row["when"].split()),
        several(row["source"]),
        several(row["target"]),
        several(row["about"]),
        frozenset(row["flags"].replace(",", " ").replace("|", " ").split()),
    )


@cache
def lexicon() -> Lexicon:
    """The lexicon, read from its files."""
    found = Lexicon()
    for row in rows("frames/classes.tsv"):
        found.classes[row["class"].lstrip("@")] = frozenset(row["members"].replace("|", " ").split())
    for row in rows("frames/verbs.tsv"):
        found.verbs.setdefault(row["predicate"].split()[0], []).append(_frame(row, "predicate"))
    for row in rows("frames/nouns.tsv"):
        # a noun of several words ("air strike") is found by its last
        words = row["noun"].split()
        found.nouns.setdefault(words[-1], []).append(
            _frame({**row, "noun": " ".join([words[-1], *words[:-1]])}, "noun")
        )
    for row in rows("frames/light_verbs.tsv"):
        found.light[row["lemma"]] = (row["effect"], row["subject_is"])
    for row in rows("frames/embedding.tsv"):
        found.embedding[row["lemma"]] = row["complement"]
    for row in rows("frames/saying.tsv"):
        found.saying[row["verb"]] = frozenset(
            [row["register"], *row["flags"].replace(",", " ").replace("|", " ").split()]
        )
    for row in rows("frames/attributing.tsv"):
        found.attributing[row["verb"]] = (row["register"], frozenset(several(row["takes"])))
    for row in rows("frames/saying_nouns.tsv"):
        found.saying_nouns[row["word"]] = (row["register"], frozenset(several(row["takes"])))
    found.channels = [(row["cue"].lower(), row["slot"], row["channel"]) for row in rows("frames/channels.tsv")]
    for row in rows("frames/instruments.tsv"):
        found.instrument_words.setdefault(row["role"], {})[row["word"].lower()] = row["value"]
    return found
