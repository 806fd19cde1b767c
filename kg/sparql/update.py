"""Looks at an update before it is run, and gives it the dataset that the protocol asks for.

https://www.w3.org/TR/sparql11-protocol/#update-dataset
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.errors import QueryError
from kg.sparql.guard import Counter
from kg.sparql.lexer import Token, plain, tokens


def check_update(text: str, using: Sequence[str] = (), using_named: Sequence[str] = ()) -> str:
    """The update to run.

    Args:
        text: SPARQL 1.1 Update.
        using, using_named: graphs that its WHERE clauses see (``using-graph-uri``, ``using-named-graph-uri``).

    Raises:
        QueryError: it reaches out (LOAD, SERVICE), is over a limit, or names a dataset besides the protocol's.
    """
    text, counter = plain(text, "update"), Counter("update")
    every = list(tokens(text, "update"))
    for token, before in zip(every, [None, *every], strict=False):
        counter.see(token)
        if "LOAD" in token.word or _loads(token, before, counter.depth):
            raise QueryError("LOAD is not allowed here: this endpoint does not ask other ones.")
    return _with_dataset(text, every, using, using_named) if using or using_named else text


def _loads(token: Token, before: Token | None, depth: int) -> bool:
    """Whether the engine may read a name as LOAD and an IRI ("LOADe:x"): where an operation may begin."""
    return depth == 0 and token.kind == "name" and "LOAD" in token.text.upper() and not (before and before.word)


def _with_dataset(text: str, every: list[Token], using: Sequence[str], using_named: Sequence[str]) -> str:
    clauses = "".join(f"USING <{iri}> " for iri in using) + "".join(f"USING NAMED <{iri}> " for iri in using_named)
    parts, copied = [], 0
    for i, token in _at_the_top(every):
        if token.word in ("USING", "WITH"):
            raise QueryError(f"The update says {token.word} and the request names a dataset: one of the two must go.")
        if token.word != "WHERE":
            continue
        parts.append(text[copied : token.start])
        if i and every[i - 1].word == "DELETE":  # "DELETE WHERE { … }" takes no USING: it is spelt out
            parts.append(text[every[i + 1].start : _end_of_block(every, i + 1)] + " ")
        parts.append(clauses)
        copied = token.start
    return "".join([*parts, text[copied:]])


def _at_the_top(every: list[Token]) -> Iterator[tuple[int, Token]]:
    """The tokens that stand in no braces."""
    depth = 0
    for i, token in enumerate(every):
        if token.text == "}":
            depth -= 1
        if depth == 0:
            yield i, token
        if token.text == "{":
            depth += 1


def _end_of_block(every: list[Token], first: int) -> int:
    """Where the block ends that opens at a token."""
    depth = 0
    for i in range(first, len(every)):
        token = every[i]
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            return token.start + len(token.text)
    raise QueryError("A brace of the update is not closed.")
