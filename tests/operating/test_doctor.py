"""What ``kg doctor`` tells of an installation, well and not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.config import Settings
from kg.operating.holding import holder
from kg.store import open_store
from tests.conftest import free_port

_HOLDING = """
import pathlib, sys
from kg.config import Settings
from kg.store import open_store
with open_store(Settings(store=pathlib.Path(sys.argv[1]))):
    print("open", flush=True)
    sys.stdin.read()
"""


def doctor(*options: str | Path, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, ["doctor", *map(str, options)])


def lines(done: Result) -> dict[str, tuple[str, str]]:
    """What is told, by its name: how it is, and in words."""
    found = (line.split(maxsplit=1) for line in done.stdout.splitlines())
    return {rest[:12].strip(): (mark, rest[14:]) for mark, rest in found}


def test_a_good_installation(filled: Settings) -> None:
    done = doctor("--store", filled.store)
    told = lines(done)
    assert done.exit_code == 0, done.output
    assert all(mark in ("ok", "look") for mark, _ in told.values())
    assert "pyoxigraph" in told["packages"][1]
    assert f"{filled.store}: " in told["store"][1]
    assert "quads" in told["store"][1]
    assert "the tagger: loaded" in told["model"][1]
    assert "a worker starts" in told["workers"][1]
    assert told["setting"] == ("ok", f"store = {filled.store}, by the arguments")
    assert len(done.stdout.splitlines()) < 24


def test_settings_are_told_with_where_they_are_from_and_without_secrets(tmp_path: Path) -> None:
    config = tmp_path / "kg.toml"
    config.write_text('extractors = "frames"\nport = 8123\nllm_url = "https://me:pw-in-address@llm.example/v1"\n')
    done = doctor("--config", config, "--store", tmp_path / "none", KG_LLM_KEY="key-in-environment", KG_PORT="8124")
    assert f"extractors = 'frames', by {config}" in done.stdout
    assert "port = 8124, by the environment" in done.stdout
    assert "llm_key = ***, by the environment" in done.stdout
    assert "llm.example" in done.stdout
    assert "key-in-environment" not in done.output
    assert "pw-in-address" not in done.output


def test_a_store_that_is_not_there_is_worth_a_look_and_is_not_made(tmp_path: Path) -> None:
    done = doctor("--store", tmp_path / "none", KG_EXTRACTORS="frames")
    assert lines(done)["store"][0] == "look"
    assert done.exit_code == 0
    assert not (tmp_path / "none").exists()


def test_what_does_not_work_is_said_and_is_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "file").touch(mode=0o644)
    done = doctor("--store", tmp_path / "file" / "store", KG_MODEL="no-such-model", KG_EXTRACTORS="frames")
    told = lines(done)
    assert done.exit_code == 1
    assert told["folder"][0] == told["model"][0] == "FAIL"
    assert "Traceback" not in done.output


def test_a_damaged_store_fails(filled: Settings, tmp_path: Path) -> None:
    data = tmp_path / "store" / "data"
    data.mkdir(parents=True)
    (data / "CURRENT").write_text("MANIFEST-000005\n")
    done = doctor("--store", tmp_path / "store", KG_EXTRACTORS="frames")
    assert lines(done)["store"][0] == "FAIL"
    assert done.exit_code == 1


def test_a_remote_store_that_does_not_answer_fails(tmp_path: Path) -> None:
    address = f"http://me:hidden@127.0.0.1:{free_port()}/query"
    done = doctor("--store", tmp_path / "x", KG_REMOTE_QUERY=address, KG_EXTRACTORS="frames")
    assert lines(done)["remote store"][0] == "FAIL"
    assert "hidden" not in done.output
    assert done.exit_code == 1


def test_who_holds_the_store_is_named(settings: Settings) -> None:
    with open_store(settings):
        pass
    assert holder(settings.store) == ""
    command = [sys.executable, "-c", _HOLDING, str(settings.store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        assert holder(settings.store).startswith(f"{process.pid} (")
        process.stdin.close()
    assert holder(settings.store) == ""
    assert holder(settings.store / "none") == ""


def test_other_users_must_not_read_the_tokens(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.touch(mode=0o600)
    options = {"KG_TOKENS": str(tokens), "KG_EXTRACTORS": "frames"}
    assert lines(doctor("--store", tmp_path / "x", **options))["writing"][0] == "ok"
    tokens.chmod(0o644)
    assert lines(doctor("--store", tmp_path / "x", **options))["writing"][0] == "look"
    assert os.access(tokens, os.R_OK)


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        (
            {"KG_STOER": "x"},
            "Unknown setting 'stoer' in the environment, as KG_STOER. Did you mean 'store', as KG_STORE?",
        ),
        ({"KG_PORT": "70000"}, "port: 70000 is no port"),
        ({"KG_QUERY_WORKERS": "0"}, "query_workers: 0 is no number from 1 on"),
        ({"KG_QUERY_TIMEOUT": "-1"}, "query_timeout: -1 is no number from 0 on"),
        ({"KG_QUERY_TIMEOUT": "nan"}, "query_timeout: nan is no number from 0 on"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_first(variable: dict[str, str], words: str) -> None:
    done = doctor(**variable)
    assert (done.exit_code, done.stdout) == (1, "")
    assert words in done.stderr
