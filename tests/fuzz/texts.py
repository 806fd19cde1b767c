"""Texts as Hypothesis makes them: pieces of articles, what Unicode has that is odd, and what is much of one thing."""

from __future__ import annotations

import json

from hypothesis import strategies as st

#: Invented sentences with what the readers look for: names, offices, datelines, quotes, dates, places, numbers.
SENTENCES = (
    "President Ann Example met Prime Minister Bo Sample in Paris on Monday.",
    "BAGHDAD, Aug. 3 (Agency) - The envoy left for talks with the king of Jordan.",
    "“We will not sign it,” the foreign minister told reporters on Jan. 26, 2016.",
    "The United States and Cambodia agreed to extend the treaty until the end of next year.",
    "He accused the U.N. of having ignored the ministry's letter of 3 March.",
    "According to a statement, Mrs. Example, the country's ambassador to the EU, was expelled.",
    "France, which holds the chair, plans to host the summit of the G7 in the third quarter of 2019.",
    "'It is over', said the spokesman of the rebels; about 700,000 people had fled since the 1990s.",
    "Two days later, the Security Council passed Resolution 2254 by 14 votes to one.",
    "By JANE EXAMPLE, Staff Writer",
    "Photo: Ann Example, left, shakes hands with Bo Sample in Paris on Monday. (Agency)",
    "Read more: What the treaty means",
)
WORDS = (
    "President Prime Minister Example Sample Paris France Cambodia the of and to U.S. met said told agreed on Monday "
    "January 2016 3rd 9/11 envoy treaty Mr. Dr. St. of the between since until last next year quarter ( ) “ ” ‘ ’ \" ' "
    "— - , . ; : ... £3m 10% @ # \u200f \u202e \u0301 \ufeff \u2028 \x85 \xa0 \xad 🇫🇷 ﷺ ß İ ŉ"
).split(" ")
#: What is much of one thing: the families that made a regular expression or a loop take too long somewhere.
MUCH = (
    "a", "A", "A ", "Aa ", "of the ", "“", "”", '"', "'", "(", ")", "((", "[", "0", "1 ", "2016 ", "2016-01-26 ", "May ",
    "Mon, ", "the ", "The ", "Mr. ", "A. ", "U.S. ", "a.", "...", "? ", "—", "- ", "\n", "\r\n", "\t", " ", "\xa0", "\u0301",
    "\u202e", "x\n", "X said ", "said that he said ", "and ", "and France ", "President of ", "the president of the ",
    "foreign minister ", "Minister Ann Example of France, ", "met ", "to ", "not ", "which ", "who met Bo, ", "“A” ", "(A) ",
    "since ", "between 3 and ", "early in the ", "first ", "Jan. ", "Sept. 11 ", "week of ", "'s ", "A’s ", "A-", "a-b ",
    "http://a/", "a@b.", "<p>", "<", "&", "&amp;", "{", "\\", "🇫🇷", "İ", "ﬁ", "é", "1.",
)  # fmt: skip


def much(most: int = 3_000) -> st.SearchStrategy[str]:
    """One piece again and again."""
    return st.builds(lambda piece, times: piece * (times // len(piece)), st.sampled_from(MUCH), st.integers(1, most))


def texts(most: int = 3_000) -> st.SearchStrategy[str]:
    """Texts that may stand in a file of UTF-8: no halves of surrogate pairs."""
    piece = st.one_of(
        st.sampled_from(SENTENCES),
        st.sampled_from(WORDS),
        st.text(st.characters(codec="utf-8"), max_size=12),
        much(most),
    )
    between = st.sampled_from((" ", " ", "", "\n", "\n\n", "\r\n", ". ", ", ", "\0", "\u2029"))
    pieces = st.lists(st.tuples(piece, between), max_size=14)
    return pieces.map(lambda found: "".join(a + b for a, b in found)[: 4 * most])


def any_text() -> st.SearchStrategy[str]:
    """The same, and halves of surrogate pairs, which JSON can bring."""
    return st.one_of(texts(300), st.text(max_size=20), st.sampled_from(("\ud800", "a\udfff", "\ud800 a b", "\0", "")))


def prose(most: int = 3_000) -> st.SearchStrategy[str]:
    """Texts that begin as an article, so that no reader passes them over."""
    first = st.lists(st.sampled_from(SENTENCES), min_size=3, max_size=5)
    return st.builds(lambda some, rest: "\n\n".join((*some, rest)), first, texts(most))


def tampered(examples: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Bytes near to some examples: cut, doubled, with other bytes in them."""
    change = st.tuples(
        st.integers(0, 1 << 16),
        st.integers(0, 40),
        st.one_of(st.binary(max_size=6), st.sampled_from(examples), texts(60).map(str.encode)),
    )

    def changed(example: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
        for place, length, put in changes:
            at = place % (len(example) + 1)
            example = example[:at] + put + example[at + length :]
        return example

    return st.builds(changed, st.sampled_from(examples), st.lists(change, max_size=5))


def json_values() -> st.SearchStrategy[object]:
    """What JSON can hold, with what Python's reader lets through besides."""
    number = st.one_of(st.integers(), st.floats(), st.sampled_from((0, -1, 10**30, 1e400, True)))
    leaf = st.one_of(st.none(), st.booleans(), number, any_text(), st.sampled_from(("type", "²", "٣")))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(any_text(), inner, max_size=4)),
        max_leaves=8,
    )


def json_bytes(value: object) -> bytes:
    """A value as JSON, half surrogate pairs escaped."""
    return json.dumps(value).encode()
