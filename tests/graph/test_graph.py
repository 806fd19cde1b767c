"""One class opens a store, a dump or an endpoint, and gives the same from each."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from click.testing import CliRunner

from kg import Graph
from kg.cli import main
from kg.config import Settings
from kg.errors import KgError, QueryError, StoreError
from kg.graph import SourceError
from kg.graph.binding import bound
from kg.graph.frames import CATEGORIES
from kg.sparql.questions import questions
from kg.store import open_store
from kg.tables.columns import COLUMNS
from tests.conftest import Served, serving
from tests.imports.test_gdelt_and_icews import rows

ARTICLES = """
{"id": "one", "date": "2019-11-01", "outlet": "Fiction Times", "text": "China threatened sanctions against Lithuania on Friday. The European Union condemned the threat. Lithuania will not recall its ambassador."}
{"id": "two", "date": "2021-03-04", "url": "https://news.example/two", "text": "The leaders of Kenya and Uganda signed a treaty on trade in Nairobi on 3 March 2021. Kenya's president, Uhuru Kenyatta, said: \\"We are neighbours.\\" Tanzania rejected it."}
"""  # noqa: E501


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Settings:
    """A store with the seeds, two articles more, and events of another collection."""
    from kg.pipeline import ingest

    folder = tmp_path_factory.mktemp("graph")
    settings = Settings(store=folder / "store", extractors="frames")
    (folder / "more.jsonl").write_text(ARTICLES.strip() + "\n")
    assert not ingest([seeds, folder / "more.jsonl"], settings).failures
    (folder / "one.CSV").write_text("\n".join(rows(58)) + "\n")
    done = CliRunner().invoke(main, ["import", "gdelt", str(folder / "one.CSV"), "--store", str(settings.store)])
    assert done.exit_code == 0, done.stderr
    return settings


@pytest.fixture(scope="module")
def dump(store: Settings) -> bytes:
    """All of it as N-Quads."""
    done = CliRunner().invoke(main, ["export", "--store", str(store.store)])
    assert done.exit_code == 0, done.stderr
    return done.stdout_bytes


@pytest.fixture(scope="module")
def served(store: Settings) -> Iterator[Served]:
    with serving(store) as found:
        yield found


@pytest.fixture(scope="module")
def three(store: Settings, dump: bytes, served: Served) -> Iterator[dict[str, Graph]]:
    """The same graph from each kind of source."""
    file = store.store.parent / "all.nq.zst"
    file.write_bytes(zstandard.compress(dump))
    sources = {"store": str(store.store), "dump": str(file), "endpoint": f"{served.url}/sparql"}
    graphs = {name: Graph(source) for name, source in sources.items()}
    yield graphs
    for graph in graphs.values():
        graph.close()


@pytest.fixture(params=["store", "dump", "endpoint"])
def graph(request: pytest.FixtureRequest, three: dict[str, Graph]) -> Graph:
    return three[request.param]


CALLS: dict[str, Callable[[Graph], pd.DataFrame]] = {
    "events": lambda g: g.events(),
    "an actor's": lambda g: g.events(actor="KHM", since="2016-01-01"),
    "filtered": lambda g: g.events(type="Consultation", topic="security", modality="actual", until=dt.date(2020, 1, 1)),
    "statements": lambda g: g.statements(),
    "a person's": lambda g: g.statements(actor="Hun Sen", topic="trade", least_confidence=0.1),
    "rows": lambda g: g.query(
        "SELECT ?e ?d ?q { ?e a dipl:Event ; dipl:quadClass ?q OPTIONAL { ?e dipl:earliestDate ?d } } ORDER BY ?e"
    ),
    **{q.name: lambda g, name=q.name: g.ask(name) for q in questions()},  # type: ignore[misc]
}


@pytest.mark.parametrize("name", CALLS)
def test_the_same_from_each_source(name: str, three: dict[str, Graph]) -> None:
    store, dump, endpoint = (CALLS[name](graph) for graph in three.values())
    for other in (dump, endpoint):
        pd.testing.assert_frame_equal(_settled(store, name), _settled(other, name))
    if name in ("events", "an actor's", "filtered", "statements", "a person's", "rows", "who-met-whom"):
        assert len(store)


def _settled(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A question's answer, without what its query leaves open: the order within groups, and of rows that it holds for equal."""
    if name not in {q.name for q in questions()}:
        return frame
    words = frame.map(lambda v: ", ".join(sorted(v.split(", "))) if isinstance(v, str) and ", " in v else v)
    return words.sort_values(list(words.columns), ignore_index=True)


