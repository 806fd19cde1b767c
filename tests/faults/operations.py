"""The operations that a campaign kills: how each begins, what it does, and what must be there once it was done again."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click
import pyoxigraph as ox

from kg.operating.backup import backups, restore
from kg.store.embedded import open_store
from tests.conftest import free_port, request
from tests.faults.bench import REMOVED, Bench, Operation, command
from tests.faults.children import left_in_group
from tests.faults.looking import Content, behind, faults, followed


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

    def done(self) -> list[str]:
        found = super().done() + [f"{p.name} is left over" for p in self.folder.glob("dumps/.*")]
        same = self.bench.dumped(self.store, self.folder / "dumps") == self.bench.dump
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
