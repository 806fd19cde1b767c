"""The linter and the type checker find nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "tool", [["ruff", "check", "--no-cache", "."], ["mypy", "--no-error-summary"]], ids=lambda t: t[0]
)
def test_finds_nothing(tool: list[str], tmp_path: Path) -> None:
    cache = ["--cache-dir", str(tmp_path)] if tool[0] == "mypy" else []
    done = subprocess.run([sys.executable, "-m", *tool, *cache], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