def test_the_event_table_is_that_of_the_command(graph: Graph, store: Settings, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    CliRunner().invoke(main, ["export", "events", "--store", str(store.store), "-o", str(file)])
    wanted = pd.read_csv(file, dtype=str, keep_default_na=False)
    found = graph.events()
    assert list(found.columns) == [c.name for c in COLUMNS]
    assert {"articles", "gdelt"} == set(found["dataset"])
    for column in COLUMNS:
        ours = [_text(value, column.kind) for value in found[column.name]]
        assert ours == [_text(v or None, column.kind) for v in wanted[column.name]], column.name


def _text(value: Any, kind: str) -> str:
    if value is None or pd.isna(value):
        return ""
    return f"{float(value):g}" if kind == "number" else str(value)[:10] if kind == "date" else str(value)


def test_the_types_of_columns(graph: Graph) -> None:
    found = graph.events()
    for column in COLUMNS:
        kind = str(found[column.name].dtype)
        if column.kind == "date":
            assert kind.startswith("datetime64"), column.name
        elif column.name in CATEGORIES:
            assert kind == "category", column.name
        else:
            assert kind == {"integer": "Int64", "number": "float64"}.get(column.kind, "object"), column.name
    assert found["cameo"].cat.categories.str.startswith("0").any()
    said = graph.statements()
    assert str(said["published"].dtype).startswith("datetime64")
    assert said["negated"].dtype == bool


def test_filters(graph: Graph) -> None:
    every = graph.events()
    cambodia = graph.events(actor="KHM")
    assert 0 < len(cambodia) < len(every)
    for name in ("Cambodia", f"{graph.base_iri}id/state/KHM"):
        assert cambodia.equals(graph.events(actor=name))
    assert set(cambodia["event"]) == set(every[(every.source_iso == "KHM") | (every.target_iso == "KHM")]["event"])
    assert set(graph.events(actor="Hun Sen")["event"]) < set(cambodia["event"])
    assert set(graph.events(type="meeting")["class"]) == {"Meeting"}
    assert set(graph.events(type="Consultation")["class"]) > {"Meeting", "Visit"}
    assert set(graph.events(modality="planned")["modality"]) == {"planned"}
    dated = graph.events(since="2016-01-20", until="2016-01-31")
    assert (dated.date_until >= "2016-01-20").all() and (dated.date_from <= "2016-01-31").all()
    assert (graph.events(least_confidence=0.9)["confidence"] >= 0.9).all()
    assert len(graph.events(topic="economy", actor="KHM")) >= len(graph.events(topic="trade", actor="KHM")) > 0
    assert list(graph.events(actor="KHM", since=dt.date(2030, 1, 1)).columns) == [c.name for c in COLUMNS]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda g: g.events(actor="Nobody At All"), "Nobody in the graph is called 'Nobody At All'"),
        (lambda g: g.events(since="last year"), "since='last year' is no day; write it as 2016-01-26."),
        (lambda g: g.events(type="Dinner"), "type='Dinner' is no class of events"),
        (lambda g: g.events(topic="cooking"), "topic='cooking' is not in the ontology"),
        (lambda g: g.events(modality="likely"), "modality='likely' is not in the ontology"),
        (lambda g: g.events(least_confidence=2), "least_confidence=2 is not between 0 and 1"),
        (lambda g: g.statements(modality="actual"), "Statements have no modality."),
        (lambda g: g.query("SELECT ?e { ?e a dipl:Event"), "The query is not SPARQL"),
        (lambda g: g.query("SELECT ?e { ?e a dipl:Event }", who=1), "The query has no variable ?who."),
        (lambda g: g.query("SELECT ?e { ?e a ?t }", t=[1]), "A list cannot be put into a query"),
        (lambda g: g.ask("who-ate-what"), "There is no question 'who-ate-what'; there are"),
        (lambda g: g.ask("who-met-whom", guest="KHM"), "who-met-whom has no parameter 'guest'"),
        (lambda g: g.ask("who-met-whom", party="Nobody At All"), "Nobody in the graph is called"),
        (lambda g: g.to_networkx(of="place"), "of='place' is neither 'actor' nor 'party'."),
        (lambda g: g.to_rdflib("https://example.org/g"), "There is no graph <https://example.org/g>."),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(call: Callable[[Graph], object], told: str, graph: Graph) -> None:
    with pytest.raises(QueryError) as error:
        call(graph)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_queries_with_values(graph: Graph) -> None:
    person = f"{graph.base_iri}id/person/hun-sen-khm"
    pattern = "?e sem:hasActor ?who ; dipl:quadClass ?q ; dipl:confidence ?sure ; dipl:earliestDate ?day"
    query = f"SELECT ?e ?day ?q ?sure {{ {pattern} }} ORDER BY ?e"
    found = graph.query(query, who=person)
    assert set(found["e"]) == set(graph.events(actor="Hun Sen").dropna(subset="date_from")["event"])
    assert [str(found[name].dtype).partition("64")[0] for name in ("day", "q", "sure")] == ["datetime", "Int", "float"]
    count = "SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a dipl:Event ; dipl:latestDate ?d FILTER (?d < ?first) }"
    assert graph.query(count, first=dt.date(2016, 1, 1))["n"][0] < graph.query(count, first=dt.date(2030, 1, 1))["n"][0]
    assert graph.query("ASK { ?x rdfs:label ?name }", name='no "such" name') is False
    made = graph.query("CONSTRUCT { ?e a sem:Event } WHERE { ?e sem:hasActor ?who }", who=person)
    assert isinstance(made, rdflib.Graph)
    assert len(made) == len(set(graph.query("SELECT ?e { ?e sem:hasActor ?who }", who=person)["e"]))


