"""The files in ``deploy/`` say what is so: systemd reads them, their commands, settings and addresses exist."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.cli import main
from kg.config import load_settings
from tests.conftest import ROOT, Served

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])


def _options(unit: Path) -> dict[str, dict[str, str]]:
    """A unit's sections; a directive that comes twice has its last value."""
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit.read_text(encoding="utf-8"))
    return {name: dict(read[name]) for name in read.sections()}


@pytest.mark.parametrize("unit", UNITS, ids=lambda p: p.name)
def test_systemd_reads_the_units(unit: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if not program:
        assert "Unit" in _options(unit)
        pytest.skip("There is no systemd-analyze on this machine; the units were parsed alone.")
    for other in UNITS:  # the program is not installed here, and another one stands in its place
        (tmp_path / other.name).write_text(other.read_text().replace("/opt/kg/bin/kg", "/bin/true"))
    done = subprocess.run([program, "verify", str(tmp_path / unit.name)], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if unit.name in line]
    assert (done.returncode, told) == (0, []), done.stderr


@pytest.mark.parametrize("unit", [u for u in UNITS if u.suffix == ".service"], ids=lambda p: p.name)
def test_the_units_commands_exist_and_they_may_do_little(unit: Path) -> None:
    service = _options(unit)["Service"]
    _, name, *rest = shlex.split(service["ExecStart"])
    options = {option for p in main.commands[name].params for option in p.opts}
    assert {word for word in rest if word.startswith("-")} <= options
    assert service["User"] not in ("", "root")
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["StateDirectory"] == "kg"


@pytest.mark.parametrize("name", ["kg.service", "kg-replica@.service"])
def test_workers_may_leave_the_network_under_systemd(name: str) -> None:
    allowed = _options(DEPLOY / name)["Service"]["RestrictNamespaces"].split()
    assert set(allowed) == {"user", "net"}


def test_what_is_published_is_linked_to_the_store_and_found_by_replicas() -> None:
    started = {
        name: _options(DEPLOY / f"{name}.service")["Service"]["ExecStart"] for name in ("kg-publish", "kg-replica@")
    }
    (folder,) = (word for word in shlex.split(started["kg-publish"]) if word.endswith("/published"))
    # below the one folder that both may write: no link goes from one mounted folder to another
    assert Path(folder).parent == load_settings(DEPLOY / "kg.toml", {}).store.parent
    assert f"--replica {folder} " in started["kg-replica@"]


def test_the_containers_of_kubernetes_run_what_there_is() -> None:
    yaml = pytest.importorskip("yaml")
    told = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
    templates = [one["spec"]["template"]["spec"] for one in told if "template" in one.get("spec", {})]
    containers = [c for template in templates for c in template["containers"]]
    assert len(containers) == 3
    for container in containers:
        name, *rest = container.get("args", ["serve"])
        options = {option for p in main.commands[name].params for option in p.opts}
        assert {word for word in rest if word.startswith("-")} <= options
        assert container["securityContext"]["readOnlyRootFilesystem"]
        for probe in ("livenessProbe", "readinessProbe"):
            assert container.get(probe, {}).get("httpGet", {}).get("path", "/health/") in (
                "/health/",
                "/health/live",
                "/health/ready",
            )
    for template in templates:
        volumes = {volume["name"] for volume in template["volumes"]} | {"data"}
        assert {mount["name"] for c in template["containers"] for mount in c["volumeMounts"]} <= volumes


def test_the_settings_can_be_used_and_lie_in_the_state_folder() -> None:
    settings = load_settings(DEPLOY / "kg.toml", {})
    for path in (settings.store, settings.dumps, settings.tokens, settings.curation, settings.llm_cache):
        assert path.is_relative_to("/var/lib/kg")


def _steps() -> list[tuple[str, str]]:
    """The instructions of the Containerfile: name and rest, lines put together."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines())
    return [(name, rest.strip()) for name, _, rest in (n.partition(" ") for n in lines if n and not n.startswith("#"))]


def test_the_container_runs_the_wheel_as_nobody() -> None:
    steps = _steps()
    last = [name for name, _ in steps][::-1].index("FROM")
    final = steps[len(steps) - last - 1 :]
    told = dict(final)
    assert re.fullmatch(r"(?!0:)\d+:(?!0$)\d+", told["USER"])
    assert [name for name, _ in final].index("USER") < [name for name, _ in final].index("HEALTHCHECK")
    assert json.loads(told["ENTRYPOINT"]) == ["kg"]
    assert json.loads(told["CMD"])[0] in main.commands
    assert any(name == "COPY" and ".whl" in rest for name, rest in steps)
    assert not any(name == "ADD" or rest.startswith(". ") for name, rest in steps if name in ("ADD", "COPY"))


def test_the_containers_settings_can_be_used() -> None:
    words = [word.partition("=") for name, rest in _steps() if name == "ENV" for word in shlex.split(rest)]
    settings = load_settings(environment={name: value for name, _, value in words})
    assert settings.host == "0.0.0.0"
    for path in (settings.store, settings.dumps, settings.tokens, settings.curation, settings.llm_cache):
        assert path.is_relative_to("/data")


def test_the_containers_look_at_its_health_works(service: Served) -> None:
    (check,) = (rest for name, rest in _steps() if name == "HEALTHCHECK")
    program, *arguments = json.loads(check[check.index("[") :])
    assert program == "python"

    def status(port: str) -> int:
        environment = os.environ | {"KG_PORT": port}
        return subprocess.run(
            [sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL, check=False
        ).returncode

    assert status(service.url.rpartition(":")[2]) == 0
    assert status("9") != 0
