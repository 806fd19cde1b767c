"""Finds who said what: verbs of saying with their speaker, the words quoted and reported, to whom and through which channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.facts.clauses import Clause, clause, subjects
from kg.facts.lexicon import lexicon
from kg.facts.modality import negated
from kg.facts.reading import Reading
from kg.facts.slots import clause_of, mentions_at
from kg.language.sentence import Sentence, Token
from kg.mentions.actors import Mention
from kg.mentions.dates import resolve
from kg.mentions.strangers import stranger_at
from kg.mentions.topics import topics_of
from kg.mentions.wordlists import outlets
from kg.model import BlockKind, DateSpan, Participant, Role, Span, Statement

#: Set by hand: an explicit verb with its subject; a quotation whose speaker is taken over from the sentence before.
_SURE, _CARRIED = 0.9, 0.7
#: Who passes on the words of others is no speaker.
_MEDIA = frozenset(
    "daily newspaper agency radio television station magazine media weekly poll survey paper network".split()
)


@dataclass(eq=False)
class Saying:
    """A statement in the making; ``content`` is where its words stand, quoted or not."""

    sentence: Sentence
    verb: int
    speaker: Mention
    quotes: list[Span] = field(default_factory=list)
    paraphrase: Span | None = None
    addressees: list[Mention] = field(default_factory=list)
    channel: str | None = None
    date: DateSpan | None = None
    more: list[Span] = field(default_factory=list)
    confidence: float = _SURE

    def holds(self, span: Span) -> bool:
        """Whether some words are part of what is said."""
        spans = [*self.quotes, *([self.paraphrase] if self.paraphrase else [])]
        return any(s.start <= span.start and span.end <= s.end for s in spans)


def _anybody(_: Mention) -> bool:
    return True


def find_sayings(reading: Reading) -> list[Saying]:
    """All statements of an article in the order of the text."""
    found: list[Saying] = []
    for sentence in reading.parsed.sentences:
        if sentence.block.kind is BlockKind.HEADLINE:
            continue
        here = [s for token in sentence.tokens if (s := _saying(reading, sentence, token))]
        _give_quotes(reading, sentence, here)
        found += [s for s in here if s.quotes or s.paraphrase or s.verb == sentence.tokens[s.verb].head]
    _carry_over(reading, found)
    return found


def _saying(reading: Reading, sentence: Sentence, token: Token) -> Saying | None:
    if reading.is_quoted(sentence, token.i):
        return None
    if token.lower == "according" and (to := _according(sentence, token)) is not None:
        named = mentions_at(sentence, reading.cast, [to], _anybody)
        speaker = named[0] if named else stranger_at(reading.cast, sentence, to)
        return _according_to(sentence, token, speaker) if speaker else None
    if not token.is_verb or token.lemma.lower() not in lexicon().saying:
        return None
    said = clause_of(sentence, reading.cast, token.i)
    speakers = mentions_at(sentence, reading.cast, said.subj, lambda m: m.kind != "region")
    if not speakers and said.subj and (stranger := stranger_at(reading.cast, sentence, said.subj[0])):
        speakers = [stranger]
    speakers = [s for s in speakers if sentence.tokens[s.head].lemma.lower() not in _MEDIA]
    if _is_purpose(sentence, token):
        return None
    content = _content(sentence, token, said) or _clause_after(sentence, token) or _clause_as_object(sentence, token)
    if content is None and "performative" in lexicon().saying[token.lemma.lower()]:
        content = _rest(sentence, token)  # to urge, accuse or invite is to say something, whatever its grammar
    if not speakers or (content is None and not _has_quote(reading, sentence)):
        return None
    aside = token.dep in ("acl", "amod") or any(t.lower == "with" for t in sentence.children(token.i, "mark", "case"))
    bare = token.tag == "VBG" and aside and not sentence.children(token.i, "aux")
    if bare and not sentence.children(token.i, "ccomp") and not _has_quote(reading, sentence):
        return None  # "with workers demanding higher wages" tells what sort of workers, not what they said
    if _same_speaker_above(reading, sentence, token, speakers[0]):
        return None
    who = speakers[0]
    if content and content.start < who.span.start < content.end and sentence.tokens[who.last].end < token.start:
        inside = [t.i for t in sentence.tokens if content.start <= t.start < who.span.start]
        content = _trimmed(sentence, inside[0], inside[-1])  # the parser took the speaker for part of the words
    saying = Saying(sentence, token.i, who, paraphrase=content)
    _address(reading, saying, said)
    saying.date = _date(reading, sentence, token)
    return saying


def _is_purpose(sentence: Sentence, token: Token) -> bool:
    """Whether a verb of saying only tells what somebody is to say: "headed to Ohio to tell voters", "urged him to unveil"."""
    if token.tag != "VB" or not any(t.lower == "to" for t in sentence.children(token.i, "mark")):
        return False
    if "performative" in lexicon().saying[token.lemma.lower()]:
        return False  # "used the speech to urge", "flew in to demand": the urging is done
    return sentence.tokens[token.head].lemma.lower() not in lexicon().classes["going_on"]


def _according(sentence: Sentence, token: Token) -> int | None:
    """The noun in "according to X"."""
    if token.i + 1 >= len(sentence.tokens) or sentence.tokens[token.i + 1].lower != "to":
        return None
    return token.head if token.head > token.i else next((t.i for t in sentence.children(token.i, "obl", "nmod")), None)


def _according_to(sentence: Sentence, token: Token, speaker: Mention) -> Saying:
    root = next((t for t in sentence.tokens if t.head == t.i), token)
    words = _span_without(sentence, root.i, {token.i, speaker.head})
    return Saying(sentence, token.i, speaker, paraphrase=words, confidence=_SURE - 0.1)


def _span_without(sentence: Sentence, top: int, outside: set[int]) -> Span | None:
    """The words of a clause on the side of the parenthesis that holds its root."""
    low, high = sentence.subtree(top)
    cut = min(outside)
    first, last = (low, cut - 1) if top < cut else (max(outside) + 1, high)
    return _trimmed(sentence, first, last)


def _trimmed(sentence: Sentence, first: int, last: int) -> Span | None:
    edge = (",", ".", '"', "“", "”", ":", ";", "-", "–", "—", "that", "'")
    while first <= last and sentence.tokens[first].lower in edge:
        first += 1
    while last >= first and sentence.tokens[last].lower in edge:
        last -= 1
    return sentence.span(first, last) if last >= first else None


def _content(sentence: Sentence, token: Token, said: Clause) -> Span | None:
    """What is said in the article's words: the clause under the verb, before or after it, or what it is said about."""
    relative = token.dep == "acl" and token.subtype == "relcl"
    clauses = sentence.children(token.i, "ccomp", "parataxis", "xcomp")
    # a participle before the subject is its circumstance ("Addressing reporters, he said"), whatever the parser calls it
    clauses.sort(key=lambda t: (t.tag == "VBG" and t.i < token.i and not sentence.children(t.i, "aux", "nsubj"), t.i))
    for child in clauses:
        if child.i in said.subj:
            continue
        first, last = sentence.subtree(child.i)
        if first < token.i < last:  # a verb inside what it reports
            first, last = (first, token.i - 1) if child.i < token.i else (token.i + 1, last)
            own = sentence.children(token.i, "nsubj")
            if own and own[0].i < token.i and child.i < token.i:
                last = min(last, sentence.subtree(own[0].i)[0] - 1)
        if child.dep == "xcomp" and not child.is_verb:
            continue
        if first > token.i:
            last = _to_the_end(sentence, last)
        return _trimmed(sentence, first, last)
    if token.dep == "parataxis" or relative or _closes(sentence, token):
        above = sentence.tokens[token.head]
        first, _ = sentence.subtree(above.i)
        low = min(sentence.subtree(token.i)[0], min(said.subj, default=token.i))
        return _trimmed(sentence, first, low - 1) if above.i < token.i and not relative else None
    for child in sentence.children(token.i, "obj", "obl"):
        if child.dep == "obj" or sentence.case(child.i) in ("about", "on", "for", "against", "of"):
            if child.i in said.iobj or child.upos in ("PRON", "PROPN"):
                continue
            if "plain" in lexicon().saying[token.lemma.lower()] and child.dep == "obj":
                continue
            return _trimmed(sentence, *sentence.subtree(child.i))
    return None


