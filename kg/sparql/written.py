"""Which graphs an update may write, told from its tokens: by it what is made of the store need not look at all of it.

Told too widely costs time, told too narrowly would leave an index behind: what is not plainly one of some known words and
absolute IRIs is not told at all.
"""

from __future__ import annotations

import re

from kg.sparql.lexer import Token, plain, tokens

#: The words of updates that name the graphs they write. ADD, COPY, MOVE, LOAD and ALL are not among them, nor is BASE.
_KNOWN = frozenset(
    "PREFIX INSERT DELETE DATA WHERE GRAPH WITH USING NAMED CLEAR DROP CREATE SILENT DEFAULT A TRUE FALSE OPTIONAL UNION FILTER "
    "BIND AS VALUES UNDEF NOT EXISTS IN MINUS STR STRLEN STRSTARTS STRENDS CONTAINS SUBSTR REPLACE REGEX CONCAT LANG DATATYPE "
    "BOUND COALESCE IF IRI URI NOW YEAR MONTH DAY ABS CEIL FLOOR ROUND LCASE UCASE".split()
)
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:")
#: What a name may not hold: the engine would read a keyword in it ("GRAPHe:x").
_HIDDEN = ("GRAPH", "WITH")


def graphs_written(update: str) -> tuple[str, ...] | None:
    """The IRIs of the graphs that an update may write, and "" for the default graph; None where that is not told.

    Raises:
        QueryError: it is no SPARQL.
    """
    every = list(tokens(plain(update, "update"), "update"))
    found = {""}
    for before, token, after in zip([None, *every], every, [*every[1:], None], strict=False):
        if token.kind == "word":
            if token.word not in _KNOWN or (token.word == "NAMED" and not (before and before.word == "USING")):
                return None
        elif token.kind in ("name", "blank") and any(word in token.text.upper() for word in _HIDDEN):
            return None
        if token.word in _HIDDEN:
            graph = _absolute(after)
            if graph is None:
                return None
            found.add(graph)
    return tuple(sorted(found))


def _absolute(token: Token | None) -> str | None:
    """The IRI, where it is written whole."""
    if token is None or token.kind != "iri" or not _SCHEME.match(token.text):
        return None
    return token.text[1:-1]
