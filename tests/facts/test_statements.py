"""Who said what, in sentences made for it: each way of attributing words, and look-alikes that attribute nothing."""

from __future__ import annotations

from typing import Any

import pytest

from kg.facts import extract
from kg.facts.record import record
from kg.language import Pipeline
from kg.sources.article import make_article

Statement = dict[str, Any]


def said(text: str, pipeline: Pipeline, **source: Any) -> list[Statement]:
    (parsed,) = pipeline.parse([make_article(text, source="article", **source)])
    found: list[Statement] = record(extract(parsed, ("frames",)))["statements"]
    return found


def in_short(statement: Statement) -> tuple[str, str, str]:
    """Speaker, cue, and the first words of what is said."""
    content = " ".join(c["text"] for c in statement["content"])
    return statement["speaker"] or statement["mention"], statement["cue"]["text"], " ".join(content.split()[:3])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # beside what is said: behind it, inverted, in its midst
        ("The harbour will reopen in May, Foreign Minister Anna Kovacs of Hungary said on Monday.",
         ("Anna Kovacs", "said", "The harbour will")),
        ("“The harbour will reopen in May,” said Anna Kovacs, the head of the port authority.",
         ("Anna Kovacs", "said", "The harbour will")),
        ("The harbour, Hungarian Foreign Minister Anna Kovacs said, would reopen before the winter.",
         ("Anna Kovacs", "said", "The harbour, Hungarian")),
        ("“The harbour will reopen,” Anna Kovacs, head of the port authority, told Radio Free Europe.",
         ("Anna Kovacs", "told", "The harbour will")),
        ("The harbour, said one Hungarian general, “is worth a hundred tanks”.",
         ("Hungarian general", "said", "The harbour, said")),
        ("The harbour would be closed by the winter, Anna Kovacs warned.", ("Anna Kovacs", "warned", "The harbour would")),
        # without a verb
        ("According to Hungarian Foreign Minister Anna Kovacs, the harbour will reopen in May.",
         ("Anna Kovacs", "According", "the harbour will")),
        ("The harbour will reopen in May, according to the port authority.",
         ("port authority", "according", "The harbour will")),
        ("Reporters doubted the Hungarian government's claim that the harbour was safe.",
         ("Hungary", "claim", "the harbour was")),
        ("The World Bank issued a warning that the harbour would run out of money.",
         ("World Bank", "warning", "the harbour would")),
        ("“I want the harbour back before the winter.” — Anna Kovacs", ("Anna Kovacs", "—", "I want the")),
        ("Hungarian Foreign Minister Anna Kovacs: the harbour will reopen in May.", ("Anna Kovacs", ":", "the harbour will")),
        # speakers without a name
        ("Some argue that the harbour was never needed.", ("Some", "argue", "the harbour was")),
        ("Those close to the minister say that the harbour will reopen.",
         ("Those close to the minister", "say", "the harbour will")),
        ("A survey released in May found that most sailors opposed the tax.", ("survey", "found", "most sailors opposed")),
        ("Eight of ten sailors say they will leave.", ("sailors", "say", "they will leave")),
        # thoughts, stances and evidence
        ("Hungary believes that the harbour is safe.", ("Hungary", "believes", "the harbour is")),
        ("The sailors are worried that the harbour will close.", ("sailors", "worried", "the harbour will")),
        ("Polls show a close race in the port city.", ("Polls", "show", "a close race")),
        ("France refused to pay for the harbour.", ("France", "refused", "to pay for")),
        # what is said is the object of the verb, to its end
        ("Anna Kovacs called the plan for the harbour a grave mistake, and the sailors went home.",
         ("Anna Kovacs", "called", "the plan for")),
        ("Anna Kovacs rejected the plan at a meeting on Monday.", ("Anna Kovacs", "rejected", "the plan")),
        ("Hungarian officials have not said when the harbour will reopen.", ("Hungary", "said", "when the harbour")),
    ],
)  # fmt: skip
def test_an_attribution_is_found(text: str, wanted: tuple[str, str, str], pipeline: Pipeline) -> None:
    assert wanted in [in_short(s) for s in said(text, pipeline)]


