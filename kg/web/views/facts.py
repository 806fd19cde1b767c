"""A fact as pages tell it: a sentence with links, and the passages that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kg.triples.vocab import DIPL
from kg.web.views.reader import Bundle
from kg.web.views.words import EVENT_KINDS, EXTRACTORS, KINDS, MODALITIES, Link, at_place, days, phrases, sureness, when, with_the

#: Names that one side of a sentence has before the others are counted.
_MOST_NAMES = 4
#: The classes of facts.
FACTS = ("Event", "Statement", "Tenure", "Instrument")
_ORDER = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Passage:
    """A passage that says so; ``before`` and ``after`` are the rest of its paragraph where that is known and may be shown."""

    text: str
    article: Link
    outlet: str
    day: str
    url: str
    anchor: str
    start: int
    end: int
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Part:
    """One participant: who, for whom, as what, in which words."""

    actor: Link
    role: str
    side: str
    party: Link | None
    office: str
    capacity: str
    mention: str
    is_group: bool
    anchor: str


@dataclass(frozen=True)
class Fact:
    """An event, statement, tenure or instrument in a sentence; ``quad`` is 0 where it has none."""

    iri: str
    kind: str
    quad: int
    modality: str
    words: tuple[Link, ...]
    day: str
    passages: tuple[Passage, ...]
    confidence: str
    sure: str
    extractor: str
    imported: Link | None

    @property
    def text(self) -> str:
        """The sentence without its links."""
        return "".join(word.text for word in self.words)


def kind_of(bundle: Bundle, thing: str) -> str:
    """The local name of a thing's most particular class; empty where it has none of ours."""
    found = {v.removeprefix(DIPL) for v in bundle.nodes(thing, "rdf:type")}
    return next((kind for kind in KINDS if kind in found), "")


def link(bundle: Bundle, thing: str) -> Link:
    """A thing by its label."""
    return Link(bundle.label(thing), thing)


def parts(bundle: Bundle, thing: str) -> list[Part]:
    """The participants of an event or statement, in their order."""
    found = []
    for node in sorted(bundle.nodes(thing, "dipl:participation"), key=_number):
        actor, party = bundle.node(node, "dipl:actor"), bundle.node(node, "dipl:onBehalfOf")
        if not actor:
            continue
        office, capacity, mention = (
            bundle.text(node, "dipl:officeTitle"),
            bundle.node(node, "dipl:inCapacity"),
            bundle.text(node, "dipl:mention"),
        )
        role, side = (bundle.node(node, p).rpartition("-")[2] for p in ("dipl:role", "dipl:side"))
        behalf = link(bundle, party) if party and party != actor else None
        group = bundle.is_a(actor, "Group")
        found.append(Part(link(bundle, actor), role, side, behalf, office, capacity, mention, group, node.rpartition("#")[2]))
    return found


def _number(node: str) -> tuple[int, str]:
    tail = node.rpartition("#p")[2]
    return (int(tail) if tail.isdigit() else 0, node)


def passages(bundle: Bundle, thing: str) -> tuple[Passage, ...]:
    """The passages that support a fact, in the order of the text."""
    found: dict[str, Passage] = {}
    for node in bundle.nodes(thing, "dipl:evidence"):
        if shown := passage(bundle, node):
            found[node] = shown
    return tuple(sorted(found.values(), key=lambda p: (p.article.iri or "", p.start, p.end)))


def passage(bundle: Bundle, node: str) -> Passage | None:
    """One passage with its words and its article; None where the words are not known."""
    selectors = bundle.nodes(node, "oa:hasSelector")
    exact, start, end = (
        next((text for s in selectors if (text := bundle.text(s, name))), "") for name in ("oa:exact", "oa:start", "oa:end")
    )
    article = bundle.node(node, "oa:hasSource")
    if not exact or not article:
        return None
    first = int(start) if start.isdigit() else 0
    before, after = bundle.paragraph(article, exact, first)
    return Passage(
        exact,
        link(bundle, article),
        bundle.text(article, "schema:publisher"),
        day_of(bundle, article),
        bundle.node(article, "schema:url") or bundle.text(article, "schema:url"),
        node.rpartition("#")[2],
        first,
        int(end) if end.isdigit() else first + len(exact),
        before,
        after,
    )


