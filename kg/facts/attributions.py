"""Attributions without a verb: "according to X", "X's claim that", "X: …", a quotation signed with a name."""

from __future__ import annotations

from kg.facts.clauses import subjects
from kg.facts.lexicon import lexicon
from kg.facts.reading import Reading
from kg.facts.said import has_complement, trimmed
from kg.facts.saying import SURE, Saying
from kg.facts.slots import mentions_at
from kg.facts.speakers import described, speakers_of
from kg.language.sentence import Sentence, Token
from kg.mentions.actors import Mention
from kg.model import BlockKind, Span

_DASHES = frozenset({"―", "—", "–", "--", "-"})
_FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
#: Words of a name before a colon: more is a sentence.
_NAME = 5


def who_at(reading: Reading, sentence: Sentence, head: int) -> Mention | None:
    """The speaker whom a noun names or describes."""
    named = mentions_at(sentence, reading.cast, [head], lambda _: True)
    return named[0] if named else described(reading, sentence, head)


def without_verb(reading: Reading, sentence: Sentence, token: Token) -> list[Saying]:
    """The attribution whose cue is a word that is no verb, or that the tagger took for none."""
    for find in (_mistaken_for_noun, _from_source, _from_noun):
        if found := find(reading, sentence, token):
            return [found]
    return []


def _from_source(reading: Reading, sentence: Sentence, token: Token) -> Saying | None:
    """ "According to X": what stands before it where that is a clause, else what comes behind."""
    if token.lower != "according" or token.i + 1 >= len(sentence.tokens) or sentence.tokens[token.i + 1].lower != "to":
        return None
    to = token.head if token.head > token.i else next((t.i for t in sentence.children(token.i, "obl", "nmod")), None)
    if to is None or not sentence.tokens[to].is_nominal:  # the parser took "show insiders" for an infinitive
        to = next((t.i for t in sentence.tokens[token.i + 2 :] if t.is_nominal and t.dep != "compound"), None)
    speaker = who_at(reading, sentence, to) if to is not None else None
    if to is None or speaker is None:
        return None
    before = trimmed(sentence, 0, token.i - 1)
    if before is None or not any(t.tag in _FINITE for t in sentence.tokens[: token.i]):
        last = sentence.subtree(to)[1]
        if last >= len(sentence.tokens) - 2:  # the parser took all for part of the source
            last = next((t.i for t in sentence.tokens[to:] if t.text == ","), last)
        before = trimmed(sentence, last + 1, len(sentence.tokens) - 1)
    return Saying(sentence, token.i, speaker, paraphrase=before, confidence=SURE - 0.1)


def _mistaken_for_noun(reading: Reading, sentence: Sentence, token: Token) -> Saying | None:
    """ "The poll shows that …", "the port plans to …", where the tagger took verb and subject for one noun phrase."""
    register, takes = lexicon().attributing.get(token.lemma.lower(), ("speech", frozenset({"clause"})))
    known = token.lemma.lower() in lexicon().saying or token.lemma.lower() in lexicon().attributing
    if token.tag not in ("NNS", "NNPS") or not known or not token.i or not sentence.tokens[token.i - 1].is_nominal:
        return None
    words = _words_of_verb(sentence, token, takes)
    announced = [t.text for t in sentence.tokens[token.i + 1 :]] == [":"]
    speaker = who_at(reading, sentence, token.i - 1) if words or announced else None
    if speaker is None:
        return None
    return Saying(sentence, token.i, speaker, paraphrase=words, confidence=SURE - 0.2, register=register)


def _words_of_verb(sentence: Sentence, token: Token, takes: frozenset[str]) -> Span | None:
    """What a verb says that was taken for a noun: the clause or infinitive behind it, or all that stands before its subject."""
    after = sentence.tokens[token.i + 1 :]
    clause = len(after) > 1 and after[0].lower in ("that", "how", "why", "whether") and "clause" in takes
    infinitive = len(after) > 1 and after[0].lower == "to" and after[1].tag == "VB" and "to" in takes
    if (clause or infinitive) and token.dep not in ("nsubj", "obj", "obl"):
        return trimmed(sentence, token.i + 1, len(sentence.tokens) - 1)
    commas = [t.i for t in sentence.tokens[: token.i] if t.text == ","]
    if [t.text for t in after] != ["."] or not commas or token.i - commas[-1] > _NAME + 1 or "clause" not in takes:
        return None
    said = any(t.tag in _FINITE for t in sentence.tokens[: commas[-1]])
    return trimmed(sentence, 0, commas[-1] - 1) if said else None


