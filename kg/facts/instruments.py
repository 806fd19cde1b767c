"""Finds the laws, treaties and resolutions an article speaks of: their kind, how far they have come, who is for or against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.facts.clauses import subjects
from kg.facts.lexicon import lexicon
from kg.facts.reading import Candidate, Reading
from kg.facts.saying import Saying
from kg.facts.slots import mentions_at
from kg.language.sentence import Sentence, Token
from kg.mentions.actors import Mention
from kg.mentions.drafts import slug
from kg.mentions.topics import topics_of
from kg.model import Actor, BlockKind, Instrument, Span

#: A name or a status makes an instrument sure; a bare noun ("the law") is only taken as a further mention of one.
_NAMED, _STATUS = 0.85, 0.75
#: From the least far to the farthest: of several that an article shows, the last that is not undone.
_ORDER = (
    "draft",
    "proposed",
    "under_debate",
    "signed",
    "adopted",
    "ratified",
    "in_force",
    "suspended",
    "rejected",
    "withdrawn",
    "repealed",
)


@dataclass(eq=False)
class _Found:
    """One instrument in the making, from its mentions."""

    head: str
    kind: str
    names: list[Span] = field(default_factory=list)
    matter: set[str] = field(default_factory=set)
    statuses: list[str] = field(default_factory=list)
    parties: list[str] = field(default_factory=list)
    positions: dict[str, tuple[Actor, str]] = field(default_factory=dict)
    body: Actor | None = None
    evidence: set[Span] = field(default_factory=set)
    spans: list[Span] = field(default_factory=list)


def _kind(token: Token) -> str | None:
    return (
        lexicon().instrument_words.get("kind", {}).get(token.lemma.lower()) if token.upos in ("NOUN", "PROPN") else None
    )


def _phrase(sentence: Sentence, i: int) -> tuple[int, int]:
    """The noun phrase that names an instrument: what defines it before and after its head, no article, no relative clause."""
    first, last = i, i
    while first > 0:
        token = sentence.tokens[first - 1]
        if (
            not (first <= token.head <= i)
            or token.dep not in ("amod", "compound", "nmod", "flat", "punct", "nummod")
            or token.text == ","
        ):
            break
        first -= 1
    for child in sentence.children(i, "nmod", "acl"):
        if (
            child.i > last
            and child.subtype != "relcl"
            and sentence.subtree(child.i)[0] == last + 1
            and sentence.case(child.i) in ("on", "to", "of", "against", "for", "")
        ):
            last = sentence.subtree(child.i)[1]
    while last > i and sentence.tokens[last].dep == "punct":
        last -= 1
    comma = next((k for k in range(i, last) if sentence.tokens[k].text == ","), None)
    return first, comma - 1 if comma is not None else last


def _matter(sentence: Sentence, first: int, last: int, head: int) -> set[str]:
    """The content words of the phrase, by which two mentions are known for the same."""
    skip = lexicon().instrument_words.get("status", {})
    return {
        t.lemma.lower()
        for t in sentence.tokens[first : last + 1]
        if t.i != head and t.upos in ("NOUN", "PROPN", "NUM") and t.lemma.lower() not in skip
    }


def _statuses(sentence: Sentence, i: int, first: int, last: int) -> Iterator[str]:
    """What the words around a mention say of how far the instrument has come."""
    words = lexicon().instrument_words.get("status", {})
    near = [t for t in sentence.tokens[first : last + 1] if t.dep in ("amod", "compound", "nmod")]
    token = sentence.tokens[i]
    above = sentence.tokens[token.head]
    if token.dep in ("nsubj", "obj") and token.head != i:
        near.append(above)
        near += sentence.children(above.i, "xcomp", "obl", "advmod")
    near += [t for t in sentence.children(i, "acl") if t.tag == "VBN"]
    for t in near:
        case = sentence.case(t.i)
        for key in (f"{case} {t.lower}", t.lower, t.lemma.lower()):
            if key in words:
                yield words[key]
                break


def _body(reading: Reading, sentence: Sentence, i: int) -> Actor | None:
    """The parliament or council that the sentence's clause about the instrument places it in."""
    bodies = lexicon().instrument_words.get("body", {})
    for token in sentence.tokens:
        if token.lemma.lower() not in bodies or sentence.case(token.i) not in ("at", "in", "before", "by"):
            continue
        mention = reading.cast.at(sentence, token.i) or reading.cast.covering(sentence, token.i)
        shared = {a.i for a in sentence.ancestors(token.i)} & {i, sentence.tokens[i].head}
        if mention and shared:
            return mention.actor
    return None


