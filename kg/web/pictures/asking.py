"""The documented queries behind pictures: read from their files, given their values, and answered as a stranger's are."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pyoxigraph as ox

from kg.errors import QueryError
from kg.sparql import check
from kg.sparql.formats import ROWS
from kg.store import State
from kg.web.http.caching import tag_of
from kg.web.service import service

Term = ox.NamedNode | ox.Literal
#: What a parameter can be: a term, or several for a VALUES.
Values = Mapping[str, Term | tuple[Term, ...]]
_NAME = re.compile(r"\$(\w+)")
#: A line for which parameters must be given: their names, and the line.
_OPTIONAL = re.compile(r"(\s*)#\? ([\w ]+): (.*)")


@cache
def template(name: str) -> str:
    """The text of a query; without any value it is a query that can be run."""
    return (resources.files("kg.web.pictures") / "queries" / f"{name}.rq").read_text(encoding="utf-8")


@cache
def parameters(name: str) -> frozenset[str]:
    """The parameters that a query takes."""
    return frozenset(_NAME.findall(template(name)))


def bound(name: str, values: Values) -> str:
    """A query with its values in it, each as the term that it is, in the engine's own writing.

    A line "#? name: ..." is kept, without its beginning, where that parameter is given, and left out otherwise.
    """
    lines = []
    for line in template(name).splitlines():
        if optional := _OPTIONAL.fullmatch(line):
            if not set(optional[2].split()) <= values.keys():
                continue
            line = optional[1] + optional[3]
        elif line.lstrip().startswith("#"):
            lines.append(line)
            continue
        lines.append(_NAME.sub(lambda m: _written(values[m[1]]) if m[1] in values else m[0], line))
    return "\n".join(lines) + "\n"


def _written(value: Term | tuple[Term, ...]) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True)
class Rows:
    """What a query gave: the variables, and a row for each solution; ``query`` is its text."""

    query: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]

    def csv(self) -> str:
        """The rows as CSV (RFC 4180), as SPARQL 1.1 writes results: https://www.w3.org/TR/sparql11-results-csv-tsv/."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.names)
        writer.writerows([row.text(name) for name in self.names] for row in self.rows)
        return out.getvalue()


class Row:
    """One solution, read by the names of its variables."""

    def __init__(self, values: Mapping[str, Term | None]) -> None:
        self._values = values

    def term(self, name: str) -> Term | None:
        """The value as a term."""
        return self._values.get(name)

    def text(self, name: str) -> str:
        """The value as words; empty where it has none."""
        value = self._values.get(name)
        return value.value if value is not None else ""

    def whole(self, name: str) -> int:
        """The value as a whole number; 0 where it has none."""
        return int(self.text(name) or 0)

    def decimal(self, name: str) -> float | None:
        """The value as a number."""
        return float(text) if (text := self.text(name)) else None

    def day(self, name: str) -> dt.date:
        """The value as a day. Years before 1 and after 9999 do not occur in articles' graphs."""
        return dt.date.fromisoformat(self.text(name)[:10])


def ask(query: str, state: State) -> Rows:
    """Have a query answered by the workers, within their limits; an answer for the same state of the store is kept.

    Raises:
        QueryError, QueryTimeoutError, QueryCrashError, AnswerTooLargeError, BusyError: as ``kg.sparql.pool`` tells.
    """
    checked = check(query)
    tag = tag_of(f"{state.origin}-{state.generation}", query, "picture")
    kept = service().results.get(tag)
    if kept:
        body = kept[0]
    else:
        answer = service().pool.answer(checked, ROWS[0], state)
        body = answer.whole if answer.whole is not None else b"".join(answer.parts or ())
        service().results.keep(tag, (body, ROWS[0].content_type), len(body))
    found = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if not isinstance(found, ox.QuerySolutions):
        raise QueryError("A picture is drawn from rows: its query must be a SELECT.")
    names = tuple(variable.value for variable in found.variables)
    return Rows(query, names, tuple(Row({name: _term(solution[name]) for name in names}) for solution in found))


def _term(value: object) -> Term | None:
    return value if isinstance(value, ox.NamedNode | ox.Literal) else None


def asked(name: str, values: Values, state: State) -> Rows:
    """The rows of a documented query; values that it has no parameter for are not used."""
    return ask(bound(name, {k: v for k, v in values.items() if k in parameters(name)}), state)


def people_called(words: str, state: State, classes: Sequence[ox.NamedNode]) -> list[ox.NamedNode]:
    """The things of some classes that have exactly this label, at most a handful."""
    labels = f"{ox.Literal(words)} {ox.Literal(words, language='en')}"
    kinds = " ".join(map(str, classes))
    query = (
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
        f"SELECT DISTINCT ?thing {{ VALUES ?name {{ {labels} }} ?thing rdfs:label ?name ; a ?kind VALUES ?kind {{ {kinds} }} }}"
        " ORDER BY ?thing LIMIT 5"
    )
    return [node for row in ask(query, state).rows if isinstance(node := row.term("thing"), ox.NamedNode)]
