"""How fast search is, and how long its index takes: a store of a million quads with 100,000 named things.

    python bench/search.py [QUADS] [--entities 100,000] [--times 30] [--keep FOLDER]

The store is made from articles of the written corpus (fiction) whose people are renamed in each copy, and of people,
bodies and cities (kg/data) of which nothing else is told. Prints the time to make the index, to bring it up to date after
one article, and its size; the median and 99th percentile of a first page by kind of question, of ten names to reconcile,
and of a suggestion; and the ratio to SPARQL queries with CONTAINS over labels and sentences, asked of the same store in the
same process. With ``--keep`` the store is made in a folder and stays there.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from kg.pipeline import read_all
from kg.registry.cities import _cities
from kg.registry.tables import rows
from kg.search import Filters, Index, up_to_date
from kg.search.following import file_of
from kg.sources import read_articles
from kg.store import State, open_store, states_and_writer
from kg.store.embedded import data_folder
from kg.training.examples import CORPUS
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris, slug
from kg.triples.reference import ontology_quads, reference_quads
from kg.triples.vocab import named
from kg.web.reconcile import queries

#: Articles of the corpus that are copied, and copies that are loaded at once.
ARTICLES, AT_ONCE = 25, 50
QUESTIONS = {
    "a name": ["Ivanov", "Maria Costa", "Nordic", "Burma", "UN"],
    "the beginning of a name": ["a", "ma", "joh", "hun s", "san "],
    "a name with a typing mistake": ["Medvedyev", "Hun Senn", "Mandella", "Petrosyam", "Washingtno"],
    "a name with accents": ["Bogota", "São Paulo", "Zurich", "Erdogan", "Reykjavík"],
    "words of sentences": ["sanctions", "met in", "foreign minister", "the talks", "agreement signed on Tuesday"],
    "words between quotation marks": ['"foreign minister"', '"of the"', '"the two ministers"'],
    "words of which some are nowhere": ["treaty blorptastic", "sanctoins agreement", "presdient talks"],
}
BEGINNINGS = ["m", "ma", "mar", "john", "al k"]
TEN = "Medvedyev;Maria Costa;Hun Senn;Bogota;Nicolas Sarkosy;Burma;Angela Merkl;U.N.;Tokio;Jose Gonzales".split(";")


def _people(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Names and states of people who do not exist: a leader's first name with another's last."""
    known = [(row["name"].split(), row["party"]) for row in rows("leaders.tsv") if len(row["name"].split()) > 1]
    while True:
        (first, _), (last, party) = chance.choice(known), chance.choice(known)
        middle = f" {chance.choice(known)[0][-1]}" if chance.random() < 0.4 else ""
        yield f"{first[0]}{middle} {last[-1]}", party


def _things(number: int, iris: Iris, chance: random.Random) -> Iterator[list[ox.Quad]]:
    """Graphs with so many people, cities and bodies."""
    people, places = _people(chance), list(_cities())
    made = 0
    while made < number:
        graph = GraphBuilder(iris.article_graph(f"names-{made}"))
        for _ in range(20):
            made += 1
            name, state = next(people)
            kind = chance.choice(["Person"] * 6 + ["Place"] * 3 + ["Organization"])
            if kind != "Person":
                city = chance.choice(places)
                name, state = city.name, city.state
            if kind == "Organization":
                name = f"{name} {chance.choice('Institute Council Movement Union Front Party Committee'.split())}"
            node = ox.NamedNode(f"{iris.base}id/{kind.lower()}/{slug(name)}-{slug(state)}-{made}")
            graph.thing(node, kind, name)
            if kind == "Place":
                graph.add(node, "schema:containedInPlace", iris.party(state))
            else:
                graph.add(node, "foaf:name", name)
                graph.add(node, "dipl:actsFor", iris.party(state))
        yield graph.quads()


def _read() -> list[tuple[str, list[str]]]:
    """N-Quads of some articles, each with the names of its people."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.jsonl"
        lines = (CORPUS / "authored_articles.jsonl").read_text(encoding="utf-8").splitlines()[:ARTICLES]
        records = [json.loads(line) for line in lines]
        wanted = ("id", "title", "date", "outlet", "text")
        path.write_text("".join(json.dumps({k: r[k] for k in wanted if k in r}) + "\n" for r in records))
        settings = Settings(processes=1)
        found = read_all(list(read_articles([path], settings)), settings)
    texts = [one.nquads.decode() for one in found if hasattr(one, "nquads")]
    return [(text, sorted(_names(text))) for text in texts]


def _names(text: str) -> set[str]:
    """The names of the people of an article."""
    person, name = f"<{Settings().base_iri}id/person/", named("foaf:name")
    quads = ox.parse(text, format=ox.RdfFormat.N_QUADS)
    return {q.object.value for q in quads if q.predicate == name and str(q.subject).startswith(person)}


def _articles(chance: random.Random) -> Iterator[bytes]:
    """N-Quads of article after article: one of the corpus's, under an id of its own, with other people."""
    templates, people = _read(), _people(chance)
    number = 0
    while True:
        text, names = templates[number % len(templates)]
        key = f"copy-{number}"
        for name in names:
            other, _ = next(people)
            text = text.replace(name, other).replace(slug(name), slug(other))
            if len(name.split()) > 1:
                text = text.replace(name.split()[-1], other.split()[-1])
        old = text.partition("graph/article/")[2].partition(">")[0]
        yield text.replace(old, key).replace("2019-", f"{2000 + number % 24}-").encode()
        number += 1


