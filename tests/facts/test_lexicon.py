"""The frame lexicon is whole: every value means something to the code that reads it."""

import re

import pytest

from kg.facts.lexicon import Frame, lexicon
from kg.facts.record import event_codes
from kg.model import EventType
from kg.registry.tables import rows, several
from kg.triples.vocab import code

FRAMES = [frame for table in (lexicon().verbs, lexicon().nouns) for frames in table.values() for frame in frames]
FLAGS = set("mutual embeds needs_source needs_target weak light place_target planned possible negated strict".split())


def test_there_are_hundreds_and_every_type_has_some() -> None:
    assert len(FRAMES) > 900
    assert {frame.type for frame in FRAMES} == set(EventType)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f"{f.predicate}-{f.type.value}")
def test_a_frame_is_well_formed(frame: Frame) -> None:
    assert frame.flags <= FLAGS
    assert (frame.type.value, frame.kind or "-") in event_codes()
    for slot in (*frame.source, *frame.target, *frame.about):
        assert all(re.fullmatch(r"[a-z]+(?: of)?(?:[.:][a-z]+)*|-", part) for part in slot.split("+")), slot
    for condition in frame.when:
        for name in re.findall(r"@(\w+)", condition):
            assert name in lexicon().classes, name


def test_codes_of_the_tables_are_codes_of_the_ontology() -> None:
    for _, _, channel in lexicon().channels:
        assert code("channel", channel)
    for row in rows("frames/instruments.tsv"):
        if row["role"] in ("kind", "status"):
            assert code("instrument-kind" if row["role"] == "kind" else "status", row["value"])


def test_no_word_stands_twice_in_a_table_of_words() -> None:
    tables = {
        "saying": "verb",
        "attributing": "verb",
        "saying_nouns": "word",
        "light_verbs": "lemma",
        "embedding": "lemma",
    }
    for name, column in tables.items():
        words = [row[column] for row in rows(f"frames/{name}.tsv")]
        assert len(words) == len(set(words)), name
    assert several("a|b") == ("a", "b")
