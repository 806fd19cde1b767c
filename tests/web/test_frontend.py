"""What the browser gets: built from a lock, with its licences, kept for long, and never asked of another host."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from kg.config import Settings
from kg.web.frontend import build
from kg.web.pages import assets
from server import create_app
from tests.conftest import Served

LOCK = json.loads((build.HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
SHIPPED = {
    folder.rpartition("node_modules/")[2]: told for folder, told in LOCK.items() if folder and not told.get("dev")
}


def test_the_lock_pins_every_package_and_names_no_registry() -> None:
    assert all("integrity" in told and "version" in told for folder, told in LOCK.items() if folder)
    assert not [told for told in LOCK.values() if "resolved" in told]


def test_the_notice_names_what_ships_with_its_licence(root: Path) -> None:
    notice = (root / "NOTICE").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^  (\S+) \d\S*  (.+)$", notice, re.MULTILINE))
    assert listed == {name: told.get("license", "MIT") for name, told in SHIPPED.items() if not told.get("optional")}, (
        "jsuri tells its licence in its files alone"
    )


def test_what_is_built_is_built_again_when_what_it_is_made_of_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "frontend"
    shutil.copytree(build.HERE, room)
    monkeypatch.setattr(build, "HERE", room)
    monkeypatch.setattr(build, "VENDOR", tmp_path / "vendor")
    assert not build.is_current(), "nothing is there"
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "built-from").write_text(build.digest())
    assert build.is_current()
    (room / "src" / "editor.js").write_text("changed")
    assert not build.is_current()


def test_a_machine_without_node_and_network_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(build, "_own_node", lambda: None)
    monkeypatch.setattr(build, "NODE_PACKAGE", "no-such-package-of-node @ file:///nowhere")
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(build.BuildError, match=r"^python\S* failed: .+"):
        build.build()
    assert not (tmp_path / "vendor").exists()


def test_files_are_kept_for_a_year_under_the_address_of_what_is_in_them(service: Served) -> None:
    page = service.get("/ask", "text/html").text
    (address,) = re.findall(r'href="(/static/query\.css\?v=\w+)"', page)
    reply = service.get(address)
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert service.get(address, **{"If-None-Match": reply.headers["etag"]}).status == 304
    assert "immutable" not in service.get("/static/query.css?v=older").headers["cache-control"]
    packed = service.get(address, **{"Accept-Encoding": "br"})
    assert packed.headers["content-encoding"] == "br"
    assert len(packed.body) < len(reply.body) / 2
    for path in (
        "/static/nothing.css",
        "/static/../headers.py",
        "/static/%2e%2e/headers.py",
        "/static/",
        "/static/a%00b",
        "/static/" + 300 * "a",
    ):
        assert service.get(path).status == 404


@pytest.mark.skipif(not build.is_current(), reason="the query editor has not been built")
def test_every_package_is_listed_with_the_text_of_its_licence(service: Served) -> None:
    found = json.loads((build.VENDOR / "licences.json").read_text(encoding="utf-8"))
    assert {p["name"] for p in found} == {name for name, told in SHIPPED.items() if not told.get("optional")}
    without = {p["name"] for p in found if not (p["licence"] or p["text"])}
    assert not without
    page = service.get("/licences", "text/html").text
    assert all(f"{p['name']} {p['version']}" in page for p in found)


def test_the_editor_is_offered_prefixes_terms_and_questions(service: Served) -> None:
    found = json.loads(service.get("/query/offers.json").body)
    terms = {term["name"]: term for term in found["terms"]}
    assert terms["dipl:Meeting"]["kind"] == "class"
    assert terms["dipl:earliestDate"]["kind"] == "property"
    assert terms["dipl:topic-trade"]["kind"] == "individual"
    assert terms["oa:exact"]["kind"] == "property", "terms of others that the articles' graphs hold"
    assert all(
        term["definition"] for name, term in terms.items() if name.startswith("dipl:") and term["kind"] != "individual"
    )
    assert all(name.partition(":")[0] in found["prefixes"] for name in terms)
    assert len(found["questions"]) == 17


@pytest.fixture
def unbuilt(filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    made = create_app(filled)
    yield made
    made.extensions["kg"].close()


def test_without_the_built_files_the_plain_form_serves(unbuilt: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not assets.editor_is_built()
    page = unbuilt.test_client().get("/query?question=who-met-whom", headers={"Accept": "text/html"}).text
    assert "<textarea" in page
    assert "Peace Palace" in page
    assert "editor.js" not in page
    assert "has not been built" in unbuilt.test_client().get("/licences").text


def test_that_the_editor_is_missing_is_told_once(
    filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    made = create_app(filled)
    made.test_client().get("/query")
    made.extensions["kg"].close()
    assert [r.name for r in caplog.records if "have not been built" in r.message] == ["kg.pages"]


def test_the_policy_allows_no_inline_script_or_style(service: Served) -> None:
    for path in ("/", "/query", "/ask/who-met-whom"):
        policy = service.get(path, "text/html").headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'; style-src 'self'" in policy
