"""What the registry answers: which curated thing some words name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One reading of some words.

    ``kind`` is one of: ``state``, ``demonym`` (a word for a state's people, which is also its adjective), ``capital``
    and ``metonym`` (a place or body that stands for a government or an organisation), ``organization``, ``region``
    (part of a state, disputed area, sea, region of the world), ``people`` (people that are no state's: "Arab",
    "Kurds"), ``city`` (only when asked for), ``other`` (a name that merely holds a place's name: "Times of India").

    ``code`` is the party the words stand for: an ISO 3166-1 alpha-3 code for states, demonyms, capitals and most
    metonyms, the organisation's code for organisations and their metonyms, the state that a region or city lies in
    (None where it lies in none or several); None for ``people`` and ``other``.
    ``name`` is the canonical name of what is meant: the state, the organisation, the region or city; for capitals
    the state and for peoples the word itself.
    ``number`` tells of demonyms and peoples whether the word is ``singular`` (also the adjective), ``plural`` or
    ``any`` ("Chinese").
    ``home`` is the state that a movement or people comes from. ``place`` is the capital's or metonym's own
    name, and the region that a people lives in.
    """

    kind: str
    code: str | None
    name: str
    number: str | None = None
    home: str | None = None
    place: str | None = None
