"""Attributions beside what is said: "…, the envoy said on Monday.", "…, said the envoy.", "The road, she said, is open."

Parsers often lose the thread of such sentences; where the words stand between their commas is plain all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.facts.lexicon import lexicon
from kg.facts.reading import Reading
from kg.language.sentence import Sentence, Token

_FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
_CLOSING = frozenset({"”", '"', "''", "»", "’", "'"})
_OPENING = frozenset({"“", "``", '"', "''", "«"})
_RELATIVE = frozenset({"who", "which", "that", "whose", "whom", "where"})
#: Verbs that are said without what is said ("he spoke for an hour", "she did not respond").
_WITHOUT = frozenset("speak comment address brief answer respond reply post mention describe quote blog".split())
#: What a verb that stands behind its words may have behind itself without saying anything more.
_LOOSE = frozenset({"as", "when", "while", "after", "before", "who", "which", "whose", "where"})


@dataclass(frozen=True)
class Aside:
    """An attribution between commas: the head of its speaker, first and last token of what is said."""

    speaker: int
    first: int
    last: int


def aside_at(reading: Reading, sentence: Sentence, token: Token) -> Aside | None:
    """The attribution beside what is said whose verb a token is; None where the sentence is built otherwise."""
    lemma = token.lemma.lower()
    flags = lexicon().saying.get(lemma, frozenset())
    _, takes = lexicon().attributing.get(lemma, ("", frozenset({"clause"})))
    fits = "performative" not in flags and (flags or "clause" in takes) and lemma not in _WITHOUT
    if not fits or token.tag not in ("VBD", "VBZ", "VBP", "VBN"):
        return None
    return _inverted(reading, sentence, token) or _straight(reading, sentence, token)


def _inverted(reading: Reading, sentence: Sentence, token: Token) -> Aside | None:
    """ "…, said the envoy": no noun between the comma and the verb, and a noun phrase right behind it."""
    if not _stands_first(sentence, token):
        return None
    i, rest = token.i - 1, sentence.tokens[token.i + 1 :]
    end = next((t.i for t in rest if t.text in (",", ".", ";") or t.upos == "ADP"), len(sentence.tokens))
    head = _noun(reading, sentence, token.i + 1, end - 1)
    if head is None:
        return None
    if any(t.tag in _FINITE and t.dep != "aux" and not _in_relative(sentence, t.i) for t in rest[1:]):
        quoted = any(t.text in _OPENING for t in sentence.tokens[end : end + 3])
        if not quoted or any(t.tag in _FINITE for t in sentence.tokens[:i]):
            return None  # "X, the envoy's spokesman, said the road is closed"
        return Aside(head, 0, len(sentence.tokens) - 1)  # "the road, said the envoy, “is closed”"
    return Aside(head, 0, i) if _says(sentence, 0, i) else None


def _stands_first(sentence: Sentence, token: Token) -> bool:
    """Whether a verb of saying follows a comma or a quotation mark, and a noun phrase that may be its subject follows it."""
    i = token.i - 1
    if i < 1 or sentence.tokens[i].text not in {",", *_CLOSING} or token.tag not in ("VBD", "VBZ"):
        return False
    own = [t.i for t in sentence.children(token.i, "nsubj") if t.i < token.i]
    quoted = {t.text for t in sentence.tokens[max(0, i - 1) : token.i]} & _CLOSING
    if token.lemma.lower() in ("tell", "inform") or (own and own[0] != i - 1 and not quoted):
        return False  # "X, head of the board, told the paper"
    behind = sentence.tokens[token.i + 1 : token.i + 2]
    nominal = behind and behind[0].upos in ("PROPN", "NOUN", "DET", "ADJ", "NUM", "PRON")
    return bool(nominal) and "plain" in lexicon().saying.get(token.lemma.lower(), ())


def _straight(reading: Reading, sentence: Sentence, token: Token) -> Aside | None:
    """ "…, the envoy said on Monday." and "…, the envoy said, …"."""
    begin = _begin(sentence, token)
    if begin is None:
        return None
    own = [t.i for t in sentence.children(token.i, "nsubj") if begin <= t.i < token.i]
    head = own[0] if own else _noun(reading, sentence, begin, token.i - 1)
    if head is None:
        return None
    after = sentence.tokens[token.i + 1 :]
    if after and after[0].text == "," and any(t.tag in _FINITE for t in after):
        open_ended = len(after) < 2 or _goes_on(sentence, after[1].i) or after[1].lower in _RELATIVE
        quoted = any(
            t.text in ("“", "``", '"', "''") for t in (*after[:3], *sentence.tokens[max(0, begin - 2) : begin])
        )
        if not open_ended and not quoted and after[1].upos != "CCONJ":
            return Aside(head, 0, len(sentence.tokens) - 1)
    closing = (
        bool(own) and len(after) < 5
    )  # nothing but a day or a place may follow: even a mere phrase is what was said
    if not _ends_with(sentence, token) or not (closing or _says(sentence, 0, begin - 1)):
        return None
    return Aside(head, 0, begin - 1)


def _begin(sentence: Sentence, token: Token) -> int | None:
    """Where the noun phrase before a verb begins, behind the comma or quotation mark that ends what is said."""
    found = None
    subject = next((t.i for t in sentence.children(token.i, "nsubj") if t.i < token.i), None)
    for t in reversed(sentence.tokens[: token.i]):
        if t.text in _CLOSING and t.i and sentence.tokens[t.i - 1].text in {",", "?", "!", "."}:
            return t.i + 1 if t.i + 1 < token.i else None
        if t.tag in _FINITE and t.dep != "aux" and not _in_relative(sentence, t.i):
            break
        if t.text in (":", ";", "“", "``"):
            break
        if t.text == "," and t.i + 1 < token.i and any(n.is_nominal for n in sentence.tokens[t.i + 1 : token.i]):
            found = t.i + 1
            if (subject is not None and found <= subject) or (
                subject is None and sentence.tokens[token.i - 1].text != ","
            ):
                break
    return found if found and found > 1 else None


def _in_relative(sentence: Sentence, i: int) -> bool:
    return any(t.lower in _RELATIVE for t in sentence.tokens[max(0, i - 4) : i])


def _noun(reading: Reading, sentence: Sentence, first: int, last: int) -> int | None:
    """The head of the noun phrase between two tokens: a person named in it, else its first noun that nothing there governs."""
    named = [m for m in reading.cast.inside(sentence, first, last) if first <= m.first and m.kind != "region"]
    people = [m for m in named if m.kind == "person"]
    if people:
        return people[0].head
    comma = next((t.i for t in sentence.tokens[first : last + 1] if t.text in (",", "(")), last + 1)
    for t in sentence.tokens[first:comma]:
        nominal = t.upos in ("NOUN", "PROPN", "PRON") or (t.upos in ("DET", "ADJ", "NUM") and t.i + 1 == comma)
        inner = first <= t.head < comma and t.head != t.i and sentence.tokens[t.head].is_nominal
        if nominal and not (inner and t.dep in ("compound", "nmod", "amod", "flat")):
            if any(a <= t.i <= b for _, a, b in reading.dates(sentence)):
                continue
            return t.i
    return named[0].head if named else None


def _says(sentence: Sentence, first: int, last: int) -> bool:
    """Whether some words are a clause or quoted: enough to be what somebody said."""
    words = sentence.tokens[first : last + 1]
    return any(t.tag in _FINITE and not _in_relative(sentence, t.i) for t in words) or any(
        t.text in _CLOSING for t in words[-2:]
    )


def _ends_with(sentence: Sentence, token: Token) -> bool:
    """Whether nothing is said behind a verb any more: the end, a day, a place, an occasion, to whom."""
    heard = token.lemma.lower() in ("tell", "inform")
    for t in sentence.tokens[token.i + 1 :]:
        if t.lower in _LOOSE or (t.tag == "VBG" and sentence.tokens[t.i - 1].text == ","):
            return True
        if t.text in ("“", "``", ":") or t.tag in _FINITE or t.lower in ("that", "he", "she", "they", "to"):
            return False
        if t.dep in ("obj", "iobj", "ccomp", "xcomp") and not heard:
            return False
    return True


def _goes_on(sentence: Sentence, i: int) -> bool:
    """Whether a participle goes on to tell what else the speaker does: "said, adding that …"."""
    return sentence.tokens[i].tag == "VBG"
