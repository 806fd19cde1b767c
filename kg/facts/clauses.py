"""The one reading of the parse that the extractors use: who does what to whom in a clause, whatever its form.

Passives are turned, relative pronouns stand for their noun, infinitives and participles get the subject that grammar gives
them. Everything here speaks of tokens by their index; lists are in the order of the sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.language.sentence import Sentence, Token

_RELATIVE = frozenset({"who", "which", "that", "whom"})
#: Verbs whose infinitive is their own subject's act although they have an object ("promised Iran to withdraw").
_SUBJECT_CONTROL = frozenset({"promise", "vow", "pledge", "threaten", "offer", "swear", "agree", "ask_for"})


@dataclass
class Clause:
    """A verb with its logical arguments: ``obl`` by preposition (empty string for a bare oblique)."""

    verb: int
    lemma: str
    particle: str
    passive: bool
    subj: list[int] = field(default_factory=list)
    obj: list[int] = field(default_factory=list)
    iobj: list[int] = field(default_factory=list)
    obl: dict[str, list[int]] = field(default_factory=dict)
    xcomp: list[int] = field(default_factory=list)
    ccomp: list[int] = field(default_factory=list)

    def nominals(self) -> list[int]:
        """All arguments that are nominals."""
        return [*self.subj, *self.obj, *self.iobj, *(i for found in self.obl.values() for i in found)]


def is_passive(sentence: Sentence, verb: int) -> bool:
    """Whether a verb is in the passive: with its auxiliary, or as a bare past participle after a noun."""
    token = sentence.tokens[verb]
    if sentence.children(verb, "aux:pass", "nsubj:pass"):
        return True
    if token.tag != "VBN" or sentence.children(verb, "nsubj", "aux"):
        return False
    return token.dep in ("acl", "advcl", "amod") or bool(sentence.children(verb, "obl:agent"))


def _antecedent(sentence: Sentence, verb: int) -> int | None:
    """The noun that a relative or participial clause belongs to."""
    token = sentence.tokens[verb]
    while token.dep == "conj" and sentence.tokens[token.head].is_verb:
        token = sentence.tokens[token.head]
    return token.head if token.dep == "acl" else None


def _resolved(sentence: Sentence, verb: int, i: int) -> list[int]:
    token = sentence.tokens[i]
    if token.lower not in _RELATIVE or token.upos not in ("PRON", "DET", "SCONJ"):
        return sentence.conjuncts(i)
    noun = _antecedent(sentence, verb)
    if noun is None:
        noun = _noun_right_before(sentence, i) if token.lower in ("who", "which") else None
    if noun is None:
        return []
    return sentence.conjuncts(noun) if token.lower == "who" and sentence.tokens[noun].tag == "NNS" else [noun]


def _noun_right_before(sentence: Sentence, i: int) -> int | None:
    """The noun phrase that ends before a relative pronoun whose clause the parser hung elsewhere ("met X, who urged him")."""
    last = i - 1
    if last > 0 and sentence.tokens[last].text == ",":
        last -= 1
    if last < 0 or not (sentence.tokens[last].is_nominal or sentence.tokens[last].upos == "NUM"):
        return None
    top = sentence.tokens[last]
    while top.dep in ("flat", "compound", "appos", "nummod", "nmod") and top.head < top.i:
        top = sentence.tokens[top.head]
    return top.i


def _of_a_participle_before(sentence: Sentence, verb: int) -> list[int]:
    """The subject that the parser gave to a participle between commas: "Bush, trying to mend relations, pledged …"."""
    for child in sentence.children(verb, "ccomp", "advcl"):
        if child.i < verb and child.tag in ("VBG", "VBN") and not sentence.children(child.i, "aux", "mark"):
            found = [t for t in _own_subjects(sentence, child.i) if sentence.tokens[t.i + 1].text == ","]
            if found:
                return [j for t in found for j in _resolved(sentence, verb, t.i)]
    return []


def _own_subjects(sentence: Sentence, verb: int) -> list[Token]:
    return sentence.children(verb, "nsubj")


def subjects(sentence: Sentence, verb: int, depth: int = 0) -> list[int]:
    """The grammatical subject of a verb, its own or the one it shares; empty for none."""
    own = _own_subjects(sentence, verb)
    if own:
        return [j for t in own for j in _resolved(sentence, verb, t.i)]
    token = sentence.tokens[verb]
    if token.tag in ("VBD", "VBZ", "VBP") and (theirs := _of_a_participle_before(sentence, verb)):
        return theirs
    if depth > 6 or token.head == verb:
        return []
    above = sentence.tokens[token.head]
    if token.dep in ("conj", "parataxis") and above.is_verb:
        return subjects(sentence, above.i, depth + 1)
    if token.dep == "acl" and token.subtype != "relcl":
        if token.tag in ("VBG", "VBN"):
            return sentence.conjuncts(above.i)
        return _of_noun(sentence, above.i, depth)
    if token.dep == "xcomp":
        return _control(sentence, above, depth)
    if token.dep in ("advcl", "ccomp") and (token.tag in ("VBG", "VBN", "VB") and not sentence.children(verb, "aux")):
        return subjects(sentence, above.i, depth + 1)
    return []


def _of_noun(sentence: Sentence, noun: int, depth: int) -> list[int]:
    """Whose plan it is in "Iran's plan to resume": the possessor, or the subject of the verb that the noun hangs on."""
    owner = sentence.children(noun, "nmod:poss")
    if owner:
        return sentence.conjuncts(owner[0].i)
    above = sentence.tokens[noun].head
    if sentence.tokens[noun].dep == "obj" and sentence.tokens[above].is_verb:
        return subjects(sentence, above, depth + 1)
    return []


def _control(sentence: Sentence, above: Token, depth: int) -> list[int]:
    if not above.is_verb:
        return [j for t in sentence.children(above.i, "nsubj") for j in sentence.conjuncts(t.i)]
    if above.lemma not in _SUBJECT_CONTROL and not is_passive(sentence, above.i):
        objects = sentence.children(above.i, "obj", "iobj")
        if objects:
            return sentence.conjuncts(objects[0].i)
    return subjects(sentence, above.i, depth + 1)


def clause(sentence: Sentence, verb: int) -> Clause:
    """The verb's clause with logical arguments."""
    token = sentence.tokens[verb]
    particles = sentence.children(verb, "compound:prt")
    passive = is_passive(sentence, verb)
    found = Clause(verb, token.lemma.lower(), particles[0].lower if particles else "", passive)
    surface = subjects(sentence, verb)
    objects = [j for t in sentence.children(verb, "obj") for j in _resolved(sentence, verb, t.i)]
    if passive:
        found.obj = surface
        found.iobj = objects if sentence.children(verb, "nsubj:pass") else []
    else:
        found.subj, found.obj = surface, objects
        if not objects and token.dep == "acl" and token.subtype == "relcl" and _is_gap(sentence, verb, surface):
            found.obj = [token.head]
    found.iobj += [j for t in sentence.children(verb, "iobj") for j in sentence.conjuncts(t.i)]
    _add_obliques(sentence, verb, found)
    for child in sentence.children(verb, "xcomp"):
        found.xcomp += sentence.conjuncts(child.i)
    for child in sentence.children(verb, "ccomp"):
        found.ccomp += sentence.conjuncts(child.i)
    if token.dep == "conj" and not found.obj and not passive and sentence.tokens[token.head].is_verb:
        after = [t for t in sentence.children(token.head, "obj") if t.i > verb]  # "met and thanked the envoy"
        found.obj = [j for t in after for j in sentence.conjuncts(t.i)]
    return found


