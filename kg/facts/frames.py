"""Finds events by the frame lexicon: a verb or noun that tells an act, and the parties in the slots of its frame."""

from __future__ import annotations

from collections.abc import Iterator

from kg.facts.clauses import clause
from kg.facts.lexicon import Frame, lexicon
from kg.facts.modality import negated, reality
from kg.facts.reading import Candidate, Reading
from kg.facts.slots import NounSlots, VerbSlots, fill, holds
from kg.language.sentence import Sentence, Token
from kg.mentions.actors import Mention
from kg.model import BlockKind, EventType, Modality, Span

_FLAG_MODALITY = {"planned": Modality.PLANNED, "possible": Modality.POSSIBLE, "negated": Modality.NEGATED}
_WEIGHT = {Modality.ACTUAL: 0, Modality.PLANNED: 1, Modality.POSSIBLE: 2, Modality.NEGATED: 3}
#: Acts whose other side the text often names further on, in what is asked or alleged.
_OPEN_TARGET = frozenset(
    {
        EventType.REQUEST,
        EventType.ACCUSE,
        EventType.REJECT,
        EventType.THREATEN,
        EventType.SUPPORT,
        EventType.AGREE,
        EventType.SANCTION,
    }
)
#: Confidence of an event before what makes it less sure: see ``_confidence``. Set by hand, to be ordered, not calibrated.
_VERB, _NOUN = 0.9, 0.8
_EVENT_UPOS = ("NOUN", "PROPN")


def find_candidates(reading: Reading) -> Iterator[Candidate]:
    """Every event that a frame finds, in the order of the text, before the same events are brought together."""
    for sentence in reading.parsed.sentences:
        if sentence.block.kind is BlockKind.HEADLINE:
            continue  # written in a grammar of its own, and told again below
        for token in sentence.tokens:
            if token.upos in ("VERB", "ADJ", "AUX") and token.dep not in ("aux", "cop"):
                yield from _verb(reading, sentence, token)
            elif token.upos in _EVENT_UPOS and token.dep not in ("compound",):
                yield from _noun(reading, sentence, token)


def _verb(reading: Reading, sentence: Sentence, token: Token) -> Iterator[Candidate]:
    lemma = _verb_lemma(token)
    frames = lexicon().verbs.get(lemma)
    if not frames or (
        token.upos == "ADJ" and not token.tag.startswith("V") and not token.lower.endswith(("ing", "ed"))
    ):
        return
    if token.dep in ("amod", "compound", "case"):
        if token.lower == "visiting" and (guest := _guest(reading, sentence, token)):
            yield guest
        return
    slots = VerbSlots(sentence, reading.cast, token.i)
    ordered = [f for f in frames if f.particle and slots.has_particle(f.particle)]
    ordered = ordered or [f for f in frames if not f.particle]
    for frame in ordered:
        if all(holds(condition, slots) for condition in frame.when):
            candidate = _candidate(reading, frame, slots)
            if candidate is not None:
                yield candidate
                return


def _guest(reading: Reading, sentence: Sentence, token: Token) -> Candidate | None:
    """The visit in "told the visiting Bulgarian premier": to whoever deals with the guest."""
    noun = sentence.tokens[token.head]
    if not sentence.tokens[noun.head].is_verb:
        return None
    slots, around = VerbSlots(sentence, reading.cast, token.i), clause(sentence, noun.head)
    slots.clause.subj = [noun.i]
    told = [*around.obj, *around.iobj, *around.obl.get("with", []), *around.obl.get("to", [])]
    slots.clause.obj = told if noun.i in around.subj else around.subj
    found = _candidate(reading, lexicon().verbs["visit"][0], slots)
    return found if found and found.targets else None


def _verb_lemma(token: Token) -> str:
    if token.upos != "ADJ":
        return token.lemma.lower()
    from lemminflect import getLemma  # "is threatening" is often tagged an adjective

    found = getLemma(token.lower, upos="VERB")
    return str(found[0]) if found else token.lower