def _closes(sentence: Sentence, token: Token) -> bool:
    """Whether a verb of saying with its own subject ends a sentence that the parser took for two acts: "A did B, C said."."""
    rest = sentence.tokens[token.i + 1 :]
    spoken = "plain" in lexicon().saying[token.lemma.lower()] and bool(sentence.children(token.i, "nsubj"))
    return token.dep == "conj" and spoken and all(t.upos in ("PUNCT", "ADP", "DET", "PROPN", "NUM") for t in rest)


def _clause_after(sentence: Sentence, token: Token) -> Span | None:
    """The clause after a verb that the parser hung elsewhere ("said after the meeting he would not go")."""
    verbs = [t for t in sentence.tokens[token.i + 1 :] if t.tag in ("VBD", "VBZ", "VBP", "MD")]
    subjects_after = [s for v in verbs for s in sentence.children(v.i, "nsubj") if token.i < s.i]
    if not subjects_after or not sentence.children(token.i, "nsubj"):
        return None
    first = min(sentence.subtree(s.i)[0] for s in subjects_after)
    between = {t.lower for t in sentence.tokens[token.i + 1 : first]}
    if sentence.tokens[first - 1].lower in ("after", "before", "because", "since", "until", "if", "unless"):
        return None
    last = max(sentence.subtree(v.i)[1] for v in verbs)
    return (
        None
        if between & {"who", "which", "when", "as", "while", ";"} or first <= token.i
        else _trimmed(sentence, first, last)
    )


