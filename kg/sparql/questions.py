"""The example questions: files of the ontology, each with its sentence in English on the first line, then its parameters.

A parameter's line is ``# $name kind: what it is, in words``. In the query it stands in one of two ways, so that each file is a
query that runs as it is: ``VALUES $name { default }``, whose default is replaced; or lines that are comments, ``#$name pattern``,
which count only where the parameter has a value. Values are put in as terms, never as text.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from kg.errors import QueryError
from kg.triples.vocab import DIPL, PREFIXES, ontology, ontology_folder, term, with_superclasses

#: Longest value of a parameter, in characters.
MOST_CHARACTERS = 200
_DECLARED = re.compile(r"^# \$(\w+) (\w+): (.+)$", re.MULTILINE)
_OPTIONAL = re.compile(r"^(\s*)#\$(\w+) (.+)$")
_ASIDE = re.compile(r" \((.*)\)$")
_COUNTRY = re.compile(r"[A-Z]{3}")
_INTEGER, _DECIMAL = re.compile(r"\d{1,9}"), re.compile(r"\d{0,9}\.\d{1,9}")

Term = ox.NamedNode | ox.Literal
#: The things of a name; what is called so is not known here.
Named = Callable[[str], Sequence[ox.NamedNode]]
#: The ISO 3166-1 alpha-3 codes of the states of a name.
Coded = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name in addresses, what kind of value it takes, what it is in words, and its value where none is given
    (a term as it stands in the query, or empty).

    Kinds: ``actor`` (a thing by IRI or name), ``country`` (a state's code or name), ``topic`` and ``event`` (a topic, a class of
    events, by its local name), ``date``, ``number``, ``text`` (words to be found).
    """

    name: str
    kind: str
    words: str
    default: str

    @property
    def default_value(self) -> str:
        """The default as it is written in an address or a form."""
        inner = self.default.partition("^^")[0].strip('"')
        return inner.removeprefix("dipl:").removeprefix("topic-")


@dataclass(frozen=True)
class Question:
    """One example: its name in addresses, the question in English, the query as it runs without values, and its parameters."""

    name: str
    title: str
    query: str
    parameters: tuple[Parameter, ...]

    @property
    def words(self) -> str:
        """The question alone."""
        return _ASIDE.sub("", self.title)

    @property
    def note(self) -> str:
        """What is said beside the question; what the defaults are ("Here: …") is not."""
        found = _ASIDE.search(self.title)
        return found[1] if found and not found[1].startswith("Here:") else ""

    @property
    def short(self) -> str:
        """Its name in words."""
        return self.name.replace("-", " ").capitalize()


def _default(text: str, name: str) -> str:
    found = re.search(rf"VALUES \${name} {{ (\S+) }}", text)
    return found[1] if found else ""


@cache
def questions() -> tuple[Question, ...]:
    """All example questions, in their order."""
    found = []
    for path in sorted((ontology_folder() / "questions").glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        parameters = tuple(
            Parameter(name, kind, words, _default(text, name)) for name, kind, words in _DECLARED.findall(text)
        )
        # "01-who-met-whom.rq" is called "who-met-whom"
        title = text.splitlines()[0].lstrip("# ")
        found.append(Question(path.stem.split("-", 1)[1], title, text, parameters))
    return tuple(found)


def question(name: str) -> Question | None:
    """The question of a name."""
    return next((q for q in questions() if q.name == name), None)


@cache
def topics() -> dict[str, str]:
    """Local name without ``topic-`` -> label, of all topics."""
    return {name.removeprefix("topic-"): label for name, label in _labels().items() if name.startswith("topic-")}


@cache
def event_classes() -> dict[str, str]:
    """Local name -> label, of the classes of events, that of all events first."""
    events = (n for n in _labels() if n[:1].isupper() and term("Event") in with_superclasses(n))
    return {name: _labels()[name] for name in sorted(events, key=lambda n: (n != "Event", n))}


@cache
def _labels() -> dict[str, str]:
    label = ox.NamedNode(PREFIXES["rdfs"] + "label")
    return {
        t.subject.value.removeprefix(DIPL): t.object.value
        for t in ontology()
        if t.predicate == label and isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.Literal)
    }


