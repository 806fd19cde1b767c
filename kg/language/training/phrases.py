"""The noun phrases, times and places of made-up news sentences."""

from __future__ import annotations

import random
from functools import cache

from kg.language.training.grammar import Node
from kg.language.training.words import column, people, words

#: Words of titles and of compound names that the treebanks take for adjectives.
_ADJECTIVES = frozenset(
    "Prime Foreign Deputy Special United New Saudi European African Arab International Monetary Criminal Supreme National "
    "Constitutional White Human Communist Conservative Democratic Republican Islamic Central Social Palestinian "
    "Red prime foreign deputy special former".split()
)


def noun(form: str) -> Node:
    """A common noun; the lists mark a plural by nothing but its ``s``."""
    plural = form.endswith("s") and not form.endswith("ss")
    return Node(form, "NOUN", "NNS" if plural else "NN")


def proper(form: str) -> Node:
    """One word of a proper name."""
    if form in _ADJECTIVES and form[0].isupper():
        return Node(form, "ADJ", "NNP")
    return Node(form, "PROPN", "NNPS" if form in ("States", "Nations", "Islands", "Netherlands") else "NNP")


def comma() -> Node:
    """A comma."""
    return Node(",", "PUNCT", ",")


def the(phrase: Node, article: str = "the") -> Node:
    """The phrase with an article."""
    return phrase.pre("det", Node(article, "DET", "DT"))


def with_case(phrase: Node, preposition: str) -> Node:
    """A prepositional phrase."""
    return phrase.pre("case", Node(preposition, "ADP", "IN"))


def possessive(phrase: Node) -> Node:
    """``Japan's``, ``the United States'``."""
    return phrase.post("case", Node("'" if phrase.form.endswith("s") else "'s", "PART", "POS"))


def headed_left(texts: list[str]) -> Node:
    """A title or a name of things: the last word is the head; an adjective belongs to the next noun after it."""
    head = proper(texts[-1]) if texts[-1][0].isupper() else noun(texts[-1])
    described = head
    for text in reversed(texts[:-1]):
        capital = text[0].isupper()
        if text in _ADJECTIVES:
            described.pre("amod", Node(text, "ADJ", "NNP" if capital else "JJ"))
        else:
            described = proper(text) if capital else noun(text)
            head.pre("compound", described)
    return head


def flat_name(text: str) -> Node:
    """A person's name: all parts hang on the first; ``Ki-moon`` are three words, as the tokenizer has it."""
    first, *others = text.split()
    head: Node | None = None
    for part in [first, *others]:
        before: Node | None = None
        for piece in part.split("-"):
            node = proper(piece)
            if before is not None:
                before.tight = True
                node.pre("punct", Node("-", "PUNCT", "HYPH", tight=True))
            head = node if head is None else head.post("flat", node)
            before = node
    assert head is not None
    return head.named("PER")


@cache
def plain_column(header: str) -> list[str]:
    """A column of ``places.tsv`` without names that have a hyphen."""
    return [name for name in column("places", header) if "-" not in name]


