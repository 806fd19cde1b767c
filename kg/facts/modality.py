"""How real an event is: from the auxiliaries, the negation and the governors of the word that tells it.

The chain of governors is read from the inside to the outside; what weighs most decides: negated before possible before planned
before actual. A complement that is merely the content of a speech act ("urged Iran to stop") is reported as such.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.facts.lexicon import lexicon
from kg.language.sentence import Sentence, Token
from kg.model import Modality

_WILL = frozenset({"will", "shall", "'ll"})
_MAY = frozenset({"would", "could", "may", "might", "can", "should", "must", "ought"})
_NOT = frozenset({"not", "n't", "never", "no", "neither", "nor", "without"})
_IF = frozenset({"if", "unless", "whether", "provided", "should"})
_AHEAD = frozenset(
    "planned upcoming forthcoming scheduled future coming next proposed impending expected fresh-planned".split()
)
_PERHAPS = frozenset("possible potential proposed eventual prospective".split())
_OFF = frozenset("canceled cancelled aborted postponed abandoned scrapped".split())
#: What a governor of each effect makes of its complement, and whether that is merely the content of what is said with it.
_EFFECTS = {
    "planned": (Modality.PLANNED, False),
    "possible": (Modality.POSSIBLE, False),
    "negated": (Modality.NEGATED, False),
    "promised": (Modality.PLANNED, True),
    "threatened": (Modality.POSSIBLE, True),
    "refused": (Modality.NEGATED, True),
}
_WEIGHT = {Modality.ACTUAL: 0, Modality.PLANNED: 1, Modality.POSSIBLE: 2, Modality.NEGATED: 3}


@dataclass(frozen=True)
class Reality:
    """``content`` tells that the words are only what a speech act asks for or alleges; ``reported`` that somebody says so."""

    modality: Modality
    content: bool = False
    governor: int | None = None


def _stronger(a: Modality, b: Modality) -> Modality:
    return a if _WEIGHT[a] >= _WEIGHT[b] else b


def negated(sentence: Sentence, i: int) -> bool:
    """Whether a word is denied by a "not", "no" or "never" of its own, or by one of its subject or object ("no envoy met X")."""
    if any(t.lower in _NOT for t in sentence.children(i, "advmod", "det", "cc", "mark", "case")):
        return True
    if not sentence.tokens[i].is_verb:
        return False
    if any(t.lower in _NOT for longer in sentence.children(i, "advmod") for t in sentence.children(longer.i, "advmod")):
        return True  # "no longer"
    nobody = (sentence.children(t.i, "det", "cc") for t in sentence.children(i, "nsubj", "obj"))
    return any(t.lower == "no" or (t.lower == "neither" and t.i < i) for found in nobody for t in found)


def of_verb(sentence: Sentence, i: int) -> Modality:
    """What a verb's own auxiliaries say."""
    token = sentence.tokens[i]
    auxiliaries = {t.lower for t in sentence.children(i, "aux")}
    if negated(sentence, i):
        return Modality.NEGATED
    if any(t.lower in _IF for t in sentence.children(i, "mark")):
        return Modality.POSSIBLE
    if auxiliaries & _WILL:
        return Modality.PLANNED
    if auxiliaries & _MAY:
        return Modality.POSSIBLE
    if token.tag == "VBG" and "to" not in auxiliaries and "going" in auxiliaries:
        return Modality.PLANNED
    cop_to = token.dep in ("root", "ccomp", "conj") and any(t.lower == "to" for t in sentence.children(i, "mark"))
    return Modality.PLANNED if cop_to else Modality.ACTUAL


def _of_noun(sentence: Sentence, i: int) -> Modality:
    words = {t.lower for t in sentence.children(i, "amod", "compound", "nmod:unmarked")}
    if negated(sentence, i) or words & _OFF:
        return Modality.NEGATED
    # "a visit scheduled for May": what is said after the noun in a participle
    after = [t for t in sentence.children(i, "acl", "amod") if t.subtype != "relcl" and t.i > i]
    effects = {lexicon().embedding.get(t.lemma.lower(), "") for t in after if t.tag == "VBN" or t.upos == "ADJ"}
    if words & _AHEAD or "planned" in effects:
        return Modality.PLANNED
    return Modality.POSSIBLE if words & _PERHAPS else Modality.ACTUAL


def _link(sentence: Sentence, child: Token, above: Token) -> tuple[Modality, bool]:
    """What a governor makes of its dependent: a modality, and whether it is only the content of a speech act."""
    effect = lexicon().embedding.get(above.lemma.lower(), "")
    infinitive = any(t.lower == "to" for t in sentence.children(child.i, "mark"))
    clausal = child.dep in ("xcomp", "ccomp", "advcl", "acl") and (child.dep != "advcl" or infinitive)
    short = child.dep == "advcl" and any(t.lower == "short" for t in (above, *sentence.children(above.i, "xcomp")))
    if short and not infinitive:
        return Modality.NEGATED, False  # "stopped short of endorsing"
    if clausal and child.subtype != "relcl" and effect:
        if effect == "content":
            return Modality.ACTUAL, infinitive or child.dep == "acl" or _is_modal(sentence, child)
        return _EFFECTS.get(effect, (Modality.ACTUAL, False))
    undergoes = child.dep in ("obj", "obl") or (child.dep == "nsubj" and child.subtype == "pass")
    if undergoes and effect in _EFFECTS:
        return _EFFECTS[effect][0], False
    if clausal and infinitive and child.dep in ("advcl", "acl"):
        return Modality.PLANNED, False
    if clausal and infinitive and child.dep == "xcomp" and not above.is_verb:
        return Modality.POSSIBLE, False
    return Modality.ACTUAL, False


def _is_modal(sentence: Sentence, child: Token) -> bool:
    return bool({t.lower for t in sentence.children(child.i, "aux")} & {"should", "must", "would"})


def _is_condition(sentence: Sentence, token: Token) -> bool:
    """Whether a verb tells only on what condition something else holds: "will attack unless they leave"."""
    return token.dep == "advcl" and any(t.lower in ("if", "unless") for t in sentence.children(token.i, "mark"))


def reality(sentence: Sentence, trigger: int) -> Reality:
    """How real the event is that the word ``trigger`` tells."""
    token = sentence.tokens[trigger]
    found = of_verb(sentence, trigger) if token.is_verb else _of_noun(sentence, trigger)
    content, governor, child = _is_condition(sentence, token), None, token
    for above in sentence.ancestors(trigger):
        effect, is_content = _link(sentence, child, above)
        found = _stronger(found, effect)
        if is_content and not content:
            content, governor = True, above.i
        inside = child.dep in ("xcomp", "ccomp", "conj", "obj", "nsubj", "obl", "acl", "advcl", "nmod", "appos")
        stops = (
            child.dep in ("parataxis", "appos")
            or child.subtype == "relcl"
            or (child.dep == "nmod" and not token.is_verb)
        )
        if not inside or stops:
            break
        if above.is_verb and child.dep in ("xcomp", "obj", "obl", "nsubj", "ccomp"):
            own = of_verb(sentence, above.i)
            aim = child.dep == "obl" and sentence.case(child.i) == "for"  # "will fly there for talks"
            presupposed = child.dep in ("obl", "nsubj") and not token.is_verb and not aim
            if own is not Modality.ACTUAL and not presupposed and child.dep != "ccomp":
                found = _stronger(found, own)
        if above.is_verb and child.dep in ("nsubj", "obl"):
            break
        child = above
    return Reality(found, content, governor)
