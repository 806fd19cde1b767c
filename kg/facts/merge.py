"""Brings the tellings of one event together, and orders events under the visits they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.facts.reading import Candidate
from kg.mentions.actors import Mention
from kg.model import ActorKind, DateSpan, EventType, Modality

#: Ways of consulting that news use for one and the same occasion.
_TALKING = frozenset({"meeting", "negotiation", None})
_ACTS_OF_SPEECH = frozenset(
    {EventType.REQUEST, EventType.ACCUSE, EventType.REJECT, EventType.THREATEN, EventType.SUPPORT, EventType.AGREE}
)


@dataclass(eq=False)
class Group:
    """Candidates that tell one event; the first is the one that tells it best."""

    candidates: list[Candidate] = field(default_factory=list)

    @property
    def best(self) -> Candidate:
        """The telling that sets two sides apart, the surest, the fuller, the earlier."""

        def rank(c: Candidate) -> tuple[bool, float, int, int]:
            return bool(c.sources and c.targets), c.confidence, len(c.sources) + len(c.targets), -c.words.start

        return max(self.candidates, key=rank)

    @property
    def date(self) -> DateSpan | None:
        """The finest date of all tellings."""
        dates = [c.date for c in self.candidates if c.date]
        return min(dates, key=lambda d: ((d.latest - d.earliest).days, d.earliest)) if dates else None

    @property
    def date_text(self) -> str | None:
        """The words of the date, or of the first that could not be resolved."""
        return self.date.text if self.date else next((c.date_text for c in self.candidates if c.date_text), None)

    def side(self, name: str) -> list[Mention]:
        """The actors of one side, each by its best mention; a state gives way to those who act for it."""
        best, other = self.best, "targets" if name == "sources" else "sources"
        order = [best, *(c for c in self.candidates if c is not best)]
        found: list[Mention] = []
        opposite = {m.actor.key for c in order for m in getattr(c, other)} if not best.mutual else set()
        if best.mutual or best.frame.type is EventType.CONSULT:
            opposite = {m.actor.key for m in getattr(best, other)}
            opposite_parties = {m.party for m in getattr(best, other) if m.party}
        else:
            opposite_parties = set()
        for candidate in order:
            both = [*getattr(candidate, name)]
            if candidate is not best and (candidate.mutual or best.mutual):
                both += getattr(candidate, other)
            for mention in both:
                if mention.actor.key in opposite | {m.actor.key for m in found}:
                    continue
                if candidate is not best and mention.party in opposite_parties:
                    continue
                if candidate is not best and found and mention.party not in {m.party for m in found}:
                    continue
                found.append(mention)
        return _specific(found)


def _specific(mentions: list[Mention]) -> list[Mention]:
    """Without states and unnamed groups for whose party a person is there."""
    named = {m.party for m in mentions if m.actor.kind is ActorKind.PERSON}
    kept = [m for m in mentions if m.actor.kind is ActorKind.PERSON or m.party is None or m.party not in named]
    named |= {m.party for m in kept if m.actor.curated}
    return [m for m in kept if m.actor.kind is not ActorKind.GROUP or m.party is None or m.party not in named]


def _overlap(a: DateSpan | None, b: DateSpan | None) -> bool:
    return a is None or b is None or (a.earliest <= b.latest and b.earliest <= a.latest)


def _sides_fit(a: list[Mention], b: list[Mention]) -> bool:
    """Whether two lists can be one side: one is empty, they share an actor, or one names only the party of the other."""
    if not a or not b:
        return True
    if {m.actor.key for m in a} & {m.actor.key for m in b}:
        return True
    if not {m.party for m in a if m.party} & {m.party for m in b if m.party}:
        return False
    people = [{m.actor.key for m in side if m.actor.kind is ActorKind.PERSON} for side in (a, b)]
    return not (people[0] and people[1])


def _same(a: Candidate, b: Candidate) -> bool:
    if a.frame.type is not b.frame.type or not _overlap(a.date, b.date):
        return False
    # "has arrived for a visit": one visit, however its second word is read
    arrival = a.kind == b.kind == "visit" and a.sentence is b.sentence
    # a visit that is hoped or planned in passing, without a day of its own, is the one that the article tells
    known = a.kind == b.kind == "visit" and Modality.NEGATED not in (a.modality, b.modality) and not (a.date and b.date)
    if a.modality is not b.modality and not (arrival or known):
        return False
    if a.frame.type is EventType.CONSULT:
        talking = a.kind in _TALKING and b.kind in _TALKING
        if not talking and a.kind != b.kind:
            return False
        if a.kind == "visit":
            return (
                bool(a.sources and b.sources) and _sides_fit(a.sources, b.sources) and _sides_fit(a.targets, b.targets)
            )
        return _mutual_fit([*a.sources, *a.targets], [*b.sources, *b.targets])
    if a.kind != b.kind or not (_sides_fit(a.sources, b.sources) and _sides_fit(a.targets, b.targets)):
        return False
    if a.frame.type in _ACTS_OF_SPEECH and a.sentence is not b.sentence:
        return a.sentence.tokens[a.trigger].lemma == b.sentence.tokens[b.trigger].lemma and not (a.about and b.about)
    return bool(a.targets or b.targets)


def _mutual_fit(a: list[Mention], b: list[Mention]) -> bool:
    parties = [{m.party or m.actor.key for m in side} for side in (a, b)]
    if not (parties[0] <= parties[1] or parties[1] <= parties[0]):
        return False
    shared = {m.actor.key for m in a} & {m.actor.key for m in b}
    people = [{m.actor.key for m in side if m.actor.kind is ActorKind.PERSON} for side in (a, b)]
    return bool(shared) or not (people[0] and people[1])


def merge(candidates: list[Candidate]) -> list[Group]:
    """Group candidates that tell the same event, in the order of their first telling."""
    groups: list[Group] = []
    for candidate in candidates:
        for group in groups:
            if all(_same(candidate, other) for other in group.candidates):
                group.candidates.append(candidate)
                break
        else:
            groups.append(Group([candidate]))
    for group in groups:
        group.candidates.sort(key=lambda c: c.words.start)
    return groups


def belongs_to(part: Group, visit: Group) -> bool:
    """Whether a meeting took place during a visit: the visitor takes part, the other side is the host's, the dates fit."""
    if part.best.frame.type is not EventType.CONSULT or part.best.kind in ("visit", "call"):
        return False
    if part.best.modality is not visit.best.modality or part.best.modality is Modality.NEGATED:
        return False
    visitors = {m.actor.key for m in visit.side("sources")}
    hosts = {m.party for c in visit.candidates for m in c.targets if m.party}
    there = [m for c in part.candidates for m in (*c.sources, *c.targets)]
    return (
        bool(visitors & {m.actor.key for m in there})
        and (not hosts or bool(hosts & {m.party for m in there}))
        and _overlap(part.date, visit.date)
    )
