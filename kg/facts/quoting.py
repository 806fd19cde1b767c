"""Gives quotations to those who spoke them: to the verb of saying in their sentence, or to the speaker of the paragraph."""

from __future__ import annotations

from itertools import islice

from kg.facts.reading import Reading
from kg.facts.saying import Saying
from kg.language.sentence import Sentence, Token
from kg.model import Span

#: A question ends at most so many characters before the sentence that says whose it is.
_NEAR = 5
#: A quotation of fewer words that no verb introduces is a word held at arm's length, not something said.
_WORDS = 4


def _touches(reading: Reading, sentence: Sentence, quote: Span) -> bool:
    """Whether a quotation stands in a sentence, or right before it ("“Why?” she asked.")."""
    if quote.start >= sentence.end:
        return False
    between = reading.parsed.article.text[quote.end : sentence.start]
    asked = quote.text[-1] in "?!"  # else a comma, and no new sentence, would stand there
    return quote.end > sentence.start or (asked and len(between) < _NEAR and "\n" not in between)


def _about(reading: Reading, sentence: Sentence) -> tuple[Span, ...]:
    """The quotations that can touch a sentence."""
    return reading.quotes_between(sentence.start - _NEAR, sentence.end)


def has_quote(reading: Reading, sentence: Sentence) -> bool:
    """Whether quoted words stand in a sentence."""
    return any(_touches(reading, sentence, q) for q in _about(reading, sentence))


def quote_behind(reading: Reading, sentence: Sentence, token: Token) -> bool:
    """Whether quoted words follow a verb at once, or end right before its clause ("“…,” he answered")."""
    for quote in _about(reading, sentence):
        behind = [t for t in sentence.tokens[token.i + 1 :] if t.end <= quote.start]
        before = [t for t in sentence.tokens[: token.i] if t.start >= quote.end]
        if quote.start > token.end and len(behind) < 4 and quote.start < sentence.end:
            return True
        if _touches(reading, sentence, quote) and quote.end < token.start and len(before) < 6:
            return True
    return False


def give_quotes(reading: Reading, sentence: Sentence, sayings: list[Saying]) -> None:
    """Each quotation of a sentence to those who speak at the nearest verb of saying; what is quoted is not paraphrased too."""
    for quote in _about(reading, sentence):
        if not sayings or not _touches(reading, sentence, quote):
            continue
        inside = [
            s for s in sayings if s.paraphrase and s.paraphrase.start <= quote.end and s.paraphrase.end >= quote.start
        ]
        nearest = min(inside or sayings, key=lambda s: abs(sentence.tokens[s.verb].start - quote.end))
        for saying in sayings:
            if saying.verb == nearest.verb:
                saying.quotes.append(quote)
    for saying in sayings:
        words = saying.paraphrase
        covering = [q for q in saying.quotes if words and q.start <= words.start + 2 and words.end <= q.end + 2]
        if covering:
            saying.paraphrase = _beyond(reading, sentence, saying, covering[0])
        elif words and _introduces(sentence, saying) and words.end <= sentence.tokens[saying.verb].start:
            saying.paraphrase = None  # what stands before "she said, “…”" is where or when she said it


def _beyond(reading: Reading, sentence: Sentence, saying: Saying, quote: Span) -> Span | None:
    """What is said where the quoted words are but its beginning: "said “no threat” would move the board"."""
    text, end = reading.parsed.article.text, sentence.tokens[-1].start
    behind = [t for t in sentence.tokens if t.start >= quote.end + 1]
    ended = text[quote.end - 1] in ".?!" or "," in text[quote.end : quote.end + 2]
    first = sentence.tokens[saying.verb].end < quote.start and len(quote.text.split()) < 8
    if ended or not first or len(behind) < 4 or behind[0].text in (",", ".") or quote.end >= end:
        return None
    stop = next((t.start for t in behind if t.text in (",", ";")), end)
    return Span(quote.start, stop, text[quote.start : stop])


