"""The bridge from ClearNLP's labels: the trees that spaCy's own English pipelines give, written out by hand."""

from kg.language.clearnlp import Arc, to_universal


def bridge(*rows: tuple[str, int, str, str]) -> dict[str, tuple[str, str]]:
    """word -> (governor's word, relation); rows are word, head, label, part of speech."""
    words = [row[0] for row in rows]
    arcs = to_universal([Arc(head, label, upos) for _, head, label, upos in rows])
    return {word: (words[arc.head], arc.label) for word, arc in zip(words, arcs, strict=True)}


def test_prepositions_become_case_marks() -> None:
    tree = bridge(
        ("Kerry", 1, "nsubj", "PROPN"),
        ("met", 1, "ROOT", "VERB"),
        ("with", 1, "prep", "ADP"),
        ("leaders", 2, "pobj", "NOUN"),
        ("of", 3, "prep", "ADP"),
        ("Chad", 4, "pobj", "PROPN"),
    )
    assert tree["leaders"] == ("met", "obl")
    assert tree["with"] == ("leaders", "case")
    assert tree["Chad"] == ("leaders", "nmod")


def test_the_agent_of_a_passive() -> None:
    tree = bridge(
        ("He", 2, "nsubjpass", "PRON"),
        ("was", 2, "auxpass", "AUX"),
        ("accused", 2, "ROOT", "VERB"),
        ("by", 2, "agent", "ADP"),
        ("Chad", 3, "pobj", "PROPN"),
    )
    assert tree["He"] == ("accused", "nsubj:pass")
    assert tree["Chad"] == ("accused", "obl:agent")


def test_the_predicate_governs_its_copula() -> None:
    tree = bridge(
        ("Talks", 1, "nsubj", "NOUN"),
        ("are", 1, "ROOT", "AUX"),
        ("possible", 1, "acomp", "ADJ"),
        ("now", 1, "advmod", "ADV"),
    )
    assert tree["possible"][1] == "root"
    assert tree["are"] == ("possible", "cop")
    assert tree["Talks"] == ("possible", "nsubj")
    assert tree["now"] == ("possible", "advmod")


def test_the_given_arcs_are_not_changed() -> None:
    arcs = [Arc(1, "dobj", "NOUN"), Arc(1, "ROOT", "VERB")]
    assert [a.label for a in to_universal(arcs)] == ["obj", "root"]
    assert [a.label for a in arcs] == ["dobj", "ROOT"]
