"""What an address asks of a picture: each parameter read, checked, made a term of the query, and told in words."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

import pyoxigraph as ox

from kg.errors import QueryError
from kg.registry import lookup, organization, organizations, party_name, state, states
from kg.store import State
from kg.triples.vocab import DIPL, PREFIXES, named, ontology, term
from kg.web.pictures.asking import Term, Values, people_called
from kg.web.pictures.scales import add_months
from kg.web.service import service

#: Longer values than this name nothing.
_LONGEST = 300
_XSD = PREFIXES["xsd"]
_SHARE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
MODALITIES = ("actual", "planned", "possible", "negated")
#: What sources are found to contradict each other on, in words.
ABOUT = {
    "earliestDate": "when it was",
    "place": "where it was",
    "actor": "who it was",
    "onBehalfOf": "which side it was",
    "size": "how many there were",
}
LEAST = ("0.5", "0.7", "0.9")

#: Parameter -> what it is, for forms and for the description of the service.
TOLD = {
    "actor": "A state or body by its code or name, a person by name, or what follows 'id/' in an address here.",
    "with": "Another one, written alike, who takes part too.",
    "a": "A state, body or person: by code, by name, or by what follows 'id/' in an address here.",
    "b": "Another one, written alike.",
    "type": "A class of events of the ontology, such as Meeting or Sanction.",
    "topic": "A topic of the ontology, such as trade; what lies under it is counted in.",
    "modality": f"How real the event is: {', '.join(MODALITIES)}; 'any' for all.",
    "from": "The first day, as 2016, 2016-01 or 2016-01-26.",
    "until": "The last day, written alike.",
    "month": "The month that is shown, as 2016-01.",
    "least": "How sure the reading must be, from 0 to 1.",
    "by": "What makes a bar: month or year; by itself what fits.",
    "about": f"What they contradict each other on: {', '.join(ABOUT)}.",
}


@dataclass(frozen=True)
class Filters:
    """What was asked: ``given`` as it stands in the address, ``terms`` for the query, ``names`` of parties for the form."""

    given: Mapping[str, str] = field(default_factory=dict)
    terms: Values = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def day(self, name: str) -> dt.date | None:
        """A parameter that is a day."""
        value = self.terms.get(name)
        return dt.date.fromisoformat(value.value) if isinstance(value, ox.Literal) else None


@cache
def event_classes() -> tuple[str, ...]:
    """The local names of the classes of events: each type of PLOVER's, followed by the kinds under it."""
    below = named("rdfs:subClassOf")
    inner: dict[str, list[str]] = {}
    for triple in ontology():
        if (
            triple.predicate == below
            and isinstance(triple.subject, ox.NamedNode)
            and str(triple.object)[1:-1].startswith(DIPL)
        ):
            inner.setdefault(str(triple.object)[1:-1].removeprefix(DIPL), []).append(
                triple.subject.value.removeprefix(DIPL)
            )
    return tuple(name for kind in inner["Event"] for name in (kind, *sorted(inner.get(kind, ()))))


@cache
def topics() -> tuple[tuple[str, str, int], ...]:
    """The topics as a tree: key, label, and depth."""
    prefix = f"{DIPL}topic-"
    label, broader = named("rdfs:label"), named("skos:broader")
    names: dict[str, str] = {}
    above: dict[str, str] = {}
    for t in ontology():
        if isinstance(t.subject, ox.NamedNode) and t.subject.value.startswith(prefix):
            key = t.subject.value.removeprefix(prefix)
            if t.predicate == label and isinstance(t.object, ox.Literal):
                names[key] = t.object.value
            elif t.predicate == broader and isinstance(t.object, ox.NamedNode):
                above[key] = t.object.value.removeprefix(prefix)

    def under(parent: str | None, depth: int) -> list[tuple[str, str, int]]:
        children = sorted((k for k in names if above.get(k) == parent), key=names.__getitem__)
        return [row for k in children for row in ((k, names[k], depth), *under(k, depth + 1))]

    return tuple(under(None, 0))


@cache
def party_names() -> tuple[str, ...]:
    """The names of states and bodies that forms offer."""
    return tuple(sorted({*(s.name for s in states()), *(o.name for o in organizations())}))


@cache
def _codes() -> dict[str, str]:
    """The code for each name of a state or body, in small letters."""
    return {party.name.casefold(): party.code for parties in (organizations(), states()) for party in parties}


def _wrong(name: str, value: str, what: str) -> QueryError:
    return QueryError(f"The parameter '{name}' cannot be {value[:60]!r}: {what}")


