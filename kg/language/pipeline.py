"""Loads a spaCy pipeline and turns its documents into the records of ``kg.language.sentence``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kg.config import Settings
from kg.errors import ModelError
from kg.language.clearnlp import MARK, Arc, to_universal
from kg.language.sentence import ParsedArticle, Sentence, Token
from kg.language.splitter import dateline, sentence_spans
from kg.model import Article, Block, BlockKind
from kg.registry import match_at

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

#: One for one, so that offsets survive: the pipeline was trained on plain marks.
_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "`": "'", "\u00a0": " ", "\n": " ", "\r": " ", "\t": " "}
)
#: Named-entity labels of this project's pipeline and of spaCy's own -> PER, ORG, LOC.
_ENTITIES = {"PER": "PER", "PERSON": "PER", "ORG": "ORG", "LOC": "LOC", "GPE": "LOC", "FAC": "LOC"}
#: Blocks parsed together; more use more memory and are no faster.
_BATCH = 64
#: The longest sentence, in tokens, that is parsed whole: longer ones are lists and tables, not prose.
LONGEST_SENTENCE = 250


#: Papers set the first words of an article in capitals ("YASSER Arafat, the"): a name that no model knows in that dress.
_SHOUTED = re.compile(r"^((?:[A-Z][A-Z'’-]+\s+){0,2}[A-Z][A-Z'’-]{3,})(?=(?:\s+[A-Z][a-z]|,?\s+[a-z]))")


def _plain(text: str) -> str:
    """The text as the pipeline was trained on: plain marks, no words in capitals at its head; of the same length."""
    begin = dateline(text)
    shouted = _SHOUTED.match(text[begin:])
    if shouted and not match_at(shouted.group().split(), 0):
        text = text[:begin] + shouted.group().title() + text[begin + shouted.end() :]
    return text.translate(_PLAIN)


@lru_cache(maxsize=1 << 16)
def _lemma(word: str, upos: str) -> str:
    if upos not in ("VERB", "NOUN", "AUX"):
        return word if upos == "PROPN" else word.lower()
    from lemminflect import getLemma

    found = getLemma(word.lower(), upos=upos)
    return str(found[0]) if found else word.lower()


def _with_borders(doc: Doc, text: str) -> Doc:
    begins = {begin for begin, _ in sentence_spans(text)}
    waiting, length = sorted(begins), 0
    for token in doc:
        starts = bool(waiting) and token.idx >= waiting[0]
        length = 0 if starts else length + 1
        token.is_sent_start = token.i == 0 or starts or length % LONGEST_SENTENCE == LONGEST_SENTENCE - 1
        while waiting and token.idx >= waiting[0]:
            waiting.pop(0)
    return doc


def _name_of(label: str) -> tuple[str, str]:
    name, _, subtype = label.partition(":")
    return name.lower(), subtype


class Pipeline:
    """A loaded pipeline; it may be used for any number of articles."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        parser = next((p for n, p in nlp.pipeline if n in ("parser", "trainable_parser")), None)
        labels: tuple[str, ...] = getattr(parser, "labels", ())
        if not labels:
            raise ModelError(f"The spaCy pipeline {nlp.meta['name']!r} has no dependency parser.")
        self._bridge = MARK in labels

    @property
    def name(self) -> str:
        """The pipeline's name and version, as an extractor's provenance gives it."""
        return f"{self._nlp.meta['lang']}_{self._nlp.meta['name']} {self._nlp.meta['version']}"

    def parse(self, articles: Iterable[Article]) -> Iterator[ParsedArticle]:
        """Parse articles, lazily and in order; paragraphs of several articles are read in one batch."""

        def items() -> Iterator[tuple[Doc, tuple[int, Article, int | None]]]:
            for number, article in enumerate(articles):
                yield self._nlp.make_doc(""), (number, article, None)  # so that an article without prose is seen too
                for index, block in enumerate(article.blocks):
                    if block.kind is not BlockKind.CLUTTER:
                        text = article.text[block.start : block.end]
                        doc = self._nlp.make_doc(_plain(text))
                        yield _with_borders(doc, text), (number, article, index)

        piped = self._nlp.pipe(items(), as_tuples=True, batch_size=_BATCH)
        for _, group in groupby(piped, key=lambda pair: pair[1][0]):
            sentences: list[Sentence] = []
            article: Article | None = None
            for doc, (_, article, index) in group:
                if index is not None:
                    for sentence in self._sentences(doc, article, index, len(sentences)):
                        sentences.append(sentence)
            assert article is not None
            yield ParsedArticle(article, tuple(sentences))

    def _sentences(self, doc: Doc, article: Article, block_index: int, count: int) -> Iterator[Sentence]:
        block = article.blocks[block_index]
        text = article.text[block.start : block.end]
        skip = next(iter(sentence_spans(text)), (0, 0))[0]
        for span in doc.sents:
            tokens = [t for t in span if not t.is_space]
            if not tokens or tokens[-1].idx < skip:
                continue
            begin = block.start + tokens[0].idx
            end = block.start + tokens[-1].idx + len(tokens[-1])
            made = tuple(self._tokens(tokens, block, article.text))
            yield Sentence(count, made, begin, end, block, block_index, article.text[begin:end])
            count += 1

    def _tokens(self, tokens: list[Any], block: Block, text: str) -> Iterator[Token]:
        index = {t.i: n for n, t in enumerate(tokens)}
        arcs = [Arc(index.get(t.head.i, n), t.dep_, t.pos_) for n, t in enumerate(tokens)]
        if self._bridge:
            arcs = to_universal(arcs)
        for n, (t, arc) in enumerate(zip(tokens, arcs, strict=True)):
            start, end = block.start + t.idx, block.start + t.idx + len(t)
            dep, subtype = _name_of(arc.label)
            word = text[start:end]
            yield Token(
                n, word, _lemma(t.text, t.pos_), t.pos_, t.tag_, dep, subtype, arc.head, start, end,
                _ENTITIES.get(t.ent_type_, ""), t.ent_iob_ == "B",
            )  # fmt: skip


@cache
def _load(name: str) -> Pipeline:
    import spacy

    try:
        if name:
            return Pipeline(spacy.load(name))
        with resources.as_file(resources.files("kg.language") / "model") as folder:
            return Pipeline(spacy.load(folder))
    except (OSError, ValueError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"The spaCy pipeline {name or 'of this package'!r} cannot be loaded: {reason[:200]}") from None


def load(settings: Settings) -> Pipeline:
    """The pipeline that ``settings.model`` names (a package or a folder), or the one that ships with this package.

    Raises:
        ModelError: there is none by that name, or it has no dependency parser.
    """
    return _load(settings.model)
