"""Reads CoNLL-U treebanks and turns them into spaCy documents.

The format: https://universaldependencies.org/format.html. Words that are written together (``don't`` = ``do`` + ``n't``) come as
a range line that tells whether a space follows; the words of the range have none between them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spacy.tokens import Doc
from spacy.vocab import Vocab

#: Typographic quotation marks and the fixed space, each by exactly one plain character, so that offsets survive.
PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
#: The morphological features that the extractors read; the others would only make the tag set larger.
FEATURES = frozenset({"Tense", "VerbForm", "Number", "Mood", "Person", "Degree", "PronType", "Poss"})
#: A document for training has between one sentence and this many.
LONGEST_PARAGRAPH = 8


@dataclass
class Sentence:
    """One sentence of a treebank, column by column; ``heads`` are positions, a root is its own head."""

    words: list[str] = field(default_factory=list)
    spaces: list[bool] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    pos: list[str] = field(default_factory=list)
    morphs: list[str] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    deps: list[str] = field(default_factory=list)
    misc: list[str] = field(default_factory=list)
    #: Whether a new paragraph or document starts with this sentence.
    opens: bool = False
    #: Its name in the treebank.
    name: str = ""

    def __len__(self) -> int:
        return len(self.words)


def read_sentences(path: Path) -> Iterator[Sentence]:
    """The sentences of a CoNLL-U file, in order."""
    rows: list[list[str]] = []
    opens, name = False, ""
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        if line.startswith("#"):
            key, _, value = line[1:].partition("=")
            opens = opens or key.strip().startswith(("newdoc", "newpar"))
            name = value.strip() if key.strip() == "sent_id" else name
        elif line.strip():
            rows.append(line.split("\t"))
        elif rows:
            yield sentence_of(rows, opens, name)
            rows, opens = [], False


def sentence_of(rows: Iterable[list[str]], opens: bool = False, name: str = "") -> Sentence:
    """A sentence from the ten columns of each of its lines."""
    out = Sentence(opens=opens, name=name)
    range_end, space_after_range = 0, True
    for row in rows:
        space = "SpaceAfter=No" not in row[9].split("|")
        if "." in row[0]:  # an empty node, of the enhanced graph only
            continue
        if "-" in row[0]:
            range_end, space_after_range = int(row[0].split("-")[1]), space
            continue
        number = int(row[0])
        if number <= range_end:
            space = space_after_range if number == range_end else False
        _add_word(out, number, row, space)
    return out


def _add_word(out: Sentence, number: int, row: list[str], space: bool) -> None:
    head = int(row[6]) or number
    out.words.append(row[1].translate(PLAIN).replace(" ", "_"))
    out.spaces.append(space)
    out.tags.append(row[4] if row[4] != "_" else row[3])
    out.pos.append(row[3])
    out.morphs.append("|".join(f for f in row[5].split("|") if f.split("=")[0] in FEATURES))
    out.heads.append(head - 1)
    out.deps.append("ROOT" if row[7] == "root" else row[7])
    out.misc.append(row[9])


def paragraphs(sentences: Iterable[Sentence], chance: random.Random) -> Iterator[list[Sentence]]:
    """Groups of one to eight neighbouring sentences that do not cross the border of a paragraph."""
    group: list[Sentence] = []
    size = chance.randint(1, LONGEST_PARAGRAPH)
    for sentence in sentences:
        if group and (sentence.opens or len(group) >= size):
            yield group
            group, size = [], chance.randint(1, LONGEST_PARAGRAPH)
        group.append(sentence)
    if group:
        yield group


def to_doc(vocab: Vocab, group: Iterable[Sentence]) -> Doc:
    """One document of several sentences, a space between each two of them."""
    whole = Sentence()
    for sentence in group:
        start = len(whole)
        whole.words += sentence.words
        whole.spaces += [*sentence.spaces[:-1], True]
        whole.tags += sentence.tags
        whole.pos += sentence.pos
        whole.morphs += sentence.morphs
        whole.heads += [start + head for head in sentence.heads]
        whole.deps += sentence.deps
    return Doc(
        vocab,
        words=whole.words,
        spaces=whole.spaces,
        tags=whole.tags,
        pos=whole.pos,
        morphs=whole.morphs,
        heads=whole.heads,
        deps=whole.deps,
    )
