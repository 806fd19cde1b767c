"""Looks at a query's tokens before anything parses it: what may crash or hang the engine, or reach out, is refused.

Oxigraph 0.5 follows SERVICE and LOAD to any address with no switch to turn that off, and deep nesting, thousands of
UNIONs or endless property paths overflow its stack. Tokens, not a search in the text: the words may stand in strings,
comments and names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.errors import QueryError
from kg.sparql.services import Asked, Services, listed

MAX_TOKENS = 20_000
MAX_NESTING = 60
MAX_UNIONS = 200
MAX_PATH = 50

#: Tokens of SPARQL 1.1 (section 19.8), as far as the guard needs them apart.
_TOKEN = re.compile(
    r"""
    (?P<skip>\s+|\#[^\n\r]*)
  | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<blank>_:[\w.\-]+)
  | (?P<name>[\w\-.]*:[\w\-.:%\\]*)
  | (?P<number>\d*\.?\d+(?:[eE][+-]?\d+)?)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign>\^\^|&&|\|\||!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
#: Functions whose value is another each time: what they stand in is not kept.
_VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}


@dataclass(frozen=True)
class Query:
    """A query that may be evaluated; ``form`` is SELECT, ASK, CONSTRUCT or DESCRIBE; ``volatile`` where its answer may change
    though the data do not; ``asked`` are the endpoints that it asks by SERVICE.
    """

    text: str
    form: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    volatile: bool = False
    asked: tuple[Asked, ...] = ()

    @property
    def gives_triples(self) -> bool:
        """Whether the answer is a graph and not rows or a boolean."""
        return self.form in ("CONSTRUCT", "DESCRIBE")


@dataclass(frozen=True)
class Token:
    """One token: what it is, its text, and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def word(self) -> str:
        """A keyword in capitals; empty for what is no word."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a query or update, without white space and comments."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup and match.lastgroup != "skip":
            yield Token(match.lastgroup, match.group(), match.start())


class Counter:
    """What is counted while the tokens go by; raises at the first that goes too far."""

    def __init__(self, what: str = "query") -> None:
        self._what = what
        self.tokens = self.depth = self.unions = self.path = 0

    def see(self, kind: str, token: str) -> None:
        self.tokens += 1
        if self.tokens > MAX_TOKENS:
            raise QueryError(f"The {self._what} has more than {MAX_TOKENS:,} tokens.")
        if kind == "word" and token.upper() == "UNION":
            self.unions += 1
            if self.unions > MAX_UNIONS:
                raise QueryError(f"The {self._what} has more than {MAX_UNIONS} UNIONs.")
        if kind == "sign":
            self._sign(token)
        elif kind == "variable":
            self.path = 0  # a path stands between a subject and an object; a long chain of names does not

    def _sign(self, token: str) -> None:
        if token in "{([":
            self.depth += 1
            if self.depth > MAX_NESTING:
                raise QueryError(f"The {self._what} nests brackets deeper than {MAX_NESTING}.")
        elif token in "})]":
            self.depth -= 1
        elif token in ("/", "|"):
            self.path += 1
            if self.path > MAX_PATH:
                raise QueryError(f"The {self._what} has a property path of more than {MAX_PATH} steps.")
        elif token in ".;":
            self.path = 0


def check(
    text: str,
    default_graphs: tuple[str, ...] = (),
    named_graphs: tuple[str, ...] = (),
    endpoints: Iterable[str] = (),
) -> Query:
    """Check a query's tokens and tell its form.

    Args:
        text: SPARQL 1.1 Query.
        default_graphs, named_graphs: IRIs of the dataset that the protocol asks for; none means the union of all graphs.
        endpoints: the IRIs that SERVICE may ask.

    Raises:
        QueryError: it is empty, an update, reaches out (SERVICE to what is not listed, LOAD), or is over a limit.
    """
    form, volatile, counter, services = None, False, Counter(), Services(listed(endpoints))
    for token in tokens(text):
        counter.see(token.kind, token.text)
        word = token.word
        volatile |= word in _VOLATILE
        services.see(token)
        if form is None and word in _UPDATES:
            raise QueryError(
                f"{word} is an update: it is sent as the parameter 'update' or as application/sparql-update."
            )
        if form is None and word in _FORMS:
            form = word
    if form is None:
        raise QueryError("There is no SELECT, ASK, CONSTRUCT or DESCRIBE in the query.")
    asked = services.end()
    return Query(text, form, default_graphs, named_graphs, volatile or bool(asked), asked)
