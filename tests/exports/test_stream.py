"""The stream over HTTP, and a client of others' making that replicates it whole and then follows it."""

import itertools
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import pytest
import zstandard

from kg.config import Settings
from kg.pipeline import ingest
from kg.store import open_store
from kg.triples.iris import Iris
from kg.triples.vocab import named, term
from server import create_app
from tests.conftest import Served, free_port, serving
from tests.exports.conftest import ARTICLES, LATER, dumped, write_articles
from tests.exports.node import with_packages

CLIENT = Path(__file__).parent / "ldes_client"
LDES, TREE = "https://w3id.org/ldes#", "https://w3id.org/tree#"
AS = "https://www.w3.org/ns/activitystreams#"
KINDS = [term(name) for name in ("Event", "Statement", "Tenure", "Instrument")]
TYPE, VERSION_OF, TIME = named("rdf:type"), named("dcterms:isVersionOf"), named("prov:generatedAtTime")

_SHORT = re.compile(r"(?P<before><[^>]*> <[^>]*>) (?P<value>true|false|[-+]?[\d.]+) (?P<after>.*\.)")


@dataclass(frozen=True)
class Live:
    """A service whose store is written to while it runs."""

    served: Served
    settings: Settings

    def quads(self, iri: str, accept: str = "application/n-quads") -> list[ox.Quad]:
        reply = self.served.get("/" + iri.removeprefix(self.settings.base_iri), accept)
        assert reply.status == 200, reply.text
        form = ox.RdfFormat.from_media_type(reply.headers["content-type"])
        assert form
        return list(ox.parse(reply.body, format=form))

    def ingest(self, folder: Path, articles: dict[str, str]) -> None:
        assert not ingest([write_articles(folder / "more.jsonl", articles)], self.settings).failures

    def remove(self, article: str) -> None:
        iris = Iris(self.settings.base_iri)
        with open_store(self.settings) as store:
            store.remove_graphs([iris.article_graph(article), iris.ingestion_graph(article)])


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder, port = tmp_path_factory.mktemp("live"), free_port()
    settings = Settings(
        store=folder / "store",
        dumps=folder / "dumps",
        base_iri=f"http://127.0.0.1:{port}/",
        extractors="frames",
        processes=1,
    )
    assert not ingest([write_articles(folder / "articles.jsonl", ARTICLES)], settings).failures
    with serving(settings, port, KG_BASE_IRI=settings.base_iri, KG_CHANGES_PAGE="2") as served:
        yield Live(served, settings)


@dataclass
class Replica:
    """What a copy holds that was made of members alone: the newest version of each fact, unless that one tells it is gone."""

    quads: list[ox.Quad] = field(default_factory=list)

    def facts(self) -> dict[str, set[ox.Triple]]:
        """The facts with their triples."""
        members: dict[str, list[tuple[str, ox.NamedNode]]] = {}
        types = {q.subject: q.object for q in self.quads if q.predicate == TYPE and q.object.value.startswith(AS)}
        times = {q.subject: q.object.value for q in self.quads if q.predicate == TIME and q.subject in types}
        inner: dict[ox.NamedNode, set[ox.Triple]] = {}
        for quad in self.quads:
            if quad.graph_name in types:
                inner.setdefault(quad.graph_name, set()).add(quad.triple)
            elif quad.predicate == VERSION_OF:
                members.setdefault(quad.object.value, []).append((times[quad.subject], quad.subject))
        newest = {fact: max(versions, key=lambda version: version[0])[1] for fact, versions in members.items()}
        return {fact: inner[m] for fact, m in newest.items() if types[m] != ox.NamedNode(f"{AS}Delete")}


def _of_the_dump(settings: Settings) -> dict[str, set[ox.Triple]]:
    """The facts as a dump of the store has them: what it says of each and of its participations."""
    made, _ = dumped(settings)
    packed = (settings.dumps / made.name / f"{made.name}.nq.zst").read_bytes()
    body = zstandard.ZstdDecompressor().stream_reader(packed).read()
    articles = [
        quad
        for quad in ox.parse(body, format=ox.RdfFormat.N_QUADS)
        if quad.graph_name.value.startswith(f"{settings.base_iri}graph/article/")
    ]
    facts = {quad.subject.value for quad in articles if quad.predicate == TYPE and quad.object in KINDS}
    found: dict[str, set[ox.Triple]] = {fact: set() for fact in facts}
    for quad in articles:
        name = quad.subject.value.partition("#")[0]
        if name in facts:
            found[name].add(quad.triple)
    return found