def _from_noun(reading: Reading, sentence: Sentence, token: Token) -> Saying | None:
    """ "The minister's claim that …", "a warning from the bank that …", "their decision to …"."""
    register, takes = lexicon().saying_nouns.get(token.lemma.lower(), ("", frozenset()))
    if not register or not has_complement(sentence, token, takes):
        return None
    if token.upos not in ("NOUN", "PROPN"):
        return _from_adjective(reading, sentence, token, register, takes)
    owners = sentence.children(token.i, "nmod:poss") or [
        t for t in sentence.children(token.i, "nmod") if sentence.case(t.i) in ("by", "from") and t.i > token.i
    ]
    if not owners and token.i and sentence.tokens[token.i - 1].dep in ("compound", "flat", "amod"):
        named = reading.cast.covering(sentence, token.i - 1)  # "a Daily News report that …"
        owners = [sentence.tokens[named.head]] if named and named.kind in ("organization", "person") else []
    verb = sentence.tokens[token.head]
    if not owners and token.dep == "obj" and verb.lemma.lower() in lexicon().classes["uttering"]:
        found = speakers_of(reading, sentence, verb, subjects(sentence, verb.i))  # "the bank issued a warning that …"
        owners = [sentence.tokens[m.head] for m in found[:1] if m.sentence == sentence.index]
    if not owners:
        return None
    speaker = who_at(reading, sentence, owners[0].i)
    words = _after_noun(sentence, token, takes, {t.i for t in owners})
    if speaker is None or words is None:
        return None
    return Saying(sentence, token.i, speaker, paraphrase=words, confidence=SURE - 0.2, register=register)


def _from_adjective(
    reading: Reading, sentence: Sentence, token: Token, register: str, takes: frozenset[str]
) -> Saying | None:
    """ "The union is worried that …"."""
    owners = sentence.children(token.i, "nsubj")
    speaker = who_at(reading, sentence, owners[0].i) if owners and owners[0].i < token.i else None
    words = _after_noun(sentence, token, takes, set())
    if speaker is None or words is None:
        return None
    return Saying(sentence, token.i, speaker, paraphrase=words, confidence=SURE - 0.2, register=register)


def _after_noun(sentence: Sentence, token: Token, takes: frozenset[str], owners: set[int]) -> Span | None:
    for child in sentence.children(token.i):
        case = sentence.case(child.i).split(" ")[0]
        matter = child.dep in ("acl", "ccomp", "xcomp") or (child.dep in ("nmod", "obl") and case in takes)
        if child.i > token.i and matter and child.i not in owners:
            return trimmed(sentence, *sentence.subtree(child.i))
    return None


def signed(reading: Reading, sentence: Sentence) -> list[Saying]:
    """A name before a colon at a sentence's start, and a name behind a dash that signs a quotation."""
    found = _before_colon(reading, sentence) or _behind_dash(reading, sentence)
    return [found] if found else []


def _before_colon(reading: Reading, sentence: Sentence) -> Saying | None:
    colon = next((t.i for t in sentence.tokens[1 : _NAME + 1] if t.text == ":"), None)
    if colon is None or any(t.is_verb for t in sentence.tokens[:colon]):
        return None
    named = list(reading.cast.inside(sentence, 0, colon - 1))
    words = trimmed(sentence, colon + 1, len(sentence.tokens) - 1)
    if not named and sentence.block.kind is BlockKind.HEADLINE and sentence.tokens[colon - 1].is_nominal:
        named = [m for m in [who_at(reading, sentence, colon - 1)] if m]  # "Poll: …", "Police: …"
    if not named or words is None or sentence.tokens[named[-1].last].i != colon - 1 or len(words.text.split()) < 3:
        return None
    return Saying(sentence, colon, named[-1], paraphrase=words, confidence=SURE - 0.2)


def _behind_dash(reading: Reading, sentence: Sentence) -> Saying | None:
    """ "“…” — X": a quotation with the name of its speaker set behind it."""
    for token in sentence.tokens[:-1]:
        if token.text not in _DASHES:
            continue
        quote = next((q for q in reading.quotes_between(token.start - 4, token.start) if q.end < token.start), None)
        if quote is None:
            continue
        name = _name_from(reading, sentence, token.i + 1)
        speaker = who_at(reading, sentence, name) if name is not None else None
        if speaker:
            return Saying(sentence, token.i, speaker, quotes=[quote], confidence=SURE - 0.2)
    return None


def _name_from(reading: Reading, sentence: Sentence, first: int) -> int | None:
    """The head of a name that begins at a token and has its line to itself."""
    last = first
    text, tokens = reading.parsed.article.text, sentence.tokens
    while last < len(tokens) and (tokens[last].upos == "PROPN" or tokens[last].text[:1].isupper()):
        last += 1
        if last < len(tokens) and "\n" in text[tokens[last - 1].end : tokens[last].start]:
            break
    behind = tokens[last] if last < len(tokens) else None
    line_ends = (
        behind is None or behind.text in (".", ",", "“", '"') or "\n" in text[tokens[last - 1].end : behind.start]
    )
    if last == first or last - first > _NAME or not line_ends:
        return None
    inner = range(first, last)
    return next((i for i in inner if tokens[i].head not in inner or tokens[i].head == i), first)
