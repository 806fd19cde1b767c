"""An audit in which nobody could be asked is no clean one."""

import sys
from pathlib import Path

from kg import audit

ADVISORY = {"id": "PYSEC-2099-1", "fix_versions": ["2.0"], "aliases": [], "description": "x"}


def test_what_pip_audit_passes_over_is_told() -> None:
    skipped = {"name": "a", "skip_reason": "Dependency not found on PyPI and could not be audited: a (1.0)"}
    found = audit.of_python(
        {"dependencies": [skipped, {"name": "diplomatic-kg", "skip_reason": "not on PyPI"}], "fixes": []}
    )
    assert (found.asked, found.advisories, len(found.not_asked)) == (0, [], 1)
    assert audit.outcome([found]) == audit.NOT_ASKED
    (line,) = found.lines()
    assert line.startswith("Python: NOT AUDITED, 1 of 1: Dependency not found")
    assert audit.outcome([audit.of_python({"dependencies": []})]) == audit.NOT_ASKED


def test_advisories_and_clean_packages() -> None:
    package = {"name": "b", "version": "1.0", "vulns": []}
    clean = audit.of_python({"dependencies": [package]})
    assert (audit.outcome([clean]), clean.lines()) == (audit.CLEAN, ["Python: 1 packages asked about, 0 advisories."])
    weak = audit.of_python({"dependencies": [package | {"vulns": [ADVISORY]}, {"name": "a", "skip_reason": "unknown"}]})
    assert audit.outcome([clean, weak]) == audit.FOUND
    assert weak.lines()[0] == "Python: b 1.0: PYSEC-2099-1, mended in 2.0."
    assert any("NOT AUDITED, 1 of 2" in line for line in weak.lines())


def test_npm() -> None:
    refused = audit.of_npm(
        "x", {"message": "405 Method Not Allowed - POST", "statusCode": 405, "error": {"summary": ""}}
    )
    assert audit.outcome([refused]) == audit.NOT_ASKED
    assert refused.lines() == ["x: NOT AUDITED, 1 of 1: 405 Method Not Allowed - POST"]
    report = {
        "vulnerabilities": {"c": {"range": "<2", "severity": "high", "via": [{"title": "Prototype pollution"}, "d"]}}
    }
    assert audit.of_npm("x", report | {"metadata": {"dependencies": {"total": 7}}}).lines() == [
        "x: c <2: high, Prototype pollution.",
        "x: 7 packages asked about, 1 advisories.",
    ]
    clean = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 7}}}
    assert audit.outcome([audit.of_npm("x", clean)]) == audit.CLEAN


def test_a_program_that_gives_no_report_is_told_of(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    for program in ([sys.executable, "-c", "import sys; sys.exit('no network')"], [tmp_path / "missing"]):
        found = audit.npm(lock, program, tmp_path.parent)
        assert audit.outcome([found]) == audit.NOT_ASKED
        assert found.not_asked
    assert audit.python(tmp_path, tmp_path / "missing", tmp_path).not_asked
