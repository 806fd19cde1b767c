"""Tells whom a pronoun means: he, she, they, it and their forms, by rules of nearness and of grammatical role.

The subject of the clause that governs a pronoun's own comes first (Hobbs 1978 climbs the same way), then the nearest mention
before it of the right sort, subjects before others, in the last sentences.
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.language.sentence import Sentence, Token
from kg.mentions.drafts import Draft, Raw
from kg.model import ActorKind

_PERSONAL = frozenset({"he", "him", "his", "she", "her", "himself", "herself"})
_PLURAL = frozenset({"they", "them", "their", "themselves"})
_NEUTRAL = frozenset({"it", "its", "itself"})
#: Sentences that a pronoun looks back.
_BACK = {"person": 4, "plural": 2, "neutral": 1}
FARTHEST = max(_BACK.values())


def _fits(raw: Raw, sort: str) -> bool:
    draft = raw.draft
    if sort == "person":
        return draft.kind is ActorKind.PERSON
    if sort == "plural":
        return draft.plural or (draft.kind is ActorKind.ORGANIZATION and not draft.curated)
    return draft.kind in (ActorKind.STATE, ActorKind.ORGANIZATION) and raw.kind not in ("demonym",)


def _is_subject(raw: Raw) -> bool:
    return raw.sentence.tokens[raw.head].dep == "nsubj"


def _clause_subjects(sentence: Sentence, token: Token) -> Iterator[int]:
    """Subjects of the clauses around a token, the innermost that does not hold it first."""
    for above in sentence.ancestors(token.i):
        for subject in sentence.children(above.i, "nsubj"):
            if subject.i != token.i and not _within(sentence, subject.i, token.i):
                yield subject.i


def _within(sentence: Sentence, outer: int, inner: int) -> bool:
    return outer == inner or any(a.i == outer for a in sentence.ancestors(inner))


def _meant(raws: list[Raw], sentence: Sentence, token: Token, sort: str) -> Draft | None:
    here = [r for r in raws if r.sentence is sentence and _fits(r, sort)]
    for subject in _clause_subjects(sentence, token):
        for raw in here:
            if raw.head == subject or raw.first <= subject <= raw.last:
                return raw.draft
    own = token.tag == "PRP$"
    before = [r for r in here if r.last < token.i and (own or not _same_clause(sentence, r.head, token.i))]
    if before:
        return max(before, key=lambda r: (_is_subject(r), r.last)).draft
    for back in range(1, _BACK[sort] + 1):
        earlier = [r for r in raws if r.sentence.index == sentence.index - back and _fits(r, sort)]
        if earlier:
            return max(earlier, key=lambda r: (_is_subject(r), -r.head if _is_subject(r) else r.head)).draft
    return None


def _same_clause(sentence: Sentence, a: int, b: int) -> bool:
    """Whether two words hang on the same verb: then a pronoun does not mean the other."""
    return sentence.tokens[a].head == sentence.tokens[b].head


def resolve(raws: list[Raw], sentence: Sentence) -> list[Raw]:
    """Mentions by pronouns in a sentence; ``raws`` holds all the others of this sentence and of the FARTHEST before it."""
    found: list[Raw] = []
    for token in sentence.tokens:
        word = token.lower
        if token.upos != "PRON":
            continue
        sort = "person" if word in _PERSONAL else "plural" if word in _PLURAL else "neutral" if word in _NEUTRAL else ""
        if not sort or token.dep == "expl":
            continue
        draft = _meant([*raws, *found], sentence, token, sort)
        if draft is not None:
            found.append(Raw(sentence, token.i, token.i, token.i, draft, "pronoun", None, draft.party))
    return found
