"""Dependency trees that are put together by hand, in the annotation of the English Universal Dependencies treebanks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.language.training.conllu import Sentence
from kg.language.training.entities import Named

#: Features by tag, as the treebanks have them; those of finite verbs follow from the subject.
_FEATURES = {
    "VBN": "Tense=Past|VerbForm=Part",
    "VBG": "Tense=Pres|VerbForm=Part",
    "VB": "VerbForm=Inf",
    "MD": "VerbForm=Fin",
    "NN": "Number=Sing",
    "NNS": "Number=Plur",
    "NNPS": "Number=Plur",
    "JJ": "Degree=Pos",
    "DT": "PronType=Art",
    "WP": "PronType=Rel",
}
_PRONOUNS = {
    "he": "Number=Sing|Person=3|PronType=Prs",
    "she": "Number=Sing|Person=3|PronType=Prs",
    "we": "Number=Plur|Person=1|PronType=Prs",
    "they": "Number=Plur|Person=3|PronType=Prs",
    "his": "Number=Sing|Person=3|Poss=Yes|PronType=Prs",
    "her": "Number=Sing|Person=3|Poss=Yes|PronType=Prs",
    "its": "Number=Sing|Person=3|Poss=Yes|PronType=Prs",
    "their": "Number=Plur|Person=3|Poss=Yes|PronType=Prs",
}
_NO_SPACE_BEFORE = frozenset([",", ".", "'s", "'", ")", "%"])
_NO_SPACE_AFTER = frozenset(["(", "$"])


@dataclass(eq=False)
class Node:
    """A word with what hangs on it, nearest last on the left and first on the right."""

    form: str
    pos: str
    tag: str
    left: list[tuple[str, Node]] = field(default_factory=list)
    right: list[tuple[str, Node]] = field(default_factory=list)
    #: PER, ORG or LOC when the word heads a name, and the words of the name.
    label: str = ""
    name: list[Node] = field(default_factory=list)
    #: Whether the next word follows without a space.
    tight: bool = False

    def pre(self, dep: str, child: Node) -> Node:
        """Hangs ``child`` on the word, before all that is there."""
        self.left.insert(0, (dep, child))
        return self

    def post(self, dep: str, child: Node) -> Node:
        """Hangs ``child`` on the word, after all that is there."""
        self.right.append((dep, child))
        return self

    def named(self, label: str) -> Node:
        """Makes what is there so far a name."""
        self.label, self.name = label, list(self.order())
        return self

    def order(self) -> Iterator[Node]:
        """The words in the order of the sentence."""
        for _, child in self.left:
            yield from child.order()
        yield self
        for _, child in self.right:
            yield from child.order()

    @property
    def plural(self) -> bool:
        """Whether a verb agrees with it in the plural."""
        return self.tag in ("NNS", "NNPS") or self.form == "they" or any(dep == "conj" for dep, _ in self.right)


def morph(node: Node) -> str:
    """The features of a word."""
    if node.form.lower() in _PRONOUNS:
        return _PRONOUNS[node.form.lower()]
    if node.tag in ("VBD", "VBZ", "VBP"):
        tense = "Past" if node.tag == "VBD" else "Pres"
        return f"Mood=Ind|Number={'Plur' if node.label == 'plural' else 'Sing'}|Person=3|Tense={tense}|VerbForm=Fin"
    if node.tag == "NNP":
        return "Degree=Pos" if node.pos == "ADJ" else "Number=Sing"
    return _FEATURES.get(node.tag, "")


def clause(verb: Node, subject: Node, helpers: list[tuple[str, Node]] | None = None, passive: bool = False) -> Node:
    """Puts the auxiliaries and the subject before a verb, and makes the finite word agree."""
    helpers = helpers or []
    for dep, helper in reversed(helpers):
        verb.pre(dep, helper)
    finite = helpers[0][1] if helpers else verb
    if finite.tag in ("VBD", "VBZ", "VBP") and subject.plural:
        finite.label = "plural"
    return verb.pre("nsubj:pass" if passive else "nsubj", subject)


def to_sentence(root: Node) -> tuple[Sentence, list[Named]]:
    """The tree as a sentence of a treebank, and the names in it."""
    nodes = list(root.order())
    place = {id(node): number for number, node in enumerate(nodes)}
    out = Sentence()
    head = {id(child): (node, dep) for node in nodes for dep, child in [*node.left, *node.right]}
    for number, node in enumerate(nodes):
        parent, dep = head.get(id(node), (node, "ROOT"))
        after = nodes[number + 1].form if number + 1 < len(nodes) else ""
        opens = number == 0 or (number == 1 and nodes[0].tag == "``")
        out.words.append(node.form[0].upper() + node.form[1:] if opens else node.form)
        out.spaces.append(not (node.tight or after in _NO_SPACE_BEFORE or node.form in _NO_SPACE_AFTER))
        out.tags.append(node.tag)
        out.pos.append(node.pos)
        out.morphs.append(morph(node))
        out.heads.append(place[id(parent)])
        out.deps.append(dep)
    spans = [sorted(place[id(part)] for part in node.name) for node in nodes if node.name]
    labels = [node.label for node in nodes if node.name]
    return out, [(span[0], span[-1] + 1, label) for span, label in zip(spans, labels, strict=True)]