def _assert_equal(replica: Replica, settings: Settings) -> None:
    copied, held = replica.facts(), _of_the_dump(settings)
    assert copied.keys() == held.keys()
    for fact, triples in copied.items():
        own = {t for t in triples if t.subject.value.partition("#")[0] == fact}
        assert own == held[fact], fact
        # every passage that it rests on came along, with its words
        passages = {t.object for t in own if t.predicate == named("dipl:evidence")}
        words = {t.subject for t in triples if t.predicate == named("oa:hasSelector")}
        assert passages <= words, fact


def _walked(live: Live) -> Replica:
    """All members, by the relations of the hypermedia."""
    replica, seen, todo = Replica(), set(), [f"{live.settings.base_iri}changes"]
    for iri in todo:  # grows
        quads = live.quads(iri)
        replica.quads += quads
        for quad in quads:
            if quad.predicate.value == f"{TREE}node" and quad.object.value not in seen:
                seen.add(quad.object.value)
                todo.append(quad.object.value)
    return replica


def _settled(live: Live) -> Replica:
    """All members, once the log has caught up with the store."""
    deadline = time.monotonic() + 30
    held = _of_the_dump(live.settings).keys()
    while True:
        replica = _walked(live)
        if replica.facts().keys() == held or time.monotonic() > deadline:
            return replica
        time.sleep(0.2)


def test_the_members_are_the_facts_of_a_dump(live: Live) -> None:
    replica = _settled(live)
    assert len(replica.facts()) > 10
    _assert_equal(replica, live.settings)


def test_the_root_says_how_it_is_read(live: Live) -> None:
    base = live.settings.base_iri
    quads = live.quads(f"{base}changes")
    stream = {q.predicate.value: q.object for q in quads if q.subject.value == f"{base}changes#stream"}
    assert stream[TYPE.value] == ox.NamedNode(f"{LDES}EventStream")
    assert (stream[f"{LDES}versionOfPath"], stream[f"{LDES}timestampPath"]) == (VERSION_OF, TIME)
    assert stream[f"{LDES}versionDeleteObject"] == ox.NamedNode(f"{AS}Delete")
    assert stream[f"{TREE}view"] == ox.NamedNode(f"{base}changes")
    (policy,) = [q.object for q in quads if q.predicate.value == f"{LDES}retentionPolicy"]
    assert [q.predicate.value for q in quads if q.subject == policy] == [TYPE.value, f"{LDES}startingFrom"]


def test_members_lie_within_the_bounds_of_their_page(live: Live) -> None:
    _settled(live)
    base = live.settings.base_iri
    groups = {q.object.value for q in live.quads(f"{base}changes") if q.predicate.value == f"{TREE}node"}
    bounds: dict[str, dict[str, str]] = {}
    for group in groups:
        relations: dict[object, dict[str, str]] = {}
        for quad in live.quads(group):
            if isinstance(quad.subject, ox.BlankNode):
                relations.setdefault(quad.subject, {})[quad.predicate.value] = quad.object.value
        for relation in relations.values():
            kind = relation[TYPE.value].removeprefix(TREE)
            bounds.setdefault(relation[f"{TREE}node"], {})[kind] = relation[f"{TREE}value"]
    assert len(bounds) > 2
    for page, bound in bounds.items():
        times = [q.object.value for q in live.quads(page) if q.predicate == TIME and f"{page}#v" in q.subject.value]
        assert times
        assert min(times) == bound["GreaterThanOrEqualToRelation"]
        assert "LessThanRelation" not in bound or max(times) < bound["LessThanRelation"]
    assert sum("LessThanRelation" not in bound for bound in bounds.values()) == 1