def terms(parameter: Parameter, value: str, named: Named, coded: Coded) -> tuple[Term, ...]:
    """The terms that a value given as text stands for: several where a name is that of several things.

    Args:
        named: the things that a text may mean, by IRI or name.
        coded: the codes of the states of a name.

    Raises:
        QueryError: it is no value of the parameter's kind, or means nothing.
    """
    text = _stripped(parameter, value)
    wrong = f"{parameter.name}: {text[:60]!r} is"
    if parameter.kind == "topic" and text in topics():
        return (term(f"topic-{text}"),)
    if parameter.kind == "event" and text in event_classes():
        return (term(text),)
    if parameter.kind == "actor" and (found := named(text)):
        return tuple(found)
    if parameter.kind == "country":
        codes = [text] if _COUNTRY.fullmatch(text) else coded(text)
        if codes:
            return tuple(ox.Literal(code) for code in codes)
    if parameter.kind == "text":
        return (ox.Literal(text),)
    if parameter.kind in ("date", "number"):
        return (_literal(parameter, text, wrong),)
    expected = {
        "topic": "no topic of the ontology, such as trade",
        "event": "no kind of event of the ontology, such as Meeting",
        "actor": "the name of nobody in the graph; take one from the list",
        "country": "no state, such as Cambodia or KHM",
    }
    raise QueryError(f"{wrong} {expected[parameter.kind]}.")


def _stripped(parameter: Parameter, value: str) -> str:
    text = value.strip()
    if len(text) > MOST_CHARACTERS:
        raise QueryError(f"{parameter.name}: no value is longer than {MOST_CHARACTERS} characters.")
    if any(
        "\ud800" <= character <= "\udfff" for character in text
    ):  # what a command line has that is no UTF-8 becomes such
        raise QueryError(f"{parameter.name}: it holds half a surrogate pair, which is no character.")
    return text


def _literal(parameter: Parameter, text: str, wrong: str) -> ox.Literal:
    if parameter.kind == "date":
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            raise QueryError(f"{wrong} no day, such as 2016-01-26.") from None
        return ox.Literal(day.isoformat(), datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))
    kind = "integer" if _INTEGER.fullmatch(text) else "decimal" if _DECIMAL.fullmatch(text) else None
    if kind is None:
        raise QueryError(f"{wrong} no number, such as 3 or 0.5.")
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + kind))


def fill(question: Question, values: Mapping[str, Sequence[Term]]) -> str:
    """The question's query with values for some of its parameters; a value of several terms means any of them.

    Raises:
        QueryError: it has no such parameter.
    """
    names = {p.name for p in question.parameters}
    if unknown := values.keys() - names:
        told = f"it has {', '.join(sorted(names))}" if names else "it has none"
        raise QueryError(f"{question.name} has no parameter {min(unknown)!r}; {told}.")
    # what the first line says of defaults is not so where there are values
    first = f"# {question.words}" if values else f"# {question.title}"
    lines = (_line(question, line, values) for line in question.query.splitlines()[1:])
    return "\n".join([first, *(line for line in lines if line is not None)]) + "\n"


def _line(question: Question, line: str, values: Mapping[str, Sequence[Term]]) -> str | None:
    """A line of a query with the values in it; None where it is not part of what is asked."""
    if _DECLARED.match(line):
        return None
    if optional := _OPTIONAL.match(line):
        indent, name, pattern = optional.groups()
        return f"{indent}{_values(name, values[name])} {pattern}" if name in values else None
    for parameter in question.parameters:
        placed = f"VALUES ${parameter.name} {{ {parameter.default} }}"
        if parameter.default and parameter.name in values and placed in line:
            return line.replace(placed, _values(parameter.name, values[parameter.name]))
    return line


def _values(name: str, found: Sequence[Term]) -> str:
    # a term's own string is N-Triples, in which every sign is escaped that could end it
    return f"VALUES ${name} {{ {' '.join(map(str, found))} }}"
