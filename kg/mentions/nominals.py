"""Reads the noun phrases without a name that stand for somebody: "labor leaders", "Israeli troops", "the foreign minister"."""

from __future__ import annotations

from dataclasses import dataclass

from kg.language.sentence import Sentence, Token
from kg.mentions.drafts import Draft, Drafts, Raw
from kg.mentions.names import Name
from kg.mentions.offices import Title, titles_alone
from kg.mentions.wordlists import group_sorts, state_bodies
from kg.model import ActorKind
from kg.registry import leaders

#: How many sentences back a definite description looks for what it means.
_BACK = 3
_QUANTIFIERS = frozenset(
    "more than less fewer about around some nearly almost over at least up to as many roughly an estimated".split()
)


@dataclass
class Reader:
    """Reads one sentence of an article; ``raws`` are the mentions found so far, from ``begin`` on those of the sentence."""

    drafts: Drafts
    raws: list[Raw]
    begin: int

    def __post_init__(self) -> None:
        self._here = self.raws[self.begin :]

    def read(self, sentence: Sentence, names: tuple[Name, ...]) -> list[Raw]:
        """The mentions without a name of one sentence."""
        taken = {i for n in names for i in range(n.first, n.last + 1)}
        found, titled = [], {}
        for title in titles_alone(sentence, names):
            if title.rank in ("office", "religious") and not self._beside_a_person(title):
                titled[title.head] = title
        for token in sentence.tokens:
            if token.i in taken or token.upos not in ("NOUN", "PROPN") or token.dep in ("compound", "flat"):
                continue
            if token.i in titled:
                raw = self._titled(sentence, names, titled[token.i])
            elif token.lemma.lower() == "capital" and _definite(sentence, token):
                raw = self._capital(sentence, names, token)
            elif token.lemma.lower() in state_bodies():
                raw = self._body(sentence, names, token)
            elif token.lemma.lower() in group_sorts():
                raw = self._group(sentence, names, token)
            else:
                continue
            if raw:
                found.append(raw)
        return found

    def _beside_a_person(self, title: Title) -> bool:
        return any(r.title and r.title.head == title.head for r in self._here)

    def _titled(self, sentence: Sentence, names: tuple[Name, ...], title: Title) -> Raw | None:
        token = sentence.tokens[title.head]
        plural = token.tag in ("NNS", "NNPS")
        party = title.name.party if title.name else party_of(sentence, names, token)
        definite = _definite(sentence, token)
        person = None if plural else self._holder(title, party, definite)
        if person is None and definite and not plural and (person := self._known_holder(title, party)):
            person.titles.append((title, sentence))
        if person:
            return Raw(sentence, title.first, title.last, title.head, person, "description", title, party)
        if party is None and title.name is None and token.lemma.lower() not in group_sorts():
            return None
        return self._group(sentence, names, token, party, title)

    def _holder(self, title: Title, party: str | None, definite: bool) -> Draft | None:
        """The person of the article who holds that office, the last mentioned first."""
        head = title.text.lower().split()[-1]
        for raw in reversed(self.raws):
            for own, _ in raw.draft.titles:
                same = own.text.lower() == title.text.lower() or (
                    party is None and own.text.lower().split()[-1] == head
                )
                if same and (party is None or raw.draft.party == party) and (definite or party):
                    return raw.draft
        return None

    def _known_holder(self, title: Title, party: str | None) -> Draft | None:
        """The person named in the article, without an office, who is known to hold or have held one of that name."""
        for raw in reversed(self.raws):
            person = raw.draft
            if person.kind is not ActorKind.PERSON or person.titles or party not in (None, person.party):
                continue
            if any(_is_office(one.office, title.text) and one.party == person.party for one in leaders(person.name)):
                return person
        return None

    def _of_person(self, sentence: Sentence, token: Token) -> str | None:
        """Whose a body or group is that is called by its leader's name: "the Bush administration", "Sharon's government"."""
        i = token.i - 1
        while i > 0 and (sentence.tokens[i].upos == "ADJ" or sentence.tokens[i].lower in ("'s", "'")):
            i -= 1
        return next((r.draft.party for r in self._here if r.last == i and r.kind == "person"), None)

    def _body(self, sentence: Sentence, names: tuple[Name, ...], token: Token) -> Raw | None:
        sort = state_bodies()[token.lemma.lower()]
        party = party_of(sentence, names, token) or self._of_person(sentence, token)
        if sort == "forces":
            return self._group(sentence, names, token, party)
        plural_lands = token.lemma.lower() in ("country", "nation", "state", "side", "republic", "kingdom")
        if (
            party is None
            and (_definite(sentence, token) or _bare_plural(sentence, token))
            and not (plural_lands and token.tag == "NNS")
        ):
            party = self.recent_state(sentence)
        if party is None:
            return None
        first = phrase_start(sentence, token.i)
        return Raw(sentence, first, token.i, token.i, self.drafts.party(party), "body", None, party)

    def _capital(self, sentence: Sentence, names: tuple[Name, ...], token: Token) -> Raw | None:
        """ "The capital" is that of the state spoken of."""
        earlier = [r for r in self._here if r.kind == "demonym" and r.last < token.i]
        near = earlier[-1].draft.party if earlier else None
        party = party_of(sentence, names, token) or near or self.recent_state(sentence)
        return (
            Raw(sentence, token.i, token.i, token.i, self.drafts.party(party), "capital", None, party)
            if party
            else None
        )

    def _group(
        self,
        sentence: Sentence,
        names: tuple[Name, ...],
        token: Token,
        party: str | None = None,
        title: Title | None = None,
    ) -> Raw:
        words = {token.lemma.lower(), *(t.lemma.lower() for t in sentence.children(token.i, "compound", "amod"))}
        armed = any(t.lower == "armed" for t in sentence.children(token.i, "amod"))
        if armed or any(group_sorts().get(word) == "armed" for word in words):
            party = None  # "Iraqi militants" are from Iraq and act for nobody but themselves
        else:
            party = party or party_of(sentence, names, token) or self._of_person(sentence, token)
        first = phrase_start(sentence, token.i)
        size_at, size = _size(sentence, token.i)
        draft = self.drafts.group(sentence.span(max(first, size_at + 1), token.i).text, party)
        draft.size = draft.size or size
        draft.plural = draft.plural or token.tag in ("NNS", "NNPS") or token.lemma == "people"
        return Raw(
            sentence, min(first, title.first) if title else first, token.i, token.i, draft, "group", title, party
        )

    def recent_state(self, sentence: Sentence) -> str | None:
        """The code of the state named last before a sentence's end, not long ago."""
        for raw in reversed(self.raws):
            if sentence.index - raw.sentence.index > _BACK:
                break
            if raw.draft.curated and raw.kind in ("state", "demonym", "body") and len(raw.draft.party or "") == 3:
                return raw.draft.party
        return None


