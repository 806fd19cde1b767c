"""Finds who said what: every attribution of an article, with its speaker, its words, to whom and through which channel."""

from __future__ import annotations

from collections.abc import Iterator

from kg.facts.addressees import addressed, said_on
from kg.facts.asides import aside_at
from kg.facts.attributions import signed, without_verb
from kg.facts.clauses import Clause
from kg.facts.lexicon import lexicon
from kg.facts.modality import negated
from kg.facts.quoting import carry_over, give_quotes, has_quote, quote_behind, take_what_follows
from kg.facts.reading import Reading
from kg.facts.said import has_complement, told_in, trimmed
from kg.facts.saying import Saying
from kg.facts.slots import clause_of
from kg.facts.speakers import speakers_of
from kg.language.sentence import Sentence, Token
from kg.mentions.actors import Mention
from kg.mentions.topics import topics_of
from kg.model import Participant, Role, Statement
from kg.registry import organization_whole

#: The complements that verbs need which tell of other acts as well ("offered to help", "spoke of the floods").
_WORDS, _MATTER = frozenset({"clause", "infinitive"}), frozenset({"about", "of", "against", "out"})

_TURNS = frozenset({"though", "although", "but", "while"})


def find_sayings(reading: Reading) -> list[Saying]:
    """All statements of an article in the order of the text."""
    found: list[Saying] = []
    for sentence in reading.parsed.sentences:
        here = [s for token in sentence.tokens for s in _sayings(reading, sentence, token)]
        here += signed(reading, sentence)
        for saying in here:
            _end_before_others(saying, here)
        here = [s for s in here if not _inside_another(s, here)]
        give_quotes(reading, sentence, here)
        take_what_follows(reading, sentence, here)
        found += [s for s in here if s.quotes or s.paraphrase]
    carry_over(reading, found)
    return found


def _end_before_others(saying: Saying, sayings: list[Saying]) -> None:
    """What is said ends where the article itself turns: "said …, though she noted …", "said …, but it refused to …"."""
    words, tokens = saying.paraphrase, saying.sentence.tokens
    for other in sayings:
        cue = tokens[other.verb]
        if words is None or other.verb <= saying.verb or not words.start < cue.start < words.end:
            continue
        begin = next((t.i for t in reversed(tokens[saying.verb : other.verb]) if t.lower in _TURNS), None)
        if begin and tokens[begin - 1].text == "," and other.verb - begin <= 5 and tokens[begin].start > words.start:
            first = next(t.i for t in tokens if t.start >= words.start)
            words = saying.paraphrase = trimmed(saying.sentence, first, begin - 1)


def _inside_another(saying: Saying, sayings: list[Saying]) -> bool:
    """Whether an attribution is part of what another reports and adds no speaker: "he said he told them", "said he hoped"."""
    cue = saying.sentence.span(saying.verb, saying.verb)
    return any(
        other.verb != saying.verb
        and other.holds(cue)
        and (saying.register != "speech" or other.speaker.actor == saying.speaker.actor)
        for other in sayings
    )


def _sayings(reading: Reading, sentence: Sentence, token: Token) -> list[Saying]:
    """The attributions whose cue a token is: one for each of those who speak together."""
    if reading.is_quoted(sentence, token.i):
        return []
    if not token.is_verb or token.lower == "according":
        return without_verb(reading, sentence, token)
    lemma, quoted = token.lemma.lower(), has_quote(reading, sentence)
    flags = lexicon().saying.get(lemma)
    if flags is not None:
        if "words" in flags and not quoted and not has_complement(sentence, token, _WORDS):
            return []
        if (
            "matter" in flags
            and not has_complement(sentence, token, _MATTER)
            and not quote_behind(reading, sentence, token)
        ):
            return []
        return _from_verb(reading, sentence, token, performative="performative" in flags)
    register, takes = lexicon().attributing.get(lemma, ("", frozenset()))
    introduced = "quote" in takes and (quote_behind(reading, sentence, token) or sentence.tokens[-1].text == ":")
    shown = ("evidence" in takes and _is_evidence(sentence, token)) or bool(
        "clause" in takes and aside_at(reading, sentence, token)
    )
    if not introduced and not shown and not has_complement(sentence, token, takes):
        return []
    return _from_verb(reading, sentence, token, register=register, words=not introduced)


def _is_evidence(sentence: Sentence, token: Token) -> bool:
    """Whether a poll, a study or a picture shows what a verb's object tells."""
    heads = [t for t in sentence.children(token.i, "nsubj") if t.lemma.lower() in lexicon().classes["evidence"]]
    return bool(heads and sentence.children(token.i, "obj", "iobj", "ccomp", "xcomp"))


