"""Offices told by more than a title beside the name: "Presidents A and B", "X was elected president", "the X administration"."""

from __future__ import annotations

from dataclasses import replace

from kg.language.sentence import Sentence
from kg.mentions.names import Name
from kg.mentions.offices import DETERMINERS, Title, core_at, full_title, name_at, of_after, whose
from kg.mentions.wordlists import longest_title, office_words, titles

#: Who holds the same office elsewhere.
_EQUALS = ("counterpart", "colleague", "homologue")
#: After these what follows is no fact.
_UNREAL = frozenset({"if", "whether", "should", "unless", "until"})
#: Tokens between a verb and the title that it gives.
_REACH = 9


def counterpart_of(
    sentence: Sentence, names: tuple[Name, ...], i: int, last: int, earlier: Title | None
) -> Title | None:
    """ "His British counterpart X", "X, his British counterpart": the office just spoken of, of another state."""
    if earlier is None:
        return None
    tokens = sentence.tokens
    word = i - 2 if i >= 2 and tokens[i - 1].text == "," else i - 1
    if word < 1 or tokens[word].lower not in _EQUALS:
        if (
            last + 2 >= len(tokens)
            or tokens[last + 1].text != ","
            or tokens[last + 2].lower not in ("his", "her", "its")
        ):
            return None
        name = next((n for n in names if n.first == last + 3), None)
        word = name.last + 1 if name else last + 3
        if word >= len(tokens) or tokens[word].lower not in _EQUALS:
            return None
    name = whose(names, word - 1)
    return Title(word, word, word, earlier.text, name, False, "office") if name else None


def _singular(word: str) -> str:
    if word.lower().endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.lower().endswith("s") else word


