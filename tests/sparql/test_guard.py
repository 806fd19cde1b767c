"""The guard refuses what may crash, hang or reach out, by tokens, and lets everything else pass."""

import pytest

from kg.errors import QueryError
from kg.sparql import check
from kg.sparql.guard import MAX_NESTING, MAX_PATH, MAX_TOKENS, MAX_UNIONS
from kg.sparql.questions import Question, questions


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("# DELETE everything\nPREFIX select: <http://a/DROP> ask {}", "ASK"),
        ("BASE <http://a/> CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("describe <http://a/SERVICE>", "DESCRIBE"),
        ("SELECT ?service { ?service <p> 'SERVICE <http://x>' } # SERVICE", "SELECT"),
        ('SELECT * { ?s ?p """SERVICE "quoted" \\""" LOAD""" }', "SELECT"),
        ("PREFIX service: <http://a/> SELECT * { ?s service:SERVICE ?o . FILTER(?o < 3 && ?o > 1) }", "SELECT"),
        ("SELECT ?load { BIND(1 AS ?load) } VALUES ?load { 1 }", "SELECT"),
    ],
)
def test_what_passes(text: str, form: str) -> None:
    assert check(text).form == form


@pytest.mark.parametrize("question", questions(), ids=lambda q: q.name)
def test_the_example_questions_pass(question: Question) -> None:
    assert check(question.query).form == "SELECT"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is no SELECT"),
        ("hello", "There is no SELECT"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE is not allowed"),
        ("SELECT * { sErViCe SILENT ?x { ?s ?p ?o } }", "SERVICE is not allowed"),
        ("SELECT * { #x\nSERVICE<http://a/>{} }", "SERVICE is not allowed"),
        ("SELECT * { ?s ?p 'a\\'' . SERVICE <http://a/> {} }", "SERVICE is not allowed"),
        ("INSERT DATA { <a:a> <a:a> 1 }", "INSERT is an update"),
        ("PREFIX a: <http://a/> DELETE WHERE { ?s ?p ?o }", "DELETE is an update"),
        ("LOAD <http://127.0.0.1/>", "LOAD is an update"),
        ("DROP ALL", "DROP is an update"),
        ("SELECT * " + "{" * (MAX_NESTING + 1), "nests brackets deeper"),
        ("SELECT * { FILTER(" + "(" * 10_000 + "1" + ")" * 10_000 + ") }", "nests brackets deeper"),
        ("SELECT * { {}" + " UNION {}" * (MAX_UNIONS + 1) + " }", "UNIONs"),
        ("SELECT * { ?s " + "/".join(["<a:a>"] * (MAX_PATH + 2)) + " ?o }", "property path"),
        ("SELECT * { FILTER(" + " || ".join(["?a = 1"] * MAX_TOKENS) + ") }", "tokens"),
    ],
    ids=lambda v: v[:30] if len(v) > 30 else v,
)
def test_what_is_refused(text: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        check(text)