def _noun(reading: Reading, sentence: Sentence, token: Token) -> Iterator[Candidate]:
    frames = lexicon().nouns.get(token.lemma.lower()) or lexicon().nouns.get(token.lower)
    if not frames or any(
        n.covers(token.i) and n.kind in ("organization", "other") for n in reading.cast.names[sentence.index]
    ):
        return
    before = [sentence.tokens[i].lower for i in range(max(0, token.i - 2), token.i)]
    slots = NounSlots(sentence, reading.cast, token.i)
    for frame in sorted(frames, key=lambda f: not f.particle):
        if frame.particle and frame.particle.split() != before[-len(frame.particle.split()) :]:
            continue
        if "light" in frame.flags and slots.light is None:
            continue
        if all(holds(condition, slots) for condition in frame.when):
            candidate = _candidate(reading, frame, slots)
            if candidate is not None:
                yield candidate
                return


def _candidate(reading: Reading, frame: Frame, slots: VerbSlots | NounSlots) -> Candidate | None:
    sentence, flags = slots.sentence, frame.flags
    places = "place_target" in flags
    sources, _ = fill(slots, frame.source)
    targets, _ = fill(slots, frame.target, places)
    if isinstance(slots, NounSlots):
        _from_governor(slots, frame, sources, targets)
    mutual = "mutual" in flags
    real = reality(sentence, slots.trigger)
    confidence = _VERB if isinstance(slots, VerbSlots) else _NOUN
    targets = [t for t in targets if not any(t.actor == s.actor for s in sources)]
    if not (targets or mutual or "strict" in flags) and frame.type in _OPEN_TARGET and any(s.party for s in sources):
        targets = _elsewhere(reading, slots, sources)
        confidence -= 0.2
    if not _plausible(frame, sources, targets, mutual):
        return None
    modality = _modality(frame, slots, real.modality)
    return Candidate(
        frame=frame,
        sentence=sentence,
        trigger=slots.trigger,
        words=_words(slots, frame),
        sources=sources,
        targets=targets,
        modality=modality,
        confidence=_confidence(confidence, sources, targets, modality, mutual),
        content=real.content,
        anchors=_anchors(slots),
        about=_about(slots, frame),
        mutual=mutual,
    )


def _from_governor(slots: NounSlots, frame: Frame, sources: list[Mention], targets: list[Mention]) -> None:
    """What the verb around an event noun gives: "A held talks with B", "after talks with B, A said"."""
    if slots.governor is None:
        return
    role = slots.light[1] if slots.light else ""
    subject = fill(slots, ("gov.subj",))[0]
    if role in ("source", "host", "party") and subject:
        _add(sources, subject, targets)
    elif role == "target" and subject:
        _add(targets, subject, sources)
    if frame.type is not EventType.CONSULT or frame.kind == "visit":
        return
    told = any(f.kind in ("meeting", "call") for f in lexicon().verbs.get(slots.governor.lemma, ()))
    if told and not slots.light and fill(slots, ("gov.obj", "gov.with"))[0]:
        return  # "met X during the summit": they are told to have met, the summit is whose it is
    if (sources and targets) or len({m.party or m.actor.key for m in sources}) > 1:
        return
    if (sources or targets) and subject and _is_adverbial(slots):
        _add(sources, subject, targets)
        return
    if not sources and not targets and _is_adverbial(slots):
        others = fill(slots, ("gov.obj", "gov.with", "gov.to", "gov.iobj"))[0]
        if subject and others and {m.kind for m in (*subject, *others)} & {"person"}:
            _add(sources, subject, targets)
            _add(targets, others, sources)


def _is_adverbial(slots: NounSlots) -> bool:
    """Whether the noun stands beside the act as its occasion ("during", "after", "at the outset of")."""
    i = slots.trigger
    while i != slots.verb:
        token = slots.sentence.tokens[i]
        if token.dep in ("obl", "advcl"):
            return True
        if token.dep not in ("nmod", "conj"):
            return False
        i = token.head
    return False


def _add(side: list[Mention], more: list[Mention], other: list[Mention]) -> None:
    known = {m.actor.key for m in (*side, *other)}
    side += [m for m in more if m.actor.key not in known]


