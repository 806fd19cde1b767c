"""What extraction costs: articles and words a second on one processor, and each step's share.

    python bench/extract.py [FILE_OR_FOLDER ...]     default: seeds/, forty times over

The peer in the same run is the parse alone, without anything read from it: ratios to it hold from one machine to another.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from kg import facts  # noqa: E402 -- the processor is chosen before any library starts threads
from kg.config import Settings  # noqa: E402
from kg.facts.marking import mark  # noqa: E402
from kg.facts.reading import read  # noqa: E402
from kg.facts.tagged import may_tell  # noqa: E402
from kg.language import load  # noqa: E402
from kg.model import Article  # noqa: E402
from kg.sources import read_articles  # noqa: E402
from kg.tagger import tagger  # noqa: E402
from kg.triples.iris import Iris  # noqa: E402
from kg.triples.writer import article_quads  # noqa: E402


def timed(name: str, work: Callable[[], object], articles: int, words: int, base: float | None) -> float:
    """Run a step, print its line, and return its seconds."""
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    ratio = f"{seconds / base:5.2f} of the parse" if base else "  the parse"
    sys.stdout.write(f"{name:24s} {articles / seconds:8.1f} articles/s {words / seconds:10,.0f} words/s   {ratio}\n")
    return seconds


def main(paths: list[Path]) -> None:
    """Measure."""
    start = time.perf_counter()
    pipeline, tags = load(Settings()), tagger.load()
    sys.stdout.write(f"start: {time.perf_counter() - start:.2f} s\n")
    found = [a for a in read_articles(paths or [Path("seeds")], Settings()) if isinstance(a, Article)]
    articles = found if paths else found * 40
    words = sum(len(a.text.split()) for a in articles)
    n = len(articles)
    list(pipeline.parse(articles[:2]))
    parsed = list(pipeline.parse(articles))
    base = timed("parse", lambda: list(pipeline.parse(articles)), n, words, None)
    marked = [[mark(r, s) for s in r.parsed.sentences if may_tell(r, s)] for r in map(read, parsed)]
    timed("tagger alone", lambda: [tags.tag(sentences) for sentences in marked], n, words, base)
    timed("facts by frames", lambda: [facts.extract(p, ("frames",)) for p in parsed], n, words, base)
    timed("facts by both", lambda: [facts.extract(p) for p in parsed], n, words, base)
    found_facts = [facts.extract(p) for p in parsed]
    timed("quads", lambda: [article_quads(f, Iris(Settings().base_iri)) for f in found_facts], n, words, base)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"memory: {memory:.0f} MB at most\n")


if __name__ == "__main__":
    main([Path(p) for p in sys.argv[1:]])