class Phrases:
    """Draws phrases; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def one_of(self, name: str) -> str:
        """A word of a list in ``words.tsv``."""
        return self.chance.choice(words(name))

    def maybe(self, share: float) -> bool:
        """True in ``share`` of the cases."""
        return self.chance.random() < share

    def country(self) -> Node:
        """A country or a bloc."""
        if self.maybe(0.1):
            return the(headed_left(["European", "Union"]).named("ORG"))
        text = self.chance.choice([*column("places", "country"), *["United States"] * 20])
        phrase = headed_left(text.split()).named("LOC")
        return the(phrase) if text.startswith(("United", "Philippines", "Netherlands")) else phrase

    def city(self) -> Node:
        """A capital."""
        return headed_left(self.chance.choice(plain_column("capital")).split()).named("LOC")

    def adjective(self, phrase: Node) -> Node:
        """The phrase with a nationality before it."""
        parts = self.chance.choice(plain_column("adjective")).split()
        node = Node(parts[-1], "ADJ", "JJ")
        for part in reversed(parts[:-1]):
            node.pre("amod" if part == "New" else "compound", proper(part))
        return phrase.pre("amod", node)

    def office(self, nation: bool = True) -> Node:
        """``Foreign Minister``, often with a nationality or a state before it."""
        text = self.one_of("offices").split()
        if text == ["Secretary", "of", "State"]:
            phrase = proper("Secretary").post("nmod", with_case(proper("State"), "of"))
        elif text == ["Secretary-General"]:
            phrase = proper("General").pre("punct", Node("-", "PUNCT", "HYPH", tight=True))
            phrase.pre("compound", Node("Secretary", "PROPN", "NNP", tight=True))
        else:
            phrase = headed_left(text)
        if nation and self.maybe(0.55):
            return self.adjective(phrase)
        if nation and self.maybe(0.2):
            state = self.one_of("short states")
            bloc = state.replace(".", "") in ("UN", "EU")
            return phrase.pre("compound", proper(state).named("ORG" if bloc else "LOC"))
        return phrase

    def name(self) -> Node:
        """The full name of a person."""
        key = self.chance.choice(list(people()))
        given, family = people()[key]["given"], people()[key]["family"]
        parts = [self.chance.choice(given), self.chance.choice(family)]
        if key in words("family name first"):
            parts.reverse()
        if self.maybe(0.15):
            parts.append(self.chance.choice(family))
        return flat_name(" ".join(parts))

    def family_name(self) -> Node:
        """A family name alone."""
        return flat_name(self.chance.choice(self.chance.choice(list(people().values()))["family"]))

    def titled(self) -> Node:
        """``Japanese Foreign Minister Taro Kono``."""
        return self.name().pre("nmod:desc", self.office())

    def described(self) -> Node:
        """``the Japanese prime minister, Shinzo Abe,``, ``Japan's prime minister Shinzo Abe`` and the like."""
        kind = self.chance.randrange(4)
        if kind == 3:  # the name first: ``Hor Namhong, Cambodia's foreign minister,``
            head = self.name()
            inside = self.office(nation=False).pre("nmod:poss", possessive(self.country()))
        else:
            head, inside = self.office(nation=kind == 0), self.name()
            head = the(head) if kind == 0 else head.pre("nmod:poss", possessive(self.country()))
            if self.maybe(0.4):
                return head.post("appos", inside)
        return head.post("appos", inside.pre("punct", comma())).post("punct", comma())

    def person(self) -> Node:
        """A person in one of the ways of news."""
        draw = self.chance.random()
        if draw < 0.6:
            return self.titled()
        if draw < 0.72:
            return self.family_name()
        return self.described() if draw < 0.9 else self.name()

    def group(self) -> Node:
        """Officials, a government, an organisation."""
        kind = self.chance.randrange(5)
        if kind == 0:
            return noun(self.one_of("state bodies")).pre("nmod:poss", possessive(self.country()))
        if kind == 1:
            return self.adjective(noun(self.one_of("groups")))
        if kind == 2:
            return the(self.adjective(noun(self.one_of("state bodies"))))
        if kind == 3:
            return the(headed_left(["foreign", "ministry"]))
        return self.organisation()

    def organisation(self) -> Node:
        """A body by its name."""
        if self.maybe(0.3):
            ministry = proper("Ministry").post("nmod", with_case(headed_left(self.one_of("ministries").split()), "of"))
            return the(ministry.named("ORG"))
        text = self.one_of("organisations")
        phrase = headed_left(text.split()).named("ORG")
        article = self.maybe(0.7) if " " in text else text in words("organisations with article")
        return the(phrase) if article else phrase

    def party(self) -> Node:
        """A state, a person with a title or a group."""
        return self.chance.choice([self.country, self.country, self.titled, self.group, self.organisation])()

    def coordinated(self, draw: str = "party") -> Node:
        """Two or three of them."""
        first: Node = getattr(self, draw)()
        number = 1 if self.maybe(0.75) else 2
        for place in range(number):
            other: Node = getattr(self, draw)()
            last = place == number - 1
            other.pre("cc" if last else "punct", Node("and", "CCONJ", "CC") if last else comma())
            first.post("conj", other)
        return first

    def actor(self) -> Node:
        """Who does something."""
        draw = self.chance.random()
        if draw < 0.42:
            return self.person()
        if draw < 0.72:
            return self.country()
        if draw < 0.8:
            return self.coordinated()
        return self.organisation() if draw < 0.88 else self.group()

    def topic(self) -> Node:
        """``military cooperation with Japan``."""
        adjective = self.maybe(0.5)
        head = noun(self.one_of("topics"))
        if adjective:
            head.pre("amod", Node(self.one_of("topic adjectives"), "ADJ", "JJ"))
        else:
            head.pre("compound", noun(self.one_of("topic nouns")))
        if self.maybe(0.3):
            head.post("nmod", with_case(self.country(), self.chance.choice(["with", "in"])))
        return head

    def place(self) -> Node:
        """``in Phnom Penh``."""
        where = self.city() if self.maybe(0.7) else self.country()
        return with_case(where, self.chance.choice(["in", "in", "in", "near", "outside"]))

    def time(self) -> tuple[str, Node]:
        """A time with its relation: ``on Monday``, ``Monday``, ``last week``, ``in 2012``."""
        draw = self.chance.random()
        if draw < 0.4:
            return "obl", with_case(proper(self.one_of("weekdays")), "on")
        if draw < 0.6:
            return "obl:unmarked", proper(self.one_of("weekdays"))
        if draw < 0.8:
            head = noun(self.chance.choice(["week", "month", "year"]))
            return "obl:unmarked", head.pre("amod", Node(self.chance.choice(["last", "next"]), "ADJ", "JJ"))
        if draw < 0.9:
            day = Node(str(self.chance.randint(1, 31)), "NUM", "CD")
            return "obl", with_case(proper(self.one_of("months")).post("nummod", day), "on")
        return "obl", with_case(Node(str(self.chance.randint(1995, 2030)), "NUM", "CD"), "in")
