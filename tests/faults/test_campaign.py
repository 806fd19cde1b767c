"""A short campaign of kills: one of every operation, at moments that are the same in each run."""

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.operations import OPERATIONS

ROOT = Path(__file__).parent.parent.parent


def test_nothing_is_lost_and_nothing_is_left_half_done(tmp_path: Path) -> None:
    """In a process of its own: it forks, and must not have opened a store before."""
    command = [sys.executable, "-m", "tests.faults.campaign", "--kills", str(len(OPERATIONS)), "--seed", "7"]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(OPERATIONS)} kills" in done.stdout
    assert list(tmp_path.iterdir()) == []
