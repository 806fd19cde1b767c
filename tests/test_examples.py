"""Every example in the documents runs: Python, SPARQL, R, commands and curl, against a store and a service with the seeds."""

from __future__ import annotations

import gc
import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.store import embedded, open_store
from kg.triples.vocab import PREFIXES
from tests.conftest import Served
from tests.imports.test_gdelt_and_icews import ICEWS_HEADER, rows

ROOT = Path(__file__).parent.parent
#: Where the documents suppose the service.
HERE = "http://127.0.0.1:8000"
#: What begins a line of a shell block that is not run here, and why not.
NOT_RUN = {
    "python3 -m kg.bootstrap": "tests/test_bootstrap.py runs it",
    "pip install": "it asks a package index",
    ". .venv/bin/activate": "it is for the reader's shell",
    "export KG_": "it is for the reader's shell",
    "kg ingest https://": "it asks a stranger's site; tests/sources does so of a site of its own",
    "kg ingest --watch": "it does not end; tests/sources/test_watch.py runs it",
    "python -m kg.spark s3a:": "it asks a cluster; tests/spark runs the job",
    "curl -L -O http://127.0.0.1:8000/dumps/": "the shared service has no dumps; tests/exports fetches one",
    "curl -C - -O http://127.0.0.1:8000/dumps/": "the same; a download is resumed there",
    "kg publish published --every": "it does not end; tests/web/test_replicas.py runs it",
    "kg serve --replica": "it does not end; the same",
    "KG_SERVICE_ENDPOINTS=": "it does not end; tests/federation/test_outward.py asks endpoints of its own",
    "rsync ": "it asks another machine",
    "kg restore backups/": "the backup is named by its time; tests/operating restores one",
    "useradd ": "it sets up a machine",
    "python3 -m venv /opt": "it sets up a machine",
    "install -": "it sets up a machine",
    "systemctl ": "it sets up a machine; tests/test_deploy.py has the units verified",
    "sudo ": "it sets up a machine",
    "podman ": "it needs a container engine",
    "npx ldes-client": "it does not end; tests/exports runs the client",
    "spark-submit": "it asks a cluster; tests/spark runs the job",
    "python -m tests.fuzz.campaign": "it takes minutes; tests/fuzz runs a short one",
}
#: Blocks that draw rather than tell: the path of the data.
DRAWN = "article ─>"
#: CONTRIBUTING.md has recipes, which tests/test_recipes.py follows.
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "ontology" / "README.md",
]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: Languages of blocks that are no program.
_SHOWN = {"turtle", "tsv", "text"}


def _prepare(folder: Path, seeds: Path) -> None:
    """The files that the documents' commands suppose."""
    shutil.copytree(seeds, folder / "my-articles")
    shutil.copytree(seeds, folder / "seeds")
    (folder / "people.jsonl").write_text(
        '{"id": "Q57640", "label": "Hun Sen", "country": "KHM", "born": "1952-08-05"}\n'
    )
    with zipfile.ZipFile(folder / "20240101.export.CSV.zip", "w") as archive:
        archive.writestr("20240101.export.CSV", "\n".join(rows(58)) + "\n")
    row = "800001\t2016-01-26\tAnn Fiction\tGovernment\tRussian Federation\tVisit\t042\t1.9\tChina\t\tChina\t77\t2\tFiction Times"
    (folder / "events.2015.tab").write_text(f"{ICEWS_HEADER}\n{row}\tBeijing\t\tBeijing Shi\tChina\t39.9075\t116.397\n")