def _from_verb(
    reading: Reading,
    sentence: Sentence,
    token: Token,
    *,
    performative: bool = False,
    register: str = "speech",
    words: bool = True,
) -> list[Saying]:
    said = clause_of(sentence, reading.cast, token.i)
    aside = aside_at(reading, sentence, token) if words else None
    heads = sentence.conjuncts(aside.speaker) if aside else said.subj
    speakers = speakers_of(reading, sentence, token, heads)
    if not speakers or _is_undergone(sentence, token, said) or _is_purpose(sentence, token):
        return []
    if aside:
        content = trimmed(sentence, aside.first, aside.last)
    else:
        low, high = _bounds(sentence, token, speakers[0])
        content = told_in(sentence, token, said, low, high) if words else None
        quoted = has_quote(reading, sentence)
        if content is None and performative:  # to urge, accuse or invite is to say something, whatever its grammar
            last = sentence.subtree(token.i)[1]
            content = trimmed(sentence, token.i + 1, last) if last > token.i else None
        if content is None and not quoted and sentence.tokens[-1].text != ":":
            return []
        if _is_aside(sentence, token) and not sentence.children(token.i, "ccomp") and not quoted:
            return []  # "with workers demanding higher wages" tells what sort of workers, not what they said
    found = []
    for speaker in speakers:
        saying = Saying(sentence, token.i, speaker, paraphrase=content, register=register)
        saying.addressees, saying.channel = addressed(reading, sentence, said, speaker)
        saying.date = said_on(reading, sentence, token)
        found.append(saying)
    return found


def _bounds(sentence: Sentence, token: Token, speaker: Mention) -> tuple[int, int]:
    """First and last token of the attribution itself: verb, auxiliaries and the noun phrase of its speaker."""
    own = sentence.children(token.i, "nsubj", "aux")
    spans = [sentence.subtree(t.i) for t in own] or [(speaker.first, speaker.last)]
    if any(abs(i - token.i) > 40 for span in spans for i in span) or speaker.sentence != sentence.index:
        spans = [(token.i, token.i)]
    near = [span for span in spans if span[0] <= token.i or span[0] <= token.i + 3]
    return min([token.i, *(s[0] for s in near)]), max([token.i, *(s[1] for s in near)])


def _is_purpose(sentence: Sentence, token: Token) -> bool:
    """Whether a verb of saying only tells what somebody is to say: "headed to Ohio to tell voters", "urged him to unveil"."""
    if token.tag != "VB" or not any(t.lower == "to" for t in sentence.children(token.i, "mark")):
        return False
    if "performative" in lexicon().saying.get(token.lemma.lower(), ()):
        return False  # "used the speech to urge", "flew in to demand": the urging is done
    return sentence.tokens[token.head].lemma.lower() not in lexicon().classes["going_on"]


def _is_undergone(sentence: Sentence, token: Token, said: Clause) -> bool:
    """Whether nobody is told to say it: "Asked about the harbour, she said …"."""
    bare = token.tag == "VBN" and not sentence.children(token.i, "aux", "nsubj")
    return (said.passive and not said.subj and token.dep != "acl") or (bare and token.dep in ("ccomp", "advcl"))


def _is_aside(sentence: Sentence, token: Token) -> bool:
    aside = token.dep in ("acl", "amod") or any(t.lower == "with" for t in sentence.children(token.i, "mark", "case"))
    return token.tag == "VBG" and aside and not sentence.children(token.i, "aux")


def participant(mention: Mention, role: Role, side: str) -> Participant:
    """A mention as a part in an event or statement."""
    acts_for = mention.party if mention.party != mention.actor.key else None
    if mention.party and (whole := organization_whole(mention.party)):
        acts_for = whole  # an agency's head acts for the organisation that the agency is of
    return Participant(mention.actor, role, side, mention.span, acts_for, mention.office)


def statements(sayings: list[Saying]) -> Iterator[tuple[Saying, Statement]]:
    """The finished records, with a key each that is unique in the article."""
    for number, saying in enumerate(sayings, 1):
        verb = saying.sentence.tokens[saying.verb]
        flags = lexicon().saying.get(verb.lemma.lower(), frozenset())
        spans = [*saying.quotes, *([saying.paraphrase] if saying.paraphrase else [])]
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
                topics=topics_of(" ".join(s.text for s in sorted(spans))),
                stance=None,
                negated="negated" in flags or negated(saying.sentence, saying.verb),
                register=saying.register,
            ),
        )
