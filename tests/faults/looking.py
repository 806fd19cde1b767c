"""What must hold of a store, whatever was killed: it opens, articles are whole, and what lies beside them agrees."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from kg.exports.changes import ChangeLog
from kg.exports.facts import about_in, fact_triples, facts_in
from kg.exports.follow import catch_up
from kg.operating.check import check, damaged
from kg.operating.findings import Findings
from kg.search.build import bring_up_to_date
from kg.search.following import file_of
from kg.store import Snapshots, newest_snapshot
from kg.store.embedded import open_store
from kg.triples.iris import Iris
from kg.triples.vocab import PREFIXES

#: Times of the clock, which differ from run to run.
_TIMES = tuple(
    PREFIXES[p] + name
    for p, name in (("prov", "generatedAtTime"), ("prov", "invalidatedAtTime"), ("pav", "retrievedOn"))
)
#: What an event across articles was drawn from may be gone until the next run of 'kg ingest' or 'kg identity'.
_FOLLOWS = "which no graph tells of"
#: What may lie in a store's folder.
_KNOWN = re.compile(
    r"(?:data|snapshots|generation|changes|format|origin|\w+\.sqlite(?:-lock|-wal|-shm)?|changes\.lock|texts\.sqlite-journal)"
)

Content = Mapping[str, str]


def content(settings: Settings) -> dict[str, str]:
    """Graph -> its N-Quads in order, without the times of the clock."""
    with open_store(settings, make=False, older=True) as store:
        return {
            graph.value: "".join(
                f"{quad} .\n" for quad in store.graph_quads(graph) if quad.predicate.value not in _TIMES
            )
            for graph in store.graphs()
        }


def faults(settings: Settings, whole: list[Content], *, done: bool) -> list[str]:
    """What is wrong with a store, in sentences.

    Args:
        whole: what the articles' graphs may be, each as it was before the operation or as it is after it.
        done: whether the operation was done again to its end, so that what follows from the articles must be there as well.
    """
    if not settings.store.exists() or not (settings.store / "data" / "CURRENT").exists():
        return ["there is no store"] if done else []
    found = Findings(50)
    findings = list(damaged(settings.store))
    with newest_snapshot(settings, 5) as snapshot:
        check(snapshot, settings, found)
    findings += [line for line in found.lines if done or _FOLLOWS not in line]
    articles = Iris(settings.base_iri).article_graph("").value
    for graph, lines in content(settings).items():
        if graph.startswith(articles) and all(state.get(graph) != lines for state in whole):
            findings.append(f"{graph} is not whole: it has {len(lines.splitlines())} quads.")
    if done:
        findings += _left_over(settings)
    return findings


def _left_over(settings: Settings) -> list[str]:
    found = [f"{path.name} is left over" for path in settings.store.iterdir() if not _KNOWN.fullmatch(path.name)]
    found += [f"snapshots/{path.name} is left over" for path in (settings.store / "snapshots").glob("*")]
    return found + [f"data/{path.name} is left over" for path in (settings.store / "data").glob("bulk-*")]


def followed(settings: Settings) -> None:
    """Bring the index for search and the log of changes up to the store, as a service does."""
    with closing(Snapshots(settings)) as snapshots:
        state = snapshots.current()
        bring_up_to_date(file_of(settings), state, settings.base_iri)
        catch_up(ChangeLog(settings.store, 20), state, Iris(settings.base_iri))


def behind(settings: Settings) -> list[str]:
    """Where the index and the log differ from what they are made of; both are brought up to date before."""
    followed(settings)
    found, log, told = [], ChangeLog(settings.store, 20), dict[str, list[str]]()
    held: dict[str, bytes] = {}
    number = 0
    for page in log.pages(1, 10**6):
        for entry in log.entries(page.number):
            number += 1
            if entry.number != number:
                found.append(f"entry {entry.number} of the log stands where {number} was to be")
            held.pop(entry.fact, None)
            if entry.change != "Delete":
                held[entry.fact] = b"".join(sorted(f"{t} .\n".encode() for t in entry.triples()))
    fresh = Path(f"{file_of(settings)}.fresh")
    with closing(Snapshots(settings)) as snapshots:
        state = snapshots.current()
        for graph in (g for g in state.prints() if "/graph/article/" in g):
            triples = state.graph(ox.NamedNode(graph), 10**6) or []
            about = about_in(triples)
            for fact in facts_in(triples):
                lines = b"".join(sorted(f"{t} .\n".encode() for t in fact_triples(about, fact)))
                if held.pop(fact.value, None) != lines:
                    found.append(f"the log's last version of {fact} is not the store's")
        bring_up_to_date(fresh, state, settings.base_iri)
    found += [f"the log has {fact}, which is gone" for fact in held]
    for path in (file_of(settings), fresh):
        told.setdefault(json.dumps(_indexed(path)), []).append(path.name)
    for path in fresh.parent.glob(f"{fresh.name}*"):
        path.unlink()
    return found + (["the index for search is not what one made anew is"] if len(told) > 1 else [])


def _indexed(path: Path) -> list[list[object]]:
    import sqlite3

    with closing(sqlite3.connect(path)) as database:
        rows = [
            "SELECT iri, kind, label, text, article, type, first, last, weight FROM docs ORDER BY iri",
            "SELECT name, key FROM names ORDER BY name, key",
            "SELECT word, number FROM words WHERE number > 0 ORDER BY word",
            "SELECT iri, print FROM graphs ORDER BY iri",
        ]
        return [list(map(list, database.execute(row))) for row in rows]
