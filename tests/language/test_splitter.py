"""Sentences and datelines of news text."""

import pytest

from kg.language.splitter import dateline, sentence_spans


def split(text: str) -> list[str]:
    return [text[begin:end] for begin, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["The envoy left.", "He will return."],
        ["Mr. Okafor met Gen. Ruiz in the capital.", "They spoke for an hour."],
        ["The U.S. Secretary of State arrived on Jan. 5.", "No one met him."],
        ["She works for the U.N.", "The others do not."],
        ["“We will not sign.”", "He left the room."],
        ["Did they agree?", "“Not yet,” said J. R. Mbeki."],
        ["Talks lasted 3.5 hours!", "In the end nobody signed."],
        ["The firm, Orlan Inc., paid.", "But the ministry denied it."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("KAMPALA, Aug. 3 (Agency) - The envoy left the talks.", "The envoy left the talks."),
        ("BAGHDAD (Reuters) - Two ministers resigned today.", "Two ministers resigned today."),
        ("Tehran, Sept 2 (IRNA) -- The president arrived here.", "The president arrived here."),
        ("AFP - The two armies withdrew from the border.", "The two armies withdrew from the border."),
        ("LIMA — Peru recalled its ambassador on Monday.", "Peru recalled its ambassador on Monday."),
    ],
)
def test_a_dateline_is_no_part_of_the_first_sentence(text: str, rest: str) -> None:
    assert text[dateline(text) :] == rest
    assert split(text) == [rest]


@pytest.mark.parametrize(
    "text",
    [
        "The minister (a former general) - now in exile - spoke to the press again.",
        "Jane Kim - the envoy - arrived in the city late on Sunday night.",
        "US officials said they would not comment on the matter before Monday.",
    ],
)
def test_what_only_looks_like_a_dateline_stays(text: str) -> None:
    assert dateline(text) == 0
