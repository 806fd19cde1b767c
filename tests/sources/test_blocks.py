"""What a page's blocks are taken for. The texts are invented."""

import pytest

from kg.model import BlockKind
from kg.sources.blocks import blocks

PROSE = "The foreign minister said on Monday that the two neighbours would open the crossing next month."
OTHER = "Farmers on both sides have waited for the decision since the spring, when the bridge was closed."


def kinds(*parts: str, title: str | None = None) -> list[str]:
    text = "\n\n".join(parts)
    return [b.kind.value for b in blocks(text, title)]


def test_a_page() -> None:
    assert kinds(
        "Skip to main content",
        "World",
        "Neighbours to Open Crossing Next Month",
        "By Ann Example",
        "26 January 2016, 10:15 GMT",
        "Foreign Minister Ann Example, right, shakes hands with her guest in Sampleton, Jan. 25, 2016.",
        PROSE,
        "Advertisement",
        OTHER,
        PROSE,
        "Related",
        "Bridge Closed After Flood",
        "Share this article",
        "We use cookies to give you the best experience on our site.",
        "© 2016 The Sample. All rights reserved.",
    ) == [
        "clutter", "clutter", "headline", "clutter", "clutter", "caption", "paragraph", "clutter", "paragraph",
        "clutter", "clutter", "clutter", "clutter", "clutter", "clutter",
    ]  # fmt: skip


def test_one_block_is_a_paragraph_whatever_it_looks_like() -> None:
    assert kinds("Minister meets envoy in capital") == ["paragraph"]


@pytest.mark.parametrize(
    "headline",
    [
        "Neighbours to open crossing next month",
        "Will the neighbours ever open the crossing?",
        "Minister: ‘We Will Open the Crossing Next Month.’",
        "Only Two of the Five Crossings Are Open.",
    ],
)
def test_headlines(headline: str) -> None:
    assert kinds(headline, PROSE, OTHER) == ["headline", "paragraph", "paragraph"]


def test_a_headline_on_the_line_before_the_text() -> None:
    text = f"Neighbours to Open Crossing\n{PROSE} {OTHER}\n{OTHER}"
    assert [b.kind for b in blocks(text)] == [BlockKind.HEADLINE, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH]


def test_a_first_sentence_is_no_headline() -> None:
    assert kinds("The crossing will open next month, the minister said.", OTHER) == ["paragraph", "paragraph"]


def test_a_title_that_is_given_names_the_headline() -> None:
    assert (
        kinds("Sample Daily World Edition Online", "Crossing to open", PROSE, title="Crossing to Open")[1] == "headline"
    )


@pytest.mark.parametrize(
    "caption",
    [
        "FILE - The bridge between the two countries is seen from the hills.",
        "File photo: Soldiers guard the bridge.",
        "The president, left, greets his guest at the airport.",
        "Delegates listen during the opening of the conference in Sampleton, March 3, 2014.",
        "The bridge at night. (Photo by A. Example)",
        "Minister Ann Example (R) meets envoy Bo Sample (L) at the palace.",
    ],
)
def test_captions(caption: str) -> None:
    assert kinds("Neighbours to Open Crossing", caption, PROSE, OTHER)[1] == "caption"


@pytest.mark.parametrize(
    "prose",
    [
        "The treaty was signed by both presidents in Sampleton on March 3, 2014.",
        "The two sides held talks about the bridge in Sampleton on March 3, 2014.",
        "Both presidents will meet in Sampleton on March 3, 2014.",
        "The minister, who left the party last year, said that talks would go on.",
        "“She meets everybody who asks,” he said, left alone on March 3, 2014.",
        "The right to speak is in the constitution, and the court holds that it must be kept.",
        "Read more books, the minister told pupils during her visit to the new school on the border on Monday, "
        "and then she opened the library that her government had paid for, and spoke for an hour with the teachers.",
    ],
)
def test_prose_with_a_mark_of_something_else(prose: str) -> None:
    assert kinds("Neighbours to Open Crossing", PROSE, prose)[2] == "paragraph"


def test_an_exact_repeat_is_left_out_once() -> None:
    assert kinds("Neighbours to Open Crossing", PROSE, OTHER, PROSE) == [
        "headline",
        "paragraph",
        "paragraph",
        "clutter",
    ]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    text = (
        "The foreign minister said on Monday that the two\nneighbours would open the crossing for lorries and\n"
        "buses next month, after talks in the capital.\n\nFarmers have waited for the decision on both sides of the\n"
        "river since the spring."
    )
    assert [(b.start, b.end) for b in blocks(text)] == [(0, text.index("\n\n")), (text.index("Farmers"), len(text))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_word_is_in_exactly_one_block(end: str) -> None:
    text = f"  {PROSE}{end}{end}\t{OTHER} {end}{end}{end} x{end}"
    cut = [text[b.start : b.end] for b in blocks(text)]
    assert cut == [PROSE, OTHER, "x"]