def test_full_pages_are_kept_for_ever_and_the_last_one_is_not(live: Live) -> None:
    _settled(live)
    base = live.settings.base_iri
    (group,) = {q.object.value for q in live.quads(f"{base}changes") if q.predicate.value == f"{TREE}node"}
    pages = sorted(
        {q.object.value for q in live.quads(group) if q.predicate.value == f"{TREE}node"},
        key=lambda iri: int(iri.rpartition("/")[2]),
    )
    for page in pages:
        reply = live.served.get("/" + page.removeprefix(base), "application/trig")
        last = page == pages[-1]
        assert ("immutable" in reply.headers["cache-control"]) is not last
        assert (b"ldes:immutable true" in reply.body) is not last
        again = live.served.get(
            "/" + page.removeprefix(base), "application/trig", **{"If-None-Match": reply.headers["etag"]}
        )
        assert again.status == 304
    assert "immutable" not in live.served.get("/changes").headers["cache-control"]
    triples = {
        media: {q.triple for q in live.quads(pages[0], media)} for media in ("application/trig", "application/ld+json")
    }
    assert triples["application/trig"] == triples["application/ld+json"]
    assert live.served.get("/" + pages[0].removeprefix(base), "text/html").status == 406
    for path, status in (("/changes/2000-01-01-00000000/1", 410), (f"/{pages[0].removeprefix(base)}9999", 404)):
        assert live.served.get(path).status == status


def _parsed(line: str) -> Iterator[ox.Quad]:
    """A quad of the client's, which writes numbers and booleans short, as in Turtle."""
    if short := _SHORT.fullmatch(line.strip()):
        value = short["value"]
        kind = "boolean" if value in ("true", "false") else "decimal" if "." in value else "integer"
        line = f'{short["before"]} "{value}"^^<http://www.w3.org/2001/XMLSchema#{kind}> {short["after"]}'
    yield from ox.parse(line, format=ox.RdfFormat.N_QUADS)


@contextmanager
def _following(address: str, folder: Path) -> Iterator[Replica]:
    """``ldes-client`` at work, and what it has brought so far."""
    program, replica = with_packages(CLIENT), Replica()
    script = str(CLIENT / "node_modules" / "ldes-client" / "dist" / "bin" / "cli.js")
    process = subprocess.Popen(
        [program, script, address, "--follow", "--poll-interval", "300", "--save", str(folder / "state")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def read() -> None:
        assert process.stdout
        for line in process.stdout:
            if line.strip():
                replica.quads += _parsed(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield replica
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(timeout=10)
        assert process.stdout
        process.stdout.close()


def _wait(replica: Replica, settings: Settings) -> None:
    """Until the copy is what the store holds."""
    deadline = time.monotonic() + 60
    while True:
        try:
            _assert_equal(Replica(list(replica.quads)), settings)
            return
        except (AssertionError, KeyError):  # a member is still coming in
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def test_ldes_client_replicates_it_and_follows(live: Live, tmp_path: Path) -> None:
    with _following(f"{live.settings.base_iri}changes", tmp_path) as replica:
        _wait(replica, live.settings)
        before = set(replica.facts())
        live.ingest(tmp_path, LATER | {"envoy": ARTICLES["envoy"].replace("two Russian", "four Russian")})
        live.remove("reef")
        _wait(replica, live.settings)
        after = set(replica.facts())
        assert {name.rpartition("/")[2].rpartition("-")[0] for name in after - before} == {"accord"}
        assert {name.rpartition("/")[2].rpartition("-")[0] for name in before - after} == {"reef"}
        words = {t.object.value for t in itertools.chain.from_iterable(replica.facts().values())}
        assert any("four Russian" in w for w in words) and not any("two Russian" in w for w in words)
        # the client itself may take a page in twice, where two of its rounds meet; what it is given names each member once
        members = [q.subject for q in _walked(live).quads if q.predicate == VERSION_OF]
        assert len(members) == len(set(members)), "no member is on two pages"
        assert {q.subject for q in replica.quads if q.predicate == VERSION_OF} <= set(members)


def test_without_a_log_there_is_no_stream(tmp_path: Path) -> None:
    app = create_app(Settings(store=tmp_path / "store", changes_page=0))
    try:
        assert app.test_client().get("/changes").status_code == 404
        assert not (tmp_path / "store" / "changes.sqlite").exists()
    finally:
        app.extensions["kg"].close()
