"""A parsed sentence, in the annotation of Universal Dependencies whatever pipeline made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kg.model import Article, Block, Span


@dataclass(frozen=True)
class Token:
    """One token: ``head`` is the index of its governor in the sentence, its own for the root.

    ``dep`` is a UD relation without its subtype, ``subtype`` what stood after the colon ("pass", "poss", "agent" …).
    ``entity`` is PER, ORG, LOC or empty; ``begins`` tells that a named entity begins here.
    """

    i: int
    text: str
    lemma: str
    upos: str
    tag: str
    dep: str
    subtype: str
    head: int
    start: int
    end: int
    entity: str = ""
    begins: bool = False

    @cached_property  # asked for some hundred times a token
    def lower(self) -> str:
        return self.text.lower().replace("’", "'").replace("‘", "'")

    @property
    def is_nominal(self) -> bool:
        return self.upos in ("NOUN", "PROPN", "PRON", "NUM")

    @property
    def is_verb(self) -> bool:
        return self.upos == "VERB" or (self.upos == "AUX" and self.dep not in ("aux", "cop"))


@dataclass(frozen=True, eq=False)
class Sentence:
    """One sentence of an article; ``start`` and ``end`` count characters in the article's text."""

    index: int
    tokens: tuple[Token, ...]
    start: int
    end: int
    block: Block
    block_index: int
    text: str

    @cached_property
    def words(self) -> list[str]:
        return [token.text for token in self.tokens]

    @cached_property
    def _children(self) -> tuple[tuple[int, ...], ...]:
        below: list[list[int]] = [[] for _ in self.tokens]
        for token in self.tokens:
            if token.head != token.i:
                below[token.head].append(token.i)
        return tuple(map(tuple, below))

    def children(self, i: int, *deps: str) -> list[Token]:
        """Dependents of a token in their order, of these relations (all without any); "nmod:poss" asks for a subtype."""
        found = [self.tokens[c] for c in self._children[i]]
        return [t for t in found if t.dep in deps or f"{t.dep}:{t.subtype}" in deps] if deps else found

    def ancestors(self, i: int) -> Iterator[Token]:
        """The governor of a token, that one's governor, and so on to the root."""
        while self.tokens[i].head != i:
            i = self.tokens[i].head
            yield self.tokens[i]

    @cached_property
    def _subtrees(self) -> list[tuple[int, int]]:
        bounds = [(token.i, token.i) for token in self.tokens]
        for token in self.tokens:
            for above in self.ancestors(token.i):
                low, high = bounds[above.i]
                bounds[above.i] = min(low, token.i), max(high, token.i)
        return bounds

    def subtree(self, i: int) -> tuple[int, int]:
        """First and last token of what a token governs, itself among it."""
        return self._subtrees[i]

    def conjuncts(self, i: int) -> list[int]:
        """A token and those coordinated with it, in their order."""
        found, todo = [i], [i]
        while todo:
            for child in self.children(todo.pop(), "conj"):
                found.append(child.i)
                todo.append(child.i)
        return sorted(found)

    def case(self, i: int) -> str:
        """The preposition of a nominal in lower case ("because of" for two words), empty for none."""
        marks = [t for t in self.children(i, "case") if t.subtype != "poss" and t.lower not in ("'s", "'")]
        words = [t for t in marks for t in (t, *self.children(t.i, "fixed"))]
        return " ".join(t.lower for t in sorted(words, key=lambda t: t.i) if t.i < i)

    def span(self, first: int, last: int) -> Span:
        """The article's text from one token to another, both included."""
        start, end = self.tokens[first].start, self.tokens[last].end
        return Span(start, end, self.text[start - self.start : end - self.start])

    @property
    def evidence(self) -> Span:
        """The whole sentence."""
        return Span(self.start, self.end, self.text)


@dataclass(frozen=True, eq=False)
class ParsedArticle:
    """An article and its sentences in their order; clutter has none."""

    article: Article
    sentences: tuple[Sentence, ...]
