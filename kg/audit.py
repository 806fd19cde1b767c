"""What is known of weaknesses in the packages in use: pip-audit and npm audit, and what they could not ask.

Both ask a service for advisories, which a mirror of packages alone does not have. pip-audit then says that it found nothing: so
each package that nobody knew is counted here, and an audit in which something was not asked never passes for a clean one.
The standard library alone, as ``kg.bootstrap``, which calls it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Exit codes: nothing is known; there are advisories; something could not be asked.
CLEAN, FOUND, NOT_ASKED = 0, 1, 3
_OWN = "diplomatic-kg"
_SECONDS = 600


@dataclass
class Audit:
    """What one audit found: advisories, how many packages were asked about, and what was not asked and why."""

    what: str
    advisories: list[str] = field(default_factory=list)
    asked: int = 0
    not_asked: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """It in sentences."""
        told = [f"{self.what}: {line}" for line in self.advisories]
        if self.not_asked:
            few = "; ".join(self.not_asked[:3]) + (" …" if len(self.not_asked) > 3 else "")
            told.append(f"{self.what}: NOT AUDITED, {len(self.not_asked)} of {self.asked + len(self.not_asked)}: {few}")
        if self.asked or not self.not_asked:
            told.append(f"{self.what}: {self.asked} packages asked about, {len(self.advisories)} advisories.")
        return told


def of_python(report: Mapping[str, Any]) -> Audit:
    """What pip-audit's JSON says."""
    audit = Audit("Python")
    for package in report.get("dependencies", ()):
        if package["name"] == _OWN:
            continue
        if "skip_reason" in package:
            audit.not_asked.append(package["skip_reason"])
            continue
        audit.asked += 1
        for known in package.get("vulns", ()):
            mended = ", ".join(known.get("fix_versions", ())) or "no version yet"
            audit.advisories.append(f"{package['name']} {package['version']}: {known['id']}, mended in {mended}.")
    if not audit.asked and not audit.not_asked:
        audit.not_asked.append("pip-audit names no package")
    return audit


def of_npm(what: str, report: Mapping[str, Any]) -> Audit:
    """What npm audit's JSON says of one package-lock.json."""
    audit = Audit(what)
    if "vulnerabilities" not in report:
        why = report.get("message") or (report.get("error") or {}).get("summary") or "npm gives no report"
        audit.not_asked.append(str(why))
        return audit
    audit.asked = int(report.get("metadata", {}).get("dependencies", {}).get("total", 0))
    for name, known in sorted(report["vulnerabilities"].items()):
        titles = [via["title"] for via in known.get("via", ()) if isinstance(via, dict) and "title" in via]
        audit.advisories.append(
            f"{name} {known.get('range', '')}: {known.get('severity', 'unknown')}, {'; '.join(titles) or 'by what it needs'}."
        )
    return audit


def _json(command: Sequence[str | Path], folder: Path) -> tuple[dict[str, Any], str]:
    """The JSON that a program prints, and why there is none."""
    try:
        done = subprocess.run(
            list(map(str, command)),
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
        found = json.loads(done.stdout)
    except ValueError:
        return {}, (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        return {}, str(error)
    return (found, "") if isinstance(found, dict) else ({}, "its report is not understood")


def python(installed: Path, tool: Path, folder: Path) -> Audit:
    """Audit the packages of an environment.

    Args:
        installed: its folder ``site-packages``.
        tool: the program pip-audit.
    """
    report, why = _json([tool, "--path", installed, "--format", "json", "--progress-spinner", "off"], folder)
    return Audit("Python", not_asked=[why]) if why else of_python(report)


def npm(lock: Path, program: Sequence[str | Path], root: Path) -> Audit:
    """Audit what a package-lock.json pins."""
    what = str(lock.parent.relative_to(root))
    report, why = _json([*program, "audit", "--json", "--package-lock-only"], lock.parent)
    return Audit(what, not_asked=[why]) if why else of_npm(what, report)


def outcome(audits: Sequence[Audit]) -> int:
    """The exit code for several audits."""
    if any(audit.advisories for audit in audits):
        return FOUND
    return NOT_ASKED if any(audit.not_asked for audit in audits) else CLEAN


def run(root: Path, installed: Path, tool: Path | None, tell: Callable[[str], None], why: str = "") -> int:
    """Audit the Python packages and everything that is pinned for npm, tell of it, and give the exit code."""
    audits = [python(installed, tool, root) if tool else Audit("Python", not_asked=[why])]
    program = shutil.which("npm")
    locks = sorted(p for p in root.rglob("package-lock.json") if "node_modules" not in p.parts)
    for lock in locks:
        missing = Audit(str(lock.parent.relative_to(root)), not_asked=["there is no npm on this machine"])
        audits.append(npm(lock, [program], root) if program else missing)
    for line in (line for audit in audits for line in audit.lines()):
        tell(line)
    return outcome(audits)