def day_of(bundle: Bundle, article: str) -> str:
    """The day of an article in words: of its publication, else the one its dates are counted from."""
    day = bundle.text(article, "schema:datePublished") or bundle.text(article, "dipl:referenceDate")
    return days(day, day)


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
    verb = _verb(modality, phrase.base if targets else phrase.alone, phrase.past if targets else phrase.alone_past, plural)
    instrument = bundle.node(thing, "dipl:concerns") if kind == "Signing" else ""
    head, _, tail = verb.partition(" an agreement") if instrument else (verb, "", "")
    words += [Link(" "), Link(head, thing)]
    if instrument:
        words += [Link(" "), Link(with_the(bundle.label(instrument)), instrument), Link(tail)]
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
    """What it is about in the article's words, without the words of its date."""
    dates = {text.lower() for text in bundle.texts(thing, "dipl:dateText")}
    return [a for a in bundle.texts(thing, "dipl:about") if a.lower() not in dates]


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
    words = [link(bundle, holder), Link(" "), Link("was a former" if former else "was", thing), Link(" "), link(bundle, office)]
    first, last = bundle.text(thing, "dipl:observedFrom"), bundle.text(thing, "dipl:observedUntil")
    if moment := when(first, last):
        words.append(Link(f" {moment}"))
    return _capital([*words, Link(".")])


def fact(bundle: Bundle, thing: str) -> Fact:
    """A fact with its sentence and its passages, out of what was gathered."""
    kind = kind_of(bundle, thing)
    if kind in EVENT_KINDS:
        words = event_words(bundle, thing, kind)
    elif kind == "EventAcrossArticles" and (telling := best_telling(bundle, thing)):
        return _across(bundle, thing, telling)
    elif kind == "Statement":
        words = statement_words(bundle, thing)
    elif kind == "Tenure":
        words = tenure_words(bundle, thing)
    else:
        words = (link(bundle, thing),)
    quad, modality = bundle.text(thing, "dipl:quadClass"), bundle.node(thing, "dipl:modality").rpartition("-")[2]
    confidence, imported = bundle.text(thing, "dipl:confidence"), bundle.node(thing, "dipl:importedFrom")
    extractor = bundle.text(thing, "dipl:extractor")
    return Fact(
        thing,
        kind,
        int(quad) if quad in ("1", "2", "3", "4") else 0,
        modality if modality in MODALITIES else "",
        words,
        bundle.text(thing, "dipl:latestDate"),
        passages(bundle, thing),
        confidence,
        sureness(confidence) if confidence else "",
        EXTRACTORS.get(extractor, extractor),
        link(bundle, imported) if imported else None,
    )


def best_telling(bundle: Bundle, across: str) -> str:
    """Of an article's tellings of an event across articles the surest that was gathered; empty where none was."""
    found = [t for t in bundle.nodes(across, "dipl:reportedAs") if bundle.nodes(t, "dipl:participation")]
    return max(found, key=lambda t: (float(bundle.text(t, "dipl:confidence") or 0), t), default="")


def _across(bundle: Bundle, across: str, telling: str) -> Fact:
    """An event across articles, told as its surest telling tells it, with the number of the others."""
    told = fact(bundle, telling)
    words = tuple(replace(w, iri=across) if w.iri == telling else w for w in told.words)
    number = bundle.text(across, "dipl:articleCount")
    return replace(told, iri=across, words=(*words, Link(f" Told by {number} articles.", across, quiet=True)))


def in_order(found: Iterable[Fact]) -> list[Fact]:
    """Facts as an article's page lists them: events first, then what was said, what was held; by day, then by place in the text."""

    def rank(fact: Fact) -> tuple[int, int, str]:
        start = fact.passages[0].start if fact.passages else 0
        return (max(_ORDER.get(fact.kind, 99), _ORDER["Event"]), start, fact.iri)

    return sorted(found, key=rank)
