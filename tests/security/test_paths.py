"""No address, graph, upload, token or article names a file: what lies beside the store is neither read nor written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kg.config import Settings
from kg.pipeline import ingest
from server import create_app
from tests.security.conftest import SECRET, Exposed

UP = (
    "../../../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/tokens",
    "..%252f..%252ftokens",
    "..%5c..%5ctokens",
    "....//....//tokens",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "file:%2f%2f%2fetc%2fpasswd",
    "tokens%00.ttl",
    "%c0%ae%c0%ae%2ftokens",
    "..%2ftokens.nq.gz",
)


@pytest.fixture(scope="module")
def rules(filled: Settings) -> Iterator[list[tuple[str, str]]]:
    """Rules with a name in them, each before and behind the name that is sent."""
    app = create_app(filled)
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
        path = re.sub(r"<int:\w+>", "1", path)
        names = re.findall(r"<[^>]+>", path)
        if names and "GET" in (rule.methods or set()):
            before, _, behind = path.partition(names[-1])
            found.append((re.sub(r"<[^>]+>", "x", before), behind))
    app.extensions["kg"].close()
    yield found


def test_no_address_leads_to_a_file_that_is_not_for_it(exposed: Exposed, rules: list[tuple[str, str]]) -> None:
    assert {"/static/", "/dumps/", "/data/actor/", "/gsp/"} <= {before for before, _ in rules}
    failed = []
    for before, behind in rules:
        for name in UP:
            answer = exposed.raw(
                f"GET {before}{name}{behind} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
            status = int(answer[9:12])
            failed += [(before, name)] if status >= 500 else []
            assert b"root:" not in answer, (before, name)
            assert SECRET.encode() not in answer, (before, name)
    assert not failed


def _files(folder: Path) -> set[str]:
    """Files by their names, without those that the store's engine makes of its own."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() or path.is_symlink()}
    return {name for name in found if not name.startswith("store/") and name != "log"}


GRAPHS = ["file:///tmp/x", "../../x", "urn:../../x", "/etc/x", "urn:a\x00b", "http://x/../../y"]


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_graph_s_name_is_no_path(exposed: Exposed, graph: str) -> None:
    import urllib.parse

    before = _files(exposed.folder)
    reply = exposed.served.send(
        "PUT", "/gsp?" + urllib.parse.urlencode({"graph": graph}), b"<urn:a> <urn:b> 1 .", Content_Type="text/turtle"
    )
    assert reply.status in (201, 204, 400)
    assert _files(exposed.folder) == before
    assert not Path("/tmp/x").is_file()


def test_an_upload_s_name_is_not_used(exposed: Exposed) -> None:
    before = _files(exposed.folder)
    names = ["../../uploaded.ttl", "/tmp/uploaded.ttl", "..\\uploaded.ttl", "uploaded\x00.ttl", "a" * 5_000]
    parts = "".join(
        f'--B\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/turtle\r\n\r\n'
        f"<urn:upload> <urn:number> {number} .\r\n"
        for number, name in enumerate(names)
    )
    reply = exposed.served.send(
        "PUT", "/gsp?graph=urn:upload", f"{parts}--B--\r\n".encode(), Content_Type="multipart/form-data; boundary=B"
    )
    assert reply.status == 201
    assert _files(exposed.folder) == before
    assert not any(Path("/tmp").glob("uploaded*"))
    # each of them was written, though they have one field's name
    held = exposed.served.send("GET", "/gsp?graph=urn:upload", Accept="application/n-triples").text
    assert len(held.splitlines()) == len(names)


def test_an_article_s_id_is_no_path(tmp_path: Path, filled: Settings) -> None:
    text = (
        "Foreign Minister Ann Example of Japan met her counterpart Bo Sample of Kenya in Paris on Monday. "
        "They spoke about trade between the two countries and agreed to meet again within the year."
    )
    ids = [
        "../../../outside",
        "/etc/outside",
        "..\\outside",
        "a\nb",
        "a\x1b[31mb",
        "a>b",
        "x" * 3_000,
        "",
        "\u202eevil",
    ]
    (tmp_path / "in").mkdir()
    lines = [json.dumps({"id": key, "text": f"{text} This is number {n}."}) for n, key in enumerate(ids)]
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines))
    settings = replace(filled, store=tmp_path / "deep" / "store", near_duplicate=2.0, processes=1)
    summary = ingest([tmp_path / "in"], settings)
    assert summary.ingested + len(summary.failures) >= len(ids) - 1
    assert {p.name for p in tmp_path.iterdir()} == {"in", "deep"}
    assert {p.name for p in (tmp_path / "deep").iterdir()} == {"store"}
    assert not list(tmp_path.rglob("*outside*"))
    from kg.store import open_store

    with open_store(settings) as store:
        for quad in store.quads():
            for node in (quad.subject, quad.object, quad.graph_name):
                assert not re.search(
                    r"/\.\./|[\x00-\x20<>]|\\", getattr(node, "value", "") if "Named" in type(node).__name__ else ""
                )
