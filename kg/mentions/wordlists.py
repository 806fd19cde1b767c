"""The word lists of ``kg/data/frames`` that tell titles and groups, ready for look-up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kg.registry.tables import rows


@dataclass(frozen=True)
class TitleWord:
    """A title: ``of`` tells whose it is (state, body, either), ``rank`` is office, honorific, military or religious."""

    words: tuple[str, ...]
    of: str
    rank: str


@cache
def titles() -> dict[tuple[str, ...], TitleWord]:
    """Titles by their words in lower case."""
    found = {}
    for row in rows("frames/titles.tsv"):
        # tokenisers part words at a hyphen
        words = tuple(row["title"].lower().replace("-", " - ").split())
        found[words] = TitleWord(words, row["of"] or "either", row["rank_note"] or "office")
    return found


@cache
def office_words() -> dict[str, tuple[str, str]]:
    """Words of ``frames/office_words.tsv``: their sort, and the office where they name it."""
    return {row["word"]: (row["sort"], row["office"]) for row in rows("frames/office_words.tsv")}


@cache
def longest_title() -> int:
    """Words of the longest title."""
    return max(map(len, titles()))


@cache
def group_sorts() -> dict[str, str]:
    """Head nouns of groups without a name (lemma) and their sort."""
    return {row["noun"]: row["sort"] for row in rows("frames/group_words.tsv")}


@cache
def state_bodies() -> dict[str, str]:
    """Nouns for a state's government (``government``), parliament (``parliament``), forces (``forces``)."""
    return {row["noun"]: row["sort"] for row in rows("state_bodies.tsv")}


@cache
def outlets() -> dict[str, str]:
    """Names of news outlets in lower case, and the channel they are."""
    return {row["name"].lower(): row["channel"] for row in rows("frames/outlets.tsv")}
