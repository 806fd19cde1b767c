"""To whom something is said, through which channel, and on which day."""

from __future__ import annotations

from kg.facts.clauses import Clause, clause
from kg.facts.lexicon import lexicon
from kg.facts.reading import Reading
from kg.facts.slots import mentions_at
from kg.language.sentence import Sentence, Token
from kg.mentions.actors import Mention
from kg.mentions.dates import resolve
from kg.mentions.wordlists import outlets
from kg.model import DateSpan


def addressed(reading: Reading, sentence: Sentence, said: Clause, speaker: Mention) -> tuple[list[Mention], str | None]:
    """To whom and through which channel."""
    heads = [*said.iobj, *said.obl.get("to", []), *(said.obj if said.ccomp or said.lemma in ("tell", "inform") else [])]
    for child in sentence.children(said.verb, "advcl", "ccomp", "xcomp", "obl"):
        if child.tag == "VBG" and child.i < said.verb and child.lemma in ("address", "brief", "tell", "speak"):
            inner = clause(sentence, child.i)
            heads += [*inner.obj, *inner.obl.get("to", [])]
    found = mentions_at(sentence, reading.cast, heads, lambda m: m.actor != speaker.actor)
    return found, _outlet(sentence, heads) or _channel(sentence, said, heads)


def _outlet(sentence: Sentence, heads: list[int]) -> str | None:
    for head in heads:
        last = head
        while last + 1 < len(sentence.tokens) and sentence.tokens[last + 1].upos == "PROPN":
            last += 1
        first = head
        while (
            first
            and sentence.tokens[first - 1].upos == "PROPN"
            and sentence.tokens[first - 1].head in range(first, last + 1)
        ):
            first -= 1
        words = [t.lower for t in sentence.tokens[first : last + 1]]
        for begin in range(len(words)):
            for end in range(len(words), begin, -1):
                if found := outlets().get(" ".join(words[begin:end])):
                    return found
    return None


def _channel(sentence: Sentence, said: Clause, heads: list[int]) -> str | None:
    """A channel's cue among whom the words are said to, or what they are said in, on or at."""
    by_slot: dict[str, set[str]] = {"to": set(), "": set()}
    for head in heads:
        by_slot["to"] |= {sentence.tokens[head].lemma.lower(), sentence.tokens[head].lower}
    for case, tokens in said.obl.items():
        for i in tokens:
            first, last = sentence.subtree(i)
            words = by_slot.setdefault(case.removeprefix("obj."), set())
            words |= {t.lower for t in sentence.tokens[first : last + 1]} | {sentence.tokens[i].lemma.lower()}
            words.add(" ".join(t.lower for t in sentence.tokens[max(0, i - 1) : i + 1]))
    for cue, slot, channel in lexicon().channels:
        wanted = by_slot.values() if slot in ("", "any", "-") else [by_slot.get(s, set()) for s in slot.split("|")]
        if any(cue in words for words in wanted):
            return channel
    return "social_media" if said.lemma in ("tweet", "post", "retweet", "blog") else None


def said_on(reading: Reading, sentence: Sentence, token: Token) -> DateSpan | None:
    """The date that hangs on the verb itself."""
    for mention, first, last in reading.dates(sentence):
        top = next((i for i in range(first, last + 1) if not first <= sentence.tokens[i].head <= last), first)
        if sentence.tokens[top].head == token.i:
            return resolve(mention, reading.today, "past")
    return None