def test_values_cannot_become_part_of_a_query() -> None:
    text = bound("SELECT ?x WHERE { ?x ?p ?name } # {", {"name": 'a" } ; DROP ALL # \n'})
    assert text == 'SELECT ?x WHERE { VALUES ?name { "a\\" } ; DROP ALL # \\n" }  ?x ?p ?name } # {'
    inner = bound("CONSTRUCT { ?x a ?c } WHERE { ?x a ?c }", {"c": "https://example.org/C"})
    assert inner == "CONSTRUCT { ?x a ?c } WHERE { VALUES ?c { <https://example.org/C> }  ?x a ?c }"


def test_questions_with_parameters(graph: Graph) -> None:
    assert {"John Kerry"} == set(graph.ask("who_met_whom", party="KHM", counterpart="John Kerry")["who"])
    before = graph.ask("before-and-after", one="United States", two="KHM", day="2016-01-26")
    assert list(before["when"]) == ["on the day or after"]
    assert set(Graph.questions()["name"]) == {q.name for q in questions()}


def test_networks(graph: Graph) -> None:
    table = graph.events()
    network = graph.to_networkx()
    assert network.number_of_edges() == len(table.dropna(subset=["source", "target"]))
    kerry, sen = (f"{graph.base_iri}id/person/{name}" for name in ("john-kerry-usa", "hun-sen-khm"))
    assert network.nodes[kerry] == {"name": "John Kerry", "kind": "person", "party": "USA", "iso": "USA"}
    (meeting,) = (e for e in network.get_edge_data(kerry, sen).values() if e["class"] == "Meeting")
    assert (meeting["date_from"], meeting["quad_class"], meeting["modality"]) == ("2016-01-26", 1, "actual")
    parties = graph.to_networkx(of="party", actor="KHM")
    assert parties.nodes["KHM"] == {"name": "KHM", "iso": "KHM"}
    assert parties.has_edge("USA", "KHM")


def test_rdflib_has_all_of_it(graph: Graph, dump: bytes, store: Settings) -> None:
    quads = set(ox.parse(dump, format=ox.RdfFormat.N_QUADS))
    article = next(q.graph_name.value for q in quads if "graph/article/" in q.graph_name.value)  # type: ignore[union-attr]
    one = graph.to_rdflib(article)
    assert len(one) == len([q for q in quads if q.graph_name == ox.NamedNode(article)])
    whole = graph.to_rdflib()
    assert isinstance(whole, rdflib.Dataset)
    assert sum(1 for _ in whole.quads()) == len(quads)


def test_notebooks_show_it(graph: Graph) -> None:
    shown = graph._repr_html_()
    cells = dict(re.findall(r"<th>(\w+)</th><td>([\d,]+)</td>", shown))
    assert (cells["Article"], int(cells["Event"])) == ("3", len(set(graph.events()["event"])))
    timeline = graph.timeline(actor="KHM")
    picture = ET.fromstring(timeline._repr_svg_() or "")
    links = [a.get("href") for a in picture.iter("{http://www.w3.org/2000/svg}a")]
    dated = graph.events(actor="KHM").dropna(subset="date_from")
    assert set(links) == set(dated["event"])
    assert timeline.undated == len(set(graph.events(actor="KHM")["event"])) - len(links)
    assert "<figure>" in timeline._repr_html_()
    nothing = graph.timeline(actor="KHM", since="2031-01-01")
    assert (nothing._repr_svg_(), nothing._repr_html_()) == (None, "<p>No event that has a day.</p>")


