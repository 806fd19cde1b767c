"""What a round of a campaign begins with: stores of short articles, an operation in a process of its own, and looks at both."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.cli import main
from kg.config import Settings
from kg.exports.dumps import dumps
from kg.operating.backup import backups
from kg.store.embedded import open_store
from tests.faults.children import Child, call, left_in_group, start
from tests.faults.looking import Content, content, faults, followed

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


#: Articles that are taken out one after the other: one that shares its event, an original of a duplicate, one more.
REMOVED = ("a1", "a2", "a17")


def _loosen(settings: Settings) -> None:
    with open_store(settings) as store:
        store.remove_graphs([graph for graph in store.graphs() if "/graph/identity/" in graph.value])


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
        bench.dump = bench.dumped(folder / "v1", folder / "dumps")
        bench.copy("v1", folder / "loose")
        bench.child(lambda: _loosen(Settings(store=folder / "loose")))
        bench.copy("v1", folder / "old")
        (folder / "old" / "format").unlink()
        return bench

    def copy(self, name: str, to: Path) -> None:
        """A copy of one of the stores."""
        shutil.copytree(self.folder / name, to, ignore=shutil.ignore_patterns("snapshots"))

    def dumped(self, store: Path, folder: Path) -> tuple[str, ...]:
        """The digests of a dump's files, made where it is not there."""
        call(
            lambda: command("dump", store=store),
            folder.with_suffix(".said"),
            {**self.environment, "KG_DUMPS": str(folder)},
        )
        (made,) = dumps(Settings(dumps=folder))
        paths = (folder / made.name / file.name for file in made.files)
        return tuple(sorted(f"{p.name.partition('.')[2]} {hashlib.sha256(p.read_bytes()).hexdigest()}" for p in paths))

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
