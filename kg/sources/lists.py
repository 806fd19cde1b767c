"""Reads this folder's word lists from ``kg/data``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources


def _rows(name: str) -> Iterator[tuple[str, str]]:
    text = (resources.files("kg") / "data" / name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            first, _, second = line.partition("\t")
            yield first, second


@cache
def boilerplate() -> dict[str, frozenset[str]]:
    """The phrases of ``kg/data/boilerplate.txt``: where a phrase stands, as the file's head defines it -> phrases."""
    found: dict[str, set[str]] = {}
    for where, phrase in _rows("boilerplate.txt"):
        found.setdefault(where, set()).add(phrase)
    return {where: frozenset(phrases) for where, phrases in found.items()}


@cache
def function_words() -> dict[str, frozenset[str]]:
    """The words of ``kg/data/function_words.tsv``: ISO 639-1 code of the language -> its commonest words."""
    return {code: frozenset(words.split()) for code, words in _rows("function_words.tsv")}
