"""Reads titles: "US Secretary of State John Kerry", "Ath Thon, head of the …", "the Iranian foreign minister".

It goes by the order of the words, not by the parse: titles are the most regular part of news language and, being long
chains of nouns, what parsers get wrong first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kg.language.sentence import Sentence, Token
from kg.mentions.calendar_words import WEEKDAYS
from kg.mentions.names import PARTIES, Name
from kg.mentions.wordlists import TitleWord, longest_title, titles

_FORMER = frozenset(
    {"former", "ex", "late", "ousted", "deposed", "then", "onetime", "outgoing-former", "exiled", "retired"}
)
_RANKING = frozenset(
    "deputy vice assistant acting interim senior chief permanent special honorary associate under".split()
)
_PLAIN = frozenset(
    "new current newly visiting top outgoing incoming longtime veteran hardline moderate embattled".split()
)
_MINISTERIAL = frozenset({"minister", "secretary", "ministers", "secretaries"})
#: Words too general to be an office unless it is said of what.
_NEEDS_OF = frozenset(
    "leader head chief member director boss representative negotiator official adviser aide founder".split()
)
_OF = ("of", "for", "to", "at", "with")
DETERMINERS = ("the", "a", "an", "its", "his", "her", "their", "this")


@dataclass(frozen=True)
class Title:
    """A title from token ``first`` to ``last``; ``text`` is the office in the text's own words, without nationality.

    ``name`` is the name of the state or body whose office it is, where one stands beside it. ``head`` is the noun.
    """

    first: int
    last: int
    head: int
    text: str
    name: Name | None
    former: bool
    rank: str


def _match(words: list[str], i: int) -> tuple[int, TitleWord] | None:
    """The longest title that begins at word ``i``: the index after it."""
    for n in range(min(longest_title(), len(words) - i), 0, -1):
        found = titles().get(tuple(words[i : i + n]))
        if found:
            return i + n, found
    if words[i] == "minister" and i + 2 < len(words) and words[i + 1] in ("of", "for"):
        return i + 1, TitleWord(("minister",), "state", "office")
    return None


def core_at(sentence: Sentence, i: int) -> tuple[int, int, str] | None:
    """A title that begins at token ``i``: its last token, and rank; ranking words ("deputy") may open it."""
    words = [t.lower for t in sentence.tokens]
    if words[i] == "-":
        return None
    j = i
    while j < len(words) - 1 and (words[j] in _RANKING or words[j] == "-"):
        j += 1
    found = [match for start in (i, j) if (match := _match(words, start))]
    if found:
        end, word = max(found, key=lambda match: match[0])
        return end - 1, end - 1, word.rank
    # "trade minister", "homeland security secretary": any matter may come first
    for n in range(1, 4):
        k = j + n
        if k < len(words) and words[k] in _MINISTERIAL and all(_is_matter(sentence.tokens[m]) for m in range(j, k)):
            return k, k, "office"
    return None


def _is_matter(token: Token) -> bool:
    """Whether a word can be what a minister is for: "trade", "homeland", no "its" and no "Tuesday"."""
    return token.upos in ("NOUN", "PROPN", "ADJ") and token.lower not in (*DETERMINERS, *WEEKDAYS, "former", "new")


def name_at(names: tuple[Name, ...], i: int) -> Name | None:
    """The name that token ``i`` is part of."""
    return next((n for n in names if n.covers(i)), None)


def of_after(sentence: Sentence, names: tuple[Name, ...], i: int) -> tuple[int, Name] | None:
    """The name in "of the X" that begins at token ``i``, and its last token."""
    tokens = sentence.tokens
    if i + 1 >= len(tokens) or tokens[i].lower not in _OF:
        return None
    j = i + 1
    while j < len(tokens) and (
        tokens[j].lower in DETERMINERS or (j == i + 1 and tokens[j].upos == "ADJ" and not name_at(names, j))
    ):
        j += 1
    name = name_at(names, j) if j < len(tokens) else None
    if name and name.kind != "person":
        name = _its_own(sentence, names, name) or name
        return name.last, name
    return None


def _its_own(sentence: Sentence, names: tuple[Name, ...], name: Name) -> Name | None:
    """The part or body of a state that is meant in "president of Rwanda's Green Party", "governor of Pakistan's Punjab"."""
    if name.last + 2 < len(sentence.tokens) and sentence.tokens[name.last + 1].lower in ("'s", "'"):
        inner = next((n for n in names if n.first == name.last + 2), None)
        if inner and inner.kind in ("organization", "region", "place"):
            return inner
    return None


def whose(names: tuple[Name, ...], tokens_before: int) -> Name | None:
    """The state or body named right before token ``tokens_before`` (with or without a possessive)."""
    name = name_at(names, tokens_before)
    return (
        name if name and (name.kind in PARTIES or name.kind in ("organization", "region", "place", "people")) else None
    )


def _is_ministry(sentence: Sentence, name: Name) -> bool:
    """Whether a name is that of a ministry that every state has: "Foreign Ministry", without a state in it."""
    return (
        name.kind == "organization"
        and name.entry is None
        and name.home is None
        and sentence.tokens[name.last].lower in ("ministry", "department")
        and name.last > name.first
    )


def full_title(
    sentence: Sentence, names: tuple[Name, ...], first: int, last: int, head: int, rank: str, owner_after: bool = True
) -> Title:
    """The title with what stands around it: nationality and "former" before, "of …" after."""
    tokens = sentence.tokens
    former, name, start, rank_word = False, None, first, ""
    while start > 0:
        word = tokens[start - 1].lower
        if word in ("'s", "'", "-") or word in _PLAIN:
            start -= 1
        elif word in _FORMER:
            former, start = True, start - 1
        elif name is None and (found := whose(names, start - 1)):
            start = found.first
            if _is_ministry(sentence, found):
                first = start  # "Foreign Ministry spokesman": of which state is still to be said
            else:
                name = found
        elif name is not None and word in _RANKING:
            rank_word, start = f"{tokens[start - 1].text} ", start - 1  # "interim Iraqi prime minister"
        else:
            break
    while start < first and tokens[start].lower in ("'s", "'", "-"):
        start += 1
    end = last
    if owner_after and name is None and (after := of_after(sentence, names, last + 1)):
        end, name = after
    text = rank_word + sentence.span(first, last).text
    return Title(start, end, head, text, name, former, rank)


def title_before(sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
    """The title that ends right before token ``i``, where a person's name begins."""
    for n in range(min(longest_title() + 2, i), 0, -1):
        inside = (name_at(names, j) for j in range(i - n, i))
        if any(name and (name.kind in ("demonym", "state") or name != name_at(names, i - 1)) for name in inside):
            continue  # a nationality is not part of the office
        core = core_at(sentence, i - n)
        if core and core[0] == i - 1:
            return full_title(sentence, names, i - n, i - 1, core[1], core[2])
    return _of_before(sentence, names, i)


