"""What replicas cost and give: publishing, taking over, staleness, memory, throughput; and what a remote store costs a page.

    python bench/replicas.py QUADS [--store FOLDER] [--seconds N]

Makes a store of QUADS as ``bench/pages.py`` does, and on it measures, each line with what it is:

- ``kg publish`` for the first time (it makes the search index and the log of changes), after one article was written, and where
  nothing was written;
- a replica's start, and on each publication of a primary that writes five articles a second and publishes every second: seconds
  from the pointer to the new state, and from an article's acknowledgement to its being read on the replica (the staleness);
- requests a second of eight clients to one service, and to one and two replicas behind HAProxy (where it is installed), a mix of
  small queries none of which comes twice;
- pages and queries of a service on ``oxigraph serve``, beside the same of a service that has the store itself.

Everything runs on this machine: two replicas and the clients share its processors.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pyoxigraph as ox

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.pages import Maker, chosen, make  # noqa: E402
from kg.config import Settings  # noqa: E402
from kg.store import Store, open_store  # noqa: E402
from tests.conftest import free_port  # noqa: E402

G, P = ox.NamedNode("https://example.org/g"), ox.NamedNode("https://example.org/p")
KG = (sys.executable, "-c", "from kg.cli import main; main()")
CLIENTS = 8
#: Numbers of the articles that a primary writes while it is followed: none was written before.
FIRST = 1_000
#: Small queries; the number keeps each from being one that was asked before.
MIX = (
    "SELECT ?e ?l {{ ?e a dipl:Meeting ; rdfs:label ?l }} OFFSET {n} LIMIT 20",
    "SELECT ?a (COUNT(*) AS ?c) {{ ?p dipl:actor ?a }} GROUP BY ?a ORDER BY DESC(?c) LIMIT {n}",
    "ASK {{ ?s rdfs:label 'number {n}' }}",
    "SELECT ?d {{ ?e dipl:earliestDate ?d ; a dipl:Statement }} OFFSET {n} LIMIT 50",
)
PREFIXES = (
    "PREFIX dipl: <https://w3id.org/diplomatic-kg/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
)


def say(what: str, *figures: str) -> None:
    """One line of the table."""
    sys.stdout.write(f"{what:58}{'  '.join(figures)}\n")
    sys.stdout.flush()


def get(port: int, path: str, accept: str = "application/sparql-results+json, text/html") -> tuple[int, bytes]:
    """One GET on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path, headers={"Accept": accept})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def running(*command: str | Path, port: int = 0, path: str = "/health/ready", **env: str) -> Iterator[int]:
    """A process, until the block ends; waits for it to answer where it has a port. Its number."""
    process = subprocess.Popen(
        [str(c) for c in command],
        env=os.environ | env | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while port:
            try:
                if get(port, path)[0] < 500:
                    break
            except OSError:
                time.sleep(0.02)
            if process.poll() is not None:
                raise SystemExit(f"{command} has ended.")
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def publish(store: Path, root: Path, *, told: bool = True) -> None:
    """Seconds that ``kg publish`` takes, the start of the program among them."""
    began, worked = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*KG, "publish", str(root), "--store", str(store), "--hold", "0"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    took, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = now.ru_utime + now.ru_stime - worked.ru_utime - worked.ru_stime
    if told:
        say("  " + done.stdout.strip().partition(": ")[2], f"{took:.1f} s, {processor:.1f} of them the processor's")


def write(store: Path, maker: Maker, number: int) -> None:
    """Write one article, and its number."""
    with open_store(Settings(store=store)) as opened:
        _write(opened, maker, number)


def _write(opened: Store, maker: Maker, number: int) -> None:
    quads = list(ox.parse(maker.copy(10_000_000 + number), format=ox.RdfFormat.N_QUADS))
    graph = quads[0].graph_name
    opened.replace_graphs({graph: quads, G: [ox.Quad(G, P, ox.Literal(number), G)]})


def _tree(process: int) -> Iterator[int]:
    """A process and those below it."""
    numbers = [process]
    while numbers:
        number = numbers.pop()
        yield number
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{number}/task").iterdir():
                numbers += map(int, (task / "children").read_text().split())


def memory(process: int) -> int:
    """Bytes that a process and those below it hold, shared ones counted by their part."""
    found = 0
    for number in _tree(process):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
            found += next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return found


def processor(*processes: int) -> float:
    """Seconds of the processor that processes and those below them have used, with those that have ended."""
    found = 0
    for number in itertools.chain.from_iterable(map(_tree, processes)):
        with contextlib.suppress(OSError):
            found += sum(map(int, Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return found / os.sysconf("SC_CLK_TCK")


def switches(store: Path, root: Path, service: tuple[int, int], maker: Maker, first: int) -> None:
    """What taking over a state costs a replica that nobody asks: publications one by one."""
    port, process = service
    used, taken = [], []
    for number in range(first, first + 4):
        write(store, maker, number)
        before = processor(process)
        publish(store, root, told=False)
        newest = json.loads((root / "CURRENT").read_text())["name"].encode()
        while newest not in get(port, "/health/ready")[1]:
            time.sleep(0.02)
        taken.append(time.time() - (root / "CURRENT").stat().st_mtime)
        time.sleep(3)
        used.append(processor(process) - before)
    say("  from the pointer to the state on the replica", _spread(taken))
    say("  processor of the replica for it", _spread(used))


def stale(store: Path, root: Path, port: int, maker: Maker, seconds: float) -> None:
    """A primary that writes and publishes, and what the replica on a port knows of it."""
    written: dict[int, float] = {}
    stop = threading.Event()

    def writing() -> None:
        with open_store(Settings(store=store)) as opened:
            for number in itertools.count(FIRST):
                _write(opened, maker, number)
                written[number] = time.time()
                if stop.wait(0.2):
                    return

    thread = threading.Thread(target=writing)
    asked = urllib.parse.quote(f"SELECT ?n {{ GRAPH {G} {{ ?s ?p ?n }} }}")
    behind, ages, taken, last = [], [], [], 0
    with running(*KG, "publish", root, "--store", store, "--every", "1", "--hold", "0"):
        thread.start()
        ends = time.time() + seconds
        while time.time() < ends:
            _, body = get(port, f"/sparql?query={asked}")
            now = time.time()
            found = max((int(row["n"]["value"]) for row in json.loads(body)["results"]["bindings"]), default=0)
            if found in written:
                later = [time_ for number, time_ in written.items() if number > found]
                ages.append(now - min(later) if later else 0.0)
                if found != last:
                    behind.append(now - written[found])
                    taken.append(now - (root / "CURRENT").stat().st_mtime)
            last = found
            time.sleep(0.02)
        stop.set()
        thread.join()
    say("  articles written, states taken over", f"{len(written)}, {len(behind)}")
    say("  from the pointer to the state on the replica", _spread(taken))
    say("  from an article's acknowledgement to its being there", _spread(behind))
    say("  staleness at any moment", _spread(ages))


def _spread(values: list[float], unit: str = "s", factor: float = 1) -> str:
    if not values:
        return "none"
    ranked = sorted(values)
    return f"median {statistics.median(ranked) * factor:.2f} {unit}, greatest {ranked[-1] * factor:.2f} {unit}"


def throughput(port: int, seconds: float, replicas: list[int], balancer: int = 0) -> str:
    """Requests a second of the clients, their 99th percentile, and what each costs the processor at replicas and balancer."""
    times: list[float] = []
    before, between = processor(*replicas), processor(balancer) if balancer else 0
    numbers, ends = itertools.count(1), time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while time.perf_counter() < ends:
            number = next(numbers)
            query = PREFIXES + MIX[number % len(MIX)].format(n=number)
            began = time.perf_counter()
            connection.request("GET", "/sparql?" + urllib.parse.urlencode({"query": query}))
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{answer.status} for {query}")
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ranked, cost = sorted(times), (processor(*replicas) - before) / len(times)
    told = f"{len(times) / seconds:.0f} requests/s, 99th percentile {ranked[int(len(ranked) * 0.99)] * 1000:.0f} ms"
    more = f" + {(processor(balancer) - between) / len(times) * 1000:.2f}" if balancer else ""
    return f"{told}, {cost * 1000:.1f}{more} ms of the processor a request"


@contextmanager
def haproxy(folder: Path, *ports: int) -> Iterator[tuple[int, int]]:
    """HAProxy by ``deploy/haproxy.cfg`` before one or two services; its port and process."""
    own = free_port()
    text = (ROOT / "deploy" / "haproxy.cfg").read_text(encoding="utf-8").replace("127.0.0.1:8080", f"127.0.0.1:{own}")
    if len(ports) == 1:
        text = "".join(line for line in text.splitlines(keepends=True) if "replica2" not in line)
    for old, new in zip((8001, 8002), ports, strict=False):
        text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
    (folder / "haproxy.cfg").write_text(text)
    with running("haproxy", "-f", folder / "haproxy.cfg", port=own, path="/health/live") as number:
        time.sleep(2)
        yield own, number


def serve(store: Path, **environment: str) -> tuple[int, Callable[[], AbstractContextManager[int]]]:
    """A service on a free port: the port, and what starts it."""
    port = free_port()
    return port, lambda: running(*KG, "serve", "--store", store, "--port", str(port), port=port, **environment)


def remote(store: Path, folder: Path) -> None:
    """Pages and queries on a remote store, beside those of a service that has the store itself."""
    shutil.copytree(store / "data", folder / "remote")
    data = ox.Store.read_only(str(folder / "remote"))
    kinds = {
        k: v for k, v in chosen(data, Settings().base_iri, 20).items() if k in ("state", "person", "event", "article")
    }
    del data
    at, (own, started) = free_port(), serve(store)
    base = f"http://127.0.0.1:{at}"
    program = shutil.which("oxigraph") or str(Path(sys.executable).with_name("oxigraph"))
    environment = {"KG_REMOTE_QUERY": f"{base}/query", "KG_SEARCH": "off", "KG_CHANGES_PAGE": "0"}
    port, begun = serve(folder / "none", **environment)
    server = (program, "serve-read-only", "--location", folder / "remote", "--bind", f"127.0.0.1:{at}")
    (folder / "none").mkdir()
    with ExitStack() as all_of_it:
        behind = all_of_it.enter_context(running(*server, port=at, path="/query?query=ASK%7B%7D"))
        alone, before = all_of_it.enter_context(started()), all_of_it.enter_context(begun())
        queries = [PREFIXES + MIX[n % 4].format(n=n) for n in range(1, 81)]
        paths = {"small queries": [f"/sparql?{urllib.parse.urlencode({'query': q})}" for q in queries], **kinds}
        for kind, addresses in paths.items():
            found = []
            for each, processes in ((own, (alone,)), (port, (before, behind))):
                times, used = [], processor(*processes)
                for address in addresses:
                    began = time.perf_counter()
                    get(each, address)
                    times.append((time.perf_counter() - began) * 1000)
                cost = (processor(*processes) - used) / len(addresses) * 1000
                found.append(f"{statistics.median(times):.1f} ms ({cost:.1f} of the processor)")
            say(f"  {kind}", f"own store {found[0]}, remote {found[1]}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quads", type=int)
    parser.add_argument("--store", type=Path, help="use this one, and make it where it is not there")
    parser.add_argument("--seconds", type=float, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as all_of_it:
        folder = Path(name)
        made = asked.store or folder / "made"
        if not made.exists():
            make(made, asked.quads)
        store, root, maker = folder / "store", folder / "published", Maker(Settings().base_iri)
        shutil.copytree(made, store)
        say(
            f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors; kg publish: the first, after one article, unchanged"
        )
        publish(store, root)
        for number in range(1, 4):
            write(store, maker, number)
            publish(store, root)
        publish(store, root)
        services = []
        for number in range(2):
            began = time.perf_counter()
            port, started = serve(
                folder / f"replica{number}", KG_REPLICA_OF=str(root), KG_REPLICA_COPY="on" if number else "off"
            )
            process = all_of_it.enter_context(started())
            say(f"a replica, {'copied' if number else 'linked'}: start", f"{time.perf_counter() - began:.1f} s")
            services.append((port, process))
        say(f"a state is taken over, load {os.getloadavg()[0]:.1f}")
        switches(store, root, services[0], maker, 10)
        say(f"a primary that writes and publishes, load {os.getloadavg()[0]:.1f}")
        stale(store, root, services[0][0], maker, asked.seconds)
        say(f"eight clients, load {os.getloadavg()[0]:.1f}")
        say("  one replica, directly", throughput(services[0][0], asked.seconds, [services[0][1]]))
        if shutil.which("haproxy"):
            for number in (1, 2):
                with haproxy(folder, *(port for port, _ in services[:number])) as (port, process):
                    asked_of = [each for _, each in services[:number]]
                    say(f"  HAProxy before {number}", throughput(port, asked.seconds, asked_of, process))
        say("memory of a replica with its workers", f"{memory(services[0][1]) / 1e6:.0f} MB")
        for number, words in enumerate(("linked", "copied")):
            held = [p.stat() for p in (folder / f"replica{number}").rglob("*") if p.is_file()]
            size = sum({s.st_ino: s.st_size for s in held if number or s.st_nlink < 3}.values())
            say(f"disk of a replica, {words}", f"{size / 1e6:.0f} MB")
        all_of_it.pop_all().close()
        say(f"a remote store, load {os.getloadavg()[0]:.1f}")
        remote(store, folder)


if __name__ == "__main__":
    main()
