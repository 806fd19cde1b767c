"""The wheel holds everything that the program needs, and works away from the checkout."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from kg.web.documents.shelf import shelf

#: Built anew each time, or never part of a release.
SKIPPED = {
    ".git",
    ".venv",
    "build",
    "dist",
    "var",
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "tests",
}


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # built in a copy: setuptools leaves build/ and *.egg-info beside the sources
    source = tmp_path_factory.mktemp("source") / "project"
    shutil.copytree(root, source, ignore=lambda _, names: SKIPPED & set(names) | {n for n in names if "egg-info" in n})
    target = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", str(target), str(source)]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and the dependencies of this one; its ``kg`` command."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--target", str(packages), str(wheel)], check=True)
    # the dependencies come from this environment; as no site folder, its editable install of the checkout is not seen
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    script = folder / "bin" / "kg"
    script.write_text(f"#!{folder}/bin/python\nimport sys\nfrom kg.cli import main\nsys.exit(main())\n")
    script.chmod(0o755)
    return script


def run(script: Path, *arguments: str, folder: Path, **kwargs: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
    return subprocess.run(
        [script, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, **kwargs
    )


def _files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__"} & set(path.parts) and path.suffix != ".pyc"
    }


def test_the_wheel_holds_every_file_of_the_package(root: Path, wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    # what the browser's files are built from is not needed where they are built
    package = {f"kg/{name}" for name in _files(root / "kg") if not name.startswith("web/frontend/")}
    ontology = {f"kg/ontology/{name}" for name in _files(root / "ontology")}
    documents = {f"kg/docs/{name}" for name in _files(root / "docs") if not name.endswith(".py")}
    top = {
        f"kg/docs/top/{name}" for name in ("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")
    }
    assert not sorted((package | ontology | documents | top | {"server.py"}) - names)
    assert {Path(n).name for n in names if ".dist-info/" in n} >= {"LICENSE", "NOTICE", "METADATA", "entry_points.txt"}
    assert not [n for n in names if n.startswith(("tests", "seeds"))]


def test_the_wheel_holds_what_the_browser_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    vendor = {Path(name).name for name in names if name.startswith("kg/web/static/vendor/")}
    assert vendor >= {"editor.js", "editor.css", "countries.json", "licences.json"}
    assert not [name for name in names if "frontend" in name or "axe" in Path(name).name]


def test_the_wheel_is_small_enough_to_share(wheel: Path) -> None:
    assert wheel.stat().st_size < 40_000_000


def test_the_command_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "--version", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("kg, version ")
    where = [installed.parent / "python", "-c", "import kg; print(kg.__file__)"]
    assert str(installed.parent.parent) in subprocess.run(where, cwd=tmp_path, capture_output=True, text=True).stdout


def test_the_documents_are_there_without_a_checkout(installed: Path, tmp_path: Path) -> None:
    program = "from kg.web.documents.shelf import shelf; print(*(d.name for d in shelf().documents))"
    done = run(installed.parent / "python", "-c", program, folder=tmp_path)
    assert done.stdout.split() == [document.name for document in shelf().documents], done.stderr


def test_it_extracts_from_an_empty_folder(installed: Path, tmp_path: Path, seed: Path) -> None:
    article = json.dumps({"id": "seed", "text": seed.read_text(encoding="utf-8")})
    done = run(installed, "extract", folder=tmp_path, input=article)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["id"] == "seed"
    assert record["events"]
    assert not list(tmp_path.iterdir())


def test_it_ingests_and_answers_from_an_empty_folder(installed: Path, tmp_path: Path, seed: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_bytes(seed.read_bytes())
    done = run(installed, "ingest", "article.txt", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    done = run(installed, "query", "ASK { ?s ?p ?o }", folder=tmp_path)
    assert done.stdout.strip() == "true", done.stderr