def _plural_before(sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
    """The title in the plural that ends right before token ``i``, its text in the singular."""
    words = [t.text for t in sentence.tokens]
    for n in range(min(longest_title(), i), 0, -1):
        first = i - n
        single = [*words[first : i - 1], _singular(words[i - 1])]
        if single[-1] == words[i - 1] or any(name_at(names, j) for j in range(first, i)):
            continue
        known = titles().get(tuple(w.lower() for w in single))
        core = core_at(sentence, first)
        if (known and known.rank == "office") or (core and core[0] == i - 1):
            title = full_title(sentence, names, first, i - 1, i - 1, "office", owner_after=False)
            return replace(title, text=" ".join(single).replace(" - ", "-"))
    return None


def _before_in_list(sentence: Sentence, names: tuple[Name, ...], i: int) -> int | None:
    """Where the person's name begins that stands before token ``i`` in a list, "of X" after it or not."""
    tokens, k = sentence.tokens, i - 1
    while k >= 0 and tokens[k].lower in ("and", ","):
        k -= 1
    if k < 0 or k == i - 1:
        return None
    name = name_at(names, k)
    if name and name.kind != "person":
        k = name.first - 1
        while k > 0 and tokens[k].lower in DETERMINERS:
            k -= 1
        name = name_at(names, k - 1) if k > 0 and tokens[k].lower == "of" else None
    return name.first if name and name.kind == "person" else None


def shared_title(sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
    """ "Presidents A of X, B of Y and C of Z": the office of the person whose name begins at token ``i``."""
    at: int | None = i
    place = 0
    while at is not None:
        title = _plural_before(sentence, names, at) or _respectively(sentence, names, at, place)
        if title:
            return title
        at, place = _before_in_list(sentence, names, at), place + 1
    return None


def _respectively(sentence: Sentence, names: tuple[Name, ...], i: int, place: int) -> Title | None:
    """ "The foreign ministers of X and Y, A and B": the title of the person at this place in the list that begins at ``i``."""
    owners, k = list[Name](), i - 2
    if i < 3 or sentence.tokens[i - 1].text != ",":
        return None
    while k > 0 and (name := name_at(names, k)) and name.party:
        owners.insert(0, name)
        k = name.first - 1
        while k > 0 and sentence.tokens[k].lower in ("and", ",", *DETERMINERS):
            k -= 1
    if len(owners) < 2 or place >= len(owners) or sentence.tokens[k].lower != "of":
        return None
    title = _plural_before(sentence, names, k)
    return replace(title, name=owners[place]) if title and not title.name else None


def with_owner_behind(sentence: Sentence, names: tuple[Name, ...], last: int, title: Title | None) -> Title | None:
    """ "Prime Minister A of X": a title before a name whose state stands behind the name."""
    if title is None or title.name or title.rank != "office":
        return title
    if last + 1 < len(sentence.tokens) and sentence.tokens[last + 1].lower == "of":
        after = of_after(sentence, names, last + 1)
        return replace(title, name=after[1]) if after else title
    return title


def _title_from(sentence: Sentence, names: tuple[Name, ...], i: int) -> Title | None:
    """The title that a noun phrase from token ``i`` on is about, whose own words stand before it."""
    tokens, first = sentence.tokens, i
    while i < min(len(tokens), first + _REACH):
        name, core = name_at(names, i), core_at(sentence, i)
        if core and not (name and name.kind != "organization"):
            title = full_title(sentence, names, i, core[0], core[1], core[2])
            indefinite = any(t.lower in ("a", "an") for t in tokens[first:i])
            return title if title.rank == "office" and (title.name or not indefinite) else None
        if name and name.kind != "person":
            i = name.last + 1
        elif tokens[i].lower in (*DETERMINERS, "'s", "'", "as", "-") or tokens[i].upos in ("ADJ", "NUM"):
            i += 1
        else:
            return None
    return None


def _verbs_after(sentence: Sentence, i: int) -> tuple[int, set[str]]:
    """The verbs that tell of an office from token ``i`` on: the index after them, and their sorts."""
    tokens, sorts = sentence.tokens, set[str]()
    while i < len(tokens):
        word = tokens[i].lower
        if word in office_words() and office_words()[word][0] != "reign":
            sorts.add(office_words()[word][0])
        elif word not in ("has", "have", "had", "who", ",", "in", "re", "-", "also", "now", "then", "later"):
            break
        elif word == "in" and "given" not in sorts:
            break  # "sworn in", but not "was in …"
        i += 1
    return i, sorts


def title_by_verb(sentence: Sentence, names: tuple[Name, ...], name: Name) -> Title | None:
    """The office in "X is Kenya's foreign minister", "X, who became president", "appointed X foreign minister"."""
    if any(t.lower in _UNREAL for t in sentence.tokens[: name.first]):
        return None
    i, sorts = _verbs_after(sentence, name.last + 1)
    if sorts and i > name.last + 1:
        title = _title_from(sentence, names, i)
        over = "past" in sorts and not sorts & {"given", "taking", "staying"}
        return replace(title, former=title.former or over) if title else None
    return _title_given(sentence, names, name)


def _title_given(sentence: Sentence, names: tuple[Name, ...], name: Name) -> Title | None:
    """ "Parliament elected X president": the verb right before the name, and no plan or order to do so."""
    if name.first == 0:
        return None
    verb = sentence.tokens[name.first - 1]
    if office_words().get(verb.lower, ("",))[0] != "given" or verb.tag not in ("VBD", "VBN"):
        return None
    if any(t.tag == "MD" for t in sentence.children(verb.i, "aux")):
        return None
    return _title_from(sentence, names, name.last + 1)


def reign_after(sentence: Sentence, last: int) -> tuple[int, str] | None:
    """ "The X administration", "X's 20-year presidency": the token that says so, and the office that it names ("" for none)."""
    tokens, i = sentence.tokens, last + 1
    owner = i < len(tokens) and tokens[i].lower in ("'s", "’s", "'", "’")
    i += owner
    while owner and i < len(tokens) and (tokens[i].upos in ("ADJ", "NUM") or tokens[i].text == "-"):
        i += 1
    found = office_words().get(tokens[i].lower) if i < len(tokens) else None
    return (i, found[1]) if found and found[0] == "reign" else None
