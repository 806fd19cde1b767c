"""Events, statements and holdings of offices as sentences with links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kg.web.views.parts import Part, link, parts
from kg.web.views.reader import Bundle
from kg.web.views.words import Link, at_place, phrases, when, with_the

#: Names that one side of a sentence has before the others are counted.
_MOST_NAMES = 4


def _dates(bundle: Bundle, thing: str) -> tuple[str, str, str]:
    precision = bundle.node(thing, "dipl:datePrecision").rpartition("-")[2]
    return bundle.text(thing, "dipl:earliestDate"), bundle.text(thing, "dipl:latestDate"), precision


def names(found: Sequence[Part], parties: bool = True) -> list[Link]:
    """Who, as a sentence lists them: "A (X), B (Y) and 2 others"."""
    unique = list({p.actor.iri: p for p in found}.values())
    shown, rest = unique[:_MOST_NAMES], len(unique) - _MOST_NAMES
    words: list[Link] = []
    for number, part in enumerate(shown):
        if number:
            words.append(Link(" and " if number == len(shown) - 1 and rest <= 0 else ", "))
        words.append(Link(with_the(part.actor.text), part.actor.iri))
        if parties and part.party:
            words += [Link(" ("), replace(part.party, quiet=True), Link(")")]
    if rest > 0:
        words.append(Link(f" and {rest} {'other' if rest == 1 else 'others'}"))
    return words


def _capital(words: list[Link]) -> tuple[Link, ...]:
    first, *rest = words
    return (Link(first.text[:1].upper() + first.text[1:], first.iri), *rest)


def event_words(bundle: Bundle, thing: str, kind: str) -> tuple[Link, ...]:
    """An event in a sentence: actor, verb, other party, place, day, matter."""
    found = parts(bundle, thing)
    sources = [p for p in found if p.side != "target"]
    targets = [p for p in found if p.side == "target" and p.actor.iri not in {s.actor.iri for s in sources}]
    if not found:
        return (link(bundle, thing),)
    phrase = phrases().get(kind) or phrases()["Event"]
    words = names(sources) or [Link("somebody")]
    modality = bundle.node(thing, "dipl:modality").rpartition("-")[2]
    plural = len(sources) > 1 or (bool(sources) and sources[0].is_group and sources[0].actor.text.endswith("s"))
    verb = _verb(
        modality, phrase.base if targets else phrase.alone, phrase.past if targets else phrase.alone_past, plural
    )
    instrument = bundle.node(thing, "dipl:concerns") if kind == "Signing" else ""
    head, _, tail = verb.partition(" an agreement") if instrument else (verb, "", "")
    words += [Link(" "), Link(head, thing)]
    if instrument:
        words += [Link(" "), Link(_the(bundle.label(instrument)), instrument), Link(tail)]
    if targets:
        joint = phrase.several if len(targets) > 1 and phrase.several else phrase.link
        words += [Link(f" {joint} " if joint else " "), *names(targets)]
    return _capital([*words, *_circumstances(bundle, thing, {p.actor.iri for p in found}), Link(".")])


def _verb(modality: str, base: str, past: str, plural: bool) -> str:
    if modality == "planned":
        return f"{'were' if plural else 'was'} to {base}"
    return {"possible": f"might {base}", "negated": f"did not {base}"}.get(modality, past)


def _circumstances(bundle: Bundle, thing: str, named: set[str | None]) -> list[Link]:
    """Where, when and about what, as the end of a sentence."""
    words: list[Link] = []
    place = bundle.node(thing, "dipl:place")
    if place and place not in named:
        joint, _, name = at_place(bundle.label(place)).partition(" ")
        words += [Link(f" {joint} "), Link(name, place)]
    if moment := when(*_dates(bundle, thing)):
        words.append(Link(f" {moment}"))
    topics = bundle.nodes(thing, "dipl:topic")
    if topics:
        words.append(Link(", about "))
        for number, topic in enumerate(topics[:3]):
            if number:
                words.append(Link(" and " if number == min(len(topics), 3) - 1 else ", "))
            words.append(Link(_lower(bundle.label(topic)), topic))
    elif about := next((a for a in about_words(bundle, thing) if len(a) <= 90), ""):
        words.append(Link(f": “{about}”"))
    return words


def about_words(bundle: Bundle, thing: str) -> list[str]:
    """What it is about in the article's words, without those that its date or its instrument tell already."""
    told = {text.lower() for name in ("dateText", "concerns") for text in bundle.texts(thing, f"dipl:{name}")}
    return [a for a in bundle.texts(thing, "dipl:about") if a.lower() not in told]


def _the(name: str) -> str:
    """An instrument in a sentence: one that is described and not named takes "the"."""
    return with_the(name) if name[:1].isupper() else f"the {name}"


def _lower(label: str) -> str:
    """A topic's label in a sentence; one that begins with an acronym or a name keeps its capital."""
    return label if len(label) > 1 and label[1].isupper() else label[:1].lower() + label[1:]


def statement_words(bundle: Bundle, thing: str) -> tuple[Link, ...]:
    """A statement in a sentence: speaker, addressee, day, the words."""
    found = parts(bundle, thing)
    speakers = [p for p in found if p.role == "speaker"]
    others = [p for p in found if p.role != "speaker"]
    speaker = bundle.node(thing, "dipl:speaker")
    words = names(speakers) or ([link(bundle, speaker)] if speaker else [Link("somebody")])
    said = "did not say" if bundle.text(thing, "dipl:negated") == "true" else "said"
    words += [Link(" "), Link(said, thing)]
    if others:
        words += [Link(" to "), *names(others)]
    if moment := when(*_dates(bundle, thing)):
        words.append(Link(f" {moment}"))
    quotes = bundle.texts(thing, "dipl:quote")
    told = [Link(": " + " … ".join(f"“{quote}”" for quote in quotes[:2]))] if quotes else []
    if not told and (paraphrase := bundle.text(thing, "dipl:paraphrase")):
        told = [Link(f": {paraphrase}.")]
    return _capital(words + (told or [Link(".")]))


def tenure_words(bundle: Bundle, thing: str) -> tuple[Link, ...]:
    """The holding of an office in a sentence."""
    holder, office = bundle.node(thing, "dipl:holder"), bundle.node(thing, "dipl:office")
    former = bundle.text(thing, "dipl:former") == "true"
    words = [
        link(bundle, holder),
        Link(" "),
        Link("was a former" if former else "was", thing),
        Link(" "),
        link(bundle, office),
    ]
    first, last = bundle.text(thing, "dipl:observedFrom"), bundle.text(thing, "dipl:observedUntil")
    if moment := when(first, last):
        words.append(Link(f" {moment}"))
    return _capital([*words, Link(".")])
