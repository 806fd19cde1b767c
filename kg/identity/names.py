"""When two spellings of a person's name can be one name."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from kg.registry import fold
from kg.registry.tables import rows

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?\.?")


@cache
def _titles() -> frozenset[str]:
    """Single words that stand before names: titles, ranks, forms of address."""
    text = (resources.files("kg.identity") / "honorifics.tsv").read_text(encoding="utf-8")
    address = {line for line in text.splitlines()[1:] if line and not line.startswith("#")} - {"word"}
    return frozenset(address | {word for row in rows("frames/titles.tsv") for word in row["title"].lower().split()})


@cache
def tokens(name: str) -> tuple[str, ...]:
    """A name's words without accents, in lower case; titles before it and forms of address are left out.

    >>> tokens("Samdech Hun Sen"), tokens("PM Hun Sen"), tokens("S. Enkhbat")
    (('hun', 'sen'), ('hun', 'sen'), ('s', 'enkhbat'))
    """
    found = [w.rstrip(".").lower() for w in _WORD.findall(fold(name).replace("-", " "))]
    # a title is left out at the head alone, and never the last two words: "Hun Sen" is no senator, "King" can be a name
    while len(found) > 2 and found[0] in _titles():
        del found[0]
    if len(found) > 2 and found[-1] == "jr":
        del found[-1]
    return tuple(found)


def _fits(one: str, other: str) -> bool:
    """Equal words, or one is the other's first letter or letters ("s", "ts" for a name cut short)."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) <= 2 and long.startswith(short))


def surname(name: str) -> str:
    """A name's last word; empty for none."""
    found = tokens(name)
    return found[-1] if found else ""


def whole(name: str) -> bool:
    """Whether a name has more than one word, so that it can stand for a person beyond its article."""
    return len(tokens(name)) > 1


def compatible(one: str, other: str) -> bool:
    """Whether two names in articles on one matter can be one person's: equal, cut short, or a surname of a whole name."""
    a, b = tokens(one), tokens(other)
    if not a or not b:
        return False
    if len(a) == 1 or len(b) == 1:
        return a[-1] == b[-1] or (len(a) == 1 and a[0] in b) or (len(b) == 1 and b[0] in a)
    return same_name(one, other)


def same_name(one: str, other: str) -> bool:
    """Whether two whole names are spellings of one: the same words in any order, initials, or middle names left out."""
    a, b = sorted((tokens(one), tokens(other)), key=lambda t: (len(t), t))
    if len(a) < 2:
        return False
    if set(a) == set(b):
        return True
    if a[-1] == b[-1] and _fits(a[0], b[0]):
        rest = list(b[1:-1])
        return all(any(_fits(word, other) for other in rest) for word in a[1:-1])
    return len(a) >= 2 and b[: len(a)] == a and all(len(word) > 2 for word in a)


def name_keys(name: str) -> frozenset[str]:
    """Under which keys spellings of one name meet: initial and last word, and the first two words."""
    found = tokens(name)
    if len(found) < 2:
        return frozenset()
    ordered = sorted(found)
    keys = {f"{found[0][0]}|{found[-1]}", f"{found[0]}|{found[1]}", f"={ordered[0]}|{ordered[-1]}"}
    return frozenset(keys)
