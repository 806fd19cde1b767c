"""Bridge from the ClearNLP labels of spaCy's own English pipelines to Universal Dependencies.

The differences that matter to a reader of the tree (Schuster and Manning 2016; the ClearNLP guidelines, Choi and Palmer 2012):
prepositions govern their noun (prep, pobj, agent), the copula governs its predicate (attr, acomp), other names for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

#: A label that only the ClearNLP scheme has.
MARK = "nsubjpass"
_NAMES = {
    "ROOT": "root",
    "acomp": "xcomp",
    "agent": "case",
    "appos": "appos",
    "attr": "xcomp",
    "auxpass": "aux:pass",
    "csubjpass": "csubj:pass",
    "dative": "iobj",
    "dobj": "obj",
    "intj": "discourse",
    "neg": "advmod",
    "npadvmod": "obl:unmarked",
    "nsubjpass": "nsubj:pass",
    "oprd": "xcomp",
    "pcomp": "advcl",
    "poss": "nmod:poss",
    "predet": "det:predet",
    "preconj": "cc:preconj",
    "prt": "compound:prt",
    "relcl": "acl:relcl",
    "nmod": "compound",
    "quantmod": "advmod",
}


@dataclass
class Arc:
    """One token's governor (an index, its own for the root), relation and part of speech."""

    head: int
    label: str
    upos: str


def to_universal(arcs: list[Arc]) -> list[Arc]:
    """The same sentence in Universal Dependencies: new arcs, the given ones unchanged."""
    new = [Arc(a.head, _NAMES.get(a.label, a.label), a.upos) for a in arcs]
    for i, arc in enumerate(arcs):
        if arc.label == "pobj" or (arc.label == "pcomp" and arcs[arc.head].label in ("prep", "agent")):
            _lift(arcs, new, i)
    for i, arc in enumerate(arcs):
        if arc.label in ("attr", "acomp") and arcs[arc.head].upos == "AUX":
            _turn_copula(arcs, new, i)
    return new


def _lift(arcs: list[Arc], new: list[Arc], i: int) -> None:
    """Make the preposition a case mark of its noun."""
    preposition = arcs[i].head
    by, above = arcs[preposition].label == "agent", arcs[preposition].head
    while arcs[above].label == "prep" and arcs[above].head != above:
        above = arcs[above].head  # "from under the table"
    nominal = arcs[above].upos in ("NOUN", "PROPN", "PRON", "NUM")
    if arcs[preposition].label == "ROOT":
        new[i] = Arc(i, "root", arcs[i].upos)
    elif arcs[i].label == "pcomp":
        new[i] = Arc(above, "acl" if nominal else "advcl", arcs[i].upos)
    else:
        label = "iobj" if arcs[preposition].label == "dative" else "nmod" if nominal else "obl:agent" if by else "obl"
        new[i] = Arc(above, "obl" if label == "iobj" else label, arcs[i].upos)
    new[preposition] = Arc(i, "mark" if arcs[i].label == "pcomp" else "case", arcs[preposition].upos)


def _turn_copula(arcs: list[Arc], new: list[Arc], i: int) -> None:
    """Put the predicate in the place of its copula."""
    copula = arcs[i].head
    root = arcs[copula].head == copula
    new[i] = Arc(i if root else new[copula].head, new[copula].label, arcs[i].upos)
    for j, arc in enumerate(new):
        if j not in (i, copula) and arc.head == copula and arc.label != "root":
            new[j] = Arc(i, arc.label, arc.upos)
    new[copula] = Arc(i, "cop", "AUX")