def _introduces(sentence: Sentence, saying: Saying) -> bool:
    """Whether a verb stands right before quoted words of a sentence's length: "said, “…”", "wrote: “…”"."""
    verb = sentence.tokens[saying.verb]
    for quote in saying.quotes:
        between = [t for t in sentence.tokens[verb.i + 1 :] if t.end <= quote.start]
        marked = any(t.text in (",", ":") for t in between)
        if quote.start > verb.end and marked and len(between) < 6 and len(quote.text.split()) >= _WORDS:
            return True
    return False


def carry_over(reading: Reading, sayings: list[Saying]) -> None:
    """Quotations of a paragraph that no verb of saying introduces belong to its speaker."""
    given: dict[Span, Saying] = {}
    speeches: dict[int, list[Saying]] = {}
    together: dict[tuple[int, int], list[Saying]] = {}
    for saying in sayings:
        for quote in saying.quotes:
            given.setdefault(quote, saying)
        if saying.register == "speech":
            speeches.setdefault(saying.sentence.block_index, []).append(saying)
        together.setdefault((saying.sentence.index, saying.verb), []).append(saying)
    before: Saying | None = None
    for quote in reading.quotes:
        if quote in given:
            before = given[quote]
            continue
        around = reading.sentences_between(quote.start - 2, quote.start + 1)
        block = around[0].block_index if around else -1
        own = speeches.get(block)
        whole = _stands_alone(reading, quote)
        if len(quote.text.split()) < _WORDS and not whole:
            continue
        if own:
            saying = min(own, key=lambda s: (s.sentence.start > quote.start, abs(s.sentence.start - quote.start)))
        elif before and whole and before.sentence.block_index + 1 == block and _unclosed(reading, before):
            saying = before
        else:
            continue
        for each in together[saying.sentence.index, saying.verb]:
            each.quotes.append(quote)
            each.more.append(_sentence_of(reading, quote))
        before = saying


def _stands_alone(reading: Reading, quote: Span) -> bool:
    """Whether quoted words are sentences of their own, with nothing around them."""
    around = reading.sentences_between(quote.start, quote.end)
    return bool(around) and quote.start - around[0].start <= 2 and around[-1].end - quote.end <= 3


def _unclosed(reading: Reading, saying: Saying) -> bool:
    """Whether a speaker's last quotation is left open at the end of its paragraph, so that the next goes on with it."""
    last = max(saying.quotes, key=lambda q: q.end, default=None)
    if last is None:
        return False
    behind = reading.parsed.article.text[last.end : last.end + 3]
    return not any(mark in behind for mark in ("”", '"', "''", "»"))


def _sentence_of(reading: Reading, quote: Span) -> Span:
    around = reading.sentences_between(quote.start, quote.end)
    first, last = around[0], around[-1]
    text = reading.parsed.article.text[first.start : last.end]
    return Span(first.start, last.end, text)


def take_what_follows(reading: Reading, sentence: Sentence, sayings: list[Saying]) -> None:
    """What is announced with a colon at the end of a paragraph: the quotations of the next one, or all of it."""
    last = sentence.tokens[-1].text == ":" or (len(sentence.tokens) > 1 and sentence.tokens[-2].text == ":")
    if not last or not sayings:
        return
    following = _paragraph_behind(reading, sentence)
    if not following:
        return
    saying = sayings[-1]
    if saying.quotes or (saying.paraphrase and saying.paraphrase.start > sentence.tokens[saying.verb].end):
        return
    start, end = following[0].start, following[-1].end
    quotes = [q for q in reading.quotes_between(start, end) if start <= q.start]
    if quotes and quotes[0].start - start <= 2:
        saying.quotes += quotes
        saying.paraphrase = None
    else:
        saying.paraphrase = Span(start, end, reading.parsed.article.text[start:end])
    saying.more.append(Span(start, end, reading.parsed.article.text[start:end]))


def _paragraph_behind(reading: Reading, sentence: Sentence) -> list[Sentence]:
    """The sentences of the block that comes next."""
    found: list[Sentence] = []
    for other in islice(reading.parsed.sentences, sentence.index + 1, None):
        if other.block_index > sentence.block_index + 1:
            break
        if other.block_index == sentence.block_index + 1:
            found.append(other)
    return found
