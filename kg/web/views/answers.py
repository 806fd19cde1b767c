"""Answers to queries as a page shows them: rows of words and links, and the sentences that facts in them were read from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.sparql import check
from kg.sparql.formats import ROWS
from kg.triples.vocab import DIPL, PREFIXES
from kg.web.service import service
from kg.web.views.graph_view import local_name
from kg.web.views.words import Link

Value = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None
#: Things that are looked up for one page.
_MOST_THINGS = 600


@dataclass(frozen=True)
class Table:
    """An answer's columns and rows; ``cut`` where there are more rows than these."""

    names: list[str]
    rows: list[list[Value]]
    cut: bool


@dataclass
class About:
    """What a page says of a thing: its label, and each sentence that it was read from with the passage's article."""

    label: str = ""
    sentences: list[tuple[str, Link]] = field(default_factory=list)


def read(body: bytes, most: int) -> Table:
    """The first rows of an answer in SPARQL JSON; a boolean becomes a word."""
    parsed = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if isinstance(parsed, ox.QueryBoolean):
        return Table(["answer"], [[ox.Literal("yes" if parsed else "no")]], cut=False)
    assert isinstance(parsed, ox.QuerySolutions)
    names = [v.value for v in parsed.variables]
    rows: list[list[Value]] = []
    for solution in parsed:
        if len(rows) == most:
            return Table(names, rows, cut=True)
        rows.append([solution[name] for name in names])
    return Table(names, rows, cut=False)


def ask(text: str, most: int) -> Table | None:
    """The first rows of one of the program's own queries; None where the answer is too large to be shown."""
    answer = service().pool.answer(check(text), ROWS[0])
    return read(answer.whole, most) if answer.whole is not None else None


def short(iri: str) -> str:
    """An IRI as a person would write it."""
    base = service().iris.base
    found = next((f"{p}:{iri[len(ns) :]}" for p, ns in PREFIXES.items() if iri.startswith(ns)), iri)
    return found.removeprefix(base + "id/").removeprefix(base)


def cell(value: Value, about: dict[str, About] | None = None) -> Link:
    """A value as a link and its words: the thing's label where that is known."""
    if isinstance(value, ox.NamedNode):
        known = about.get(value.value) if about else None
        return Link(known.label if known and known.label else short(value.value), value.value)
    return Link(str(getattr(value, "value", "")) if value is not None else "")


def about(table: Table) -> dict[str, About]:
    """What is to be said of the things of an answer that this service speaks of, by IRI: one query, whatever their number."""
    base = service().iris.base
    spoken = (v.value for row in table.rows for v in row if isinstance(v, ox.NamedNode))
    things = sorted({iri for iri in spoken if iri.startswith((base, DIPL))})[:_MOST_THINGS]
    return _look_up(things) if things else {}


def _look_up(things: Iterable[str]) -> dict[str, About]:
    listed = f"VALUES ?thing {{ {' '.join(str(ox.NamedNode(iri)) for iri in things)} }}"
    # each part begins with the things: what begins with all passages takes seconds in a large graph
    of_passage = """?passage oa:hasSelector ?selector ; oa:hasSource ?article . ?selector oa:exact ?sentence .
            OPTIONAL { ?article rdfs:label ?title }"""
    found = ask(
        f"""PREFIX dipl: <{DIPL}> PREFIX oa: <{PREFIXES["oa"]}> PREFIX rdfs: <{PREFIXES["rdfs"]}>
        SELECT DISTINCT ?thing ?label ?passage ?sentence ?article ?title WHERE {{
          {{ {listed} ?thing rdfs:label ?label }}
          UNION {{ {listed} ?thing dipl:evidence ?passage . {of_passage} }}
          UNION {{ {listed} ?thing dipl:reportedAs ?telling . ?telling dipl:evidence ?passage . {of_passage} }}
        }} ORDER BY ?thing ?label ?passage ?sentence ?title""",
        most=20 * _MOST_THINGS,
    )
    known: dict[str, About] = {}
    for thing, label, passage, sentence, article, title in found.rows if found else []:
        # Virtuoso gives the one thing of a list back as text
        assert isinstance(thing, ox.NamedNode | ox.Literal)
        one = known.setdefault(thing.value, About())
        one.label = one.label or (label.value if isinstance(label, ox.Literal) else "")
        if isinstance(passage, ox.NamedNode) and isinstance(sentence, ox.Literal) and isinstance(article, ox.NamedNode):
            name = title.value if isinstance(title, ox.Literal) else local_name(article.value)
            shown = sentence.value, Link(name, passage.value)
            if all(shown[0] != before for before, _ in one.sentences):
                one.sentences.append(shown)
    return known
