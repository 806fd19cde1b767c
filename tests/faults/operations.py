"""The operations that a campaign kills: how each begins, what it does, and what must be there once it was done again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pyoxigraph as ox

from kg.cli import main
from kg.config import Settings
from kg.exports.dumps import dumps
from kg.operating.backup import backups, restore
from kg.store.embedded import open_store
from tests.conftest import free_port, request
from tests.faults.children import Child, call, left_in_group, start
from tests.faults.looking import Content, behind, content, faults, followed

_TELLING = (
    "{city}, May {day}, 2016 - French President Francois Hollande met Kenyan President Uhuru Kenyatta in {city} on May {day}, "
    "2016 to discuss trade. {said}.",
    "Officials said that President Francois Hollande of France met Uhuru Kenyatta, the president of Kenya, in {city} on "
    "May {day}, 2016. Talks on trade went on for hours. {said}.",
)
_SAID = (
    "Hollande said France would help Kenya to build a new port",
    "Kenya expelled two Ugandan diplomats a week later",
    "The Philippines accused China of building on a disputed reef",
)
_CITIES = ("Nairobi", "Paris", "Geneva")
_LONG = (
    " They spoke of the border, of the bridge and of the fishing fleet, and of number {n} on the list of the envoys."
)


def articles(changed: bool) -> str:
    """Twenty short articles as JSON Lines: events told by two of them, the same story twice; some ``changed`` and some more."""
    lines = []
    for n in range(20 if not changed else 24):
        text = (
            _TELLING[n % 2].format(city=_CITIES[n // 2 % 3], day=n // 2 % 9 + 1, said=_SAID[n % 3])
            + _LONG.format(n=n) * 6
        )
        if changed and n % 5 == 0:
            text += " Norway expelled two Russian diplomats on May 9, 2016."
        lines.append({"id": f"a{n}", "text": text, "date": f"2016-05-{n // 2 % 9 + 10}", "outlet": f"Outlet {n % 3}"})
    # the same words on another site: linked to the first and not read
    lines += [{**lines[n], "id": f"again{n}", "outlet": "Another"} for n in (3, 17)]
    return "".join(json.dumps(line) + "\n" for line in lines)


def command(*arguments: str | Path, store: Path) -> None:
    """A command on a store, to its end; SystemExit or an error of click's where it fails."""
    try:
        main([*map(str, arguments), "--store", str(store)], standalone_mode=False)
    except SystemExit as ended:
        if ended.code:
            raise


@dataclass
class Bench:
    """A folder of a campaign: the stores that operations begin with, made once, and how they are without any kill."""

    folder: Path
    environment: Mapping[str, str]
    v1: Content
    v2: Content
    removed: Content
    backup: Path
    dump: tuple[str, ...]

    @classmethod
    def made(cls, folder: Path) -> Bench:
        environment = {"KG_EXTRACTORS": "frames", "KG_CURATION": str(folder / "curation.tsv"), "KG_PROCESSES": "1"}
        for name, changed in (("v1", False), ("v2", True)):
            (folder / f"{name}.jsonl").write_text(articles(changed))
        bench = cls(folder, environment, {}, {}, {}, folder, ())
        bench.run("ingest", folder / "v1.jsonl", store=folder / "v1")
        bench.copy("v1", folder / "v2")
        bench.child(lambda: followed(Settings(store=folder / "v2")))
        bench.run("ingest", folder / "v2.jsonl", store=folder / "v2")
        bench.copy("v1", folder / "removed")
        for article in REMOVED:
            bench.run("remove", article, store=folder / "removed")
        bench.v1, bench.v2, bench.removed = (bench.content(folder / name) for name in ("v1", "v2", "removed"))
        bench.run("backup", folder / "backups", store=folder / "v1")
        (bench.backup,) = backups(folder / "backups")
        bench.dump = Dump.files(bench, folder / "v1", folder / "dumps")
        bench.copy("v1", folder / "loose")
        bench.child(lambda: _loosen(Settings(store=folder / "loose")))
        bench.copy("v1", folder / "old")
        (folder / "old" / "format").unlink()
        return bench

    def copy(self, name: str, to: Path) -> None:
        """A copy of one of the stores."""
        shutil.copytree(self.folder / name, to, ignore=shutil.ignore_patterns("snapshots"))

    def child(self, work: Callable[[], object]) -> object:
        """What some work gives, in a child that nobody kills."""
        return call(work, self.folder / "said", self.environment)

    def run(self, *arguments: str | Path, store: Path) -> None:
        """A command, to its end."""
        self.child(lambda: command(*arguments, store=store))

    def content(self, store: Path) -> Content:
        """The content of a store."""
        found = self.child(lambda: content(Settings(store=store)))
        assert isinstance(found, dict)
        return found


