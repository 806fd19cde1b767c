"""Tells which state, part of a state or body an office belongs to; the person who holds it acts for the state in any case."""

from __future__ import annotations

from kg.language.sentence import Sentence
from kg.mentions.drafts import Draft
from kg.mentions.names import Name
from kg.mentions.offices import Title
from kg.mentions.parties import party_of_name
from kg.mentions.wordlists import titles

#: Members of a state's parliament and its envoys are the state's, whatever region elected or sent them.
_STATE_WIDE = frozenset(
    "senator congressman congresswoman sen. rep. lawmaker legislator ambassador envoy diplomat representative".split()
)


def owner_of(names: list[tuple[Name, ...]], sentence: Sentence, title: Title, holder: Draft) -> str | None:
    """The code of the state or organisation whose office it is, or the name of the region, city or body.

    Args:
        names: the article's names, by sentence.
        sentence: where the title stands.
        title: the office.
        holder: the person who is called so.
    """
    words = title.text.lower().replace("-", " - ").split()
    regional = any(titles()[tuple(words[n:])].of == "region" for n in range(len(words)) if tuple(words[n:]) in titles())
    if title.name is None:
        return _region_near(names, sentence, title, holder.party) if regional else holder.party
    own = _part_of_state(sentence, title.name, regional) if words[-1] not in _STATE_WIDE else None
    return own or party_of_name(sentence, title.name)


def _part_of_state(sentence: Sentence, name: Name, regional: bool) -> str | None:
    """The name of a region (that of its people too), or of the city where the office is a mayor's."""
    if name.entry is None:
        return sentence.span(name.first, name.last).text if regional and name.kind == "place" else None
    if name.entry.kind == "region" and (name.entry.code or regional):
        return name.entry.name  # "the European president" is of no part of a state
    if (name.entry.kind == "people" and name.entry.home) or (regional and name.entry.kind == "capital"):
        return name.entry.place
    return None


def _region_near(names: list[tuple[Name, ...]], sentence: Sentence, title: Title, party: str | None) -> str | None:
    """The region named last before "Governor X", in the state that the person acts for; a mayor's city, in the sentence."""
    mayor = title.text.lower().endswith("mayor")
    for i in range(sentence.index, sentence.index - 1 if mayor else -1, -1):
        for name in reversed(names[i]):
            if i == sentence.index and name.first > title.first:
                continue
            region = _part_of_state(sentence, name, regional=mayor)
            if region and (party is None or name.entry is None or party in (name.entry.code, name.entry.home)):
                return region
    return None
