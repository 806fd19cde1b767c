"""How long pages take at a million quads: for each kind of page milliseconds of server time, and the number of queries.

    python bench/pages.py [QUADS] [--store FOLDER] [--pages N]

Makes a store of QUADS (1,000,000 unless given) out of the articles of this repository: each is read once, and its graph is
written again and again for other states (some far busier than others, as in news), people and days. Then the pages of N things
of each kind (half of them those to which most points, the others at random) are asked for in the process, without a server
between. "first" is the first look at each page after the store has changed, when nothing that pages count is kept; "again" the
same pages three times more, of which each page's best time counts. A row tells the median and the 99th percentile of each in
milliseconds, "work" the processor's time of the first look likewise, and the smallest and greatest number of queries.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from flask.testing import FlaskClient

from kg.config import Settings
from kg.model import Article
from kg.pipeline import Read, read_all
from kg.registry import states
from kg.sources import read_articles
from kg.store.folder import mark_format
from kg.triples.iris import Iris
from kg.triples.reference import ontology_quads, reference_quads
from kg.triples.vocab import named
from server import create_app

ROOT = Path(__file__).parent.parent
SOURCES = [ROOT / "seeds", ROOT / "kg" / "training" / "corpus" / "authored_articles.jsonl"]
#: The busiest states, in this order; the others follow as they come.
BUSY = "USA CHN RUS GBR FRA DEU JPN IND UKR IRN ISR TUR POL KHM".split()
#: So many people share a template's names before they come again.
PEOPLE = 40
_CODE, _DAY = re.compile(r"(?<=/id/state/)[A-Z]{3}(?=>)"), re.compile(r'"(\d{4}-\d\d-\d\d)"\^\^')
_NAMED = re.compile(r"(/id/(?:office|person|place)/[\w~.-]+?)-([a-z]{3})>")


class Maker:
    """Writes articles' graphs again for other states, people and days; the same every time."""

    def __init__(self, base: str) -> None:
        found = [a for a in read_articles(SOURCES, Settings()) if isinstance(a, Article)]
        made = read_all(found, Settings(base_iri=base, extractors="frames"))
        self._texts = [(a.id, m.nquads.decode()) for a, m in zip(found, made, strict=True) if isinstance(m, Read)]
        self._names = {state.code: state.name for state in states()}
        self._ranked = BUSY + [code for code in self._names if code not in BUSY]
        self._weights = [1 / (rank + 1) for rank in range(len(self._ranked))]
        self._rng, self._base = random.Random(7), base

    def _states(self, text: str) -> dict[str, str]:
        """Which state stands for each that a text names."""
        chosen: dict[str, str] = {}
        for code in sorted({*_CODE.findall(text)}):
            while code not in chosen:
                other = self._rng.choices(self._ranked, self._weights)[0]
                if other not in chosen.values():
                    chosen[code] = other
        return chosen

    def copy(self, number: int) -> bytes:
        """The quads of one article."""
        article, text = self._texts[number % len(self._texts)]
        chosen, turn = self._states(text), number // len(self._texts)
        shift = dt.timedelta(self._rng.randrange(-9_000, 1_000))
        text = re.sub(rf"/{re.escape(article)}(?=[>#-])", f"/{article}.{turn}", text)
        text = _NAMED.sub(lambda m: f"{m[1]}-{chosen.get(m[2].upper(), m[2].upper()).lower()}>", text)
        text = re.sub(r"(/id/person/[\w~.-]+)>", rf"\1.{turn % PEOPLE}>", text)
        names = {self._names[a]: self._names[b] for a, b in chosen.items() if a in self._names and b in self._names}
        if names:
            pattern = re.compile("|".join(re.escape(n) for n in sorted(names, key=len, reverse=True)))
            text = pattern.sub(lambda m: names[m[0]], text)
        text = _CODE.sub(lambda m: chosen[m[0]], text)

        def day(found: re.Match[str]) -> str:
            moved = dt.date.fromisoformat(found[1]) + shift
            return f'"{dt.date(1998 + moved.year % 28, moved.month, min(moved.day, 28))}"^^'

        return _DAY.sub(day, text).encode()

    def quads(self, number: int) -> Iterator[ox.Quad]:
        """So many quads, or a few more."""
        iris, made = Iris(self._base), 0
        for quad in (*reference_quads(iris), *ontology_quads(iris)):
            made += 1
            yield quad
        turn = 0
        while made < number:
            for quad in ox.parse(self.copy(turn), format=ox.RdfFormat.N_QUADS):
                made += 1
                yield quad
            turn += 1


