"""Fills the slots of a frame: from the name of a slot to the mentions that stand there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kg.facts.clauses import Clause, clause, modifiers
from kg.facts.joint import parties_of
from kg.facts.lexicon import lexicon
from kg.language.sentence import Sentence
from kg.mentions.actors import Cast, Mention

#: Slots that give a noun phrase whose own modifiers may be meant ("obj.poss").
_BASES = ("subj", "obj", "iobj")
#: What the verb of a reported clause says ought to be ("must free the crew"), or that the speaker will not do.
_SAID = {"must": frozenset({"must", "should", "ought"}), "wont": frozenset({"will", "would", "wo", "'ll", "'d"})}
#: Prepositions after which a place stands for its state only where a frame asks for that very slot.
_NOUN_RELATIONS = frozenset({"poss", "mod"})


def _before_the_verb(sentence: Sentence, cast: Cast, verb: int) -> int | None:
    """The head of the mention that a finite verb follows, an apposition in commas between them aside."""
    token, i = sentence.tokens[verb], verb - 1
    if token.tag not in ("VBD", "VBZ", "VBP"):
        return None
    while i > 0 and (sentence.tokens[i].dep == "aux" or sentence.tokens[i].upos == "ADV"):
        i -= 1
    mention = cast.covering(sentence, i) if i >= 0 else None
    if mention is None and i > 0 and sentence.tokens[i].text == ",":
        for other in cast.inside(sentence, 0, i):
            if any(sentence.subtree(a.i)[1] in (i - 1, i) for a in sentence.children(other.head, "appos")):
                mention = other
    if mention is None or sentence.case(mention.head):
        return None
    return mention.head


def clause_of(sentence: Sentence, cast: Cast, verb: int) -> Clause:
    """The verb's clause; a subject that the parser hung elsewhere is taken from its place before the verb."""
    found = clause(sentence, verb)
    own = sentence.children(verb, "nsubj", "csubj")
    if not found.passive and not own and (i := _before_the_verb(sentence, cast, verb)) is not None:
        found.subj = [i]
    return found


class VerbSlots:
    """The slots of a verb's clause."""

    def __init__(self, sentence: Sentence, cast: Cast, verb: int) -> None:
        self.sentence, self.cast = sentence, cast
        self.clause: Clause = clause_of(sentence, cast, verb)
        self.trigger = verb

    def has_particle(self, word: str) -> bool:
        """Whether the verb has this particle; one that was read as the preposition of what follows it gives it back.

        "They sealed off Gaza", "it pulled out of Iraq": parsers take "off Gaza" and "out of Iraq" for adverbials.
        """
        children = self.sentence.children(self.trigger, "advmod", "xcomp", "compound")
        if word == self.clause.particle or any(
            t.lower == word and (t.upos in ("ADP", "ADV") or t.i == self.trigger + 1) for t in children
        ):
            return True
        after = self.sentence.tokens[min(self.trigger + 1, len(self.sentence.tokens) - 1)]
        if after.lower == word and after.dep == "amod" and after.head in self.clause.obj:
            return True  # "set free two citizens"
        cases = [c for c in self.clause.obl if f"{c} ".startswith(f"{word} ")]
        if after.lower != word or after.dep != "case" or not cases:
            return False
        heads = self.clause.obl.pop(cases[0])
        rest = cases[0].removeprefix(word).strip()
        if rest:
            self.clause.obl.setdefault(rest, []).extend(heads)
        else:
            self.clause.obj = self.clause.obj or heads
        return True

    def tokens(self, slot: str) -> list[int]:
        """The tokens in a slot; see ``kg/data/frames/README.md`` for the slots' names."""
        base, _, relation = slot.partition(".")
        if base in ("xcomp", "ccomp"):
            verbs = self.clause.xcomp if base == "xcomp" else self.clause.ccomp
            if not relation:
                return verbs[:1]
            inner = [VerbSlots(self.sentence, self.cast, v) for v in verbs[:2]]
            return [i for slots in inner for i in slots.tokens(relation)]
        if base in _BASES:
            found: list[int] = getattr(self.clause, base)
        else:
            found = self.clause.obl.get(base) or self.clause.obl.get("obj." + base) or []
        if not relation:
            return list(found)
        return [i for noun in found for i in modifiers(self.sentence, noun, relation)]


