"""The types by which names are narrowed down: kinds of things, and the classes of events of the ontology."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kg.errors import QueryError
from kg.search import Candidate
from kg.sparql.questions import event_classes
from kg.triples.vocab import DIPL, with_superclasses

#: Kinds of what can be found that are types, each with its words; an actor is any of several.
_KINDS = {
    "Person": ("Person", "A human being by name."),
    "State": ("State", "A state, by its names and ISO 3166-1 codes."),
    "Organization": ("Organization", "A body: international organisations, ministries, parties, companies."),
    "Group": ("Group", "People who act together and are not told by name."),
    "Office": ("Office", "An office that people hold, such as prime minister of Cambodia."),
    "Place": ("Place", "A town, region or site."),
    "Topic": ("Topic", "What events and statements are about, of the ontology's topics."),
    "Instrument": ("Instrument", "A treaty, resolution, law or other text that parties make."),
    "Article": ("Article", "A news article, by its headline."),
}
_ACTORS = ("Person", "State", "Organization", "Group")


@dataclass(frozen=True)
class Type:
    """A type: its id (a class's local name), name, description, and the id of the one above it (empty for none)."""

    id: str
    name: str
    description: str
    above: str = ""

    def told(self, *, broader: bool = False) -> dict[str, object]:
        """As answers have it."""
        found: dict[str, object] = {"id": self.id, "name": self.name}
        if broader:
            found["description"] = self.description
            if self.above:
                found["broader"] = [{"id": self.above, "name": types()[self.above].name}]
        return found


@cache
def types() -> dict[str, Type]:
    """All types by id, the commonest first."""
    found = {
        "Actor": Type("Actor", "Actor", "Anybody who takes part in events: persons, states, organisations, groups.")
    }
    for kind, (name, words) in _KINDS.items():
        found[kind] = Type(kind, name, words, "Actor" if kind in _ACTORS else "")
    for name, label in event_classes().items():
        above = next((c for c in _line(name)[1:]), "")
        words = "Anything that happened between parties." if not above else f"An event of the class {label.lower()}."
        found[name] = Type(name, label[:1].upper() + label[1:], words, above)
    return found


def _line(name: str) -> list[str]:
    """A class of events and those above it, the nearest first."""
    ours = (c.value.removeprefix(DIPL) for c in with_superclasses(name) if c.value.startswith(DIPL))
    return [c for c in ours if c in event_classes()]


def asked_type(text: str) -> Type:
    """A type by its id or its IRI. Raises QueryError."""
    found = types().get(text.removeprefix(DIPL))
    if found is None:
        raise QueryError(f"There is no type {text[:60]!r}; /reconcile/suggest/type lists them.")
    return found


def kinds_of(asked: Type) -> tuple[str, ...]:
    """The kinds of the index that a type is looked for under."""
    if asked.id == "Actor":
        return _ACTORS
    return (asked.id,) if asked.id in _KINDS else ("Event",)


def types_of(candidate: Candidate) -> list[Type]:
    """The types of a thing, the most particular first."""
    if candidate.kind == "Event":
        return [types()[name] for name in _line(candidate.type or "Event")]
    own = types().get(candidate.kind)
    return [own, *([types()[own.above]] if own.above else [])] if own else []


def fits(candidate: Candidate, asked: Type) -> bool:
    """Whether a thing is of a type or one under it."""
    return asked in types_of(candidate)
