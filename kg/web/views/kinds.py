"""Which view shows a thing: by its most particular class."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyoxigraph as ox

from kg.triples.vocab import DIPL, named
from kg.web.views import across, actors, articles, happenings, matters, record
from kg.web.views.lists import Asked
from kg.web.views.page import Page
from kg.web.views.parts import kind_of
from kg.web.views.reader import Reader
from kg.web.views.words import EVENT_KINDS

View = Callable[[Reader, str, str, Asked], Page]

_TOPIC = f"{DIPL}topic-"
_VIEWS: Mapping[str, View] = {
    **dict.fromkeys(EVENT_KINDS, happenings.event),
    "EventAcrossArticles": across.event_across,
    "PersonAcrossArticles": actors.person_across,
    "Statement": happenings.statement,
    "Tenure": happenings.tenure,
    "Instrument": happenings.instrument,
    "Person": actors.person,
    "Group": actors.person,
    "Actor": actors.person,
    "State": actors.party,
    "Organization": actors.party,
    "Office": actors.office,
    "Place": matters.place,
    "Article": articles.article,
}


def page_of(reader: Reader, thing: str, asked: Asked) -> Page:
    """The page of a thing, of which something must be said or which must be a graph."""
    rows = reader.rows(f"SELECT DISTINCT ?c {{ <{thing}> a ?c }}")
    for row in rows:
        reader.bundle.add(ox.NamedNode(thing), named("rdf:type"), row[0])
    kind = kind_of(reader.bundle, thing)
    if asked.list == "links":
        return record.links_to(reader, thing, kind, asked)
    view = matters.topic if thing.startswith(_TOPIC) else _VIEWS.get(kind, record.record)
    return view(reader, thing, kind, asked)
