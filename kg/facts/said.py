"""What is said: the words of a sentence that a verb of saying, thinking or showing lays on its speaker."""

from __future__ import annotations

from kg.facts.clauses import Clause
from kg.facts.lexicon import lexicon
from kg.language.sentence import Sentence, Token
from kg.model import Span

_EDGE = frozenset({",", ".", '"', "“", "”", "''", "``", ":", ";", "-", "--", "–", "—", "that", "'", "and", "but"})
#: What a matter is told by where the verb has no object ("spoke about the floods").
_MATTERS = frozenset({"about", "on", "for", "against", "of", "over", "as", "to", "out", "at", "upon"})
#: Verbs whose object is whom the words are said to; only a clause, a matter or a quotation is what is said.
_HEARD = frozenset("tell inform brief notify assure remind address answer thank".split())
_FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
#: Prepositions that tell the occasion of saying something, behind its object; none at all stands before a day.
_OCCASIONS = frozenset({"", "since", "during", "at", "after", "before", "in"})
_QUESTIONS = frozenset({"when", "how", "why", "whether", "where", "what", "who"})
_NARROWING = frozenset({"after", "before", "because", "since", "until", "if", "unless"})


def trimmed(sentence: Sentence, first: int, last: int) -> Span | None:
    """The words between two tokens without the punctuation and conjunctions at their edges; None where nothing is left."""
    while first <= last and sentence.tokens[first].lower in _EDGE:
        first += 1
    while last >= first and sentence.tokens[last].lower in _EDGE:
        last -= 1
    return sentence.span(first, last) if last >= first else None


def longer(a: Span | None, b: Span | None) -> Span | None:
    """The longer of two stretches of a sentence."""
    return max((s for s in (a, b) if s), key=lambda s: s.end - s.start, default=None)


def told_in(sentence: Sentence, token: Token, said: Clause, low: int, high: int) -> Span | None:
    """What a verb says in the article's words: a clause under it or above it, what it is said about, or its object.

    ``low`` and ``high`` are the first and last token of the attribution itself, "she said" or "said the envoy".
    """
    flags = lexicon().saying.get(token.lemma.lower(), frozenset({"plain"}))
    first = None if "plain" in flags and "matter" not in flags else _matter(sentence, token, said)
    return (
        _complement(sentence, token, said, low, high)
        or _verb_next(sentence, token)
        or first
        or _around(sentence, token, low, high)
        or _clause_after(sentence, token)
        or _clause_as_object(sentence, token)
        or _matter(sentence, token, said)
    )


def has_complement(sentence: Sentence, token: Token, takes: frozenset[str]) -> bool:
    """Whether one of the complements hangs on a verb or noun without which it lays nothing on anybody."""
    below = sentence.children(token.i)
    if "clause" in takes and any(_is_clause(sentence, t) for t in below if t.dep in ("ccomp", "parataxis", "acl")):
        return True
    if "clause" in takes and token.is_verb and _clause_after(sentence, token):
        return True
    if {"to", "infinitive"} & takes and any(
        t.tag == "VB" and t.i > token.i for t in below if t.dep in ("xcomp", "acl", "ccomp", "advcl")
    ):
        return True
    if "object" in takes and any(t.dep in ("obj", "iobj") or t.subtype == "pass" for t in below):
        return True
    after = sentence.tokens[token.i + 1 : token.i + 2]
    if "to" in takes and token.is_verb and after and after[0].lower == "to":
        return True
    ends = [sentence.subtree(t.i)[1] + 1 for t in below if t.dep == "obj" and t.i > token.i]
    if "clause" in takes and any(sentence.tokens[end].tag in _FINITE for end in ends if end < len(sentence.tokens)):
        return True  # the parser made an object of the subject of the clause: "agree the tax would fall"
    cases = {sentence.case(t.i).split(" ")[0] for t in below if t.i > token.i}
    particles = {t.lower for t in below if t.dep == "compound"}
    return bool((cases | particles) & (takes - {"clause", "infinitive", "object", "quote"}))


def _is_clause(sentence: Sentence, top: Token) -> bool:
    """Whether a dependent is a clause of its own: with a subject, or "that" before it."""
    return bool(sentence.children(top.i, "nsubj", "csubj", "expl")) or any(
        t.lower in ("that", "whether", "if") for t in sentence.children(top.i, "mark")
    )


