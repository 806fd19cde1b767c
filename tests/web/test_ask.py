"""Questions in plain words: forms whose values become terms, answers with their sentences, and the SPARQL that was run."""

from __future__ import annotations

import html
import re
import urllib.parse

import pyoxigraph as ox
import pytest

from kg.sparql.questions import questions
from tests.conftest import Reply, Served

BROWSER = "text/html"
SH = "http://www.w3.org/ns/shacl#"


def ask(service: Served, name: str, **values: str) -> Reply:
    return service.get(f"/ask/{name}?{urllib.parse.urlencode(values)}", BROWSER)


def rows(reply: Reply) -> list[str]:
    """The rows of the answer in words, without markup."""
    found = re.findall(r"<tr>(<td>.*?)</tr>", reply.text, re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


@pytest.mark.parametrize("name", [q.name for q in questions()])
def test_every_question_has_a_form_with_its_parameters_and_an_answer(name: str, service: Served) -> None:
    (asked,) = (q for q in questions() if q.name == name)
    reply = ask(service, name)
    assert reply.status == 200
    controls = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', reply.text)
    assert [c for c in controls if c != "q"] == [p.name for p in asked.parameters]
    assert "<details" in reply.text, "the SPARQL that was run"
    assert rows(reply) or "The articles say nothing of this." in reply.text


def test_an_answer_leads_to_things_and_shows_the_sentences_behind_it(service: Served) -> None:
    reply = ask(service, "who-met-whom", party="Hun Sen")
    assert len(rows(reply)) == 2
    assert 'href="/page/event/' in reply.text
    assert re.search(r"<blockquote><p>[^<]*Hun Sen", reply.text)
    assert re.search(r'<a href="/page/article/[^"]+#char=\d+,\d+">', reply.text)


@pytest.mark.parametrize("party", ["Hun Sen", "person/hun-sen-khm", "http://127.0.0.1:8000/id/person/hun-sen-khm"])
def test_an_actor_is_told_by_name_path_or_iri(party: str, service: Served) -> None:
    assert len(rows(ask(service, "who-met-whom", party=party))) == 2


def test_a_value_narrows_the_answer(service: Served) -> None:
    assert len(rows(ask(service, "who-met-whom", counterpart="Hor Namhong", party="John Kerry"))) == 2
    assert rows(ask(service, "who-met-whom", party="Cambodia", latest="2016-01-25")) == []
    assert len(rows(ask(service, "who-met-whom", party="Cambodia", earliest="2016-01-26"))) == 2
    trade = rows(ask(service, "what-was-said", matter="trade"))
    said = rows(ask(service, "what-was-said", matter="trade", word="PROPEL"))
    assert 0 < len(said) < len(trade)
    assert all("propel" in row for row in said)
    assert rows(ask(service, "what-was-said", matter="trade", who="United States")) != []


def test_a_country_is_told_by_code_or_name(service: Served) -> None:
    by_name = ask(service, "before-and-after", one="Cambodia", two="United States", day="2016-01-26")
    by_code = ask(service, "before-and-after", one="KHM", two="USA", day="2016-01-26")
    assert rows(by_name) == rows(by_code) == ["on the day or after 3 2"]


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("who-met-whom", {"party": "Nobody Atall"}, "party: 'Nobody Atall' is the name of nobody in the graph"),
        ("who-met-whom", {"party": "person/nobody"}, "is the name of nobody"),
        ("who-met-whom", {"party": 'x/"><script>'}, "is the name of nobody"),
        ("who-met-whom", {"earliest": "yesterday"}, "earliest: 'yesterday' is no day, such as 2016-01-26."),
        ("what-was-said", {"matter": "cheese"}, "matter: 'cheese' is no topic"),
        ("dealings-by-month", {"kind": "Nothing"}, "kind: 'Nothing' is no kind of event"),
        ("widely-reported", {"least": "many"}, "least: 'many' is no number"),
        ("before-and-after", {"one": "Atlantis"}, "one: 'Atlantis' is no state"),
        ("evidence", {"word": "x" * 201}, "word: no value is longer than 200 characters."),
    ],
)
def test_what_is_no_value_is_told_with_the_form(name: str, values: dict[str, str], told: str, service: Served) -> None:
    reply = ask(service, name, **values)
    assert reply.status == 400
    assert told in html.unescape(reply.text)
    assert "<form" in reply.text
    assert "<script>" not in reply.text


def test_words_are_words_and_never_sparql(service: Served) -> None:
    reply = ask(service, "evidence", word='") } } SELECT * { ?s ?p ?o } # \\')
    assert reply.status == 200
    assert rows(reply) == []
    assert ask(service, "evidence", word="VALUES $least { 3 }").status == 200


def test_the_query_that_was_run_gives_the_same_rows(service: Served) -> None:
    reply = ask(service, "who-met-whom", party="Cambodia")
    (csv,) = re.findall(r'href="(/sparql\?[^"]+format=csv)"', reply.text)
    table = service.get(html.unescape(csv)).text.splitlines()
    assert len(table) - 1 == len(rows(reply)) == 2


def test_unknown_questions_are_404(service: Served) -> None:
    assert ask(service, "no-such").status == 404


def test_questions_are_published_as_executables(service: Served) -> None:
    triples = list(ox.parse(service.get("/questions", "text/turtle").body, format=ox.RdfFormat.TURTLE))
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    executables = [
        t.subject for t in triples if t.predicate == kind and t.object == ox.NamedNode(SH + "SPARQLExecutable")
    ]
    assert len(executables) == len(questions())
    texts = [t.object.value for t in triples if t.predicate == ox.NamedNode(SH + "select")]
    for text in texts:
        ox.Store().query(text)
    parameters = [t for t in triples if t.predicate == ox.NamedNode(SH + "parameter")]
    assert len(parameters) == sum(len(q.parameters) for q in questions())
    page = service.get("/questions", BROWSER)
    assert page.headers["vary"].startswith("Accept")
    assert all(f'id="{q.name}"' in page.text for q in questions())
