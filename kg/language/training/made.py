"""Step ``grammar``: documents of made-up sentences, for the parser with their trees and for the recogniser with their names."""

from __future__ import annotations

import random
from collections.abc import Iterator

import spacy
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from kg.language.training import conllu, entities
from kg.language.training.conllu import Sentence
from kg.language.training.entities import Annotated, Named
from kg.language.training.folders import Folders
from kg.language.training.grammar import to_sentence
from kg.language.training.news import News
from kg.language.training.phrases import plain_column
from kg.language.training.treebanks import save
from kg.language.training.words import words

PARSER_DOCS, ENTITY_DOCS = 3_000, 2_500
_MARKS = frozenset(",.")
#: In so many of the documents a dateline comes first.
DATELINES = 0.15


def sentences(seed: int) -> Iterator[tuple[Sentence, list[Named]]]:
    """Made-up sentences without end; those where an apposition's comma meets another mark are left out."""
    news = News(seed)
    while True:
        sentence, names = to_sentence(news.sentence())
        if not any(a in _MARKS and b in _MARKS for a, b in zip(sentence.words, sentence.words[1:], strict=False)):
            yield sentence, names


def parser_docs(vocab: Vocab, number: int, seed: int = 7) -> Iterator[Doc]:
    """Documents of one to three sentences with their trees."""
    source, sizes = sentences(seed), News(seed).chance
    for _ in range(number):
        yield conllu.to_doc(vocab, [next(source)[0] for _ in range(sizes.choice([1, 1, 2, 3]))])


def entity_docs(vocab: Vocab, number: int, seed: int = 99) -> Iterator[Doc]:
    """Documents of two sentences with their names, some after a dateline (``PHNOM PENH (Reuters) -``)."""
    source, chance = sentences(seed), random.Random(seed)
    for _ in range(number):
        text = Annotated()
        if chance.random() < DATELINES:
            city = chance.choice(plain_column("capital")).upper().split()
            tokens, length = [*city, "(", chance.choice(words("agencies")), ")", "-"], len(city)
            spaces = [*[True] * length, False, False, True, True]
            text.add(Annotated(tokens, spaces, [(0, length, "LOC"), (length + 1, length + 2, "ORG")]))
        for _ in range(2):
            sentence, names = next(source)
            text.add(Annotated(sentence.words, sentence.spaces, names))
        yield entities.to_doc(vocab, text)


def make_sentences(folders: Folders) -> None:
    """Writes ``tune``: the treebanks' training documents with the made-up ones."""
    vocab = spacy.blank("en").vocab
    real = DocBin().from_disk(folders.docs("train")).get_docs(vocab)
    save([*real, *parser_docs(vocab, PARSER_DOCS)], folders.docs("tune"))
