"""How likely a candidate is right: type, source and target as an annotator would have them.

A logistic regression over what is known of a candidate, fitted by ``kg.training.confidence`` on sentences that the tagger was not
trained on; its weights are ``kg/data/confidence.tsv``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from kg.model import ActorKind, Modality

if TYPE_CHECKING:
    from kg.facts.reading import Candidate
    from kg.mentions.actors import Mention

#: Probabilities are kept off 0 and 1, where their logarithms have no bounds.
_EDGE = 0.01


def _logit(probability: float) -> float:
    kept = min(1 - _EDGE, max(_EDGE, probability))
    return math.log(kept / (1 - kept))


def _known(side: list[Mention]) -> bool:
    return any(m.party or m.actor.kind is ActorKind.ORGANIZATION for m in side)


def features(candidate: Candidate) -> Iterator[tuple[str, float]]:
    """What is known of a candidate, as names and numbers."""
    yield "always", 1.0
    kind = f":{candidate.kind}" if candidate.kind else ""
    yield f"type {candidate.frame.type.value}{kind}", 1.0
    if candidate.tagged is not None:
        yield "tagged", 1.0
        yield "tagged trigger", _logit(candidate.tagged.probability)
        yield "tagged valid", _logit(candidate.tagged.valid)
    if candidate.framed is not None:
        yield "framed", candidate.framed
        yield ("framed and tagged" if candidate.tagged else "framed alone"), 1.0
    source, target = _known(candidate.sources), _known(candidate.targets)
    if candidate.mutual:
        yield "equals", 1.0
        yield (
            "fewer than two equals",
            float(len({m.party for m in (*candidate.sources, *candidate.targets)} - {None}) < 2),
        )
    else:
        yield "source open", float(not source)
        yield "target open", float(not target)
    yield "several on a side", float(max(len(candidate.sources), len(candidate.targets)) > 1)
    if candidate.modality is not Modality.ACTUAL:
        yield f"modality {candidate.modality.value}", 1.0
    token = candidate.sentence.tokens[candidate.trigger]
    yield "told by a noun", float(not token.is_verb)
    yield "told by a name", float(token.upos == "PROPN")


@cache
def weights() -> Mapping[str, float]:
    """Feature -> weight; a feature that has none weighs nothing."""
    text = (resources.files("kg") / "data" / "confidence.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")][1:]
    return {name: float(weight) for name, weight in rows}


def probability(candidate: Candidate) -> float:
    """The probability that a candidate is right, between 0 and 1."""
    known = weights()
    total = sum(known.get(name, 0.0) * value for name, value in features(candidate))
    return 1 / (1 + math.exp(-total))
