"""Tells whom the people of an article act for: by the words beside their names, by the table of leaders, by the context."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from kg.language.sentence import Sentence
from kg.language.splitter import dateline
from kg.mentions.drafts import Draft, Drafts, Raw
from kg.mentions.names import PARTIES, Name
from kg.mentions.wordlists import outlets, state_bodies, titles
from kg.model import ActorKind
from kg.registry import leader, leaders, match_at, state

#: How often an article must name a state for its ministers to need no nationality.
_OFTEN = 3


_GOVERNING = frozenset({"minister", "chancellor", "premier"})


@dataclass
class Context:
    """One article with all its named mentions, the surest ways to a person's party being tried first."""

    sentences: tuple[Sentence, ...]
    text: str
    names: list[tuple[Name, ...]]
    raws: list[Raw]
    drafts: Drafts
    reference: dt.date | None

    @cached_property
    def _of_sentence(self) -> dict[int, list[Raw]]:
        found: dict[int, list[Raw]] = {}
        for raw in self.raws:
            found.setdefault(raw.sentence.index, []).append(raw)
        return found

    def _beside(self, raw: Raw) -> list[Raw]:
        """The mentions of a mention's sentence, with it."""
        return self._of_sentence[raw.sentence.index]

    def give_parties(self) -> None:
        """Give each person without a party the one that the text shows."""
        for raw in self.raws:
            draft = raw.draft
            if draft.kind is ActorKind.PERSON and draft.party is None:
                draft.party = self._party_by_words(raw)
        for draft in self.drafts:
            if draft.kind is ActorKind.PERSON and draft.party is None:
                known = self._leader(draft)
                draft.party = known
        self._inherit()
        for raw in self.raws:
            draft = raw.draft
            if draft.kind is ActorKind.PERSON and draft.party is None and self._of_a_state(draft):
                draft.party = self._possessors(raw) or self._state_spoken_of(raw) or self._dateline_state()
        main = self._main_state()
        for draft in self.drafts:
            if draft.kind is ActorKind.PERSON and draft.party is None and self._of_a_state(draft, governing=True):
                draft.party = None if _their_own(draft) else main

    def _possessors(self, raw: Raw) -> str | None:
        """The party of the person before him whose minister he is said to be: "A sent his foreign minister, B"."""
        if raw.title is None or raw.title.first == 0:
            return None
        if raw.sentence.tokens[raw.title.first - 1].lower not in ("his", "her"):
            return None
        before = [r for r in self._beside(raw) if r.last < raw.first and r.kind == "person"]
        return before[-1].draft.party if before else None

    def _main_state(self) -> str | None:
        """The state that most of an article's names of states are: whose "Immigration Minister X" needs no nationality."""
        kinds = ("state", "demonym", "capital", "metonym")
        counted = Counter(r.party for r in self.raws if r.kind in kinds and r.party and state(r.party))
        first, second = (*counted.most_common(2), ("", 0), ("", 0))[:2]
        clear = first[1] >= 2 * second[1] or 2 * first[1] > counted.total()
        return first[0] if first[1] >= _OFTEN and clear else None

    def _of_a_state(self, draft: Draft, *, governing: bool = False) -> bool:
        """Whether a person is called by an office that only states have, and no other person or body is said to be its own.

        ``governing`` asks for one that no company or body has either: "president" and "speaker" are no such office.
        """
        words = [tuple(title.text.lower().split()) for title, _ in draft.titles if title.name is None]
        if governing:
            words = [w for w in words if w[-1] in _GOVERNING or w == ("opposition", "leader")]
        return any(
            (w[-1] == "minister" and len(w) > 1)
            or any(w[n:] in titles() and titles()[w[n:]].of in ("state", "region") for n in range(len(w)))
            for w in words
        )

    def _state_spoken_of(self, raw: Raw) -> str | None:
        """The state whose minister needs no nationality where he is named: that of the sentence so far, as a rule its subject's.

        "Armenia will send nobody, Foreign Minister X said"; after "with" or "to" it is the nearest ("flew to Romania for a
        dinner with President X").
        """
        kinds = ("state", "demonym", "capital", "metonym")
        others = {
            r.title.name.first
            for r in self._beside(raw)
            if r.title and r.title.name and r.sentence.tokens[r.head].dep != "nsubj"
        }
        before = [
            r.party
            for r in self._beside(raw)
            if r.last < raw.first
            and r.kind in kinds
            and r.party
            and state(r.party)
            and r.first not in others  # "Laotian President X" as an object says nothing of whose "State Councilor Y" is
        ]
        if not before:
            lands = [r.party for r in self._beside(raw) if r.last < raw.first and r.kind == "region"]
            return lands[-1] if lands else None  # "in Louisiana, where Rep. X …"
        return before[-1] if raw.sentence.case(raw.head) in ("with", "to", "on", "of") else before[0]

    def _dateline_state(self) -> str | None:
        """The state of the capital that the article is dated from: whose "Foreign Minister X" needs no nationality there."""
        block = self.sentences[0].block if self.sentences else None
        if block is None:
            return None
        line = self.text[block.start : block.start + dateline(self.text[block.start : block.end])]
        words = re.findall(r"[A-Za-z.'’-]+", line.title())
        for i in range(len(words)):
            found = match_at(words, i)
            if found and found[1].kind == "capital":
                return found[1].code
        return None

    def _party_by_words(self, raw: Raw) -> str | None:
        names = self.names[raw.sentence.index]
        for title in (raw.title, *(t for t, s in raw.draft.titles if s is raw.sentence)):
            if title and title.name:
                return party_of_name(raw.sentence, title.name)
        before = next((n for n in names if n.last == raw.first - 1 and n.kind in (*PARTIES, "organization")), None)
        if before and before.kind in ("demonym", "organization") and raw.title is None:
            return party_of_name(raw.sentence, before)
        return None

    def _leader(self, draft: Draft) -> str | None:
        """The party of a well-known office-holder: of that day, else of any time where all who can be meant have one party."""
        offices = [title.text.lower() for title, _ in draft.titles]
        for name in sorted({draft.name, *draft.names}, key=lambda n: (-len(n), n)):
            found = leader(name, self.reference) if self.reference else None
            if found:
                return found.party
            fit = [one for one in leaders(name) if not offices or any(same_office(o, one.office) for o in offices)]
            parties = {one.party for one in fit or leaders(name)}
            if len(parties) == 1:
                return parties.pop()
        return None

    def _inherit(self) -> None:
        """ "Prime Minister A and Foreign Minister B": B's office is of the same state as A's."""
        for raw in self.raws:
            sentence, draft = raw.sentence, raw.draft
            if draft.kind is not ActorKind.PERSON or draft.party or not raw.title or raw.title.name:
                continue
            if raw.title.rank != "office":
                continue
            group = set(self._coordinated(sentence, raw.head))
            for other in self._beside(raw):
                beside = other.kind == "person" and _joined(sentence, other.last, raw.title.first)
                if (other.head in group or beside) and other.draft is not draft and other.draft.party:
                    draft.party = other.draft.party
                    break

    def _coordinated(self, sentence: Sentence, i: int) -> list[int]:
        top = i
        while sentence.tokens[top].dep == "conj":
            top = sentence.tokens[top].head
        return sentence.conjuncts(top)


