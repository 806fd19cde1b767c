"""Finds what a text is about: the concepts of ``ontology/topics.ttl`` by the phrases of ``kg/data/topic_words.tsv``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kg.registry.tables import rows

_WORD = re.compile(r"[A-Za-z0-9]+(?:['’-][A-Za-z0-9]+)*['’]?")


@dataclass(frozen=True)
class TopicMention:
    """Words of a text, ``text[start:end]``, that tell a topic (a concept's id without the prefix ``topic-``)."""

    start: int
    end: int
    text: str
    topic: str


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    return {tuple(row["phrase"].split()): row["topic"] for row in rows("topic_words.tsv")}


@cache
def _broader() -> dict[str, str]:
    return {row["topic"]: row["broader"] for row in rows("topic_words.tsv")}


@cache
def _longest() -> int:
    return max(map(len, _phrases()))


def _forms(word: str) -> tuple[str, ...]:
    """The word and what it may be the plural of."""
    if word.endswith("ies"):
        return word, word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss"):
        return word, word[:-1]
    return (word,)


def _match(words: list[str]) -> str | None:
    found = _phrases().get(tuple(words))
    if found is None:
        for form in _forms(words[-1]):
            found = found or _phrases().get((*words[:-1], form))
    return found


def find_topics(text: str) -> list[TopicMention]:
    """All phrases of a text that tell a topic, in their order, none overlapping another (the longest wins)."""
    tokens = list(_WORD.finditer(text))
    words = [t.group().lower().replace("’", "'") for t in tokens]
    found, i = [], 0
    while i < len(words):
        for n in range(min(_longest(), len(words) - i), 0, -1):
            topic = _match(words[i : i + n])
            if topic:
                start, end = tokens[i].start(), tokens[i + n - 1].end()
                found.append(TopicMention(start, end, text[start:end], topic))
                i += n - 1
                break
        i += 1
    return found


def topics_of(text: str) -> tuple[str, ...]:
    """The topics of a text in the order of their first mention, without those broader than another that is there."""
    found = dict.fromkeys(m.topic for m in find_topics(text))
    above: set[str] = set()
    for topic in found:
        parent = _broader().get(topic, "")
        while parent:
            above.add(parent)
            parent = _broader().get(parent, "")
    return tuple(topic for topic in found if topic not in above)
