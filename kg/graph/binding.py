"""Python's values as RDF terms, and these bound to the variables of a query."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import pyoxigraph as ox

from kg.errors import QueryError
from kg.sparql.lexer import Token, tokens

_XSD = "http://www.w3.org/2001/XMLSchema#"
_ADDRESS = re.compile(r"(https?://|urn:)\S+")
_NAME = re.compile(r"[A-Za-z_]\w*")


def as_term(value: object) -> ox.NamedNode | ox.Literal:
    """A value as a term: what looks like an IRI is one, days and numbers are of their XSD types, other text is a plain string.

    Raises:
        QueryError: there is no term for it.
    """
    if isinstance(value, ox.NamedNode | ox.Literal):
        return value
    if isinstance(value, str):
        try:
            return ox.NamedNode(value) if _ADDRESS.fullmatch(value) else ox.Literal(value)
        except ValueError:
            return ox.Literal(value)
    if isinstance(value, bool | int):
        return ox.Literal(value)
    if isinstance(value, float):
        return ox.Literal(value)
    if isinstance(value, dt.datetime):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(_XSD + "dateTime"))
    if isinstance(value, dt.date):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(_XSD + "date"))
    raise QueryError(f"A {type(value).__name__} cannot be put into a query; give text, a number, a day or an IRI.")


def bound(text: str, values: Mapping[str, object]) -> str:
    """A query in which variables have values, written at the beginning of its outermost pattern.

    Raises:
        QueryError: the query has no such variable, or no pattern; or there is no term for a value.
    """
    if not values:
        return text
    every = list(tokens(text))
    variables = {token.text[1:] for token in every if token.kind == "variable"}
    for name in values:
        if not _NAME.fullmatch(name) or name not in variables:
            raise QueryError(f"The query has no variable ?{name}.")
    clauses = " ".join(f"VALUES ?{name} {{ {as_term(value)} }}" for name, value in values.items())
    start = _pattern(every)
    return f"{text[:start]} {clauses} {text[start:]}"


def _pattern(every: list[Token]) -> int:
    """Where the outermost pattern begins, right behind its brace: that of CONSTRUCT comes after a template."""
    depth, template = 0, False
    for number, token in enumerate(every):
        if token.text == "{":
            after_where = number > 0 and every[number - 1].word == "WHERE"
            if depth == 0 and (after_where or not template):
                return token.start + 1
            depth += 1
        elif token.text == "}":
            depth -= 1
            template = template and depth > 0
        elif token.word == "CONSTRUCT":
            template = True
    raise QueryError("The query has no pattern in braces.")