class NounSlots:
    """The slots of an event noun: what hangs on it, and what its governing verb gives it."""

    def __init__(self, sentence: Sentence, cast: Cast, noun: int) -> None:
        self.sentence, self.cast, self.trigger = sentence, cast, noun
        self.verb = _governing_verb(sentence, noun)
        self.governor = clause(sentence, self.verb) if self.verb is not None else None
        lemma = self.governor.lemma if self.governor else ""
        full = f"{lemma} {self.governor.particle}".strip() if self.governor else ""
        light = lexicon().light
        direct = sentence.tokens[noun].head == self.verb and sentence.tokens[noun].dep in (
            "obj",
            "nsubj",
            "conj",
            "obl",
        )
        self.light = (light.get(full) or light.get(lemma)) if direct else None

    def tokens(self, slot: str) -> list[int]:
        base, _, relation = slot.partition(".")
        if base == "gov":
            if self.governor is None:
                return []
            return list(getattr(self.governor, relation, None) or self.governor.obl.get(relation, []))
        found = modifiers(self.sentence, self.trigger, base)
        if not found and base not in _NOUN_RELATIONS and self.light and self.governor:
            found = [i for i in self.governor.obl.get(base, []) if i != self.trigger]
            found = found or [i for i in self.governor.obl.get("obj." + base, []) if i != self.trigger]
        if not relation:
            return found
        return [i for noun in found for i in modifiers(self.sentence, noun, relation)]


def _governing_verb(sentence: Sentence, noun: int) -> int | None:
    """The verb whose clause a noun belongs to, through other nouns."""
    for above in sentence.ancestors(noun):
        if above.is_verb:
            return above.i
        if not above.is_nominal and above.upos not in ("ADJ",):
            return None
    return None


def listed(sentence: Sentence, cast: Cast, mention: Mention) -> list[Mention]:
    """The mentions of a written list that a mention is part of ("A, B and C"), which parsers tend to break."""
    people = [m for m in cast.inside(sentence, 0, len(sentence.tokens) - 1) if m.kind == mention.kind]
    if mention.kind != "person" or mention not in people:
        return [mention]
    runs: list[list[Mention]] = [[]]
    for m in people:
        between = [t.lower for t in sentence.tokens[runs[-1][-1].last + 1 : m.first]] if runs[-1] else []
        if runs[-1] and (not between or set(between) - {",", "and"}):
            runs.append([])
        runs[-1].append(m)
    for run in runs:
        if mention in run and len(run) > 2 and sentence.tokens[run[-1].first - 1].lower == "and":
            return run
    return [mention]


def _apposed(sentence: Sentence, cast: Cast, i: int) -> Mention | None:
    """Who stands in apposition to a noun that is no mention: "its foreign minister, X"."""
    found = (cast.at(sentence, child.i) for child in sentence.children(i, "appos"))
    return next((m for m in found if m and m.kind == "person"), None)


def _in_person(sentence: Sentence, cast: Cast, mention: Mention) -> Mention:
    """The person beside a description: "X, the Hungarian foreign minister," and "its foreign minister, X," are X."""
    if mention.kind not in ("group", "description") or sentence.tokens[mention.head].tag in ("NNS", "NNPS"):
        return mention
    if found := _apposed(sentence, cast, mention.head):
        return found
    for m in cast.of(sentence.index):
        if m.kind != "person":
            continue
        after = m.first == mention.last + 2 and sentence.tokens[mention.last + 1].text == ","
        gap = sentence.tokens[m.last + 1 : mention.first]
        before = (
            0 < len(gap) <= 4 and gap[0].text == "," and all(t.upos in ("PUNCT", "DET", "ADJ", "PROPN") for t in gap)
        )
        if after or before:
            return m
    return mention


