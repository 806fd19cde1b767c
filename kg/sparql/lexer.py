"""The tokens of SPARQL (SPARQL 1.1 Query, section 19.8), read strictly: what begins none of them ends the reading.

What looks at tokens before an engine parses the text must part it as the engine does, or a quotation mark that only one of
the two sees hides what follows it. The engine's grammar reads without tokens: to it ``<`` may be an operator where the
standard has an IRI begin (``FILTER(1<2&&'>'='x')``), and a keyword may end in the middle of a word (``SERVICESILENT``).
Where the two readings would part, the text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.errors import QueryError

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_MORE = "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_CODEPOINT = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ESCAPE = rf"(?:\\[tbnrf\"'\\]|{_CODEPOINT})"
_PART = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])"
#: Longest prefix of a name; a text of words with points between is read in linear time by it.
_LONGEST_PREFIX = 200

_IRI = re.compile(rf"<(?P<inside>(?:[^<>\"{{}}|^`\\\x00-\x20]++|{_CODEPOINT})*+)>")
_TOKEN = re.compile(
    rf"""
    (?P<skip>[ \t\r\n]+|\#[^\n\r]*)
  | (?P<string>\"\"\"(?:\"{{0,2}}(?:[^"\\]++|{_ESCAPE}))*+\"\"\"|'''(?:'{{0,2}}(?:[^'\\]++|{_ESCAPE}))*+'''
      |\"(?:[^"\\\n\r]++|{_ESCAPE})*+\"|'(?:[^'\\\n\r]++|{_ESCAPE})*+')
  | (?P<variable>[?$][{_BASE}_0-9][{_BASE}_{_MORE}]*)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<blank>_:[{_BASE}_0-9](?:[{_BASE}_{_MORE}.\-]*[{_BASE}_{_MORE}\-])?)
  | (?P<name>(?:[{_BASE}](?:[{_BASE}_{_MORE}.\-]{{0,{_LONGEST_PREFIX}}}[{_BASE}_{_MORE}\-])?)?:
      (?:(?:[{_BASE}_:0-9]|{_PART})(?:(?:[{_BASE}_{_MORE}.:\-]|{_PART})*(?:[{_BASE}_{_MORE}:\-]|{_PART}))?)?)
  | (?P<number>(?:[0-9]++\.?[0-9]*+|\.[0-9]++)[eE][+-]?[0-9]+|[0-9]*+\.[0-9]+|[0-9]+)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>\^\^|&&|\|\||!=|<=|>=|<<|[{{}}()\[\].;,*/|^?!=<>+\-~])
    """,
    re.VERBOSE,
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
#: What, in an IRI, would hide or be code if the engine took its beginning for an operator.
_TELLING = re.compile(r"['#]|service|load", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)", re.DOTALL)
_NO_IRI = re.compile(r"[<>\"{}|^`\\\x00-\x20]")


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

    @property
    def ends_operand(self) -> bool:
        """Whether it may be the last of what stands before an operator."""
        return self.kind != "sign" or self.text in (")", "}", "]")


def mistake(text: str, start: int, why: str, what: str = "query") -> QueryError:
    """What is told of a place in a text, in the engine's own form (line and column, from 1)."""
    line, column = text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1) + 1
    return QueryError(f"The {what} is not SPARQL: error at {line}:{column}: {why}.")


def tokens(text: str, what: str = "query") -> Iterator[Token]:
    """The tokens of a query or update, without white space and comments.

    Raises:
        QueryError: something in it begins no token, or could be read in two ways.
    """
    place, before, brackets = 0, None, [""]
    while place < len(text):
        match = _iri(text, place, before, brackets[-1], what) or _TOKEN.match(text, place)
        if match is None:
            raise mistake(text, place, f"nothing in SPARQL begins so: {text[place : place + 20]!r}", what)
        place = match.end()
        kind = match.lastgroup or ""
        if kind == "skip":
            continue
        token = Token("iri" if kind == "inside" else kind, match.group(), match.start())
        if token.text == "<<" and _IRI.match(text, match.start() + 1):
            token, place = Token("sign", "<", match.start()), match.start() + 1
        if kind == "sign":
            _bracket(brackets, token.text)
        yield token
        before = token


def _bracket(brackets: list[str], sign: str) -> None:
    if sign in ("(", "[", "{"):
        brackets.append(sign)
    elif sign in (")", "]", "}") and len(brackets) > 1:
        brackets.pop()


def _iri(text: str, place: int, before: Token | None, bracket: str, what: str) -> re.Match[str] | None:
    """The IRI that begins at a place; None where none does.

    Raises:
        QueryError: it may be "less than" as well, and what follows is then read otherwise.
    """
    match = _IRI.match(text, place)
    if match is None:
        return None
    inside, told = match["inside"], before is not None
    if not _TELLING.search(inside) or _ABSOLUTE.match(inside):
        return match  # "//" stands in no expression, and without a mark or word nothing is hidden either way
    doubled = told and before is not None and before.text == "<" and before.start == place - 1
    if doubled or (bracket == "(" and before is not None and before.ends_operand):
        raise mistake(text, place, "this may be an IRI or 'less than': put a space behind '<', or write it whole", what)
    return match


def plain(text: str, what: str = "query") -> str:
    """The text with characters in the place of their code points ("\\u0041"): some servers put them there before they read.

    Raises:
        QueryError: as ``tokens``; or there is no such character, or not there.
    """
    if "\\u" not in text and "\\U" not in text:
        return text
    parts, copied = [], 0
    for token in tokens(text, what):
        if token.kind in ("string", "iri") and "\\" in token.text:
            parts += [text[copied : token.start], _unescaped(text, token, what)]
            copied = token.start + len(token.text)
    return "".join([*parts, text[copied:]])


def _unescaped(text: str, token: Token, what: str) -> str:
    def character(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        if digits is None:
            return match[0]
        number = int(digits, 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise mistake(text, token.start, f"there is no character {match[0]}", what)
        found = chr(number)
        if token.kind == "iri":
            if _NO_IRI.match(found):
                raise mistake(text, token.start, f"{match[0]} stands in no IRI", what)
            return found
        return {"\n": "\\n", "\r": "\\r"}.get(found, f"\\{found}" if found in "\"'\\" else found)

    return _ESCAPED.sub(character, token.text)