def _their_own(draft: Draft) -> bool:
    """Whether somebody's people are spoken of ("their foreign minister"), who need not be those of the article's main state."""
    return any(t.first and s.tokens[t.first - 1].lower in ("their", "its") for t, s in draft.titles)


def _joined(sentence: Sentence, last: int, first: int) -> bool:
    """Whether nothing but "and" stands between a name and a title: parsers often miss what they join."""
    between = [t.lower for t in sentence.tokens[last + 1 : first]]
    return between in (["and"], [",", "and"], ["and", "his"], ["and", "her"])


def same_office(written: str, known: str) -> bool:
    """Whether an office as written can be one of the table ("President" and "president of the republic")."""
    short = {"pm": "prime minister", "premier": "prime minister"}.get(written, written)
    return short.split()[-1] in known.lower()


def party_of_name(sentence: Sentence, name: Name) -> str | None:
    """The code of the state or organisation that a name stands for or lies in; a body's own name where it has no code."""
    if name.party:
        return name.party
    if name.entry is not None:
        return name.entry.code or name.entry.home
    if name.kind == "organization":
        text = sentence.span(name.first, name.last).text
        if text.lower() in outlets():
            return None
        if name.home and sentence.tokens[name.last].lower in state_bodies():
            return name.home
        return text
    return name.home