def mentions_at(
    sentence: Sentence, cast: Cast, tokens: Iterable[int], accept: Callable[[Mention], bool]
) -> list[Mention]:
    """The accepted mentions at some tokens, each once, written lists completed."""
    found: list[Mention] = []
    for i in tokens:
        if several := parties_of(sentence, cast, i):
            found += [m for m in several if m not in found]
            continue
        mention = cast.at(sentence, i) or cast.covering(sentence, i) or _apposed(sentence, cast, i)
        mention = _in_person(sentence, cast, mention) if mention else None
        if mention is None or not accept(mention):
            continue
        for each in listed(sentence, cast, mention):
            if each not in found and not any(e.first <= each.first and each.last <= e.last for e in found):
                found.append(each)
    return found


def fill(
    slots: VerbSlots | NounSlots, alternatives: Iterable[str], place_target: bool = False
) -> tuple[list[Mention], str]:
    """The mentions in the first slot that has any, and the slot's name; "+" takes several slots together."""
    for alternative in alternatives:
        found: list[Mention] = []
        for slot in alternative.split("+"):
            last = slot.rpartition(".")[2]
            as_place = place_target or last in (
                "in",
                "to",
                "from",
                "into",
                "at",
                "against",
                "on",
                "of",
                "mod",
                "poss",
                "obj",
                "near",
                "across",
            )

            def accept(m: Mention, as_place: bool = as_place, last: str = last) -> bool:
                if m.kind == "demonym":  # an adjective stands for its state only where adjectives are asked for
                    return last in ("mod", "poss") or slots.sentence.tokens[m.head].upos in ("NOUN", "PROPN", "PRON")
                if m.kind in ("region", "place", "city"):
                    return as_place
                return True

            for mention in mentions_at(slots.sentence, slots.cast, slots.tokens(slot), accept):
                if mention not in found:
                    found.append(mention)
        if found:
            return found, alternative
    return [], ""


def holds(condition: str, slots: VerbSlots | NounSlots) -> bool:
    """Whether one condition of a frame's ``when`` holds."""
    sentence, tokens = slots.sentence, slots.tokens
    if condition.startswith("prep:"):
        wanted = condition[5:].split("|")
        return any(tokens(w) for w in wanted)
    if ":" in condition:
        slot, _, what = condition.partition(":")
        if what in _SAID:
            return any(_said_to_be(slots, i, what) for i in tokens(slot))
        return _is_a(slots, tokens(slot), what)
    name, operator, value = condition.partition("!=") if "!=" in condition else condition.partition("=")
    if not operator:
        if name.startswith("no"):
            return not tokens(name[2:])
        return bool(tokens(name))
    if name == "obl" and isinstance(slots, VerbSlots):
        heads = [i for found in slots.clause.obl.values() for i in found]
    else:
        heads = tokens(name)
    lemmas = {sentence.tokens[i].lemma.lower() for i in heads} | {sentence.tokens[i].lower for i in heads}
    hit = bool(lemmas & lexicon().members(value))
    return not hit if operator == "!=" else hit


def _said_to_be(slots: VerbSlots | NounSlots, verb: int, what: str) -> bool:
    """Whether a reported clause says what somebody must do, or ("wont") what the speaker is not going to do."""
    sentence = slots.sentence
    refused = any(t.lower in ("not", "n't", "never") for t in sentence.children(verb, "advmod"))
    auxiliaries = {t.lower for t in sentence.children(verb, "aux")}
    if not auxiliaries & _SAID[what] or refused != (what == "wont"):
        return False
    if what == "must" or not isinstance(slots, VerbSlots):
        return True
    parties: list[set[str]] = []
    for heads in (slots.clause.subj, clause(sentence, verb).subj):
        found = (slots.cast.at(sentence, i) or slots.cast.covering(sentence, i) for i in heads)
        parties.append({m.party or m.actor.key for m in found if m})
    return bool(parties[0] & parties[1])


def _is_a(slots: VerbSlots | NounSlots, tokens: list[int], what: str) -> bool:
    mentions = [slots.cast.at(slots.sentence, i) or slots.cast.covering(slots.sentence, i) for i in tokens]
    if what == "party":
        return any(m and m.kind != "region" for m in mentions)
    if what == "place":
        return any(m and m.is_place for m in mentions)
    if what == "thing":
        return bool(tokens) and not any(mentions)
    return False
