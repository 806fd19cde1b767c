"""What the candidates of a sentence tell about one another: talks named in passing, and what lies ahead by its day or aim."""

from __future__ import annotations

import re

from kg.facts.lexicon import lexicon
from kg.facts.reading import Candidate, Reading
from kg.model import BlockKind, EventType, Modality

_TALKS = ("meeting", "negotiation", "summit", None)
#: Days that lie ahead whatever the tense.
_TO_COME = re.compile(r"\b(next|tomorrow|coming|upcoming)\b|\blater (?:this|in)\b", re.IGNORECASE)
_CALLED_OFF = frozenset({"cancel", "scrap", "scuttle", "abort"})


def _parties(candidate: Candidate) -> set[str]:
    return {m.party or m.actor.key for m in (*candidate.sources, *candidate.targets)}


def _names_both(candidate: Candidate) -> bool:
    """Whether the phrase that tells the talks says itself between whom they are."""
    first, last = candidate.sentence.subtree(candidate.trigger)
    inside = [m for m in (*candidate.sources, *candidate.targets) if first <= m.first and m.last <= last]
    return len({m.party or m.actor.key for m in inside}) > 1


def _is_background(candidate: Candidate, others: list[Candidate]) -> bool:
    """Whether talks are only the occasion or the matter of other talks of the same parties: "met ahead of the next round"."""
    sentence = candidate.sentence
    consults = candidate.frame.type is EventType.CONSULT and candidate.kind in _TALKS
    if not consults or sentence.tokens[candidate.trigger].is_verb or _names_both(candidate):
        return False
    above = {token.i for token in sentence.ancestors(candidate.trigger)}
    for other in others:
        if other is candidate or other.sentence is not sentence or other.frame.type is not EventType.CONSULT:
            continue
        if other.kind in _TALKS and other.anchors & above and _parties(candidate) <= _parties(other):
            return True
    return False


def without_background(candidates: list[Candidate]) -> list[Candidate]:
    """Candidates without the talks that a sentence names only in passing: they are what the others are about."""
    return [c for c in candidates if not _is_background(c, candidates)]


def _is_aim(candidate: Candidate) -> bool:
    """Whether talks are what somebody goes somewhere for: "arrived in Riga for talks"."""
    sentence, token = candidate.sentence, candidate.sentence.tokens[candidate.trigger]
    if token.is_verb or candidate.kind not in _TALKS:
        return False
    while token.dep == "conj" and not token.is_verb:  # "for a visit and talks"
        token = sentence.tokens[token.head]
    if token.dep not in ("obl", "nmod"):
        return False
    above = sentence.tokens[token.head]
    frames = (*lexicon().verbs.get(above.lemma.lower(), ()), *lexicon().nouns.get(above.lemma.lower(), ()))
    return sentence.case(token.i) == "for" and any(f.kind == "visit" for f in frames)


def _is_to_come(candidate: Candidate, reading: Reading) -> bool:
    sentence, token = candidate.sentence, candidate.sentence.tokens[candidate.trigger]
    if sentence.block.kind is BlockKind.CAPTION:  # what a picture shows is told in the present
        return False
    timed = candidate.date_text or ""
    after_today = candidate.date is not None and reading.today is not None and candidate.date.earliest > reading.today
    ahead = bool(_TO_COME.search(timed)) or after_today
    present = token.tag in ("VBZ", "VBP") and candidate.frame.type is EventType.CONSULT and bool(timed)
    return _is_aim(candidate) or present or (ahead and (not token.is_verb or token.tag == "VBG"))


def settle(reading: Reading) -> None:
    """Mend the modality of candidates that have their days: what is dated ahead or aimed at is planned, not done."""
    for candidate in reading.candidates:
        if candidate.modality is not Modality.ACTUAL:
            continue
        lemma = candidate.sentence.tokens[candidate.trigger].lemma.lower()
        if candidate.frame.type is not EventType.CONSULT:
            continue
        if lemma in _CALLED_OFF:
            candidate.modality = Modality.NEGATED
        elif _is_to_come(candidate, reading):
            candidate.modality = Modality.PLANNED
