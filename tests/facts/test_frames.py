"""Frames one by one: a sentence that only this frame tells, and sentences with its word that it must leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.facts.frames import find_candidates
from kg.facts.lexicon import Frame
from kg.facts.reading import Candidate, read
from kg.language import Pipeline
from kg.sources.article import make_article

HERE = Path(__file__).parent


def table(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]


TOLD, LOOK_ALIKES = table("told.tsv"), table("look_alikes.tsv")


def is_of(frame: Frame, predicate: str) -> bool:
    """Whether a frame stands under a predicate: "walk away" of a verb, "war game" of a noun."""
    return predicate in (
        f"{frame.predicate} {frame.particle}".strip(),
        f"{frame.particle} {frame.predicate}".strip(),
    )


def found(sentence: str, predicate: str, event_type: str, pipeline: Pipeline) -> list[Candidate]:
    (parsed,) = pipeline.parse([make_article(sentence, source="sentence")])
    candidates = find_candidates(read(parsed))
    return [c for c in candidates if is_of(c.frame, predicate) and c.frame.type.value == event_type]


@pytest.mark.parametrize("row", TOLD, ids=lambda row: f"{row[0]}-{row[1]}-{row[4]}")
def test_a_frame_tells_its_event(row: list[str], pipeline: Pipeline) -> None:
    predicate, event_type, source, target, sentence = row
    sides = [
        [{m.party or m.actor.key for m in side} for side in (c.sources, c.targets)]
        for c in found(sentence, predicate, event_type, pipeline)
    ]
    wanted = [set(source.split("+")) - {"-"}, set(target.split("+")) - {"-"}]
    candidates = found(sentence, predicate, event_type, pipeline)
    together = [set.union(*both) for both, c in zip(sides, candidates, strict=True) if c.mutual]
    assert wanted in sides or set.union(*wanted) in together


@pytest.mark.parametrize("row", LOOK_ALIKES, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_a_look_alike_is_left_alone(row: list[str], pipeline: Pipeline) -> None:
    predicate, event_type, sentence = row
    assert not found(sentence, predicate, event_type, pipeline)