def _complement(sentence: Sentence, token: Token, said: Clause, low: int, high: int) -> Span | None:
    """The clause under the verb, before it or after it."""
    clauses = sentence.children(token.i, "ccomp", "parataxis", "xcomp")
    for child in sentence.children(token.i, "advcl"):  # "have not said when they would vote"
        first = sentence.subtree(child.i)[0]
        if first == token.i + 1 and sentence.tokens[first].lower in _QUESTIONS:
            clauses.append(child)
    # a participle before the subject is its circumstance ("Addressing reporters, he said"), whatever the parser calls it
    clauses = [t for t in clauses if t.i > token.i or t.tag != "VBG" or sentence.children(t.i, "aux", "nsubj")]
    clauses = [t for t in clauses if t.i not in said.subj and (t.dep != "xcomp" or t.is_verb)]
    if (
        sentence.children(token.i, "obj") and token.lemma.lower() not in _HEARD
    ):  # with an object, only a true clause is said
        clauses = [
            t for t in clauses if t.i > token.i and (t.dep == "xcomp" or (t.dep == "ccomp" and _is_clause(sentence, t)))
        ]
    clauses.sort(key=lambda t: (t.dep == "parataxis", t.i < token.i, t.i))
    for child in clauses:
        first, last = sentence.subtree(child.i)
        if child.i > token.i:
            first, last = max(first, token.i + 1), to_the_end(sentence, last)
            return trimmed(sentence, _with_object(sentence, token, child, first), last)
        first = _from_the_start(sentence, token, first)
        if last > high and any(t.is_verb for t in sentence.tokens[high + 1 : last + 1]):
            return trimmed(sentence, first, last)  # an attribution in its midst: "The bridge, she said, is closed"
        return trimmed(sentence, first, min(last, low - 1))
    return None


def _verb_next(sentence: Sentence, token: Token) -> Span | None:
    """What follows a verb whose complement has its subject before it: "which they say is closed", "what he said was fraud"."""
    after = sentence.tokens[token.i + 1 : token.i + 2]
    if not after or after[0].tag not in _FINITE or not sentence.children(token.i, "nsubj"):
        return None
    rest = sentence.tokens[token.i + 2 :]
    comma = next((t.i for t in rest if t.text in (",", ";", "—", "--")), len(sentence.tokens))
    return trimmed(sentence, token.i + 1, comma - 1)


def _from_the_start(sentence: Sentence, token: Token, first: int) -> int:
    """Where words before "she said" begin: with the sentence, unless another clause stands before them."""
    before = sentence.tokens[:first]
    return 0 if token.head == token.i and not any(t.is_verb for t in before) else first


def _with_object(sentence: Sentence, token: Token, child: Token, first: int) -> int:
    """Where a bare clause begins whose subject the parser took for the verb's object ("demands the board make amends")."""
    if child.tag != "VB" or sentence.children(child.i, "mark"):
        return first
    return min([first, *(sentence.subtree(t.i)[0] for t in sentence.children(token.i, "obj") if t.i > token.i)])


def to_the_end(sentence: Sentence, last: int) -> int:
    """The end of the sentence where what follows the content has no clause of its own: parsers hang it too high.

    A second "and that …" belongs to what is said as well.
    """
    rest = sentence.tokens[last + 1 :]
    if rest and rest[0].text in ("”", "''", '"'):
        rest = rest[1:]
    if [t.lower for t in rest if t.upos != "PUNCT"][:2] == ["and", "that"]:
        return len(sentence.tokens) - 1
    if len(rest) > 1 and rest[0].text == "," and rest[1].tag == "VBG":
        return last  # what else the speaker does
    if rest and rest[0].upos not in ("PUNCT", "CCONJ") and rest[0].lower not in ("while", "as", "but"):
        comma = next((t.i for t in rest if t.text in (",", ";") or t.lower in ("while", "but")), len(sentence.tokens))
        return comma - 1
    if any(t.text in ("“", "``", '"') for t in rest[:2]):
        return len(sentence.tokens) - 1
    own = any(t.dep in ("nsubj", "csubj") or t.tag in _FINITE for t in rest)
    return last if own else len(sentence.tokens) - 1


def _around(sentence: Sentence, token: Token, low: int, high: int) -> Span | None:
    """What an attribution is put into, before or behind: "…, C said", "…, C said, …", "As C said, …"."""
    above = sentence.tokens[token.head]
    spoken = "plain" in lexicon().saying.get(token.lemma.lower(), frozenset()) or not lexicon().saying.get(
        token.lemma.lower()
    )
    own = bool(sentence.children(token.i, "nsubj"))
    marks = {t.lower for t in sentence.children(token.i, "mark", "advmod") if t.i < token.i}
    as_said = token.dep == "advcl" and "as" in marks and own and not sentence.children(token.i, "obj")
    if not (token.dep == "parataxis" and own) and not as_said and not (own and spoken and _closes(sentence, token)):
        return None
    begin, end = sentence.subtree(above.i)
    if token.dep == "conj":
        begin, end = begin, low - 1
    left = trimmed(sentence, begin, low - 1 - as_said) if begin < low else None
    right = trimmed(sentence, max(high, sentence.subtree(token.i)[1] if as_said else high) + 1, end)
    return longer(left, right)


def _closes(sentence: Sentence, token: Token) -> bool:
    """Whether a verb of saying with its own subject ends a sentence that the parser took for two acts: "A did B, C said."."""
    rest = sentence.tokens[token.i + 1 :]
    return token.dep == "conj" and all(t.upos in ("PUNCT", "ADP", "DET", "PROPN", "NUM") for t in rest)


