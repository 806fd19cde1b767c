"""The set-up: what it needs, what it does not do twice, and that everything names the same commands."""

import subprocess
import sys
from pathlib import Path

import pytest

from kg import bootstrap
from kg.web.frontend import build


def run(*arguments: str, root: Path) -> subprocess.CompletedProcess[str]:
    # -S: without site-packages, as on a machine where nothing is installed
    command = [sys.executable, "-S", "-m", "kg.bootstrap", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_a_bare_python_can_run_it(root: Path) -> None:
    done = run("--help", root=root)
    assert done.returncode == 0
    assert "python3 -m kg.bootstrap serve" in done.stderr
    assert run(root=root).returncode == run("sevre", root=root).returncode == 2


def test_nothing_is_installed_when_nothing_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    stamp = tmp_path / "installed"
    stamp.write_text(f"stamp={bootstrap._stamp()}\nextras=,test\n")
    before = stamp.stat().st_mtime_ns
    bootstrap._install("")
    bootstrap._install("test")
    assert stamp.stat().st_mtime_ns == before


def test_a_changed_declaration_changes_the_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in bootstrap.DECLARATIONS:
        (tmp_path / name).write_bytes((bootstrap.ROOT / name).read_bytes())
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    before = bootstrap._stamp()
    (tmp_path / "setup.cfg").write_text("changed")
    assert bootstrap._stamp() != before


def test_a_failing_installation_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in bootstrap.DECLARATIONS:
        (tmp_path / name).write_bytes((bootstrap.ROOT / name).read_bytes())
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = broken\n[options]\npackages = no_such_folder\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", tmp_path / "environment")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    with pytest.raises(bootstrap.BootstrapError, match=r"^pip could not install the project's packages: .+$"):
        bootstrap._install("")
    assert not (tmp_path / "environment" / "installed").exists()


def test_a_failing_build_of_the_pages_is_told_and_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(python: str) -> None:
        raise build.BuildError("npm failed: no network")

    monkeypatch.setattr(build, "build", fail)
    monkeypatch.setattr(build, "is_current", lambda: False)
    bootstrap._build_pages()
    assert "/query has a plain text field: npm failed: no network" in capsys.readouterr().err
    monkeypatch.setattr(build, "is_current", lambda: True)
    bootstrap._build_pages()
    assert capsys.readouterr().err == "", "nothing is built, and nothing said, when nothing has changed"


@pytest.mark.parametrize("command", ["serve", "test"])
def test_readme_make_and_ci_name_the_same_commands(root: Path, command: str) -> None:
    line = f"python3 -m kg.bootstrap {command}"
    assert line in (root / "README.md").read_text(encoding="utf-8")
    assert f"{command}:\n\t{line}\n" in (root / "Makefile").read_text(encoding="utf-8")
    if command == "test":
        assert (root / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith(f"exec {line}")
