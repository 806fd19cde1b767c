"""Gives quotations to those who spoke them: to the verb of saying in their sentence, or to the speaker of the paragraph."""

from __future__ import annotations

from kg.facts.reading import Reading
from kg.facts.saying import Saying
from kg.language.sentence import Sentence, Token
from kg.model import Span

#: A quotation of fewer words that no verb introduces is a word held at arm's length, not something said.
_WORDS = 4


def _touches(reading: Reading, sentence: Sentence, quote: Span) -> bool:
    """Whether a quotation stands in a sentence, or right before it ("“Why?” she asked.")."""
    if quote.start >= sentence.end:
        return False
    between = reading.parsed.article.text[quote.end : sentence.start]
    asked = quote.text[-1] in "?!"  # else a comma, and no new sentence, would stand there
    return quote.end > sentence.start or (asked and len(between) < 5 and "\n" not in between)


def has_quote(reading: Reading, sentence: Sentence) -> bool:
    """Whether quoted words stand in a sentence."""
    return any(_touches(reading, sentence, q) for q in reading.quotes)


def quote_behind(reading: Reading, sentence: Sentence, token: Token) -> bool:
    """Whether quoted words follow a verb at once, or end right before its clause ("“…,” he answered")."""
    for quote in reading.quotes:
        behind = [t for t in sentence.tokens[token.i + 1 :] if t.end <= quote.start]
        before = [t for t in sentence.tokens[: token.i] if t.start >= quote.end]
        if quote.start > token.end and len(behind) < 4 and quote.start < sentence.end:
            return True
        if _touches(reading, sentence, quote) and quote.end < token.start and len(before) < 6:
            return True
    return False


def give_quotes(reading: Reading, sentence: Sentence, sayings: list[Saying]) -> None:
    """Each quotation of a sentence to those who speak at the nearest verb of saying; what is quoted is not paraphrased too."""
    for quote in reading.quotes:
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
    given = {q for s in sayings for q in s.quotes}
    before: Saying | None = None
    for quote in reading.quotes:
        if quote in given:
            before = next((s for s in sayings if quote in s.quotes), before)
            continue
        block = next((s.block_index for s in reading.parsed.sentences if s.start <= quote.start < s.end + 2), None)
        own = [s for s in sayings if s.sentence.block_index == block and s.register == "speech"]
        whole = _stands_alone(reading, quote)
        if len(quote.text.split()) < _WORDS and not whole:
            continue
        if own:
            saying = min(own, key=lambda s: (s.sentence.start > quote.start, abs(s.sentence.start - quote.start)))
        elif before and whole and before.sentence.block_index + 1 == block and _unclosed(reading, before):
            saying = before
        else:
            continue
        for each in [s for s in sayings if s.sentence is saying.sentence and s.verb == saying.verb]:
            each.quotes.append(quote)
            each.more.append(_sentence_of(reading, quote))
        before = saying


def _stands_alone(reading: Reading, quote: Span) -> bool:
    """Whether quoted words are sentences of their own, with nothing around them."""
    around = [s for s in reading.parsed.sentences if s.start < quote.end and s.end > quote.start]
    return bool(around) and quote.start - around[0].start <= 2 and around[-1].end - quote.end <= 3


def _unclosed(reading: Reading, saying: Saying) -> bool:
    """Whether a speaker's last quotation is left open at the end of its paragraph, so that the next goes on with it."""
    last = max(saying.quotes, key=lambda q: q.end, default=None)
    if last is None:
        return False
    behind = reading.parsed.article.text[last.end : last.end + 3]
    return not any(mark in behind for mark in ("”", '"', "''", "»"))


def _sentence_of(reading: Reading, quote: Span) -> Span:
    around = [s for s in reading.parsed.sentences if s.start < quote.end and s.end > quote.start]
    first, last = around[0], around[-1]
    text = reading.parsed.article.text[first.start : last.end]
    return Span(first.start, last.end, text)


def take_what_follows(reading: Reading, sentence: Sentence, sayings: list[Saying]) -> None:
    """What is announced with a colon at the end of a paragraph: the quotations of the next one, or all of it."""
    last = sentence.tokens[-1].text == ":" or (len(sentence.tokens) > 1 and sentence.tokens[-2].text == ":")
    following = [s for s in reading.parsed.sentences if s.block_index == sentence.block_index + 1]
    if not last or not following or not sayings:
        return
    saying = sayings[-1]
    if saying.quotes or (saying.paraphrase and saying.paraphrase.start > sentence.tokens[saying.verb].end):
        return
    start, end = following[0].start, following[-1].end
    quotes = [q for q in reading.quotes if start <= q.start < end]
    if quotes and quotes[0].start - start <= 2:
        saying.quotes += quotes
        saying.paraphrase = None
    else:
        saying.paraphrase = Span(start, end, reading.parsed.article.text[start:end])
    saying.more.append(Span(start, end, reading.parsed.article.text[start:end]))
