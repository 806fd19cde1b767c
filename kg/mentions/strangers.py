"""Speakers whom nothing but their speaking tells: a surname the model did not know, "several environmental groups"."""

from __future__ import annotations

from kg.language.sentence import Sentence
from kg.mentions.actors import Cast, Mention
from kg.mentions.drafts import slug
from kg.mentions.nominals import party_of, phrase_start
from kg.mentions.wordlists import group_sorts
from kg.model import Actor, ActorKind

#: Subjects of verbs of saying that are nobody.
_NOBODY = frozenset("it this that there which what i we you one who whom he she they none nobody everyone".split())


def stranger_at(cast: Cast, sentence: Sentence, head: int, *, acts_for_state: bool = True) -> Mention | None:
    """The person or group that a noun names, as a mention of its own; None where it names nobody.

    A name that is the last part of a known person's is that person's. ``acts_for_state`` tells whether a group takes the
    state that its noun phrase names as its party: "teachers in Niger" do when they speak, "an academy in Tripoli" does not.
    """
    token = sentence.tokens[head]
    if token.lower in ("who", "that") and (antecedent := _antecedent(sentence, head)) is not None:
        known = cast.at(sentence, antecedent) or cast.covering(sentence, antecedent)
        return known or stranger_at(cast, sentence, antecedent)
    if token.lower in _NOBODY or token.upos not in ("NOUN", "PROPN"):
        return None
    first, last = phrase_start(sentence, head), head
    while last + 1 < len(sentence.tokens) and sentence.tokens[last + 1].dep == "flat":
        last += 1
    span = sentence.span(first, last)
    person = token.upos == "PROPN" and token.tag != "NNPS" and not sentence.children(head, "det")
    actor = _known(cast, sentence.tokens[last].text) if person else None
    if actor is None:
        kind = ActorKind.PERSON if person else ActorKind.GROUP
        armed = any(
            t.lower == "armed" or group_sorts().get(t.lemma.lower()) == "armed"
            for t in sentence.tokens[first : last + 1]
        )
        own = acts_for_state and not armed  # "an armed group in Iraq" acts for nobody but itself
        party = party_of(sentence, cast.names[sentence.index], token) if own and not person else None
        actor = Actor(slug(span.text), kind, span.text, party)
    mention = Mention(
        sentence.index, first, last, head, span, actor, "person" if person else "group", actor.party, None
    )
    cast.add(mention)
    return mention


def _antecedent(sentence: Sentence, pronoun: int) -> int | None:
    verb = next(sentence.ancestors(pronoun), None)
    if verb is None or verb.dep != "acl" or verb.head == verb.i:
        return None
    return verb.head


def _known(cast: Cast, surname: str) -> Actor | None:
    people = [a for a in cast.actors if a.kind is ActorKind.PERSON and a.name.split()[-1].lower() == surname.lower()]
    return people[0] if len(people) == 1 else None
