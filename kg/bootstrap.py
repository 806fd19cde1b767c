"""From a fresh clone to a running service, or to passed tests, with nothing but a Python: the standard library alone.

    python3 -m kg.bootstrap serve    environment, pages, graph from seeds/, service on http://127.0.0.1:8000/
    python3 -m kg.bootstrap test     environment, then all the tests
    python3 -m kg.bootstrap audit    environment, then what is known of weaknesses in the packages (exit code 1: there are some;
                                     3: the service that knows them could not be asked)

What follows the command is handed on (``serve --port 8001``, ``test tests/sources -x``). A second start installs and
extracts nothing again that has not changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
#: What the installation depends on; see ``_stamp``.
DECLARATIONS = ("setup.cfg", "pyproject.toml")
OLDEST_PYTHON = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class BootstrapError(Exception):
    """Something the user can act on, in one sentence."""


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run(command: Sequence[str | Path], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command silently; its output is kept for the message that tells of its failure."""
    return subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def _apt_install(*packages: str) -> str | None:
    """Install Debian packages where that may be done; why it was not, or None when it was."""
    if os.geteuid() != 0:
        return "installing it needs root"
    if not shutil.which("apt-get"):
        return "there is no apt-get on this machine"
    done = None
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = _run(["apt-get", *step], DEBIAN_FRONTEND="noninteractive")
    assert done is not None
    return None if done.returncode == 0 else "apt-get could not install it"


def _make_environment() -> None:
    if PYTHON.exists() and _run([PYTHON, "-c", "import pip"]).returncode == 0:
        return
    _say(f"Making a Python environment in {ENVIRONMENT.name}/ ...")
    # Debian ships Python's venv and ensurepip in a package of their own
    if not all(map(importlib.util.find_spec, ("ensurepip", "venv"))) and (reason := _apt_install("python3-venv")):
        raise BootstrapError(
            f"Python's venv is missing and {reason}: run 'apt-get install python3-venv', then try again."
        )
    done = _run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT])
    if done.returncode != 0:
        raise BootstrapError(f"The environment {ENVIRONMENT} cannot be made: {_last_line(done.stdout)}")


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no output"])[-1]


def _stamp() -> str:
    """What an installation depends on: the declarations, this Python, and (it is editable) where the checkout lies."""
    parts = [(ROOT / name).read_bytes() for name in DECLARATIONS]
    return hashlib.sha256(b"\0".join([*parts, sys.version.encode(), str(ROOT).encode()])).hexdigest()


def _install(extra: str) -> None:
    """Install the package with an extra ("" or "test"), unless that was done before and nothing has changed."""
    wanted, stamp = _stamp(), ENVIRONMENT / "installed"
    kept = stamp.read_text().splitlines() if stamp.exists() and PYTHON.exists() else []
    done = dict(line.split("=", 1) for line in kept)
    if done.get("stamp") == wanted and extra in done.get("extras", "").split(","):
        return
    _make_environment()
    _say("Installing what is missing (once; this takes a minute or two) ...")
    target = f".[{extra}]" if extra else "."
    pip = _run([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--editable", target])
    if pip.returncode != 0:
        raise BootstrapError(f"pip could not install the project's packages: {_last_line(pip.stdout)}")
    extras = done.get("extras", "").split(",") if done.get("stamp") == wanted else []
    stamp.write_text(f"stamp={wanted}\nextras={','.join(sorted({*extras, extra, ''}))}\n")


def _build_pages() -> None:
    """Build what the browser gets of npm packages, where it is not there or has changed; the pages work without it too."""
    # here, not at the top: an installed package has no use for it
    from kg.web.frontend import build

    if build.is_current():
        return
    _say("Building the query editor from npm packages (once) ...")
    try:
        build.build(str(PYTHON))
    except build.BuildError as error:
        _say(f"The query editor cannot be built, and /query has a plain text field: {error}")


def _check() -> None:
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        raise BootstrapError(f"This needs Python {oldest} or newer; this one is {sys.version.split()[0]}.")
    if not (ROOT / "setup.cfg").exists():
        raise BootstrapError("This command is for a checkout of the project; an installed package has 'kg serve'.")


def serve(arguments: Sequence[str]) -> int:
    """Install, build the graph from ``seeds/`` and serve it; returns only on failure or when the service ends."""
    _install("")
    _build_pages()
    kg = ENVIRONMENT / "bin" / "kg"
    # an article that cannot be read is told of, and is no reason not to serve the others
    subprocess.run([kg, "ingest", "seeds"], cwd=ROOT, check=False)
    os.chdir(ROOT)
    os.execv(kg, [str(kg), "serve", *arguments])


def test(arguments: Sequence[str]) -> int:
    """Install with what the tests need, try for a browser, for Virtuoso and for Java, and run the tests."""
    _install("test")
    _build_pages()
    if not (any(map(shutil.which, BROWSERS)) and shutil.which("chromedriver")):
        _say("Installing Chromium for the browser tests ...")
        if reason := _apt_install("chromium", "chromium-driver"):
            _say(f"There is no Chromium and {reason}: the browser tests are skipped.")
    if not shutil.which("virtuoso-t"):
        _say("Installing Virtuoso for the tests of remote stores ...")
        if reason := _apt_install("virtuoso-opensource"):
            _say(f"There is no Virtuoso and {reason}: the tests with it are skipped.")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        _say("Installing a Java runtime for the Spark tests ...")
        if reason := _apt_install("default-jre-headless"):
            _say(f"There is no Java and {reason}: the Spark tests are skipped.")
    os.chdir(ROOT)
    # all of them take twice as long in one process: each file goes to one of a few, whose tests share what they start
    spread = () if arguments else ("-n", "auto", "--dist", "loadfile")
    os.execv(PYTHON, [str(PYTHON), "-m", "pytest", *spread, *arguments])


def audit(_: Sequence[str]) -> int:
    """Install, and ask what is known of the packages; pip-audit itself gets an environment of its own."""
    from kg.audit import run

    _install("test")
    apart = ENVIRONMENT / "audit"
    tool: Path | None = apart / "bin" / "pip-audit"
    why = ""
    if not (apart / "bin" / "pip-audit").exists():
        steps: list[list[str | Path]] = [
            [PYTHON, "-m", "venv", apart],
            [apart / "bin" / "python", "-m", "pip", "install", "pip-audit"],
        ]
        for step in steps:
            done = _run(step)
            if done.returncode:
                tool, why = None, f"pip-audit cannot be installed: {_last_line(done.stdout)}"
                break
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return run(ROOT, ENVIRONMENT / "lib" / version / "site-packages", tool, _say, why)


COMMANDS = {"serve": serve, "test": test, "audit": audit}


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code."""
    if not arguments or arguments[0] not in COMMANDS:
        _say(__doc__ or "")
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        _check()
        return COMMANDS[arguments[0]](arguments[1:])
    except BootstrapError as error:
        _say(str(error))
    except OSError as error:
        _say(f"{error.filename or ROOT}: {error.strerror or error}.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