def _collect(reading: Reading) -> list[_Found]:
    found: list[_Found] = []
    for sentence in reading.parsed.sentences:
        if sentence.block.kind is BlockKind.HEADLINE:
            continue
        for token in sentence.tokens:
            kind = _kind(token)
            if kind is None or token.dep == "compound":
                continue
            first, last = _phrase(sentence, token.i)
            matter = _matter(sentence, first, last, token.i)
            statuses = list(_statuses(sentence, token.i, first, last))
            one = _known(found, token.lemma.lower(), matter, sentence, token)
            if one is None:
                definite = any(t.lower in ("the", "this") for t in sentence.children(token.i, "det"))
                if not matter and not (statuses and definite):
                    continue
                one = _Found(token.lemma.lower(), kind)
                found.append(one)
            one.names.append(sentence.span(first, last))
            one.matter |= matter
            one.statuses += statuses
            one.evidence.add(sentence.evidence)
            one.spans.append(sentence.span(token.i, token.i))
            one.body = one.body or _body(reading, sentence, token.i)
    return found


def _known(found: list[_Found], head: str, matter: set[str], sentence: Sentence, token: Token) -> _Found | None:
    """The instrument that a mention speaks of again: same noun, and the same matter or none of its own."""
    definite = any(
        t.lower in ("the", "this", "that", "it", "its") for t in sentence.children(token.i, "det", "nmod:poss")
    )
    apposed = any(one.spans[-1].start >= sentence.start for one in found)
    for one in reversed(found):
        if one.head != head:
            continue
        if matter & one.matter or (not matter and (definite or apposed)):
            return one
    return None


def _take_positions(reading: Reading, found: list[_Found], sayings: list[Saying]) -> None:
    """Who is for or against: by the words of stance in the clause or the statement about it, and by their subject."""
    cues = lexicon().instrument_words.get("position", {})
    for one in found:
        for span in one.spans:
            sentence = reading.sentences_between(span.start, span.start + 1)[0]
            for token in sentence.tokens:
                cue = cues.get(token.lemma.lower()) or cues.get(token.lower)
                if cue is None or not _concerns(sentence, token, span):
                    continue
                for holder in _holders(reading, sentence, token, sayings):
                    one.positions.setdefault(holder.actor.key, (holder.actor, cue))


def _concerns(sentence: Sentence, cue: Token, span: Span) -> bool:
    """Whether a word of stance can speak of an instrument in its sentence: they share a clause, or one is within the other's."""
    i = next(t.i for t in sentence.tokens if t.start == span.start)
    if any(t.lower in ("not", "n't", "never") for t in sentence.children(cue.i, "advmod")):
        return False
    if any(a.i == cue.i for a in sentence.ancestors(i)) or any(a.i == i for a in sentence.ancestors(cue.i)):
        return True
    clauses = {a.i for a in sentence.ancestors(i)}
    return any(a.i in clauses and a.is_verb for a in sentence.ancestors(cue.i)) or cue.i > i


def _holders(reading: Reading, sentence: Sentence, cue: Token, sayings: list[Saying]) -> list[Mention]:
    for saying in sayings:
        if saying.sentence is sentence and saying.holds(sentence.span(cue.i, cue.i)):
            return [saying.speaker]
    top = cue
    if not cue.is_verb and sentence.tokens[cue.head].is_verb and cue.dep == "xcomp":
        top = sentence.tokens[cue.head]
    people = mentions_at(sentence, reading.cast, subjects(sentence, top.i), lambda m: m.kind != "region")
    return people[:2]


def _status(statuses: list[str]) -> str | None:
    known = [s for s in statuses if s in _ORDER]
    return max(known, key=_ORDER.index) if known else None


def _parties(candidates: list[Candidate], one: _Found) -> tuple[str, ...]:
    """The parties of the acts of agreeing that are told with it."""
    codes: list[str] = []
    for candidate in candidates:
        if candidate.frame.type.value != "agree" or not any(
            candidate.sentence.start <= s.start < candidate.sentence.end for s in one.spans
        ):
            continue
        codes += [m.party for m in (*candidate.sources, *candidate.targets) if m.party]
    return tuple(dict.fromkeys(codes))


def find_instruments(reading: Reading, sayings: list[Saying]) -> tuple[Instrument, ...]:
    """The instruments of an article in the order of their first mention; those of which nothing is told are left out."""
    found = _collect(reading)
    _take_positions(reading, found, sayings)
    made, used = [], set[str]()
    for one in found:
        status = _status(one.statuses)
        named = any(c.isupper() for s in one.names for c in s.text[1:])
        if not (status or one.positions or named or one.body):
            continue
        name = max(one.names, key=lambda s: (len(one.matter & set(s.text.lower().split())), -s.start)).text
        key = base = slug(name)[:60].strip("-")
        while key in used:
            key = f"{base}-{len(used) + 1}"
        used.add(key)
        text = " ".join(s.text for s in one.names)
        made.append(
            Instrument(
                key=key,
                name=name,
                kind=one.kind,
                status=status,
                parties=_parties(reading.candidates, one),
                positions=tuple(one.positions.values()),
                body=one.body,
                topics=topics_of(text),
                evidence=tuple(sorted(one.evidence)),
                confidence=_NAMED if named else _STATUS,
            )
        )
    return tuple(made)
