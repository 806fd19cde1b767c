"""Looks at a query's tokens before anything parses it: what may crash or hang the engine, or reach out, is refused.

Oxigraph 0.5 follows SERVICE and LOAD to any address with no switch to turn that off, and deep nesting, thousands of
UNIONs or endless property paths overflow its stack. Tokens, not a search in the text: the words may stand in strings,
comments and names. The engine knows a keyword though letters follow it: to it ``trueSERVICE`` is two words, and
``SERVICEe:x {`` asks ``e:x``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kg.errors import QueryError
from kg.sparql.lexer import Token, plain, tokens
from kg.sparql.services import Asked, Services, listed

MAX_TOKENS = 20_000
MAX_NESTING = 60
MAX_UNIONS = 200
MAX_PATH = 50

_SERVICE = re.compile("service", re.IGNORECASE)
_FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
#: Functions whose value is another each time: what they stand in is not kept.
_VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}
#: Kinds of tokens in which queries of one shape may differ.
_VALUES = {"iri", "string", "number", "language"}
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}


@dataclass(frozen=True)
class Query:
    """A query that may be evaluated; ``form`` is SELECT, ASK, CONSTRUCT or DESCRIBE; ``volatile`` where its answer may change
    though the data do not; ``asked`` are the endpoints that it asks by SERVICE. Queries that differ in nothing but their IRIs,
    literals and comments have the same ``shape``, which is another in each run of the program.
    """

    text: str
    form: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    volatile: bool = False
    asked: tuple[Asked, ...] = ()
    shape: int = 0

    @property
    def gives_triples(self) -> bool:
        """Whether the answer is a graph and not rows or a boolean."""
        return self.form in ("CONSTRUCT", "DESCRIBE")


class Counter:
    """What is counted while the tokens go by; raises at the first that goes too far.

    Args:
        what: it is, in words.
        services: whether SERVICE may stand in it as a word of its own, which ``Services`` then looks at.
    """

    def __init__(self, what: str = "query", *, services: bool = False) -> None:
        self._what, self._services = what, services
        self.tokens = self.depth = self.unions = self.path = 0
        self._service = False

    def see(self, token: Token) -> None:
        """Count one token, and refuse it where it reaches out."""
        self.tokens += 1
        if self.tokens > MAX_TOKENS:
            raise QueryError(f"The {self._what} has more than {MAX_TOKENS:,} tokens.")
        if token.word == "UNION":
            self.unions += 1
            if self.unions > MAX_UNIONS:
                raise QueryError(f"The {self._what} has more than {MAX_UNIONS} UNIONs.")
        self._reaching_out(token)
        if token.kind == "sign":
            self._sign(token.text)
        elif token.kind == "variable":
            self.path = 0  # a path stands between a subject and an object; a long chain of names does not

    def _reaching_out(self, token: Token) -> None:
        """A word with SERVICE in it is one to the engine; so is a name with it, where a brace follows what may be asked."""
        if self._services and token.word == "SERVICE":
            self._service = False
            return
        held = token.kind in ("word", "name", "blank") and _SERVICE.search(token.text)
        if (held and token.kind == "word") or (self._service and token.text == "{"):
            raise QueryError("SERVICE is not allowed here: this endpoint does not ask other ones.")
        asked = token.kind in ("iri", "variable", "name") or token.word == "SILENT"
        self._service = bool(held) or (self._service and asked)

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
        QueryError: it is empty, no SPARQL, an update, reaches out (SERVICE to what is not listed, LOAD), or is over a limit.
    """
    text, allowed, shape = plain(text), listed(endpoints), 0
    form, volatile, counter, services = None, False, Counter(services=bool(allowed)), Services(allowed)
    for token in tokens(text):
        counter.see(token)
        shape = hash((shape, token.kind if token.kind in _VALUES else token.text))
        word = token.word
        volatile |= word in _VOLATILE
        services.see(token)
        if form is None and word in _UPDATES:
            raise QueryError(
                f"{word} is an update: it is sent as the parameter 'update' or as application/sparql-update."
            )
        if form is None and counter.depth == 0 and word in _FORMS:
            form = word
    if form is None:
        raise QueryError("There is no SELECT, ASK, CONSTRUCT or DESCRIBE in the query.")
    asked = services.end()
    return Query(text, form, default_graphs, named_graphs, volatile or bool(asked), asked, shape)
