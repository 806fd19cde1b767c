"""How fast articles go into a store: by one process and by several, and how fast the quads alone load beside ``oxigraph load``.

    python bench/ingest.py [ARTICLES [ALONE]]   default 10,000 by several processes and 1,000 by one; needs the package "oxigraph"
                                                (the native loader) beside the project

The articles are made by mixing the sentences of the written corpus (fiction): every one is new. Prints articles and quads a
second and the largest resident memory of any one process, for one process and for one a processor, and the ratio of the
loading times. The stores are made in a temporary folder and removed.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.config import Settings
from kg.pipeline import ingest
from kg.store import open_store
from kg.training.examples import records

#: Sentences of one article, in paragraphs of three.
SENTENCES = 12


def articles(number: int) -> Iterator[str]:
    """JSON Lines of mixed articles; the same every time."""
    chance = random.Random(11)
    pool = [" ".join(r["text"].split()) for r in records() if len(r["text"]) < 400]
    for n in range(number):
        some = chance.sample(pool, SENTENCES)
        text = "\n\n".join(" ".join(some[i : i + 3]) for i in range(0, SENTENCES, 3))
        day = f"{2000 + n % 20}-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
        yield json.dumps({"id": f"mix-{n}", "text": text, "date": day, "outlet": f"Outlet {n % 50}"}) + "\n"


def _memory() -> float:
    own, children = (resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(own, children) / 1024


def measured(path: Path, folder: Path, processes: int) -> tuple[float, Settings]:
    """Ingest once, print the line, and give articles a second."""
    settings = Settings(store=folder / f"store{processes}", processes=processes)
    start = time.perf_counter()
    done = ingest([path], settings)
    took = time.perf_counter() - start
    sys.stdout.write(
        f"{processes} processes: {done.ingested:,} articles in {took:.0f} s, {done.ingested / took:.1f} articles/s, "
        f"{done.quads / took:,.0f} quads/s, {len(done.failures)} failed, largest process {_memory():.0f} MB\n"
    )
    sys.stdout.flush()
    return done.ingested / took, settings


def load(settings: Settings, folder: Path) -> None:
    """The same quads by this program's store and by native ``oxigraph load``."""
    file = folder / "all.nq"
    with open_store(settings) as store, file.open("wb") as out:
        ox.serialize(store.quads(), out, format=ox.RdfFormat.N_QUADS)
    start = time.perf_counter()
    ox.Store(str(folder / "ours")).bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
    ours = time.perf_counter() - start
    native = shutil.which("oxigraph") or str(Path(sys.executable).with_name("oxigraph"))
    start = time.perf_counter()
    subprocess.run(
        [native, "load", "--location", str(folder / "native"), "--file", str(file)], check=True, capture_output=True
    )
    theirs = time.perf_counter() - start
    sys.stdout.write(
        f"loading {file.stat().st_size / 1e6:,.0f} MB of quads: {ours:.1f} s, native {theirs:.1f} s, ratio {theirs / ours:.2f}\n"
    )


def main(number: int, alone: int) -> None:
    """Measure ``number`` articles by several processes, and the first ``alone`` of them by one."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        path, few = folder / "mixed.jsonl", folder / "few.jsonl"
        lines = list(articles(number))
        path.write_text("".join(lines), encoding="utf-8")
        few.write_text("".join(lines[:alone]), encoding="utf-8")
        slow, _ = measured(few, folder, 1)
        several = len(os.sched_getaffinity(0))
        fast, settings = measured(path, folder, several)
        sys.stdout.write(f"{several} processes are {fast / slow:.2f} times as fast as one\n")
        load(settings, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    numbers = [int(given.replace(",", "")) for given in sys.argv[1:]]
    main(*[*numbers, *(10_000, 1_000)[len(numbers) :]])