#: Articles that are taken out one after the other: one that shares its event, an original of a duplicate, one more.
REMOVED = ("a1", "a2", "a17")


def _loosen(settings: Settings) -> None:
    with open_store(settings) as store:
        store.remove_graphs([graph for graph in store.graphs() if "/graph/identity/" in graph.value])


class Operation:
    """One kind of operation; an object is one round of it."""

    #: Which store it begins with, and which content it ends with.
    begins: str = "v1"
    ends: str = "v2"
    #: Seconds that it takes when it is not killed, from which the moments are drawn: measured in a long campaign.
    length: float = 0.8

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench, self.folder, self.store = bench, folder, folder / "store"
        folder.mkdir()
        if self.begins:
            bench.copy(self.begins, self.store)

    @property
    def settings(self) -> Settings:
        return Settings(store=self.store)

    def arguments(self) -> list[list[str]]:
        """The commands, one after the other."""
        raise NotImplementedError

    def work(self) -> None:
        """What is killed."""
        for arguments in self.arguments():
            command(*arguments, store=self.store)

    def environment(self) -> Mapping[str, str]:
        return self.bench.environment

    def start(self) -> Child:
        """Begin."""
        return start(self.work, self.folder / "said", self.environment())

    def killed(self, moment: float) -> bool:
        """Kill it so many seconds after its beginning; whether it was still at work."""
        child = self.start()
        time.sleep(moment)
        child.kill()
        code = child.wait()
        deadline = time.monotonic() + 10
        while left_in_group(child.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        return code != 0

    def after(self) -> list[str]:
        """What is wrong after the kill."""
        whole = [self.bench.v1, self.bench.v2]
        return self._in_child(lambda: faults(self.settings, whole, done=False))

    def again(self) -> list[str]:
        """Do it again to its end; what is wrong then."""
        code = self.start().wait()
        if code:
            return [f"done again it ends with {code}: {(self.folder / 'said').read_text(errors='replace')[-500:]}"]
        return self.done()

    def done(self) -> list[str]:
        """What is wrong at the end."""
        wanted = getattr(self.bench, self.ends)
        found = self._in_child(lambda: faults(self.settings, [wanted], done=True))
        held = self.bench.content(self.store)
        return found + [
            f"{g} is another than without the kill" for g in sorted({*wanted, *held}) if wanted.get(g) != held.get(g)
        ]

    def _in_child(self, work: Callable[[], list[str]]) -> list[str]:
        return call(work, self.folder / "looked", self.environment())


class Ingest(Operation):
    begins, ends = "", "v1"

    def arguments(self) -> list[list[str]]:
        return [["ingest", str(self.bench.folder / "v1.jsonl")]]


class IngestInTwo(Ingest):
    def environment(self) -> Mapping[str, str]:
        return {**self.bench.environment, "KG_PROCESSES": "2"}


class IngestChanged(Operation):
    def arguments(self) -> list[list[str]]:
        return [["ingest", str(self.bench.folder / "v2.jsonl")]]


class Remove(Operation):
    ends = "removed"

    def arguments(self) -> list[list[str]]:
        return [["remove", article] for article in REMOVED]

    def work(self) -> None:
        for article in REMOVED:
            try:
                command("remove", article, store=self.store)
            except click.ClickException as error:
                if "has no article" not in str(error):
                    raise


class Identity(Operation):
    begins, ends = "loose", "v1"

    def arguments(self) -> list[list[str]]:
        return [["identity"]]


class Upgrade(Operation):
    begins, ends = "old", "v1"

    def arguments(self) -> list[list[str]]:
        return [["upgrade", "--backup", str(self.folder / "backups")]]

    def done(self) -> list[str]:
        return super().done() + [f"{p.name} is left over" for p in self.folder.glob("backups/.*")]


class Backup(Operation):
    """While another process ingests."""

    def work(self) -> None:
        if writer := os.fork():
            command("backup", self.folder / "backups", store=self.store)
            assert os.waitpid(writer, 0)[1] == 0
            return
        code = 1
        try:
            command("ingest", self.bench.folder / "v2.jsonl", store=self.store)
            code = 0
        finally:
            os._exit(code)

    def done(self) -> list[str]:
        found = super().done() + [f"{p.name} is left over" for p in self.folder.glob("backups/.*")]
        made = backups(self.folder / "backups")
        for number, backup in enumerate(made):
            place = self.folder / f"restored{number}"
            whole = [self.bench.v1, self.bench.v2]

            def back(backup: Path = backup, place: Path = place, whole: list[Content] = whole) -> list[str]:
                restore(backup, place)
                return faults(replace(self.settings, store=place), whole, done=False)

            found += self._in_child(back)
        return found + ([] if made else ["there is no backup"])


class Restore(Operation):
    begins, ends = "", "v1"

    def work(self) -> None:
        if not self.store.exists():
            command("restore", self.bench.backup, store=self.store)

    def done(self) -> list[str]:
        return super().done() + [f"{p.name} is left over" for p in self.folder.glob(".store.restore*")]


class Dump(Operation):
    ends = "v1"

    def environment(self) -> Mapping[str, str]:
        return {**self.bench.environment, "KG_DUMPS": str(self.folder / "dumps")}

    def arguments(self) -> list[list[str]]:
        return [["dump"]]

    @staticmethod
    def files(bench: Bench, store: Path, folder: Path) -> tuple[str, ...]:
        """The digests of a dump's files, made where it is not there."""
        call(
            lambda: command("dump", store=store),
            folder.with_suffix(".said"),
            {**bench.environment, "KG_DUMPS": str(folder)},
        )
        (made,) = dumps(Settings(dumps=folder))
        paths = (folder / made.name / file.name for file in made.files)
        return tuple(sorted(f"{p.name.partition('.')[2]} {hashlib.sha256(p.read_bytes()).hexdigest()}" for p in paths))

    def done(self) -> list[str]:
        found = super().done() + [f"{p.name} is left over" for p in self.folder.glob("dumps/.*")]
        same = self.files(self.bench, self.store, self.folder / "dumps") == self.bench.dump
        return found + ([] if same else ["the dump is another than without the kill"])


class Follow(Operation):
    """The index for search and the log of changes catch up."""

    begins, ends = "v2", "v2"

    def work(self) -> None:
        followed(self.settings)

    def done(self) -> list[str]:
        return super().done() + self._in_child(lambda: behind(self.settings))


class Compact(Operation):
    """The engine puts what it holds into files, and these together, between writes."""

    ends = "v1"
    _GRAPH = ox.NamedNode("urn:numbers")

    def work(self) -> None:
        one = ox.NamedNode("urn:is")
        with open_store(self.settings) as store:
            for number in range(1, 13):
                quads = [ox.Quad(self._GRAPH, one, ox.Literal(f"{number} {n}"), self._GRAPH) for n in range(200)]
                store.replace_graphs({self._GRAPH: quads})
                click.echo(f"acknowledged {number}")
                store._store.flush()
                store._store.optimize()

    def after(self) -> list[str]:
        said = (self.folder / "said").read_text().split()
        last = max([0, *(int(word) for word in said if word.isdigit())])
        held = self.bench.content(self.store).get(self._GRAPH.value, "")
        numbers = {line.split('"')[1].split()[0] for line in held.splitlines()}
        right = numbers in ({str(last)}, {str(last + 1)}) if last else numbers in (set(), {"1"})
        whole = len(held.splitlines()) in (0, 200)
        return super().after() + (
            [] if right and whole else [f"after {last} was acknowledged there is {sorted(numbers)}"]
        )

    def done(self) -> list[str]:
        self._in_child(lambda: self._cleared())
        return super().done()

    def _cleared(self) -> list[str]:
        with open_store(self.settings) as store:
            store.remove_graphs([self._GRAPH])
        return []


class Writing(Operation):
    """SPARQL updates, and documents put and deleted by the Graph Store Protocol, one after the other over HTTP."""

    ends = "v1"

    def __init__(self, bench: Bench, folder: Path) -> None:
        super().__init__(bench, folder)
        self.port = free_port()
        self.kept: set[int] = set()
        self.documents: dict[int, int] = {}
        self.going: tuple[str, int] | None = None

    def environment(self) -> Mapping[str, str]:
        return {**self.bench.environment, "KG_WRITES": "open", "KG_DUMPS": str(self.folder / "dumps")}

    def work(self) -> None:
        command("serve", "--port", str(self.port), store=self.store)

    def _send(self, kind: str, number: int) -> None:
        base, place = f"http://127.0.0.1:{self.port}", f"/gsp?graph=urn:doc:{number % 3}"
        if kind == "update":
            text = f"INSERT DATA {{ GRAPH <urn:kept> {{ <urn:s> <urn:p> {number} }} }}".encode()
            reply = request(f"{base}/sparql", "POST", {"Content-Type": "application/sparql-update"}, text)
        elif kind == "put":
            body = "".join(f"<urn:s{n}> <urn:p> {number} .\n" for n in range(50)).encode()
            reply = request(base + place, "PUT", {"Content-Type": "text/turtle"}, body)
        else:
            reply = request(base + place, "DELETE", {})
        assert reply.status in (200, 201, 204), reply.text

    def _done(self, kind: str, number: int) -> None:
        if kind == "update":
            self.kept.add(number)
        elif kind == "put":
            self.documents[number % 3] = number
        else:
            del self.documents[number % 3]

    def killed(self, moment: float) -> bool:
        child = self.start()
        deadline = time.monotonic() + 60
        while True:
            try:
                if request(f"http://127.0.0.1:{self.port}/health/live", "GET", {}).status == 200:
                    break
            except OSError:
                assert time.monotonic() < deadline, "the service does not answer"
                time.sleep(0.02)
        killer = threading.Timer(moment, child.kill)
        killer.start()
        try:
            for number in range(1, 10_000):
                kind = (
                    ("update", "put", "delete")[number % 3]
                    if number % 3 in self.documents
                    else ("update", "put")[number % 2]
                )
                self.going = (kind, number)
                self._send(kind, number)
                self._done(kind, number)
                self.going = None
        except (OSError, EOFError, ValueError):
            pass  # the connection went with the service
        except Exception as error:  # http.client has many for an answer that ends in the middle
            if type(error).__module__ != "http.client":
                raise
        killer.join()
        child.wait()
        deadline = time.monotonic() + 10
        while left_in_group(child.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        return True

    def _held(self) -> tuple[set[int], dict[int, int]]:
        held = self.bench.content(self.store)
        numbers = {g: [int(line.split('"')[1]) for line in held[g].splitlines()] for g in held if g.startswith("urn:")}
        halves = [g for g, found in numbers.items() if g != "urn:kept" and (len(found) != 50 or len(set(found)) != 1)]
        assert not halves, f"{halves} are not whole"
        documents = {int(g[-1]): found[0] for g, found in numbers.items() if g.startswith("urn:doc:")}
        return set(numbers.get("urn:kept", ())), documents

    def after(self) -> list[str]:
        held = self._held()
        states = [(set(self.kept), dict(self.documents))]
        if self.going:
            self._done(*self.going)
            states.append((self.kept, self.documents))
        wrong = [] if held in states else [f"the store holds {held}; acknowledged was {states[0]}"]
        return super().after() + wrong

    def again(self) -> list[str]:
        self._in_child(self._cleared)
        return self.done()

    def _cleared(self) -> list[str]:
        with open_store(self.settings) as store:
            store.remove_graphs([g for g in store.graphs() if g.value.startswith("urn:")])
        return []

    def done(self) -> list[str]:
        # what the service, which is not started again, would sweep at its start
        shutil.rmtree(self.store / "snapshots", ignore_errors=True)
        return super().done()


OPERATIONS: tuple[type[Operation], ...] = (
    *(Ingest, IngestInTwo, IngestChanged, Remove, Identity, Writing),
    *(Backup, Restore, Dump, Follow, Compact, Upgrade),
)
