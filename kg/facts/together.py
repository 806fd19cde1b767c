"""Brings the candidates of the roads together: what two of them found is one candidate.

The tagger reads nominal and phrasal events that no frame lists; the frames are surer of who does what to whom where the
grammar is plain. A side that one leaves open is filled by the other.
"""

from __future__ import annotations

from kg.facts.confidence import probability
from kg.facts.reading import Candidate
from kg.mentions.actors import Mention
from kg.model import ActorKind, Modality

#: The least probability with which a candidate is kept. Lower finds more: 0.1 gives the best share of types that are told, 0.3
#: the best of events whose type and parties are right.
LEAST = 0.2


def _alike(a: Candidate, b: Candidate) -> bool:
    """Whether a frame and the tagger found the same: the same type in the same words, or with sides that fit."""
    if a.sentence is not b.sentence or a.frame.type is not b.frame.type:
        return False
    if a.trigger == b.trigger or a.trigger in b.anchors or b.trigger in a.anchors:
        return True
    sides = [{m.actor.key for m in (*c.sources, *c.targets)} for c in (a, b)]
    return a.frame.kind == b.frame.kind and bool(sides[0] & sides[1])


def _modality(by_frame: Candidate, by_tagger: Candidate) -> Modality:
    """The tagger knows many ways to say that something is planned or possible; a "not" the grammar sees better."""
    if Modality.NEGATED in (by_frame.modality, by_tagger.modality):
        return by_frame.modality
    return by_tagger.modality


def _better(by_tagger: list[Mention], by_frame: list[Mention]) -> list[Mention]:
    """The tagger's side of an event, unless it names nobody and the frame's does."""
    named = any(m.party or m.actor.kind is not ActorKind.GROUP for m in by_tagger)
    return by_tagger if named or not by_frame else by_frame


def combined(by_frames: list[Candidate], by_tagger: list[Candidate]) -> list[Candidate]:
    """All candidates of both roads, in the order of the text, those that both found once."""
    found = list(by_frames)
    for candidate in by_tagger:
        same = next((c for c in by_frames if _alike(c, candidate)), None)
        if same is None:
            found.append(candidate)
            continue
        same.tagged = candidate.tagged
        turned = {m.party for m in same.targets} & {m.party for m in candidate.sources}  # host and visitor confused
        if same.kind != "visit" or not (turned and same.sources):
            same.sources = _better(candidate.sources, same.sources)
        if same.kind != "visit" or not same.targets:  # the host is the state, whoever receives the visitor
            same.targets = _better(candidate.targets, same.targets)
        acting = {m.actor.key for m in same.sources}
        same.targets = [m for m in same.targets if m.actor.key not in acting]  # the two roads may differ on who acts
        same.date_hint, same.place_hint = candidate.date_hint, candidate.place_hint
        same.modality = _modality(same, candidate)
    return sorted(found, key=lambda c: (c.words.start, c.frame.type.value))


def judge(candidates: list[Candidate]) -> list[Candidate]:
    """Give candidates the probability that they are right as their confidence, and keep those that have enough of it."""
    for candidate in candidates:
        candidate.confidence = round(probability(candidate), 2)
    return [c for c in candidates if c.confidence >= LEAST]


def with_others(found: list[Candidate], others: list[Candidate]) -> list[Candidate]:
    """Candidates with those of one more reader: what it alone finds is added, what it finds too is surer and fills open sides."""
    added: list[Candidate] = []
    for other in others:
        same = next((c for c in found if _alike(c, other)), None)
        if same is None:
            added.append(other)
            continue
        taken = {m.actor.key for m in (*same.sources, *same.targets)}
        for side in ("sources", "targets"):
            if not getattr(same, side):
                setattr(same, side, [m for m in getattr(other, side) if m.actor.key not in taken])
        same.confidence = min(0.97, round(same.confidence + 0.05, 2))
    return sorted([*found, *added], key=lambda c: (c.words.start, c.frame.type.value))
