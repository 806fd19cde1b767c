"""What the documents say is true: links lead somewhere, commands and settings exist, examples run."""

import dataclasses
import re
import shlex
from pathlib import Path

import click
import pyoxigraph as ox
import pytest

from kg.cli import main
from kg.config import Settings
from kg.sparql import guard
from kg.sparql.pool import MOST_QUERIES
from kg.sparql.questions import questions
from kg.store import open_store

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("ontology/*.md"), *ROOT.glob("kg/**/*.md")]
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (path.parent / target).exists(), target


def _blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_sparql_in_the_readme_runs_and_finds_something(filled: Settings) -> None:
    (query,) = _blocks(ROOT / "README.md", "sparql")
    with open_store(filled) as store:
        found = store.query(query)
        assert isinstance(found, ox.QuerySolutions)
        assert "John Kerry" in str([s["visit"].value for s in found])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_and_their_options_exist(path: Path) -> None:
    names = {q.name for q in questions()}
    for line in re.findall(r"^(?:\$ )?(kg .*)$", "\n".join(_blocks(path, "")), re.MULTILINE):
        _, name, *rest = shlex.split(line, comments=True)
        command: click.Command = main.commands[name]
        while isinstance(command, click.Group) and rest and rest[0] in command.commands:
            command = command.commands[rest.pop(0)]
        options = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
        assert {word for word in rest if word.startswith("-")} <= {*options, "--help"}, line
        if name == "query" and rest and not rest[0].startswith("-"):
            assert rest[0] in names, line


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for field in dataclasses.fields(Settings):
        assert f"`{field.name}`" in text
        assert f"`KG_{field.name.upper()}`" in text
        if field.type == "int":
            shown = f"{field.default:,}" if field.name != "port" else str(field.default)
            assert shown in text, field.name


def test_the_threat_model_names_what_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    limits = f"{guard.MAX_TOKENS:,} tokens, brackets nested deeper than {guard.MAX_NESTING}, {guard.MAX_UNIONS} UNIONs"
    assert limits in text
    assert f"paths of more than {guard.MAX_PATH} steps" in text
    assert f"at most {MOST_QUERIES} are under way" in text
    assert all((ROOT / path).exists() for path in re.findall(r"`((?:kg|deploy)/[\w./]*)`", text))
    named = set(re.findall(r"`(\w+)(?: = [^`]*)?`", text)) & {field.name for field in dataclasses.fields(Settings)}
    assert {"query_memory", "write_timeout", "max_graph_bytes", "private_networks", "writes", "article_text"} <= named


def test_every_command_is_named_in_the_documents() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert all(f"kg {name}" in text or f"`{name}`" in text for name in main.commands)


def test_every_file_of_data_has_its_source_and_licence_told() -> None:
    text = (ROOT / "kg" / "data" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "kg" / "data").glob("*.*"):
        if path.name != "README.md":
            assert f"`{path.name}`" in text, path.name
        if path.suffix in (".tsv", ".txt"):
            head = " ".join(line for line in path.read_text(encoding="utf-8").splitlines()[:12] if line.startswith("#"))
            assert "ource" in head, f"{path.name} does not name its source"
