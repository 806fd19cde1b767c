"""Every phrase the registry knows, with the entry it stands for, in order of preference where two things share a name."""

from __future__ import annotations

from collections.abc import Iterator

from kg.registry.entry import Entry
from kg.registry.tables import rows, several


def _forms(words: str) -> Iterator[tuple[str, str]]:
    """'X/Y|Z' -> (X, singular), (Y, plural), (Z, any)."""
    for word in several(words):
        singular, _, plural = word.partition("/")
        yield (singular, "singular") if plural else (singular, "any")
        if plural:
            yield plural, "plural"


def _states() -> Iterator[tuple[str, Entry]]:
    for row in rows("states.tsv"):
        code, name = row["code"], row["name"]
        entry = Entry("state", code, name)
        yield name, entry
        for alias in several(row["aliases"]):
            yield alias, entry


def _state_words() -> Iterator[tuple[str, Entry]]:
    for row in rows("states.tsv"):
        code, name = row["code"], row["name"]
        for word, number in _forms(row["people"]):
            yield word, Entry("demonym", code, name, number=number)
        for kind, column in (("capital", "capitals"), ("metonym", "metonyms")):
            for word in several(row[column]):
                yield word, Entry(kind, code, name, place=word)


def _organizations() -> Iterator[tuple[str, Entry]]:
    for row in rows("organizations.tsv"):
        code, name, home = row["code"], row["name"], row["home"] or None
        entry = Entry("organization", code, name, home=home)
        yield name, entry
        for alias in several(row["aliases"]):
            yield alias, entry
        for word in several(row["metonyms"]):
            yield word, Entry("metonym", code, name, place=word)


def _regions() -> Iterator[tuple[str, Entry]]:
    for row in rows("regions.tsv"):
        entry = Entry("region", row["state"] or None, row["name"])
        yield row["name"], entry
        for alias in several(row["aliases"]):
            yield alias, entry


def _rest() -> Iterator[tuple[str, Entry]]:
    for row in rows("peoples.tsv"):
        for word, number in _forms(row["people"]):
            yield (
                word,
                Entry("people", None, word, number=number, home=row["home"] or None, place=row["region"] or None),
            )
    for row in rows("other_names.tsv"):
        yield row["name"], Entry("other", None, row["name"])


def phrases() -> Iterator[tuple[str, Entry]]:
    """Phrase and entry; of two entries with the same phrase the one that comes first is meant."""
    yield from _states()
    yield from _organizations()
    yield from _state_words()
    yield from _regions()
    yield from _rest()