@pytest.mark.parametrize("ending", [".nq", ".nq.gz", ".trig", ".trig.zst", ".jsonld"])
def test_dumps_in_each_format(ending: str, dump: bytes, tmp_path: Path) -> None:
    form = {"nq": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "jsonld": ox.RdfFormat.JSON_LD}[ending.split(".")[1]]
    body = ox.serialize(ox.parse(dump, format=ox.RdfFormat.N_QUADS), format=form) or b""
    pack = {"gz": gzip.compress, "zst": zstandard.compress}.get(ending.rpartition(".")[2], bytes)
    (tmp_path / f"all{ending}").write_bytes(pack(body))
    with Graph(tmp_path / f"all{ending}") as graph:
        assert len(graph.events(actor="KHM")) > 3


def test_what_cannot_be_opened(tmp_path: Path, dump: bytes) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n")
    (tmp_path / "broken.nq").write_text("this is no quad\n")
    (tmp_path / "cut.nq.gz").write_bytes(gzip.compress(dump)[:5000])
    (tmp_path / "cut.nq.zst").write_bytes(b"no zstandard")
    (tmp_path / "other.nq").write_text("<urn:s> <urn:p> <urn:o> <urn:g> .\n")
    for name, told in {
        "none": "There is no store and no dump at",
        "empty": "holds no store; 'kg ingest --store",
        "table.csv": "is no dump: its name ends in none of .nq, .nquads, .trig, .jsonld",
        "broken.nq": "cannot be read: ",
        "cut.nq.gz": "cannot be read: ",
        "cut.nq.zst": "cannot be read: ",
        "other.nq": "This is no graph of diplomatic events",
    }.items():
        with pytest.raises(SourceError) as error:
            Graph(tmp_path / name)
        assert told in str(error.value)
        assert "\n" not in str(error.value)
    with pytest.raises(StoreError, match="cannot be reached"):
        Graph("http://127.0.0.1:9/sparql")


def test_a_closed_graph_says_so(store: Settings) -> None:
    before = set((store.store / "snapshots").glob("*-*"))
    with Graph(store.store) as graph:
        assert len(graph.events())
    with pytest.raises(KgError, match="The graph is closed"):
        graph.events()
    assert set((store.store / "snapshots").glob("*-*")) == before


def test_a_store_that_is_written_opens(store: Settings, served: Served) -> None:
    """While another process holds the store: what the service shows. While none does: what is in it."""
    with open_store(store), Graph(store.store) as graph:  # an ingestion that takes hours
        assert len(graph.events(actor="KHM")) > 3
    assert served.get("/healthz").status == 200


def test_a_store_in_use_without_a_service_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.graph.opening.PATIENCE", 0.3)
    settings = replace(Settings(), store=tmp_path / "store")
    with open_store(settings), pytest.raises(StoreError, match="another process is using it"):
        Graph(settings.store)


def test_the_package_is_light_until_a_graph_is_asked_for() -> None:
    program = (
        "import sys, kg; assert not {'pandas', 'pyoxigraph', 'rdflib', 'flask', 'kg.graph'} & sys.modules.keys(); "
        "from kg import Graph; assert 'pandas' not in sys.modules and 'networkx' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    with pytest.raises(AttributeError):
        import kg

        kg.Nonsense  # noqa: B018


def test_a_missing_extra_is_told(store: Settings) -> None:
    program = (
        "import sys; sys.modules['pandas'] = sys.modules['networkx'] = None\n"
        "from kg import Graph\n"
        "from kg.errors import KgError\n"
        "with Graph(sys.argv[1]) as graph:\n"
        "    assert graph.query('ASK { ?s a dipl:Event }')\n"
        "    for call in (graph.events, graph.statements, graph.to_networkx, lambda: graph.ask('who-met-whom')):\n"
        "        try: call()\n"
        "        except KgError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(store.store)], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines == [
        f"This needs {name}: install diplomatic-kg[python]." for name in ("pandas", "pandas", "networkx", "pandas")
    ]