def _clause_after(sentence: Sentence, token: Token) -> Span | None:
    """The clause after a verb that the parser hung elsewhere ("said after the meeting he would not go")."""
    verbs = [t for t in sentence.tokens[token.i + 1 :] if t.tag in _FINITE]
    subjects_after = [s for v in verbs for s in sentence.children(v.i, "nsubj") if token.i < s.i]
    if not subjects_after or not sentence.children(token.i, "nsubj"):
        return None
    if "performative" in lexicon().saying.get(token.lemma.lower(), ()) or sentence.children(token.i, "obj"):
        return None
    first = min(sentence.subtree(s.i)[0] for s in subjects_after)
    between = {t.lower for t in sentence.tokens[token.i + 1 : first]}
    if first <= token.i or sentence.tokens[first - 1].lower in _NARROWING:
        return None
    if between & {"who", "which", "as", "while", ";", "but", "and"}:
        return None
    return trimmed(sentence, first, max(sentence.subtree(v.i)[1] for v in verbs))


def _clause_as_object(sentence: Sentence, token: Token) -> Span | None:
    """What follows "says" where the parser made an object of the subject of what is said ("says the murder … is a crime")."""
    finite = any(t.tag in _FINITE and t.i > token.i + 1 for t in sentence.tokens)
    spoken = token.lemma.lower() in ("say", "add", "note", "state") and token.tag in ("VBD", "VBZ", "VBP")
    if not (spoken and finite and sentence.children(token.i, "obj")):
        return None
    last = sentence.subtree(token.i)[1]
    return trimmed(sentence, token.i + 1, last) if last > token.i else None


def _matter(sentence: Sentence, token: Token, said: Clause) -> Span | None:
    """The object of the verb with what belongs to it, else what it is said about; of a passive its subject."""
    if said.passive:
        top = next(iter(sentence.children(token.i, "nsubj:pass")), None)
        return trimmed(sentence, *sentence.subtree(top.i)) if top and top.i < token.i else None
    gap = _gap(sentence, token, said)
    below = [t for t in sentence.children(token.i) if t.i > token.i]
    objects = [t for t in below if t.dep in ("obj", "xcomp", "iobj")]
    if token.lemma.lower() in _HEARD:
        objects = []
    about = [t for t in below if t.dep in ("obl", "advcl", "xcomp") and sentence.case(t.i).split(" ")[0] in _MATTERS]
    marked = [t for t in below if t.dep == "advcl" and any(m.lower in _MATTERS for m in sentence.children(t.i, "mark"))]
    tops = objects or about or marked
    if gap or not tops:
        return gap
    first = max(token.i + 1, min(sentence.subtree(t.i)[0] for t in tops))
    return trimmed(sentence, first, _end_of(sentence, token, first))


def _gap(sentence: Sentence, token: Token, said: Clause) -> Span | None:
    """What a relative clause says of the noun it hangs on: "the rate he has proposed"; "what he called a hoax" has its object."""
    if token.dep != "acl" or token.subtype != "relcl" or sentence.children(token.i, "obj") or token.head in said.subj:
        return None
    if token.head > token.i or not sentence.children(token.i, "nsubj"):
        return None
    return trimmed(sentence, sentence.subtree(token.head)[0], sentence.subtree(token.i)[0] - 1)


def _end_of(sentence: Sentence, token: Token, first: int) -> int:
    """The last token of what a verb says: before the next act, an afterthought in commas or a clause set beside it."""
    last = sentence.subtree(token.i)[1]
    if last + 1 < len(sentence.tokens) and sentence.tokens[last + 1].tag in _FINITE:
        return to_the_end(sentence, last)  # the object is the subject of what is said: "arguing the move was needed"
    for t in sentence.children(token.i, "conj", "parataxis", "advcl"):
        if t.is_nominal and not sentence.children(t.i, "nsubj"):
            continue
        begin = sentence.subtree(t.i)[0]
        comma = begin > 0 and sentence.tokens[begin - 1].text == ","
        if begin > first and (t.dep != "advcl" or comma or t.tag in ("VBD", "VBZ", "VBP")):
            last = min(last, begin - 1)
    objects = [sentence.subtree(t.i)[1] for t in sentence.children(token.i, "obj") if t.i > token.i]
    for t in sentence.children(token.i, "obl"):
        begin = sentence.subtree(t.i)[0]
        if objects and begin > objects[-1] and sentence.case(t.i) in _OCCASIONS:
            last = min(last, begin - 1)  # when and where it was said
    for t in sentence.tokens[first + 1 : last]:
        if t.text == "," and sentence.tokens[t.i + 1].tag == "VBG":
            return t.i - 1
        if t.text == "," and sentence.tokens[t.i + 1].lower in ("which", "who", "where", "but"):
            closed = any(n.text == "," for n in sentence.tokens[t.i + 1 : last])
            return last if closed else t.i - 1
    return last