def _is_office(known: str, written: str) -> bool:
    """Whether an office of the table of leaders is what the text calls it: "the president" is no vice president."""
    return known.lower() == written.lower().removeprefix("former ").removeprefix("ex-")


def _definite(sentence: Sentence, token: Token) -> bool:
    return any(
        t.lower in ("the", "this", "that", "his", "her", "its", "their")
        for t in sentence.children(token.i, "det", "nmod:poss")
    )


def _bare_plural(sentence: Sentence, token: Token) -> bool:
    return token.tag == "NNS" and not sentence.children(token.i, "det", "nummod", "nmod")


def phrase_start(sentence: Sentence, head: int) -> int:
    """The first word of the noun phrase left of its head that describes it: no article, number or possessor."""
    start = head
    while start > 0:
        token = sentence.tokens[start - 1]
        inside = token.head == head or (token.head > token.i and start <= token.head <= head)
        if (
            inside
            and token.dep in ("amod", "compound", "nmod", "flat", "punct")
            and token.text not in (",", '"', "“", "”", "(")
        ):
            start -= 1
        else:
            break
    while start < head and (
        sentence.tokens[start].upos in ("PUNCT", "DET", "ADP") or sentence.tokens[start].lower in _QUANTIFIERS
    ):
        start += 1
    return start


def _size(sentence: Sentence, head: int) -> tuple[int, str | None]:
    """The words that say how many, and the index of the last of them (-1 without)."""
    numbers = sentence.children(head, "nummod")
    if not numbers:
        return -1, None
    last = numbers[0].i
    first = min(sentence.subtree(last)[0], last)
    while first > 0 and sentence.tokens[first - 1].lower in _QUANTIFIERS:
        first -= 1
    if sentence.tokens[last].lower in ("one", "two", "both") and first == last:
        return last, None  # a number of persons, not the size of a group
    return last, sentence.span(first, last).text


def party_of(sentence: Sentence, names: tuple[Name, ...], token: Token) -> str | None:
    """The party whose people a noun speaks of: by nationality before it, by possessor, or by "of" and "in" after it."""
    by_head: list[tuple[int, str]] = []
    for name in names:
        code = name.party or (name.entry.code if name.entry and name.kind in ("region", "city") else None) or name.home
        if code is None and name.kind == "people" and name.entry:
            code = name.entry.home
        if code is None:
            continue
        top = _outer(sentence, name)
        governor = sentence.tokens[top].head
        rel = sentence.tokens[top]
        if name.last < token.i and token.i - name.last <= 6 and _left_of(sentence, name, token.i):
            by_head.append((0, code))
        elif governor == token.i and rel.i > token.i and sentence.case(top) in ("of", "in", "from", "for"):
            by_head.append((1, code))
    return min(by_head, key=lambda pair: pair[0])[1] if by_head else None


def _outer(sentence: Sentence, name: Name) -> int:
    return next((i for i in range(name.first, name.last + 1) if not name.covers(sentence.tokens[i].head)), name.last)


def _left_of(sentence: Sentence, name: Name, head: int) -> bool:
    """Whether a name describes a noun to its right: all words between belong to the same phrase."""
    if sentence.tokens[_outer(sentence, name)].dep in ("nsubj", "obj", "obl", "iobj", "conj", "root"):
        return False
    for i in range(name.last + 1, head):
        token = sentence.tokens[i]
        if token.upos in ("VERB", "AUX", "ADP", "PRON", "SCONJ") or (
            token.upos == "PUNCT" and token.text not in ("-", "'", '"', "“", "”")
        ):
            return False
        if token.upos == "CCONJ":
            return False
    return True
