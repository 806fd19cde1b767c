"""The recipes of CONTRIBUTING.md work: each is followed in a copy of the project, with the lines that stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.config import Settings
from tests.conftest import ROOT

_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
#: Large, and the same in a copy.
_MODELS = ("language/model", "tagger/model")


def _blocks(section: str) -> list[str]:
    text = dict(_SECTION.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))[section]
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, _, block in _BLOCK.findall(text)]


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n" + text, encoding="utf-8")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path}: {old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the recipes change."""
    folder = tmp_path_factory.mktemp("recipes")
    shutil.copytree(ROOT / "kg", folder / "kg", ignore=shutil.ignore_patterns("__pycache__", "model", "node_modules"))
    for name in _MODELS:
        (folder / "kg" / name).symlink_to(ROOT / "kg" / name)
    for name in ("ontology", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "server.py", folder)
    return folder


def _run(copy: Path, program: str) -> str:
    command = [sys.executable, "-c", program]
    environment = os.environ | {"PYTHONPATH": str(copy), "KG_EXTRACTORS": "frames"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_frame_a_topic_and_a_source(copy: Path) -> None:
    frame, told, look_alike = _blocks("Add a frame")
    _append(copy / "kg/data/frames/verbs.tsv", frame)
    concept, phrase = _blocks("Add a topic")
    _append(copy / "ontology/topics.ttl", concept)
    _append(copy / "kg/data/topic_words.tsv", phrase)
    module, entry = _blocks("Add a source")
    (copy / "kg/sources/mail.py").write_text(module, encoding="utf-8")
    formats = copy / "kg/sources/formats.py"
    name, rest = re.fullmatch(r'FORMATS\["(\w+)"\] = (.+)\n', entry).groups()  # type: ignore[union-attr]
    _replace(formats, "FORMATS = {\n", f'FORMATS = {{\n    "{name}": {rest},\n')
    _replace(formats, "import feed, html, jsonlines, plain", "import feed, html, jsonlines, mail, plain")
    sentences = (told.rstrip("\n").split("\t")[-1], look_alike.rstrip("\n").split("\t")[-1])
    head = "Subject: Lunch\nDate: Mon, 4 Mar 2024 10:00:00 +0000\nContent-Type: text/plain\n\n"
    for number, sentence in enumerate(sentences):
        (copy / f"{number}.eml").write_text(f"{head}{sentence} The Danish minister said the postal service was late.\n")
    program = "from kg.cli import main; main(['extract', '{}.eml', '--format', 'turtle'])"
    found = _run(copy, program.format(0))
    assert "dipl:Meeting" in found
    assert "topic-postal-services" in found
    assert '"2024-03-04"' in found
    other = _run(copy, program.format(1))
    assert "topic-postal-services" in other
    assert "dipl:Meeting" not in other


def test_a_page(copy: Path, filled: Settings) -> None:
    module, template = _blocks("Add a page")
    (copy / "kg/web/pages/numbers.py").write_text(module, encoding="utf-8")
    (copy / "kg/web/templates/numbers.html").write_text(template, encoding="utf-8")
    server = copy / "server.py"
    _replace(server, "    named_queries,\n", "    named_queries,\n    numbers,\n")
    _replace(server, "    ontology.pages,\n", "    numbers.pages,\n    ontology.pages,\n")
    told = '"numbers.page": _Told({200: _HTML, 304: ()}),'
    assert told in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _replace(copy / "kg/web/openapi.py", '    "ontology.page": ', f'    {told}\n    "ontology.page": ')
    _append(copy / "kg/web/documents/examples.tsv", "/numbers\t/numbers\n")
    _replace(copy / "kg/web/views/addresses.py", '_FIXED = ("", ', '_FIXED = ("", "numbers", ')
    program = f"""
import os, pathlib
from kg.config import Settings
from server import create_app
app = create_app(Settings(store=pathlib.Path({str(filled.store)!r})))
for path in ("/numbers", "/docs/http-api", "/sitemap/1.xml"):
    print(app.test_client().get(path, headers={{"Accept": "text/html"}}).text)
app.extensions["kg"].close()
"""
    found = _run(copy, program)
    assert "<h1>Numbers</h1>" in found
    assert "<code>/numbers</code>" in found
    assert "/numbers</loc>" in found
