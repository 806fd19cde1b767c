"""The names in GUM: its annotation marks every mention, from which the part that is a name has to be found.

A mention opens with ``(1-person-…`` and closes with ``1)`` in the column MISC (https://gucorpling.org/gum/). Its name is the
stretch around the mention's head that hangs together with it as a name does: ``the Indonesian President Joko Widodo, who …``
gives ``Joko Widodo``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.language.training.conllu import Sentence
from kg.language.training.entities import Annotated, Named
from kg.language.training.words import words

TYPES = {"person": "PER", "place": "LOC", "organization": "ORG"}
#: What hangs on the head by these is said about the thing, and not part of its name.
OUTSIDE = frozenset({"appos", "acl", "acl:relcl", "parataxis", "cc", "conj", "nmod:poss"})
OUTSIDE_PERSON = OUTSIDE | {"nmod:desc", "nmod", "compound", "amod"}
#: Beside proper nouns, capitalised words of these classes may belong to a name (``Supreme Court``).
ALSO_IN_NAMES = frozenset({"ADJ", "NOUN", "NUM", "VERB", "X"})
_BRACKET = re.compile(r"\((?P<open>[^()]*)(?P<close>\)?)|(?P<end>[^()]*)\)")


def mentions(sentence: Sentence) -> Iterator[Named]:
    """The mentions with GUM's own types."""
    open_ones: list[tuple[str, int, str]] = []
    for place, misc in enumerate(sentence.misc):
        for value in misc.split("|"):
            if not value.startswith("Entity="):
                continue
            for bracket in _BRACKET.finditer(value.removeprefix("Entity=")):
                if bracket["open"] is not None:
                    parts = [*bracket["open"].split("-"), ""]
                    open_ones.append((parts[0], place, parts[1]))
                    identity = parts[0] if bracket["close"] else ""
                else:
                    identity = bracket["end"].split("-")[0]
                for mention in reversed(open_ones):
                    if identity and mention[0] == identity:
                        open_ones.remove(mention)
                        yield mention[1], place + 1, mention[2]
                        break


def names(sentence: Sentence) -> Iterator[Named]:
    """The names of persons, places and organisations."""
    for first, end, kind in mentions(sentence):
        heads = [k for k in range(first, end) if not first <= sentence.heads[k] < end or sentence.heads[k] == k]
        if kind not in TYPES or not heads:
            continue
        head = heads[0]
        flat = [k for k in range(head + 1, end) if sentence.heads[k] == head and sentence.deps[k] == "flat"]
        if sentence.pos[head] == "NOUN" and flat and all(sentence.pos[k] == "PROPN" for k in flat):
            yield flat[0], flat[-1] + 1, TYPES[kind]  # ``music critic Louis Ehlert``
        elif sentence.pos[head] == "PROPN" and (kind != "person" or sentence.tags[head] != "NNPS"):  # no ``Asians``
            outside = OUTSIDE_PERSON if kind == "person" else OUTSIDE
            yield *_name_around(sentence, head, (first, end), outside), TYPES[kind]


def _name_around(sentence: Sentence, head: int, mention: tuple[int, int], outside: frozenset[str]) -> tuple[int, int]:
    def named(place: int) -> bool:
        proper = sentence.pos[place] == "PROPN"
        return proper or (sentence.words[place][:1].isupper() and sentence.pos[place] in ALSO_IN_NAMES)

    def joins(place: int) -> bool:
        if not named(place) and sentence.words[place].lower() not in words("inside names"):
            return False
        while place != head:
            parent = sentence.heads[place]
            if sentence.deps[place] in outside or parent == place or not mention[0] <= parent < mention[1]:
                return False
            place = parent
        return True

    start, stop = head, head + 1
    while start > mention[0] and joins(start - 1):
        start -= 1
    while stop < mention[1] and joins(stop):
        stop += 1
    while not named(start):
        start += 1
    while not named(stop - 1) and sentence.pos[stop - 1] != "NUM":
        stop -= 1
    return start, stop


def annotated(sentence: Sentence) -> Annotated:
    """A sentence of GUM with its names."""
    return Annotated(list(sentence.words), list(sentence.spaces), list(names(sentence)))
