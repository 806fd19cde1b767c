"""Reads titles: "US Secretary of State John Kerry", "Ath Thon, head of the …", "the Iranian foreign minister".

It goes by the order of the words, not by the parse: titles are the most regular part of news language and, being long
chains of nouns, what parsers get wrong first.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.language.sentence import Sentence
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
_DETERMINERS = ("the", "a", "an", "its", "his", "her", "their", "this")


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


def _core(sentence: Sentence, i: int) -> tuple[int, int, str] | None:
    """A title that begins at token ``i``: its last token, and rank; ranking words ("deputy") may open it."""
    words = [t.lower for t in sentence.tokens]
    j = i
    while j < len(words) - 1 and (words[j] in _RANKING or words[j] == "-"):
        j += 1
    for start in (i, j):
        found = _match(words, start)
        if found:
            end, word = found
            return end - 1, end - 1, word.rank
    # "trade minister", "homeland security secretary": any matter may come first
    for n in range(1, 4):
        k = j + n
        if (
            k < len(words)
            and words[k] in _MINISTERIAL
            and all(sentence.tokens[m].is_nominal or sentence.tokens[m].upos == "ADJ" for m in range(j, k))
        ):
            return k, k, "office"
    return None


def _name_at(names: tuple[Name, ...], i: int) -> Name | None:
    return next((n for n in names if n.covers(i)), None)


def _of_after(sentence: Sentence, names: tuple[Name, ...], i: int) -> tuple[int, Name] | None:
    """The name in "of the X" that begins at token ``i``, and its last token."""
    tokens = sentence.tokens
    if i + 1 >= len(tokens) or tokens[i].lower not in _OF:
        return None
    j = i + 1
    while j < len(tokens) and (
        tokens[j].lower in _DETERMINERS or (j == i + 1 and tokens[j].upos == "ADJ" and not _name_at(names, j))
    ):
        j += 1
    name = _name_at(names, j) if j < len(tokens) else None
    if name and name.kind != "person":
        return name.last, name
    return None


def _whose(names: tuple[Name, ...], tokens_before: int) -> Name | None:
    """The state or body named right before token ``tokens_before`` (with or without a possessive)."""
    name = _name_at(names, tokens_before)
    return (
        name if name and (name.kind in PARTIES or name.kind in ("organization", "region", "place", "people")) else None
    )


def _full(sentence: Sentence, names: tuple[Name, ...], first: int, last: int, head: int, rank: str) -> Title:
    """The title with what stands around it: nationality and "former" before, "of …" after."""
    tokens = sentence.tokens
    former, name, start = False, None, first
    while start > 0:
        word = tokens[start - 1].lower
        if word in ("'s", "'", "-") or word in _PLAIN:
            start -= 1
        elif word in _FORMER:
            former, start = True, start - 1
        elif name is None and (found := _whose(names, start - 1)):
            name, start = found, found.first
        else:
            break
    while start < first and tokens[start].lower in ("'s", "'", "-"):
        start += 1
    end = last
    if name is None and (after := _of_after(sentence, names, last + 1)):
        end, name = after
    text = sentence.span(first, last).text
    return Title(start, end, head, text, name, former, rank)


def title_before(sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
    """The title that ends right before token ``i``, where a person's name begins."""
    for n in range(min(longest_title() + 2, i), 0, -1):
        if _name_at(names, i - n) and _name_at(names, i - n) != _name_at(names, i - 1):
            continue  # a nationality is not part of the office
        core = _core(sentence, i - n)
        if core and core[0] == i - 1:
            return _full(sentence, names, i - n, i - 1, core[1], core[2])
    return _of_before(sentence, names, i)


def _of_before(sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
    """ "President of Iran Mohammad Khatami": the title, "of", a name, and then the person."""
    name = _whose(names, i - 1) if i else None
    if name and name.first >= 2 and sentence.tokens[name.first - 1].lower == "of":
        return title_before_of(sentence, name)
    return None


def title_before_of(sentence: Sentence, name: Name) -> Title | None:
    """The title in "foreign minister of <name>"."""
    for n in range(min(4, name.first - 1), 0, -1):
        core = _core(sentence, name.first - 1 - n)
        if core and core[0] == name.first - 2:
            return Title(
                name.first - 1 - n,
                name.last,
                core[1],
                sentence.span(name.first - 1 - n, core[0]).text,
                name,
                False,
                core[2],
            )
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
        token, name = tokens[i], _name_at(names, i)
        core = _core(sentence, i)
        if core and not (name and name.kind == "person"):
            title = _full(sentence, names, i, core[0], core[1], core[2])
            general = tokens[core[1]].lower in _NEEDS_OF
            return title if title.name or not general else None
        if name and name.kind != "person":
            i = name.last + 1
        elif (
            token.lower in _DETERMINERS
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
        name = _name_at(names, i)
        if name and name.kind != "person" and not (name.kind == "organization" and name.entry is None):
            i = name.last + 1 if name.entry else i + 1
            continue
        core = None if name else _core(sentence, i)
        if core is None or not sentence.tokens[core[1]].is_nominal:
            i += 1
            continue
        found.append(_full(sentence, names, i, core[0], core[1], core[2]))
        i = core[0] + 1
    return found
