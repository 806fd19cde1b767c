"""Several parties in one noun phrase: "Iranian and Saudi diplomats", "the presidents of Kenya and Uganda"."""

from __future__ import annotations

from functools import cache

from kg.facts.lexicon import lexicon
from kg.language.sentence import Sentence
from kg.mentions.actors import Cast, Mention
from kg.mentions.wordlists import group_sorts, state_bodies, titles

_STATES = ("demonym", "state", "capital")
_BODIES = frozenset(
    "government side team delegation negotiator army navy leader official soldier authority people company".split()
)


@cache
def _people() -> frozenset[str]:
    """Nouns for those who act for a state or belong to it."""
    listed = (group_sorts(), state_bodies(), {words[-1] for words in titles()})
    return _BODIES.union(lexicon().members("@forces|@envoy"), *listed)


def _before(sentence: Sentence, cast: Cast, noun: int) -> list[Mention]:
    """The states named in the words before a noun, as far as they are joined by commas, hyphens and "and"."""
    found: list[Mention] = []
    i = noun - 1
    while i >= 0:
        mention = cast.covering(sentence, i)
        state = mention if mention and mention.kind in _STATES and mention.last < noun else None
        token = sentence.tokens[i]
        plain = token.dep in ("amod", "compound") and token.head == noun and not found
        if state is None and token.lower not in ("and", ",", "-", "–") and not plain:
            break
        if state is not None:
            found.append(state)
            i = state.first
        i -= 1
    return found[::-1]


def parties_of(sentence: Sentence, cast: Cast, noun: int) -> list[Mention]:
    """The parties for which people of a plural noun act, where they are several; else none."""
    token = sentence.tokens[noun]
    if token.tag not in ("NNS", "NNPS") or token.lemma.lower() not in _people():
        return []
    found = _before(sentence, cast, noun)
    if len(found) < 2:
        of = [t.i for t in sentence.children(noun, "nmod") if sentence.case(t.i) == "of"]
        inside = (cast.at(sentence, j) for i in of[:1] for j in sentence.conjuncts(i))
        found = [m for m in inside if m and m.kind in _STATES]
    return found if len({m.party for m in found if m.party}) > 1 else []