def make(settings: Settings, quads: int, entities: int) -> bytes:
    """Fill a store; the N-Quads of one more article."""
    chance, iris = random.Random(5), Iris(settings.base_iri)
    settings.store.mkdir(parents=True, exist_ok=True)
    store = ox.Store(str(data_folder(settings.store)))
    store.bulk_extend([*reference_quads(iris), *ontology_quads(iris)])
    for graph in _things(entities, iris, chance):
        store.extend(graph)
    articles = _articles(chance)
    while len(store) < quads:
        some = b"".join(next(articles) for _ in range(AT_ONCE))
        store.bulk_load(some, format=ox.RdfFormat.N_QUADS)
    store.optimize()
    sys.stdout.write(f"{len(store):,} quads, {len(list(store.named_graphs())):,} graphs\n")
    return next(articles)


def _times(ask: Callable[[], object], times: int) -> list[tuple[float, float]]:
    """Milliseconds of each, as they went by and of the processor."""
    found = []
    for _ in range(times):
        start, used = time.perf_counter(), time.thread_time()
        ask()
        found.append(((time.perf_counter() - start) * 1000, (time.thread_time() - used) * 1000))
    return found


def _median(ask: Callable[[], object], times: int) -> float:
    return statistics.median(took for took, _ in _times(ask, times))


def _line(name: str, found: list[tuple[float, float]], note: str = "") -> None:
    shown = []
    for some in zip(*found, strict=True):
        worst = sorted(some)[min(len(some) - 1, int(len(some) * 0.99))]
        shown.append(f"median {statistics.median(some):6.1f} ms, 99th percentile {worst:6.1f} ms")
    sys.stdout.write(f"{name:34} {shown[0]}; of the processor {shown[1]} {note}\n")
    sys.stdout.flush()


def ask(index: Index, times: int) -> None:
    """Print how long questions take."""
    everything = []
    for kind, texts in QUESTIONS.items():
        found = [t for text in texts for t in _times(lambda text=text: index.search(text, per_group=5), times)]
        everything += found
        numbers = ", ".join(f"{index.search(text).total:,}" for text in texts)
        _line(kind, found, f"({numbers} hits)")
    narrowed = Filters({"country": "RUS", "kind": "Sentence"}, since=700_000)
    found = [t for text in ("minister", "") for t in _times(lambda text=text: index.search(text, narrowed), times)]
    everything += found
    _line("with filters, and filters alone", found)
    _line("every question", everything)
    _line("a suggestion", [t for text in BEGINNINGS for t in _times(lambda text=text: index.suggest(text), times)])
    _line("ten names to reconcile", _times(lambda: [index.find(name) for name in TEN], times))


def reconcile(index: Index, state: State, base: str, times: int) -> None:
    """Print how long batches of ten take as a service answers them: with types, and with another column."""
    plain = {f"q{n}": {"query": name, "limit": 3} for n, name in enumerate(TEN)}
    typed = {name: query | {"type": "Actor", "type_strict": "should"} for name, query in plain.items()}
    column = [{"pid": "country", "v": "Russia"}]
    beside = {name: query | {"properties": column} for name, query in plain.items()}
    for name, batch in (("a batch of ten", plain), ("with a type", typed), ("with a column of countries", beside)):
        found = queries.answer(index, state, base, batch)
        some = sum(bool(one["result"]) for one in found.values())
        _line(name, _times(lambda batch=batch: queries.answer(index, state, base, batch), times), f"({some} found)")


def peer(store: ox.Store, index: Index, times: int) -> None:
    """Print the ratio to CONTAINS in SPARQL."""
    pattern = {
        "labels": "?s <http://www.w3.org/2000/01/rdf-schema#label> ?t",
        "sentences": "?s <http://www.w3.org/ns/oa#exact> ?t",
    }
    for name, text in (("labels", "ivanov"), ("sentences", "sanctions")):
        query = f'SELECT DISTINCT ?s ?t {{ {pattern[name]} FILTER CONTAINS(LCASE(STR(?t)), "{text}") }}'
        theirs = _median(lambda query=query: list(store.query(query, use_default_graph_as_union=True)), 3)
        ours = _median(lambda text=text: index.search(text), times)
        sys.stdout.write(
            f"CONTAINS over {name}: {theirs:.0f} ms, search {ours:.1f} ms, {theirs / ours:.0f} times as fast\n"
        )


def main(quads: int, entities: int, times: int, keep: Path | None) -> None:
    """Make, measure, print."""
    with nullcontext(str(keep)) if keep else tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(store=Path(folder) / "store")
        more = make(settings, quads, entities)
        states, writer = states_and_writer(settings)
        start = time.perf_counter()
        index = up_to_date(settings, states)
        size = file_of(settings).stat().st_size / 1e6
        sys.stdout.write(f"index made in {time.perf_counter() - start:.1f} s, {size:,.0f} MB\n")
        parsed = list(ox.parse(more, format=ox.RdfFormat.N_QUADS))
        with open_store(settings) as store:
            store.replace_graphs({parsed[0].graph_name: parsed})
        time.sleep(1)
        start = time.perf_counter()
        up_to_date(settings, states).close()
        opened = time.perf_counter() - start
        start = time.perf_counter()
        index.refresh()
        took = time.perf_counter() - start
        told = f"one article of {len(parsed):,} quads: {opened:.2f} s with opening the index anew"
        sys.stdout.write(f"{told}, {took:.3f} s for a reader to take it over\n")
        ask(index, times)
        snapshot = states.current()
        assert snapshot.store is not None
        reconcile(index, snapshot, settings.base_iri, times)
        peer(snapshot.store, index, times)
        index.close()
        writer.close()
        states.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    number = lambda text: int(str(text).replace(",", ""))  # noqa: E731
    parser.add_argument("quads", nargs="?", default="1,000,000", type=number)
    parser.add_argument("--entities", default="100,000", type=number)
    parser.add_argument("--times", default=30, type=int)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    main(given.quads, given.entities, given.times, given.keep)