def _clause_as_object(sentence: Sentence, token: Token) -> Span | None:
    """What follows "says" where the parser made an object of the subject of what is said ("says the murder … is a crime")."""
    finite = any(t.tag in ("VBD", "VBZ", "VBP", "MD") and t.i > token.i + 1 for t in sentence.tokens)
    spoken = token.lemma.lower() in ("say", "add", "note", "state") and token.tag in ("VBD", "VBZ", "VBP")
    return _rest(sentence, token) if spoken and finite and sentence.children(token.i, "obj") else None


def _rest(sentence: Sentence, token: Token) -> Span | None:
    """What follows a verb in its clause."""
    last = sentence.subtree(token.i)[1]
    return _trimmed(sentence, token.i + 1, last) if last > token.i else None


def _to_the_end(sentence: Sentence, last: int) -> int:
    """The end of the sentence where what follows the content has no clause of its own: parsers hang it too high."""
    rest = sentence.tokens[last + 1 :]
    return (
        last
        if any(t.dep in ("nsubj", "csubj") or t.tag in ("VBD", "VBZ", "VBP", "MD") for t in rest)
        else len(sentence.tokens) - 1
    )


def _same_speaker_above(reading: Reading, sentence: Sentence, token: Token, speaker: Mention) -> bool:
    """ "He said he told them": one statement, what he told is in it."""
    child = token
    for above in sentence.ancestors(token.i):
        if above.is_verb and above.lemma.lower() in lexicon().saying and child.dep in ("ccomp", "xcomp"):
            outer = mentions_at(sentence, reading.cast, subjects(sentence, above.i), _anybody)
            if outer and outer[0].actor == speaker.actor:
                return True
        child = above
    return False


def _touches(reading: Reading, sentence: Sentence, quote: Span) -> bool:
    """Whether a quotation stands in a sentence, or right before it ("“Why?” she asked.")."""
    if quote.start >= sentence.end:
        return False
    between = reading.parsed.article.text[quote.end : sentence.start]
    asked = quote.text[-1] in "?!"  # else a comma, and no new sentence, would stand there
    return quote.end > sentence.start or (asked and len(between) < 5 and "\n" not in between)


def _has_quote(reading: Reading, sentence: Sentence) -> bool:
    return any(_touches(reading, sentence, q) for q in reading.quotes)


def _give_quotes(reading: Reading, sentence: Sentence, sayings: list[Saying]) -> None:
    """Each quotation of a sentence to the nearest verb of saying; what is quoted is not paraphrased too."""
    for quote in reading.quotes:
        if not sayings or not _touches(reading, sentence, quote):
            continue
        inside = [
            s for s in sayings if s.paraphrase and s.paraphrase.start <= quote.end and s.paraphrase.end >= quote.start
        ]
        saying = min(inside or sayings, key=lambda s: abs(sentence.tokens[s.verb].start - quote.end))
        saying.quotes.append(quote)
    for saying in sayings:
        words = saying.paraphrase
        if words and any(q.start <= words.start + 2 and words.end <= q.end + 2 for q in saying.quotes):
            saying.paraphrase = None


def _address(reading: Reading, saying: Saying, said: Clause) -> None:
    """To whom and through which channel."""
    sentence, cast = saying.sentence, reading.cast
    heads = [*said.iobj, *said.obl.get("to", []), *(said.obj if said.ccomp or said.lemma in ("tell", "inform") else [])]
    for child in sentence.children(said.verb, "advcl", "ccomp", "xcomp", "obl"):
        if child.tag == "VBG" and child.i < said.verb and child.lemma in ("address", "brief", "tell", "speak"):
            inner = clause(sentence, child.i)
            heads += [*inner.obj, *inner.obl.get("to", [])]
    saying.addressees = [m for m in mentions_at(sentence, cast, heads, _anybody) if m.actor != saying.speaker.actor]
    saying.channel = _outlet(sentence, heads) or _channel(sentence, said, heads)


