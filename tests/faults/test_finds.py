"""What campaigns of kills, and reading with them in mind, have found: each broken off at its very moment, and gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg import ledger
from kg.cli import main
from kg.config import Settings
from kg.errors import KgError
from kg.identity import run as identity
from kg.identity.run import _Run
from kg.ledger import Ledger
from kg.sources.bodies import Bodies
from kg.store import changes, open_store
from kg.triples.iris import Iris
from tests.faults.bench import articles
from tests.faults.looking import content


class Killed(BaseException):
    """In the place of a kill: nothing that comes after it is done."""


@pytest.fixture
def v1(tmp_path: Path) -> Path:
    path = tmp_path / "v1.jsonl"
    path.write_text(articles(changed=False))
    return path


def kg(settings: Settings, *arguments: str | Path) -> Result:
    return CliRunner().invoke(
        main,
        [*map(str, arguments), "--store", str(settings.store)],
        env={"KG_EXTRACTORS": "frames", "KG_PROCESSES": "1"},
        catch_exceptions=True,
    )


def _broken_off(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, work: Callable[[], object], after: bool
) -> None:
    """Do some work that ends where something is called for the first time, before it or after it."""
    real = getattr(owner, name)

    def ends(*arguments: object, **more: object) -> object:
        if after:
            real(*arguments, **more)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(owner, name, ends)
        work()


def _in_process(settings: Settings, *arguments: str | Path) -> Callable[[], object]:
    return lambda: main([*map(str, arguments), "--store", str(settings.store)], standalone_mode=False)


@pytest.fixture
def by_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_EXTRACTORS", "frames")
    monkeypatch.setenv("KG_PROCESSES", "1")


@pytest.mark.usefixtures("by_rules")
@pytest.mark.parametrize("step", ["match_events", "match_persons", "finish"])
def test_decisions_across_articles_are_made_by_the_next_run(
    step: str, v1: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index said that articles were looked at, and what was to be decided by them was forgotten."""
    other = Settings(store=tmp_path / "other")
    assert kg(other, "ingest", v1).exit_code == 0
    _broken_off(monkeypatch, _Run, step, _in_process(settings, "ingest", v1), after=False)
    assert content(settings) != content(other)
    assert kg(settings, "ingest", v1).exit_code == 0
    assert content(settings) == content(other)
    for store in (settings, other):
        assert kg(store, "remove", "a1").exit_code == 0
    _broken_off(monkeypatch, _Run, step, _in_process(settings, "remove", "a2"), after=False)
    assert kg(other, "remove", "a2").exit_code == 0
    assert kg(settings, "remove", "a2").exit_code == 0, "the same command finishes it"
    assert kg(settings, "remove", "a2").exit_code == 1, "and then there is no such article"
    assert content(settings) == content(other)
    assert kg(settings, "check", "--no-shapes").exit_code == 0, "a removal's note is no record without its article"


def test_everything_looked_at_finds_what_no_index_knows(v1: Path, settings: Settings) -> None:
    """An event drawn from articles that are all gone, as a run of the first format could leave it."""
    assert kg(settings, "ingest", v1).exit_code == 0
    across = Iris(settings.base_iri).identity_graph("event").value
    with open_store(settings) as store:
        lost = [g for g in store.graphs() if "/graph/identity/keys/" in g.value or "/graph/article/" in g.value]
        store.remove_graphs([*lost, *(g for g in store.graphs() if "/graph/ingestion/" in g.value)])
        identity(store, settings, everything=True)
        assert not [graph for graph in store.graphs() if graph.value.startswith(across)]


@pytest.mark.usefixtures("by_rules")
@pytest.mark.parametrize("after", [False, True])
def test_a_text_is_that_of_its_article_at_every_moment(
    after: bool, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off before the store is written, or after it and before the text takes its place."""
    file, texts = (
        tmp_path / "one.jsonl",
        ["Norway expelled two Russian diplomats on 5 July 2016.", "Chad met Kenya on 6 July 2016."],
    )
    file.write_text(json.dumps({"id": "one", "text": texts[0]}))
    assert kg(settings, "ingest", file).exit_code == 0
    file.write_text(json.dumps({"id": "one", "text": texts[1]}))
    _broken_off(monkeypatch, Ledger, "write", _in_process(settings, "ingest", file), after)

    def held() -> str:
        (tmp_path / "none").mkdir(exist_ok=True)
        assert (
            kg(settings, "ingest", tmp_path / "none").exit_code == 0
        )  # whatever is ingested, what was broken off is settled
        return Bodies(settings.store, "show").get(["one"])["one"].text

    assert held() == texts[after]
    assert kg(settings, "check", "--no-shapes").exit_code == 0


@pytest.mark.usefixtures("by_rules")
@pytest.mark.parametrize("after", [False, True])
def test_an_article_that_is_taken_out_takes_its_text_along(
    after: bool, v1: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kg(settings, "ingest", v1).exit_code == 0
    _broken_off(monkeypatch, ledger, "remove", _in_process(settings, "remove", "a5"), after)
    assert (
        kg(settings, "ingest", v1.parent / "none.jsonl").exit_code == 1
    )  # nothing to read, but what was broken off is settled
    graph = Iris(settings.base_iri).article_graph("a5")
    with open_store(settings) as store:
        assert store.has_graph(graph) is not after
    assert (set(Bodies(settings.store, "show").get(["a5"])) == set()) is after


@pytest.mark.usefixtures("by_rules")
def test_the_same_story_is_recognised_after_a_kill(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The article was in the store and its text not yet in the index: the next run read the story once more."""
    lines = [json.loads(line) for line in articles(changed=False).splitlines()]
    first, again = tmp_path / "first.jsonl", tmp_path / "both.jsonl"
    first.write_text(json.dumps(lines[3]))
    again.write_text("".join(json.dumps(line) + "\n" for line in (lines[3], lines[-2])))
    assert lines[-2]["text"] == lines[3]["text"]

    def killed() -> None:
        from kg.sources.near import TextIndex

        # a process that is killed does not close its files
        monkeypatch.setattr(TextIndex, "close", lambda index: index._db.close())
        main(["ingest", str(first), "--store", str(settings.store)], standalone_mode=False)

    _broken_off(monkeypatch, Ledger, "write", killed, after=True)
    monkeypatch.undo()
    monkeypatch.setenv("KG_EXTRACTORS", "frames")
    with open_store(settings) as store:
        assert ledger.held(store, Iris(settings.base_iri), "a3")[0]
    done = kg(settings, "ingest", again)
    assert done.exit_code == 0
    assert "duplicates 1" in " ".join(done.stderr.split())


def test_a_line_that_was_broken_off_does_not_swallow_the_next(tmp_path: Path) -> None:
    changes.note(tmp_path, 1, ["urn:a"])
    with (tmp_path / changes.FILE).open("a") as out:
        out.write("2\turn:brok")
    changes.note(tmp_path, 2, ["urn:b"])
    assert changes.changed(tmp_path, 1, 2) == {"urn:brok", "urn:b"}


def test_an_error_that_is_none_of_the_disks_is_not_hidden(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("kg.identity.run", fails)
    with open_store(settings):
        pass
    done = kg(settings, "identity")
    assert isinstance(done.exception, RuntimeError)
    assert not isinstance(done.exception, KgError)