def _is_gap(sentence: Sentence, verb: int, surface: list[int]) -> bool:
    head = sentence.tokens[verb].head
    return bool(surface) and head not in surface and not sentence.children(verb, "ccomp", "xcomp")


def _add_obliques(sentence: Sentence, verb: int, found: Clause) -> None:
    for child in sentence.children(verb, "obl", "nmod"):
        case = sentence.case(child.i)
        heads = _resolved(sentence, verb, child.i)
        if found.passive and (child.subtype == "agent" or case == "by") and not found.subj:
            found.subj = heads
        else:
            found.obl.setdefault(case, []).extend(heads)
    for child in sentence.children(verb, "advcl", "xcomp", "ccomp"):
        case = sentence.case(child.i)
        if case and child.is_nominal:
            found.obl.setdefault(case, []).extend(sentence.conjuncts(child.i))
    # a preposition that lost its noun to an object the parser saw ("met with Kerry" is never that)
    for noun in list(found.obj):
        for child in sentence.children(noun, "nmod"):
            case = sentence.case(child.i)
            if case in ("with", "to", "from", "against", "for", "on", "over", "about") and case not in found.obl:
                found.obl.setdefault("obj." + case, []).extend(sentence.conjuncts(child.i))


def modifiers(sentence: Sentence, noun: int, relation: str) -> list[int]:
    """What hangs on a noun: ``poss`` possessors, ``mod`` adjectives and nouns before it, else nominals by preposition."""
    if relation == "poss":
        return [j for t in sentence.children(noun, "nmod:poss") for j in sentence.conjuncts(t.i)]
    if relation == "mod":
        return _premodifiers(sentence, noun)
    found = [
        j
        for t in sentence.children(noun, "nmod")
        if t.i > noun and sentence.case(t.i) == relation
        for j in sentence.conjuncts(t.i)
    ]
    if not found and relation in ("of", "by"):
        found = [
            j
            for t in sentence.children(noun, "obl", "obl:agent")
            if sentence.case(t.i) == relation
            for j in sentence.conjuncts(t.i)
        ]
    return found


def _premodifiers(sentence: Sentence, noun: int) -> list[int]:
    """The words of a noun phrase before its head that may be names, in their order ("US-Asean", "joint Sino-Russian")."""
    first = noun
    while first > 0:
        token = sentence.tokens[first - 1]
        hyphen = token.text in ("-", "–")  # hangs on the word before it: "US-Asean"
        governed = hyphen or token.head == noun or first <= token.head <= noun
        if not governed or token.dep not in (
            "amod",
            "compound",
            "nmod",
            "flat",
            "conj",
            "punct",
            "cc",
            "nummod",
            "advmod",
            "case",
        ):
            break
        if token.text in (",", ";", "(") or (token.dep == "case" and token.lower not in ("'s", "'")):
            break
        first -= 1
    return [i for i in range(first, noun) if sentence.tokens[i].subtype != "poss"]
