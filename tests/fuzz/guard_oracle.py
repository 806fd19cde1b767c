"""Holds the check of queries against the engine's own parser, which tells nothing but whether it takes a text.

Whether the engine sees SERVICE or LOAD as a word of the language is found by taking the letter away: of a string, a comment, a
name or a variable nothing is broken by it, of a clause everything is.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from kg.errors import QueryError
from kg.sparql import check, check_update

_OUT = re.compile(r"s(?=ervice)|l(?=oad)", re.IGNORECASE)
_FORMS = {
    "SELECT": ox.QuerySolutions,
    "ASK": ox.QueryBoolean,
    "CONSTRUCT": ox.QueryTriples,
    "DESCRIBE": ox.QueryTriples,
}


def calm(text: str) -> str:
    """The text with no word in it that asks others."""
    return _OUT.sub("x", text)


def _verdict(text: str) -> object | None:
    """What the engine makes of a query; None where it does not parse. Nothing is read of the results."""
    try:
        return ox.Store().query(text, base_iri="http://base.invalid/")
    except SyntaxError:
        return None
    except (RuntimeError, ValueError, OSError) as error:
        return error


def _taken(text: str) -> bool:
    try:
        ox.Store().update(text, base_iri="http://base.invalid/")
    except SyntaxError:
        return False
    except (RuntimeError, ValueError, OSError):
        return True
    return True


def agree_on_query(text: str) -> None:
    """What passes asks nobody; what parses passes, or is refused for a reason that is told; the form is the engine's."""
    try:
        checked = check(text)
    except QueryError:
        checked = None
    if checked is not None and _verdict(checked.text) is not None:
        assert _verdict(calm(checked.text)) is not None, f"it reaches out: {text!r}"
    quiet = calm(text)
    found = _verdict(quiet)
    try:
        checked = check(quiet)
    except QueryError as error:
        if "not SPARQL" in str(error) and "less than" not in str(error):
            assert found is None, f"the engine takes it, and the check says {error}: {quiet!r}"
        return
    if isinstance(found, ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples):
        assert isinstance(found, _FORMS[checked.form]), f"the check takes it for {checked.form}: {quiet!r}"
        assert type(_verdict(checked.text)) is type(found), f"it is another query without its escapes: {quiet!r}"


def agree_on_update(text: str) -> None:
    """What passes asks nobody, and what parses passes, or is refused for a reason that is told."""
    try:
        checked = check_update(text)
    except QueryError:
        checked = None
    if checked is not None and _taken(checked):
        assert _taken(calm(checked)), f"it reaches out: {text!r}"
    quiet = calm(text)
    try:
        check_update(quiet)
    except QueryError as error:
        if "not SPARQL" in str(error) and "less than" not in str(error):
            assert not _taken(quiet), f"the engine takes it, and the check says {error}: {quiet!r}"