def _node(name: str, value: str, iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        raise _wrong(name, value, "it is no address.") from None


def _party(value: str) -> ox.NamedNode | None:
    code = value.upper()
    if state(code) or organization(value) or organization(code):
        return service().iris.party(value if organization(value) else code)
    if known := _codes().get(value.casefold()):
        return service().iris.party(known)
    entry = lookup(value.split())
    kinds = ("state", "organization", "capital", "metonym", "demonym")
    return service().iris.party(entry.code) if entry and entry.code and entry.kind in kinds else None


def actor(name: str, value: str, now: State) -> ox.NamedNode:
    """The actor that some words name.

    Raises:
        QueryError: nobody is called so.
    """
    base = service().iris.base
    if value.startswith(base) or re.fullmatch(r"(state|organization|person|person-across|group)/\S+", value):
        path = value.removeprefix(base).removeprefix("id/")
        node = _node(name, value, f"{base}id/{path}")
        if not now.knows(node):
            raise _wrong(name, value, "the graph knows nobody by this address.")
        return node
    if party := _party(value):
        return party
    classes = [term(c) for c in ("Person", "State", "Organization", "Actor")]
    if found := people_called(value, now, classes):
        return found[0]
    raise _wrong(
        name, value, "nobody of this name is in the graph. Write the name as pages here have it, or a state's code."
    )


def day(name: str, value: str, *, last: bool) -> ox.Literal:
    """A day, month or year as its first or last day. Raises QueryError."""
    match = _DATE.fullmatch(value)
    try:
        if not match:
            raise ValueError
        first = dt.date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
        if last and not match[3]:
            first = add_months(first, 1 if match[2] else 12) - dt.timedelta(days=1)
    except ValueError:
        raise _wrong(name, value, "a day is written 2016, 2016-01 or 2016-01-26.") from None
    return ox.Literal(first.isoformat(), datatype=ox.NamedNode(_XSD + "date"))


def _type(name: str, value: str) -> ox.NamedNode:
    if value not in event_classes():
        raise _wrong(name, value, f"it is one of {', '.join(event_classes())}.")
    return term(value)


def _topic(name: str, value: str) -> tuple[Term, ...]:
    """The topic and all that lie under it: the engine is quicker with them named than with a path through the tree."""
    tree = topics()
    at = next((i for i, (key, *_) in enumerate(tree) if key == value), None)
    if at is None:
        raise _wrong(name, value, "the ontology has no such topic; /ontology lists them.")
    depth = tree[at][2]
    under = itertools.takewhile(lambda row: row[2] > depth, tree[at + 1 :])
    return tuple(term(f"topic-{key}") for key, *_ in (tree[at], *under))


def _modality(name: str, value: str) -> ox.NamedNode:
    if value not in MODALITIES:
        raise _wrong(name, value, f"it is one of {', '.join(MODALITIES)}, any.")
    return term(f"modality-{value}")


def _about(name: str, value: str) -> ox.NamedNode:
    if value not in ABOUT:
        raise _wrong(name, value, f"it is one of {', '.join(ABOUT)}.")
    return term(value)


def _least(name: str, value: str) -> ox.Literal:
    # with an exponent a few signs would stand for a number of a billion digits
    if not _SHARE.fullmatch(value) or not 0 <= Decimal(value) <= 1:
        raise _wrong(name, value, "it is a number from 0 to 1.")
    return ox.Literal(f"{Decimal(value):f}", datatype=ox.NamedNode(_XSD + "decimal"))


def _by(name: str, value: str) -> ox.Literal:
    if value not in ("month", "year"):
        raise _wrong(name, value, "it is month or year.")
    return ox.Literal(7 if value == "month" else 4)


_READERS: dict[str, Callable[[str, str], Term | tuple[Term, ...]]] = {
    "type": _type,
    "topic": _topic,
    "modality": _modality,
    "about": _about,
    "least": _least,
    "by": _by,
    "from": lambda name, value: day(name, value, last=False),
    "until": lambda name, value: day(name, value, last=True),
    "month": lambda name, value: day(name, value[:7], last=False),
}
#: Names of the address -> names of the query, where they differ.
_IN_QUERY = {"a": "actor", "b": "with", "by": "digits"}
_ACTORS = ("actor", "with", "a", "b")


def read(arguments: Mapping[str, str], taken: Mapping[str, str], now: State) -> Filters:
    """The parameters of an address.

    Args:
        taken: the parameters that the picture has, each with its value where none is given ("" for none).

    Raises:
        QueryError: a value cannot be what it is given for.
    """
    given: dict[str, str] = {}
    terms: dict[str, Term | tuple[Term, ...]] = {}
    for name, usual in taken.items():
        value = " ".join(arguments.get(name, usual).split()) or usual
        if len(value) > _LONGEST:
            raise _wrong(name, value, f"it is longer than {_LONGEST} characters.")
        if not value:
            continue
        if value != usual:
            given[name] = value
        if value == "any":
            continue
        found = actor(name, value, now) if name in _ACTORS else _READERS[name](name, value)
        terms[_IN_QUERY.get(name, name)] = found
    if "with" in terms and "actor" not in terms:
        terms["actor"] = terms.pop("with")
    names = {name: party_name(given[name].upper()) or given[name] for name in _ACTORS if name in given}
    filters = Filters(given, terms, names)
    first, last = filters.day("from"), filters.day("until")
    if first and last and first > last:
        raise _wrong("until", given["until"], f"it lies before {first.isoformat()}, the first day.")
    return filters