def _elsewhere(reading: Reading, slots: VerbSlots | NounSlots, sources: list[Mention]) -> list[Mention]:
    """The nearest other party named after the trigger, in what is asked or alleged."""
    sentence = slots.sentence
    parties = {m.party for m in sources}
    end = len(sentence.tokens) - 1
    for mention in reading.cast.inside(sentence, slots.trigger + 1, end):
        if mention.party and mention.party not in parties and mention.kind not in ("pronoun", "region"):
            clause_end = any(
                t.text in (";",) or t.lower == "said" for t in sentence.tokens[slots.trigger : mention.first]
            )
            return [] if clause_end else [mention]
    return []


def _plausible(frame: Frame, sources: list[Mention], targets: list[Mention], mutual: bool) -> bool:
    """Whether there are two sides that are not one, or one side where the frame is content with one."""
    parties = [{m.party or m.actor.key for m in side} for side in (sources, targets)]
    known = any(m.party for m in (*sources, *targets))
    if not known and not any(m.kind == "organization" for m in (*sources, *targets)):
        return False
    if mutual or frame.type is EventType.CONSULT:
        together = parties[0] | parties[1]
        return len(together) > 1 or (frame.kind == "visit" and bool(sources) and "weak" not in frame.flags)
    if ("needs_target" in frame.flags and not targets) or ("needs_source" in frame.flags and not sources):
        return False
    if "weak" in frame.flags and not (sources and targets):
        return False
    return parties[0] != parties[1]


def _modality(frame: Frame, slots: VerbSlots | NounSlots, found: Modality) -> Modality:
    effects = [found, *(_FLAG_MODALITY[f] for f in frame.flags if f in _FLAG_MODALITY)]
    if isinstance(slots, NounSlots) and slots.light and slots.governor:
        effects.append(_FLAG_MODALITY.get(slots.light[0], Modality.ACTUAL))
        if negated(slots.sentence, slots.governor.verb):
            effects.append(Modality.NEGATED)
    return max(effects, key=lambda m: _WEIGHT[m])


def _confidence(base: float, sources: list[Mention], targets: list[Mention], modality: Modality, mutual: bool) -> float:
    """Less for a side that is open, a pronoun, an unnamed group, a modality that had to be inferred."""
    value = base
    together = mutual and len({m.actor.key for m in (*sources, *targets)}) > 1  # equals may all stand on one side
    value -= 0.15 if not (sources and targets) and not together else 0.0
    value -= 0.05 * any(m.kind == "pronoun" for m in (*sources, *targets))
    value -= 0.05 * any(m.kind in ("group", "description") for m in (*sources, *targets))
    value -= 0.05 * (modality is not Modality.ACTUAL)
    return round(max(value, 0.1), 2)


def _words(slots: VerbSlots | NounSlots, frame: Frame) -> Span:
    sentence, i = slots.sentence, slots.trigger
    if isinstance(slots, VerbSlots):
        particle = sentence.children(i, "compound:prt")
        if particle and particle[0].i - i <= 2:
            return sentence.span(min(i, particle[0].i), max(i, particle[0].i))
        return sentence.span(i, i)
    return sentence.span(i - len(frame.particle.split()), i)


def _anchors(slots: VerbSlots | NounSlots) -> frozenset[int]:
    if isinstance(slots, NounSlots) and slots.light and slots.verb is not None:
        return frozenset({slots.trigger, slots.verb})
    return frozenset({slots.trigger})


def _about(slots: VerbSlots | NounSlots, frame: Frame) -> tuple[Span, ...]:
    """The words of the slots that tell the matter: whole phrases, without the marks around them."""
    sentence, found = slots.sentence, []
    for slot in frame.about:
        for i in slots.tokens(slot)[:3]:
            if slots.cast.at(sentence, i) is not None:
                continue
            first, last = sentence.subtree(i)
            if first <= slots.trigger <= last:
                first, last = i, i
            while first < i and (
                sentence.tokens[first].dep in ("case", "mark", "punct", "det", "cc")
                or sentence.tokens[first].lower == "that"
            ):
                first += 1
            while last > i and sentence.tokens[last].dep == "punct":
                last -= 1
            if last - first < 40:
                found.append(sentence.span(first, last))
        if found:
            break
    return tuple(dict.fromkeys(found))