def make(folder: Path, number: int) -> None:
    """Write a store."""
    folder.mkdir(parents=True, exist_ok=True)
    store = ox.Store(str(folder / "data"))
    store.bulk_extend(Maker(Settings().base_iri).quads(number))
    store.optimize()
    mark_format(folder)
    (folder / "generation").write_text("1")


def chosen(store: ox.Store, base: str, number: int) -> dict[str, list[str]]:
    """Addresses of pages of each kind: half of them of the things to which most points, the others at random."""
    points: Counter[str] = Counter()
    kinds: dict[str, set[str]] = defaultdict(set)
    classes = "State Organization Person Event Visit Statement Office Instrument Place Article Tenure Group".split()
    for name in classes:
        for quad in store.quads_for_pattern(None, named("rdf:type"), named(f"dipl:{name}"), None):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(base):
                kinds[name].add(quad.subject.value)
    for quad in store:
        if isinstance(quad.object, ox.NamedNode):
            points[quad.object.value] += 1
    found = {
        "front": ["/"],
        "about": ["/about"],
        "articles": ["/articles", "/articles?page=9"],
        "ontology": ["/ontology"],
    }
    rng = random.Random(3)
    for name in classes:
        ranked = sorted(kinds[name], key=lambda iri: (-points[iri], iri))
        some = ranked[: number // 2] + rng.sample(
            ranked[number // 2 :], min(len(ranked) - number // 2, number // 2) if len(ranked) > number // 2 else 0
        )
        found[name.lower()] = ["/page/" + iri.removeprefix(f"{base}id/") for iri in some]
    topics = sorted({q.object.value for q in store.quads_for_pattern(None, named("dipl:topic"), None, None)})
    found["topic"] = [
        "/topic/" + iri.rpartition("topic-")[2] for iri in sorted(topics, key=lambda t: -points[t])[:number]
    ]
    busiest = found["state"][0]
    found["busiest state"] = [
        busiest,
        f"{busiest}?page=20",
        f"{busiest}?quad=4",
        f"{busiest}?list=said",
        f"{busiest}?list=here",
    ]
    found["busiest state"] += [f"{busiest}?list=people", f"{busiest}?list=links", f"{busiest}?list=links&page=9"]
    return found


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def measure(folder: Path, number: int) -> None:
    """Ask for the pages and print the table."""
    settings = Settings(store=folder, writes="off")
    app = create_app(settings)
    service = app.extensions["kg"]
    client = app.test_client()
    store = service.snapshots.current().store
    head = f"{'page':16}{'n':>5}{'first':>9}{'p99':>8}{'work':>9}{'p99':>8}{'again':>9}{'p99':>8}"
    sys.stdout.write(f"{len(store):,} quads\n{head}  queries\n")
    try:
        for kind, addresses in chosen(store, settings.base_iri, number).items():
            rounds = [[_ask(client, address) for address in addresses] for _ in range(4)]
            queries = [found.queries for asked in rounds for found in asked if found.queries is not None]
            again = [min(found.wall for found in same) for same in zip(*rounds[1:], strict=True)]
            columns = [f.wall for f in rounds[0]], [f.work for f in rounds[0]], again
            numbers = "".join(f"{_percentile(c, 0.5):9.1f}{_percentile(c, 0.99):8.1f}" for c in columns)
            shown = f"{min(queries)}–{max(queries)}" if queries else "none"
            sys.stdout.write(f"{kind:16}{len(addresses):5}{numbers}  {shown}\n")
            sys.stdout.flush()
    finally:
        service.close()


@dataclass(frozen=True)
class Asked:
    """What one page took: milliseconds by the clock and of the processor, and queries where the page tells."""

    wall: float
    work: float
    queries: int | None


def _ask(client: FlaskClient, address: str) -> Asked:
    began, worked = time.perf_counter(), time.thread_time()
    reply = client.get(address, headers={"Accept": "text/html"})
    wall, work = time.perf_counter() - began, time.thread_time() - worked
    if reply.status_code not in (200, 404):
        raise SystemExit(f"{address}: {reply.status_code}")
    told = re.search(r'queries;desc="(\d+)"', reply.headers.get("Server-Timing", ""))
    return Asked(wall * 1000, work * 1000, int(told[1]) if told else None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("quads", nargs="?", default="1,000,000", type=lambda text: int(str(text).replace(",", "")))
    parser.add_argument("--store", type=Path, help="a store to measure, made where it is missing; it stays")
    parser.add_argument("--pages", type=int, default=40, help="things of each kind")
    given = parser.parse_args()
    where = given.store or Path(tempfile.mkdtemp(prefix="bench-pages-"))
    try:
        if not (where / "data").is_dir():
            make(where, given.quads)
        measure(where, given.pages)
    finally:
        if given.store is None:
            shutil.rmtree(where, ignore_errors=True)