@pytest.fixture
def place(tmp_path: Path, filled: Settings, seeds: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a reader has it, with a store of its own."""
    (tmp_path / "var" / "store").mkdir(parents=True)
    with embedded.open_store(filled) as store:
        store.checkpoint(tmp_path / "var" / "store" / "data")
    _prepare(tmp_path, seeds)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KG_EXTRACTORS", "frames")
    monkeypatch.setenv("KG_PROCESSES", "1")
    return tmp_path


class Reader:
    """Goes through a document's blocks as a reader does."""

    def __init__(self, place: Path, served: Served) -> None:
        self._place, self._served = place, served
        self._names: dict[str, object] = {"__name__": "example"}
        self._run: dict[str, Callable[[str], None]] = {
            "": self._shell,
            "sh": self._shell,
            "python": self._python,
            "sparql": self._sparql,
            "r": self._r,
        }

    def block(self, language: str, text: str) -> None:
        self._run[language](text)

    def leave(self) -> None:
        """Forget what the examples opened: a store is open as long as something holds it."""
        self._names.clear()
        gc.collect()

    def _python(self, text: str) -> None:
        exec(compile(text.replace(HERE, self._served.url), "example", "exec"), self._names)  # noqa: S102

    def _sparql(self, text: str) -> None:
        with open_store(Settings(store=self._place / "var" / "store")) as store:
            list(store.query(text, PREFIXES))  # type: ignore[arg-type]

    def _r(self, text: str) -> None:
        program = shutil.which("Rscript")
        if program is None:
            pytest.skip("There is no Rscript on this machine.")
        self._kg("kg export events > events.csv")
        done = subprocess.run([program, "-e", text.replace(HERE, self._served.url)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def _shell(self, text: str) -> None:
        if text.startswith(DRAWN):
            return
        for command in _commands(text):
            if command.startswith(tuple(NOT_RUN)):
                continue
            run = {"kg": self._kg, "curl": self._curl}.get(command.partition(" ")[0])
            assert run, f"{command!r} is neither run nor left out for a reason"
            run(command)

    def _kg(self, command: str) -> None:
        words, _, target = command.partition(" > ")
        done = CliRunner().invoke(main, shlex.split(words, comments=True)[1:])
        assert done.exit_code == 0, f"{command}: {done.stderr}"
        if target:
            Path(target).write_bytes(done.stdout_bytes)

    def _curl(self, command: str) -> None:
        if shutil.which("curl") is None:
            pytest.skip("There is no curl on this machine.")
        # only where a request goes, not the IRIs that it speaks of
        words = [self._served.url + w.removeprefix(HERE) if w.startswith(HERE) else w for w in shlex.split(command)]
        done = subprocess.run(
            [*words, "--silent", "--show-error", "--fail"], capture_output=True, text=True, cwd=self._place
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert done.stdout or "-o" in words, command


def _commands(text: str) -> Iterator[str]:
    """The commands of a block: lines, and those that go on in the next by a backslash or an open quotation mark."""
    command = ""
    for line in text.splitlines():
        command += line.removeprefix("$ ") if not command else f"\n{line}"
        if command.endswith("\\"):
            command = command[:-1]
            continue
        if re.sub(r"\\'", "", command.partition(" #")[0]).count("'") % 2:
            continue
        if command.strip():
            yield command.strip()
        command = ""
    assert not command.strip(), f"{command!r} has no end"


def _blocks(path: Path) -> list[tuple[str, str]]:
    return _BLOCK.findall(path.read_text(encoding="utf-8"))


def test_no_block_is_in_a_language_that_is_not_run() -> None:
    for path in DOCUMENTS:
        assert {language for language, _ in _blocks(path)} <= {"", "sh", "python", "sparql", "r", *_SHOWN}, path.name


@pytest.mark.parametrize(
    "path",
    [p for p in DOCUMENTS if _BLOCK.search(p.read_text(encoding="utf-8"))],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_the_examples_of_a_document_run(path: Path, place: Path, service: Served) -> None:
    reader = Reader(place, service)
    if path.name == "spark.md":
        (place / "graph" / "shard").mkdir(parents=True)
        done = CliRunner().invoke(main, ["export"])
        (place / "graph" / "shard" / "part-0.gz").write_bytes(gzip.compress(done.stdout_bytes))
    try:
        for language, text in _blocks(path):
            if language not in _SHOWN:
                reader.block(language, text)
    finally:
        reader.leave()


def test_the_tutorial_shows_what_is_read(place: Path) -> None:
    """Its table, row by row, as far as the rules alone find it: they do not change when the tagger is trained anew."""
    blocks = _blocks(ROOT / "docs" / "tutorial.md")
    exec(next(text for language, text in blocks if language == "python"), {"__name__": "example"})  # noqa: S102
    done = CliRunner().invoke(main, ["extract", "articles.jsonl"])
    rows = [re.split(r"  +", line) for line in dict(blocks)["text"].splitlines()[1:]]
    found = 0
    for record in map(json.loads, done.stdout.splitlines()):
        for event in (e for e in record["events"] if e["source"] and e["target"]):
            shown = next(row for row in rows if row[0] == record["id"] and event["trigger"] in row)
            sides = [f"{side['name']} ({side['party']})" for side in (*event["source"], *event["target"])]
            assert shown[2:4] == sides
            assert event["modality"] in shown
            assert not event["date"] or event["date"]["earliest"] in shown[4]
            found += 1
    assert found >= 3


def test_the_notebook_runs(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("IPYTHONDIR", str(place / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(place / "runtime"))
    path = ROOT / "docs" / "notebook.ipynb"
    assert not [c for c in json.loads(path.read_text())["cells"] if c.get("outputs")], (
        "what it shows is made anew each time"
    )
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(place)}}).execute()
    shown = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())]
    assert len(shown) >= 9
    assert any("<svg" in data.get("text/html", "") for data in shown)
    assert sum("<table" in data.get("text/html", "") for data in shown) >= 6
