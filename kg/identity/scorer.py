"""How surely two tellings are of one event, and why: features that hold, each with a weight of ``weights.tsv``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from importlib import resources

from kg.identity.names import compatible
from kg.identity.told import Days, Told

#: Kinds that news uses for one and the same event, and families whose two sides are equals.
_NEAR = ({"Meeting", "Summit", "Negotiation", "Consultation"}, {"Commitment", "Signing"}, {"Sanction", "Embargo"})
_EQUAL_FAMILIES = {"Commitment", "Cooperation"}
_EQUAL_KINDS = {"Meeting", "Summit", "Negotiation", "Call", "Consultation"}
#: Fewer words than this tell too little for a share of them to count in full.
_FEW_WORDS = 6


@cache
def weights() -> dict[str, float]:
    """Feature -> weight."""
    text = (resources.files("kg.identity") / "weights.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(weight) for name, weight in lines[1:]}


def _kind(a: Told, b: Told) -> str:
    if a.kind == b.kind:
        return "kind same"
    near = any({a.kind, b.kind} <= group for group in _NEAR) or a.family in (a.kind, b.kind)
    return "kind near" if near else "kind other"


def is_equal(event: Told) -> bool:
    """Whether the two sides of an event are equals, so that their order says nothing."""
    return event.family in _EQUAL_FAMILIES or event.kind in _EQUAL_KINDS


def _parties(a: Told, b: Told) -> str:
    if len(_shared(a, b)) > 1:
        # who they act for is read less surely than two names
        return "parties same" if len(a.parties & b.parties) > 1 else "parties part"
    if is_equal(a) and is_equal(b):
        if not a.parties or not b.parties:
            return "parties part"
        if a.parties <= b.parties or b.parties <= a.parties:
            return "parties same" if min(len(a.parties), len(b.parties)) > 1 else "parties part"
        return "parties other"
    sides = [(a.sources, b.sources), (a.targets, b.targets)]
    if a.sources & b.targets and a.targets & b.sources and not a.sources & b.sources:
        return "parties crossed"
    if any(x and y and not x & y for x, y in sides):
        return "parties other"
    return "parties same" if all(x & y for x, y in sides) else "parties part"


def _shared(a: Told, b: Told) -> set[str]:
    """The names of the first telling that the second has too."""
    return {x for _, x in a.people if any(compatible(x, y) for _, y in b.people)}


def _people(a: Told, b: Told) -> Iterator[str]:
    """Two tellings that both name people for a party, and none of them fits: other people. The party may be misread, so a
    person that stands anywhere in the other telling counts for it."""
    mine, theirs = _shared(a, b), _shared(b, a)
    for party in sorted({p for p, _ in a.people} & {p for p, _ in b.people}):
        if not mine & {x for p, x in a.people if p == party} and not theirs & {y for p, y in b.people if p == party}:
            yield "people other in a consultation" if a.family == "Consultation" else "people other"
            return
    if mine:
        yield "people same"


def apart(a: Days, b: Days) -> int:
    """Days between two dates; 0 where they overlap."""
    return max(0, (b.earliest - a.latest).days, (a.earliest - b.latest).days)


def _days(a: Told, b: Told) -> Iterator[str]:
    if a.days and b.days:
        gap = apart(a.days, b.days)
        if gap == 0:
            yield "days same" if a.days.exact and b.days.exact else "days overlap"
        else:
            yield next((f"days {most} apart" for most in (1, 3, 7) if gap <= most), "days far")
        return
    if a.article.day and b.article.day:
        gap = abs((a.article.day - b.article.day).days)
        near = "of 2 days" if gap <= 2 else "of a week" if gap <= 7 else "far"
        yield f"days open, articles {near}"


def _place(a: Told, b: Told) -> Iterator[str]:
    if a.place and b.place:
        yield "place same" if a.place in b.places or b.place in a.places else "place other"


def _modality(a: Told, b: Told) -> Iterator[str]:
    if (a.modality == "negated") != (b.modality == "negated"):
        yield "modality opposed"
    deed, plan = (a, b) if a.modality == "actual" else (b, a)
    if deed.modality == "actual" and plan.modality in ("planned", "possible"):
        yield "plan and deed"
        told_after = bool(deed.article.day and plan.article.day and plan.article.day > deed.article.day)
        if told_after and not (plan.days and deed.days and apart(plan.days, deed.days) == 0):
            yield "plan after the deed"


def features(a: Told, b: Told) -> dict[str, float]:
    """What holds of two tellings -> how much of it (1 for what holds or not)."""
    found = dict.fromkeys(("bias", _kind(a, b), _parties(a, b), *_people(a, b), *_days(a, b), *_place(a, b)), 1.0)
    found |= dict.fromkeys(_modality(a, b), 1.0)
    if a.topics and b.topics:
        found["topics shared" if a.topics & b.topics else "topics other"] = 1.0
    if a.trigger and a.trigger == b.trigger:
        found["trigger same"] = 1.0
    if a.words and b.words:
        share = len(a.words & b.words) / max(_FEW_WORDS, min(len(a.words), len(b.words)))
        found |= {"words": round(share, 4)} if share else {"words none shared": 1.0}
    return found


class Scorer:
    """Scores pairs, and counts how many it has scored."""

    def __init__(self) -> None:
        self.compared = 0

    def score(self, a: Told, b: Told) -> float:
        """How surely two tellings of two articles are of one event, from 0 to 1."""
        self.compared += 1
        table = weights()
        total = sum(table[name] * value for name, value in sorted(features(a, b).items()))
        return round(1 / (1 + math.exp(-total)), 4)