def _outlet(sentence: Sentence, heads: list[int]) -> str | None:
    for head in heads:
        last = head
        while last + 1 < len(sentence.tokens) and sentence.tokens[last + 1].upos == "PROPN":
            last += 1
        first = head
        while (
            first
            and sentence.tokens[first - 1].upos == "PROPN"
            and sentence.tokens[first - 1].head in range(first, last + 1)
        ):
            first -= 1
        words = [t.lower for t in sentence.tokens[first : last + 1]]
        for begin in range(len(words)):
            for end in range(len(words), begin, -1):
                if found := outlets().get(" ".join(words[begin:end])):
                    return found
    return None


def _channel(sentence: Sentence, said: Clause, heads: list[int]) -> str | None:
    """A channel's cue among whom the words are said to, or what they are said in, on or at."""
    by_slot: dict[str, set[str]] = {"to": set(), "": set()}
    for head in heads:
        by_slot["to"] |= {sentence.tokens[head].lemma.lower(), sentence.tokens[head].lower}
    for case, tokens in said.obl.items():
        for i in tokens:
            first, last = sentence.subtree(i)
            words = by_slot.setdefault(case.removeprefix("obj."), set())
            words |= {t.lower for t in sentence.tokens[first : last + 1]} | {sentence.tokens[i].lemma.lower()}
            words.add(" ".join(t.lower for t in sentence.tokens[max(0, i - 1) : i + 1]))
    for cue, slot, channel in lexicon().channels:
        wanted = by_slot.values() if slot in ("", "any", "-") else [by_slot.get(s, set()) for s in slot.split("|")]
        if any(cue in words for words in wanted):
            return channel
    return "social_media" if said.lemma in ("tweet", "post", "retweet", "blog") else None


def _date(reading: Reading, sentence: Sentence, token: Token) -> DateSpan | None:
    """The date that hangs on the verb itself."""
    for mention, first, last in reading.dates(sentence):
        top = next((i for i in range(first, last + 1) if not first <= sentence.tokens[i].head <= last), first)
        if sentence.tokens[top].head == token.i:
            return resolve(mention, reading.today, "past")
    return None


def _carry_over(reading: Reading, sayings: list[Saying]) -> None:
    """Quotations of a paragraph that no verb of saying introduces belong to its speaker."""
    given = {q for s in sayings for q in s.quotes}
    for quote in reading.quotes:
        if quote in given:
            continue
        block = next((s.block_index for s in reading.parsed.sentences if s.start <= quote.start < s.end + 2), None)
        own = [s for s in sayings if s.sentence.block_index == block]
        if not own or len(quote.text.split()) < 4:
            continue
        saying = min(own, key=lambda s: (s.sentence.start > quote.start, abs(s.sentence.start - quote.start)))
        saying.quotes.append(quote)
        saying.more.append(_sentence_of(reading, quote))


def _sentence_of(reading: Reading, quote: Span) -> Span:
    around = [s for s in reading.parsed.sentences if s.start < quote.end and s.end > quote.start]
    first, last = around[0], around[-1]
    text = reading.parsed.article.text[first.start : last.end]
    return Span(first.start, last.end, text)


def participant(mention: Mention, role: Role, side: str) -> Participant:
    """A mention as a part in an event or statement."""
    acts_for = mention.party if mention.party != mention.actor.key else None
    office = mention.office
    return Participant(mention.actor, role, side, mention.span, acts_for, office)


def statements(sayings: list[Saying]) -> Iterator[tuple[Saying, Statement]]:
    """The finished records, with a key each that is unique in the article."""
    for number, saying in enumerate(sayings, 1):
        verb = saying.sentence.tokens[saying.verb]
        flags = lexicon().saying.get(verb.lemma.lower(), frozenset())
        spans = [*saying.quotes, *([saying.paraphrase] if saying.paraphrase else [])]
        text = " ".join(s.text for s in sorted(spans))
        evidence = tuple(sorted({saying.sentence.evidence, *saying.more}))
        yield (
            saying,
            Statement(
                key=f"s{number}",
                speaker=participant(saying.speaker, Role.SPEAKER, "source"),
                verb=saying.sentence.span(saying.verb, saying.verb),
                quotes=tuple(sorted(saying.quotes)),
                paraphrase=saying.paraphrase,
                evidence=evidence,
                confidence=round(saying.confidence - 0.1 * (saying.speaker.kind == "pronoun"), 2),
                addressees=tuple(participant(m, Role.ADDRESSEE, "target") for m in saying.addressees),
                channel=saying.channel,
                date=saying.date,
                topics=topics_of(text),
                stance=None,
                negated="negated" in flags or negated(saying.sentence, saying.verb),
            ),
        )
