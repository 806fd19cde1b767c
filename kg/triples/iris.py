"""The one place that mints IRIs of things, each from the fewest stable raw fields.

=================  ==============================================  ==========================================
thing              IRI under the base                              made from
=================  ==============================================  ==========================================
state              ``id/state/KHM``                                ISO 3166-1 alpha-3
organisation       ``id/organization/ASEAN``                       the registry's code; else name and party
person             ``id/person/hun-sen-khm``                       name and party
group              ``id/group/{article}-{key}``                    article and key
place              ``id/place/phnom-penh-khm``                     name and state
office             ``id/office/prime-minister-khm``                title and party
article            ``id/article/{article}``                        article
event, statement,  ``id/event/{article}-{key}`` and so on          article and key
tenure, instrument
participation      event's or statement's IRI + ``#p1``            order of the participants
passage            article's IRI + ``#char=10,52``                 RFC 5147
named graphs       ``graph/article/{article}`` and so on           article
event, person      ``id/event-across/{article}-{key}``,            the first of the articles' events that are one;
across articles    ``id/person-across/hun-sen-khm``                the fullest of the persons that are one
their graphs       ``graph/identity/event/{article}-{key}``, …     as the thing's
imported things    ``id/event/gdelt-{key}`` and so on              collection and its own id or name
imported graphs    ``graph/import/gdelt/{file}``                   collection and file
=================  ==============================================  ==========================================

Within one article names are the article's own. That two articles mean one person is decided by name and party alone here.
"""

from __future__ import annotations

import re
import unicodedata

import pyoxigraph as ox

from kg.model import Actor, ActorKind, Place, Span
from kg.registry import organization, state

#: Kinds of things whose IRIs are made from the article's id.
_OF_ARTICLES = ("event", "statement", "tenure", "instrument", "group")


def slug(text: str) -> str:
    """A name as part of an IRI: lower case, letters and digits, hyphens between words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", plain).strip("-") or "x"


class Iris:
    """Mints IRIs under one base.

    Args:
        base: the service's base IRI, ending in "/".
    """

    def __init__(self, base: str) -> None:
        self.base = base

    def _id(self, kind: str, key: str) -> ox.NamedNode:
        return ox.NamedNode(f"{self.base}id/{kind}/{key}")

    def party(self, code: str) -> ox.NamedNode:
        """A state or organisation by its code; a body that has none by its name."""
        if state(code):
            return self._id("state", code)
        if organization(code):
            return self._id("organization", code)
        return self._id("organization", f"{slug(code)}-x")

    def actor(self, article: str, actor: Actor) -> ox.NamedNode:
        """An actor of an article."""
        if actor.curated and actor.party:
            return self.party(actor.party)
        if actor.kind is ActorKind.GROUP:
            return self._id("group", f"{article}-{slug(actor.key)}")
        if actor.kind is ActorKind.STATE:
            return self.party(actor.party or actor.name)
        known = actor.party if actor.party != actor.name else None
        return self._id(actor.kind.value, f"{slug(actor.name)}-{slug(known) if known else 'x'}")

    def place(self, place: Place) -> ox.NamedNode:
        """A place; a state as a place is the state itself."""
        if place.state and place.within is None and (known := state(place.state)) and known.name == place.name:
            return self._id("state", place.state)
        return self._id("place", f"{slug(place.name)}-{slug(place.state or 'x')}")

    def office(self, title: str, of: str | None) -> ox.NamedNode:
        """An office by its title and the party it belongs to."""
        return self._id("office", f"{slug(title)}-{slug(of or 'x')}")

    def article(self, article: str) -> ox.NamedNode:
        """An article by its id."""
        return self._id("article", article)

    def fact(self, kind: str, article: str, key: str) -> ox.NamedNode:
        """An event, statement, tenure or instrument (``kind``) of an article."""
        return self._id(kind, f"{article}-{slug(key)}")

    def participation(self, fact: ox.NamedNode, number: int) -> ox.NamedNode:
        """The participation of an event or statement with this number, from 1."""
        return ox.NamedNode(f"{fact.value}#p{number}")

    def passage(self, article: str, span: Span, part: str = "char") -> ox.NamedNode:
        """A passage of an article (RFC 5147), or with another ``part`` one of its selectors."""
        return ox.NamedNode(f"{self.article(article).value}#{part}={span.start},{span.end}")

    def article_graph(self, article: str) -> ox.NamedNode:
        """The named graph of what an article asserts."""
        return ox.NamedNode(f"{self.base}graph/article/{article}")

    def ingestion_graph(self, article: str) -> ox.NamedNode:
        """The named graph of when and by what an article was ingested: the only one that holds times of our own."""
        return ox.NamedNode(f"{self.base}graph/ingestion/{article}")

    def imported(self, kind: str, collection: str, key: str) -> ox.NamedNode:
        """An event, actor or place (``kind``) of another collection of event data, by that collection's own key or name."""
        return self._id(kind, f"{collection}-{slug(key)}")

    def imported_graph(self, collection: str, file: str) -> ox.NamedNode:
        """The named graph of the events of one file of another collection."""
        return ox.NamedNode(f"{self.base}graph/import/{collection}/{file}")

    def graph(self, name: str) -> ox.NamedNode:
        """The named graph ``reference`` (states, organisations) or ``ontology``."""
        return ox.NamedNode(f"{self.base}graph/{name}")

    def across(self, member: ox.NamedNode) -> ox.NamedNode:
        """The event or person across articles that is named after one of its members."""
        kind, _, key = member.value.partition("/id/")[2].partition("/")
        return self._id(f"{kind}-across", key)

    def is_of_article(self, thing: ox.NamedNode, article: str) -> bool:
        """Whether a thing's IRI is made from an article's id, so that no other article can tell of it; parts do not count."""
        kind, _, key = thing.value.removeprefix(f"{self.base}id/").partition("/")
        return kind in _OF_ARTICLES and key.startswith(f"{article}-") and "#" not in key

    def identity_graph_of(self, member: ox.NamedNode) -> ox.NamedNode:
        """The named graph of what is across articles and named after this event or person."""
        kind, _, key = member.value.partition("/id/")[2].partition("/")
        return self.identity_graph(kind, key)

    def identity_graph(self, part: str, key: str = "") -> ox.NamedNode:
        """A named graph of what is decided across articles: ``event``, ``person``, ``keys``, ``curation``, ``wikidata``; and of
        what a run has still to look at, ``unfinished``."""
        return ox.NamedNode(f"{self.base}graph/identity/{part}{'/' if key else ''}{key}")