@pytest.mark.parametrize(
    "text",
    [
        "The two ministers spoke for an hour.",
        "Hungary offered aid to the sailors.",
        "The embassy is known for its garden.",
        "The ministry's plans were on the table.",
        "The sailors went on a long journey, and the fog went on for days.",
        "The picture shows.",
    ],
)
def test_what_only_looks_like_one_is_none(text: str, pipeline: Pipeline) -> None:
    assert not said(text, pipeline)


def test_thoughts_are_told_apart_from_what_was_said(pipeline: Pipeline) -> None:
    text = "Hungary said the harbour was safe. France hopes that it is. Slovakia opposes the harbour. Photos show that it leaks."
    assert [s["register"] for s in said(text, pipeline)] == ["speech", "thought", "stance", "evidence"]


def test_what_another_reports_is_his_statement(pipeline: Pipeline) -> None:
    (one,) = said("Anna Kovacs said she believed the harbour was safe.", pipeline)
    assert in_short(one) == ("Anna Kovacs", "said", "she believed the")


def test_what_is_said_ends_where_the_text_turns(pipeline: Pipeline) -> None:
    text = "Anna Kovacs said the harbour was safe, though she acknowledged that the crane was old."
    assert [c["text"] for s in said(text, pipeline) for c in s["content"]] == [
        "the harbour was safe",
        "the crane was old",
    ]


def test_a_speaker_goes_on(pipeline: Pipeline) -> None:
    text = "“I would,” Anna Kovacs said on Monday. “I would, gladly.”"
    (one,) = said(text, pipeline)
    assert [q["text"] for q in one["quotes"]] == ["I would", "I would, gladly."]


def test_quotation_marks_typed_as_two_apostrophes(pipeline: Pipeline) -> None:
    (one,) = said("''The harbour is safe,'' Anna Kovacs said. ''It won't close.''", pipeline)
    assert [q["text"] for q in one["quotes"]] == ["The harbour is safe", "It won't close."]


@pytest.mark.parametrize(
    "words", ["“The harbour is safe and will stay open.”", "The harbour is safe and will stay open."]
)
def test_what_a_colon_announces_stands_in_the_next_paragraph(words: str, pipeline: Pipeline) -> None:
    (one,) = said(f"Hungarian Foreign Minister Anna Kovacs added:\n\n{words}", pipeline)
    assert in_short(one) == ("Anna Kovacs", "added", "The harbour is")


def test_what_stands_before_an_introduced_quotation_is_not_said(pipeline: Pipeline) -> None:
    (one,) = said("Asked about the harbour, Anna Kovacs said, “We are not going to close it.”", pipeline)
    assert [c["text"] for c in one["content"]] == ["We are not going to close it."]


def test_those_who_speak_together_speak_each(pipeline: Pipeline) -> None:
    text = "The leaders of Hungary and Slovakia said the harbour was safe."
    assert [s["speaker"] for s in said(text, pipeline)] == ["Hungary", "Slovakia"]


def test_a_pronoun_stands_for_the_subject_before_it(pipeline: Pipeline) -> None:
    found = said("The port authority sent a letter to the sailors. It says the harbour is safe.", pipeline)
    assert [s["mention"] for s in found] == ["It"]


def test_a_writer_speaks_by_name_where_the_source_gives_it(pipeline: Pipeline) -> None:
    text = "I believe that the harbour is safe."
    assert [s["speaker"] for s in said(text, pipeline, author="Anna Kovacs")] == ["Anna Kovacs"]
    assert [s["speaker"] for s in said(text, pipeline)] == [None]


def test_papers_speak_but_for_no_state(pipeline: Pipeline) -> None:
    (one,) = said("The harbour will reopen in May, Hungarian media reported.", pipeline)
    assert (one["party"], one["mention"]) == (None, "Hungarian media")


def test_officials_of_nobody_speak_for_nobody(pipeline: Pipeline) -> None:
    text = "Hungary closed the harbour on Monday, officials said. Hungarian officials said it would reopen."
    assert [s["party"] for s in said(text, pipeline)] == [None, "HUN"]


def test_armed_groups_act_for_no_state(pipeline: Pipeline) -> None:
    (one,) = said("An armed group in Hungary threatened to attack the harbour.", pipeline)
    assert one["party"] is None