def office_before(sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
    """The office before token ``i``; ranks and forms of address between them are passed over ("President General X")."""
    title = title_before(sentence, names, i)
    outer = title
    while outer is not None and outer.rank != "office":
        outer = title_before(sentence, names, outer.first)
    behind = _comma_before(sentence, names, i) if outer is None else None
    if behind is not None:
        # "Australia's foreign minister, X,": with its state, or with an article, it can only be said of him
        then = _then_before(sentence, behind)
        outer = title_before(sentence, names, behind - then)
        if outer and then:
            outer = replace(outer, former=True)
        after = next((n.last + 1 for n in names if n.first == i), i)
        closed = after >= len(sentence.tokens) or sentence.tokens[after].text in (",", ".", ";", ")", '"', "”")
        definite = outer and (
            outer.name or (outer.first and sentence.tokens[outer.first - 1].lower in (*DETERMINERS, "'s", "'"))
        )
        if not closed or not definite:
            return title
    return outer or title


def _comma_before(sentence: Sentence, names: tuple[Name, ...], i: int) -> int | None:
    """The comma right before a name, or before the ranks and forms of address that open it (", Vice Admiral X,")."""
    while i >= 2 and sentence.tokens[i - 1].text != ",":
        rank = title_before(sentence, names, i)
        if rank is None or rank.rank == "office":
            return None
        i = rank.first
    return i - 1 if i >= 2 else None


def _then_before(sentence: Sentence, i: int) -> int:
    """How many words before token ``i`` say that an office was held then: "the prime minister at the time, X,"."""
    words = tuple(t.lower for t in sentence.tokens[max(i - 3, 0) : i])
    return 3 if words in (("at", "the", "time"), ("at", "that", "time"), ("of", "the", "day")) else 0


def _of_before(sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
    """ "President of Iran Mohammad Khatami": the title, "of", a name, and then the person."""
    name = whose(names, i - 1) if i else None
    if name is None:
        return None
    of = name.first - 1
    while of > 0 and sentence.tokens[of].lower in DETERMINERS:
        of -= 1
    if of >= 1 and sentence.tokens[of].lower in ("of", "to"):
        return title_before_of(sentence, names, name, of)
    return None


def title_before_of(sentence: Sentence, names: tuple[Name, ...], name: Name, of: int) -> Title | None:
    """The title in "foreign minister of <name>"; ``of`` is the preposition's token."""
    for n in range(min(4, of), 0, -1):
        core = core_at(sentence, of - n)
        if core and core[0] == of - 1:
            if sentence.tokens[of].lower == "to":  # an ambassador is of who sends him
                return full_title(sentence, names, of - n, core[0], core[1], core[2], owner_after=False)
            text = sentence.span(of - n, core[0]).text
            return Title(of - n, name.last, core[1], text, name, False, core[2])
    return None


def title_after(sentence: Sentence, names: tuple[Name, ...], last: int) -> Title | None:
    """The title in apposition after a person's name that ends at token ``last``: ", head of the X,"."""
    tokens = sentence.tokens
    i = last + 1
    if i >= len(tokens) or tokens[i].text not in (",", "(", "-", "–", "—"):
        return None
    i += 1
    stop = min(len(tokens), i + 9)
    while i < stop:
        token, name = tokens[i], name_at(names, i)
        core = core_at(sentence, i)
        if core and not (name and name.kind in ("person", "demonym", "state")):
            title = full_title(sentence, names, i, core[0], core[1], core[2])
            if any(n.kind == "person" and n.first == title.last + 1 for n in names):
                return None  # "A, Kenyan Foreign Minister B and C": the title is B's
            general = tokens[core[1]].lower in _NEEDS_OF
            return title if title.name or not general else None
        if name and name.kind != "person":
            i = name.last + 1
        elif (
            token.lower in DETERMINERS
            or token.lower in _FORMER | _PLAIN | {"'s", "'", "who", "is", "was", "as"}
            or token.upos == "ADJ"
        ):
            i += 1
        else:
            return None
    return None


def titles_alone(sentence: Sentence, names: tuple[Name, ...]) -> list[Title]:
    """Every title of the sentence, with or without a person beside it, in their order and not overlapping."""
    found: list[Title] = []
    i = 0
    while i < len(sentence.tokens):
        name = name_at(names, i)
        if name and name.kind != "person" and not (name.kind == "organization" and name.entry is None):
            i = name.last + 1 if name.entry else i + 1
            continue
        core = None if name else core_at(sentence, i)
        if core is None or not sentence.tokens[core[1]].is_nominal:
            i += 1
            continue
        found.append(full_title(sentence, names, i, core[0], core[1], core[2]))
        i = core[0] + 1
    return found
