"""Who acts in an article: every mention of a person, state, organisation or group, and the actor that it means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.language.sentence import ParsedArticle, Sentence
from kg.mentions.drafts import Draft, Drafts, Raw
from kg.mentions.names import Name, find_names
from kg.mentions.nominals import Reader
from kg.mentions.office_phrases import counterpart_of, shared_title, title_by_verb, with_owner_behind
from kg.mentions.offices import Title, office_before, title_after, title_before, titles_alone
from kg.mentions.owners import owner_of
from kg.mentions.parties import Context
from kg.mentions.reigns import give_reigns, office_of_equal
from kg.mentions.resolve import FARTHEST, resolve
from kg.mentions.wordlists import state_bodies, titles
from kg.model import Actor, ActorKind, Span


@dataclass(frozen=True)
class Mention:
    """Words of a sentence that name an actor; ``kind`` tells how (person, state, demonym, capital, region, group, pronoun …).

    ``first``, ``last`` and ``head`` are tokens; ``office`` is what the actor is called here or elsewhere in the article.
    """

    sentence: int
    first: int
    last: int
    head: int
    span: Span
    actor: Actor
    kind: str
    party: str | None
    office: str | None

    @property
    def is_place(self) -> bool:
        """Whether the words can also name where something is."""
        return self.kind in ("capital", "region", "state", "place", "city")


@dataclass(frozen=True)
class TitleMention:
    """A person called by an office in a sentence; ``of`` is a party's code or the name of a region or body.

    ``beside`` tells that it stands with the title, and was not found elsewhere.
    """

    actor: Actor
    text: str
    of: str | None
    former: bool
    beside: bool
    sentence: Sentence
    span: Span


class Cast:
    """The mentions of one article, by where they stand."""

    def __init__(self, mentions: list[Mention], titles: list[TitleMention], names: list[tuple[Name, ...]]) -> None:
        self.mentions = mentions
        self.titles = titles
        self.names = names
        self._of_sentence: dict[int, list[Mention]] = {}
        for m in mentions:
            self._of_sentence.setdefault(m.sentence, []).append(m)
        self._at = {(m.sentence, i): m for m in mentions for i in range(m.last, m.first - 1, -1) if i == m.head}
        self._cover: dict[tuple[int, int], Mention] = {}
        for m in sorted(mentions, key=lambda m: m.first - m.last):
            self._cover |= {(m.sentence, i): m for i in range(m.first, m.last + 1)}

    def add(self, mention: Mention) -> None:
        """Take in a mention that was found later."""
        self.mentions.append(mention)
        self._of_sentence.setdefault(mention.sentence, []).append(mention)
        self._at.setdefault((mention.sentence, mention.head), mention)

    @property
    def actors(self) -> tuple[Actor, ...]:
        return tuple(sorted({m.actor.key: m.actor for m in self.mentions}.values(), key=lambda a: a.key))

    def of(self, sentence: int) -> Sequence[Mention]:
        """The mentions of the sentence with this number."""
        return self._of_sentence.get(sentence, ())

    def at(self, sentence: Sentence, i: int) -> Mention | None:
        """The mention whose head is token ``i``."""
        return self._at.get((sentence.index, i))

    def covering(self, sentence: Sentence, i: int) -> Mention | None:
        """The shortest mention that token ``i`` is part of."""
        return self._cover.get((sentence.index, i))

    def inside(self, sentence: Sentence, first: int, last: int) -> Iterator[Mention]:
        """Mentions that lie between two tokens, both included, in their order."""
        found = {id(m): m for i in range(first, last + 1) if (m := self._at.get((sentence.index, i)))}
        yield from sorted(found.values(), key=lambda m: m.first)


#: How many sentences back "his counterpart" looks for the office that both hold.
_BACK = 3


def _head(sentence: Sentence, first: int, last: int) -> int:
    for i in range(first, last + 1):
        above = sentence.tokens[i].head
        if above == i or not first <= above <= last:
            return i
    return last


class _Article:
    """Reads one article from its first sentence to its last."""

    def __init__(self, parsed: ParsedArticle, reference: dt.date | None) -> None:
        self.sentences, self.reference, self.text = parsed.sentences, reference, parsed.article.text
        self.names = [find_names(s) for s in self.sentences]
        self.drafts, self.raws = Drafts(), list[Raw]()
        self._titled: list[Draft] = []

    def read(self) -> Cast:
        self.names = [tuple(self._titled_names(s, n)) for s, n in zip(self.sentences, self.names, strict=True)]
        self.drafts.people(
            _calm(s.span(n.first, n.last).text)
            for s, names in zip(self.sentences, self.names, strict=True)
            for n in names
            if n.kind == "person"
        )
        named = [self._named(s, n) for s, n in zip(self.sentences, self.names, strict=True)]
        self.raws = [raw for raws in named for raw in raws]
        Context(self.sentences, self.text, self.names, self.raws, self.drafts, self.reference).give_parties()
        give_reigns(self.raws, self.reference)
        every: list[Raw] = []
        begins: list[int] = []  # of the mentions of each sentence
        for sentence, names, raws in zip(self.sentences, self.names, named, strict=True):
            begins.append(len(every))
            every += raws
            reader = Reader(self.drafts, every, begins[-1])
            every += reader.read(sentence, names)
            every += resolve(every[begins[max(0, len(begins) - 1 - FARTHEST)] :], sentence)
        return self._cast(every)

    def _titled_names(self, sentence: Sentence, names: tuple[Name, ...]) -> Iterator[Name]:
        """The names, and those that only a title before them gives away."""
        yield from names
        taken = {i for n in names for i in range(n.first, n.last + 1)}
        for token in sentence.tokens[1:]:
            before = sentence.tokens[token.i - 1]
            if (token.lower,) in titles() or (token.lower + ".",) in titles():
                continue
            led = before.text[:1].isupper() or before.text == ","
            if token.i in taken or token.upos != "PROPN" or before.i in taken or not led:
                continue
            title = title_before(sentence, names, token.i)
            if title is None and before.text == ",":
                title = self._apposed(sentence, names, token.i)
            if title is None or (title.rank == "honorific" and token.dep == "compound"):
                continue
            last = token.i
            while (
                last + 1 < len(sentence.tokens) and sentence.tokens[last + 1].upos == "PROPN" and last + 1 not in taken
            ):
                last += 1
            if last - token.i < 4 and token.text[:1].isupper() and title.text.lower() != "state":
                taken |= set(range(token.i, last + 1))
                yield Name(token.i, last, "person")

    def _apposed(self, sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
        """The office in "its foreign minister, X Y, said": a name between commas after an office that is somebody's."""
        end = i
        while end < len(sentence.tokens) and (sentence.tokens[end].upos == "PROPN" or sentence.tokens[end].text == "-"):
            end += 1
        words = sum(t.text != "-" for t in sentence.tokens[i:end])
        if words not in (2, 3, 4) or end >= len(sentence.tokens) or sentence.tokens[end].text not in (",", "."):
            return None
        title = office_before(sentence, (*names, Name(i, end - 1, "person")), i)
        return title if title and title.rank == "office" else None

    def _named(self, sentence: Sentence, names: tuple[Name, ...]) -> list[Raw]:
        found = []
        for name in sorted(names, key=lambda n: n.first):
            head = _head(sentence, name.first, name.last)
            text = sentence.span(name.first, name.last).text
            if name.kind == "person":
                text = _calm(text)
                person = self.drafts.person(text)
                if person is not None:
                    found.append(self._person(sentence, names, name, head, person, text))
            elif name.party:
                found.append(
                    Raw(
                        sentence,
                        name.first,
                        name.last,
                        head,
                        self.drafts.party(name.party),
                        name.kind,
                        None,
                        name.party,
                    )
                )
            elif name.kind == "organization":
                found.append(self._body(sentence, name, head, text))
            elif name.entry and name.entry.code and name.kind in ("region", "city"):
                draft = self.drafts.party(name.entry.code)
                found.append(Raw(sentence, name.first, name.last, head, draft, "region", None, name.entry.code))
        return found

    def _person(
        self, sentence: Sentence, names: tuple[Name, ...], name: Name, head: int, person: Draft, text: str
    ) -> Raw:
        person.names[text] += 1
        titles = [t for t in self._titles(sentence, names, name) if t]
        for title in titles:
            if title.rank == "office":
                person.titles.append((title, sentence))
                self._titled.append(person)
        return Raw(sentence, name.first, name.last, head, person, "person", titles[0] if titles else None, None)

    def _just_titled(self, sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
        """The office spoken of last: in this sentence, else that of the last person who was called by one shortly before."""
        here = next((t for r in reversed(self._titled) for t, s in r.titles if s is sentence), None)
        alone = next((t for t in reversed(titles_alone(sentence, names)) if t.last < i and t.rank == "office"), None)
        if here or alone or not self._titled:
            return here or alone
        title, earlier = self._titled[-1].titles[-1]
        return title if sentence.index - earlier.index <= _BACK else None

    def _titles(self, sentence: Sentence, names: tuple[Name, ...], name: Name) -> tuple[Title | None, ...]:
        """What a person is called where the name stands: before it, behind it, by the verb."""
        spoken_of = self._just_titled(sentence, names, name.first)
        equal = counterpart_of(sentence, names, name.first, name.last, spoken_of)
        text = sentence.span(name.first, name.last).text
        before = (
            (office_of_equal(equal, text, self.reference) if equal else None)
            or office_before(sentence, names, name.first)
            or shared_title(sentence, names, name.first)
        )
        before = with_owner_behind(sentence, names, name.last, before)
        after = title_after(sentence, names, name.last)
        return before, after or title_by_verb(sentence, names, name)

    def _body(self, sentence: Sentence, name: Name, head: int, text: str) -> Raw:
        """An organisation the registry lacks: a state's ministry acts as the state, others are themselves."""
        last = sentence.tokens[name.last].lower
        if name.home and last in state_bodies():
            return Raw(sentence, name.first, name.last, head, self.drafts.party(name.home), "body", None, name.home)
        draft = self.drafts.body(text, name.home)
        draft.names[text] += 1
        return Raw(sentence, name.first, name.last, head, draft, "organization", None, None)

    def _cast(self, raws: list[Raw]) -> Cast:
        finals = {draft.key: draft.final() for draft in self.drafts}
        mentions, titles = [], []
        for raw in raws:
            actor = finals[raw.draft.key]
            office = _office(raw)
            span = raw.sentence.span(raw.first, raw.last)
            party = raw.draft.party if raw.draft.kind is ActorKind.PERSON else raw.party or raw.draft.party
            mentions.append(
                Mention(raw.sentence.index, raw.first, raw.last, raw.head, span, actor, raw.kind, party, office)
            )
        for draft in self.drafts:
            for title, sentence in draft.titles:
                of = owner_of(self.names, sentence, title, draft)
                span = sentence.span(title.first, title.last)
                beside = title.name is not None
                titles.append(TitleMention(finals[draft.key], title.text, of, title.former, beside, sentence, span))
        return Cast(mentions, titles, self.names)


def _calm(name: str) -> str:
    """A person's name without the capitals that papers set an article's first words in."""
    words = name.split()
    shouted = any(w.isupper() and len(w) > 3 for w in words)
    return " ".join(w.title() if shouted and w.isupper() and "." not in w else w for w in words)


def _office(raw: Raw) -> str | None:
    if raw.title and raw.title.rank == "office":
        return raw.title.text
    own = [title.text for title, _ in raw.draft.titles]
    return own[0] if own else None


def read_actors(parsed: ParsedArticle, reference: dt.date | None = None) -> Cast:
    """Find who acts in an article.

    Args:
        parsed: the article.
        reference: the day it was written, for the table of office-holders; None where it is unknown.
    """
    return _Article(parsed, reference).read()
