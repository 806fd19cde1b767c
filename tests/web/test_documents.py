"""The documents as pages: all there, every link leads somewhere, what is generated is so, and nothing else is given out."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import urllib.parse
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kg.config import Settings
from kg.web.documents import shelf as shelves
from kg.web.documents.lookup import look
from kg.web.documents.markdown import Site, anchor_of, render
from kg.web.documents.routes import GROUPS, examples
from kg.web.documents.shelf import Document, Shelf, shelf
from server import create_app
from tests.conftest import ROOT, Served

DOCUMENTS = shelf().documents
#: What there is only when somebody has made a dump.
NOT_YET = ("/dumps/datapackage.json",)


class _Page(HTMLParser):
    """Links, pictures and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.anchors: list[str] = []
        self.styled: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag == "img":
            self.pictures.append(given)
        if given.get("id"):
            self.anchors.append(given["id"] or "")
        if "style" in given:
            self.styled.append(tag)


def test_every_document_is_on_the_shelf() -> None:
    paths = {document.path for document in DOCUMENTS}
    assert {f"docs/{p.name}" for p in (ROOT / "docs").iterdir() if p.suffix in (".md", ".ipynb")} <= {
        *paths,
        shelves.INDEX,
    }
    assert {"SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "ontology/README.md"} <= paths
    assert len({d.name for d in DOCUMENTS}) == len(DOCUMENTS) > 30
    listed = [d for d in DOCUMENTS if d.group != "More"]
    assert all(d.about for d in listed), "each line of docs/README.md says what its document is"


def test_every_link_of_every_document_leads_somewhere(service: Served) -> None:
    kept: dict[str, _Page] = {}
    dead = []
    for path in ("/docs", *(f"/docs/{d.name}" for d in DOCUMENTS)):
        reply = service.get(path, "text/html")
        assert reply.status == 200, path
        kept[path] = _Page(reply.text)
    for path, page in list(kept.items()):
        assert len(set(page.anchors)) == len(page.anchors), f"{path} has an anchor twice"
        assert not page.styled, f"{path} has a style that the policy refuses"
        for link in page.links:
            target, _, anchor = link.partition("#")
            if link.startswith(("http://", "https://", "mailto:")):
                continue
            target = urllib.parse.urljoin(path, target) if target else path
            if target not in kept:
                reply = service.get(target, "text/html")
                kept[target] = _Page(
                    reply.text if reply.headers.get("content-type", "").startswith("text/html") else ""
                )
                if reply.status >= 400 and target not in NOT_YET:
                    dead.append(f"{path}: {link} answers {reply.status}")
            if anchor and anchor not in kept[target].anchors:
                dead.append(f"{path}: {link} has no such anchor")
        for picture in page.pictures:
            reply = service.get(picture["src"] or "")
            assert reply.status == 200, f"{path}: {picture['src']}"
            assert reply.headers["content-type"].startswith("image/")
            assert len(picture["alt"] or "") > 40, f"{path}: a drawing is told in words"
            assert picture["width"] and picture["height"]
    assert not dead


@pytest.mark.parametrize(
    "path", sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "ontology" / "README.md"})
)
def test_anchors_in_the_repository_are_there(path: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*\.md)?#([^)\s]+)\)", path.read_text(encoding="utf-8")):
        other = (path.parent / target).resolve() if target else path
        text = re.sub(r"^```.*?^```", "", other.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        heads = [
            anchor_of(re.sub(r"[`*]|\]\([^)]*\)|\[", "", head)) for head in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        ]
        assert anchor in heads, f"{path.name}: {target}#{anchor}"


def test_a_document_is_not_sent_twice(service: Served) -> None:
    first = service.get("/docs/tutorial", "text/html")
    assert first.headers["etag"]
    again = service.get("/docs/tutorial", "text/html", **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    picture = service.get("/docs/pictures/data-model.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "'unsafe-inline'" in picture.headers["content-security-policy"]
    assert "script-src" not in picture.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/docs/nothing",
        "/docs/README.md",
        "/docs/files/setup.cfg",
        "/docs/files/../setup.cfg",
        "/docs/files/kg/../setup.cfg",
        "/docs/files/%2e%2e/%2e%2e/etc/passwd",
        "/docs/files/etc/passwd",
        "/docs/files/docs/README.md%00.txt",
        "/docs/pictures/..%2fREADME.md",
        "/docs/pictures/draw.py",
        "/docs/..%2f..%2fsetup.cfg",
    ],
)
def test_nothing_else_is_given_out(path: str, service: Served) -> None:
    assert service.get(path).status == 404


def test_files_that_documents_name_are_given_as_they_are(service: Served) -> None:
    reply = service.get("/docs/files/kg/data/cameo_types.tsv")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.body == (ROOT / "kg" / "data" / "cameo_types.tsv").read_bytes()
    notebook = service.get("/docs/files/docs/notebook.ipynb")
    assert "attachment" in notebook.headers["content-disposition"]
    assert notebook.body == (ROOT / "docs" / "notebook.ipynb").read_bytes()


def test_the_search_finds_sections(service: Served) -> None:
    reply = service.get("/docs?q=curator", "text/html")
    assert 'href="/docs/identity#the-curators-file"' in reply.text
    assert "<mark>curator</mark>" in reply.text.lower()
    nothing = service.get("/docs?q=%3Cscript%3Exyzzy", "text/html")
    assert "No section has all these words" in nothing.text
    assert "<script>xyzzy" not in nothing.text
    assert service.get(f"/docs?q={'a' * 101}").status == 400
    assert service.get("/docs?q=%00%F0%9F%98%80").status == 200


def test_headings_come_before_text() -> None:
    documents = [Document(n, f"docs/{n}.md", n.title(), "", "") for n in ("one", "two")]

    class Two(Shelf):
        def read(self, document: Document) -> str:
            texts = {"one": "# One\n\nOn apples.\n", "two": "# Two\n\nPears.\n\n## Apples\n\nRed ones.\n"}
            return texts.get(document.name, "# Documents\n")

    site = Site(Two(""), frozenset(), "http://127.0.0.1:8000/")
    hits = look("APPLES", [(d, render(d, site)) for d in documents])
    assert [hit.address for hit in hits] == ["/docs/two#apples", "/docs/one"]
    assert (hits[1].before, hits[1].word, hits[1].after) == ("On ", "apples", ".")
    assert look("  ", [(documents[0], render(documents[0], site))]) == []


def test_markdown_becomes_what_the_pages_need() -> None:
    document = Document("trial", "docs/trial.md", "Trial", "", "")
    text = (
        "<!-- a note -->\n# Trial `x`\n\nFirst <b>words</b>.\n\n## A & b\n\n## A & b\n\n| a | n |\n| --- | ---: |\n| 1 | 2 |\n\n"
        "```sparql\nSELECT ?s { ?s a ?c }\n```\n\n```\ncurl http://127.0.0.1:8000/sparql\n```\n\n    indented <b>\n\n"
        "[gone](../nowhere.txt) and [kept](operations.md#backup), `/timeline?least=0.4`, `/etc/passwd`, "
        "[![no](x.png)](python.md) [s](javascript:alert(1))\n"
    )

    class One(Shelf):
        def read(self, document: Document) -> str:
            return text if document.name == "trial" else super().read(document)

    shown = render(document, Site(One(""), frozenset({"/timeline"}), "https://kg.example.org/"))
    assert shown.title == "Trial x"
    assert shown.lead == "First <b>words</b>."
    assert "&lt;b&gt;words" in shown.html
    assert "a note" not in shown.html
    assert [s.anchor for s in shown.sections] == ["trial-x", "a--b", "a--b-1"]
    assert '<td class="number">2</td>' in shown.html
    assert '<span class="hl-k">SELECT</span>' in shown.html
    assert "https://kg.example.org/sparql" in shown.html
    assert shown.html.count('<pre class="code" tabindex="0">') == 3
    assert "gone and" in shown.html
    assert 'href="/docs/operations#backup"' in shown.html
    assert '<a href="/timeline?least=0.4"><code>' in shown.html
    assert '<a href="/etc' not in shown.html
    assert 'href="javascript' not in shown.html


@pytest.fixture
def under_work(filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, object]]:
    """A copy of the documents that may be changed, and an application that reads it."""
    folder = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", folder)
    monkeypatch.setattr(shelves, "_documents_folder", lambda: folder)
    app = create_app(filled)
    yield folder, app.test_client()
    app.extensions["kg"].close()


def test_a_change_is_seen_at_once(under_work: tuple[Path, object]) -> None:
    folder, client = under_work
    get = client.get  # type: ignore[attr-defined]
    before = get("/docs/faq").headers["ETag"]
    (folder / "faq.md").write_text("# New words\n\nNothing else.\n", encoding="utf-8")
    (folder / "unlisted.md").write_text("# Not in the list\n\nWords.\n", encoding="utf-8")
    after = get("/docs/faq")
    assert "<h1>New words</h1>" in after.text
    assert after.headers["ETag"] != before
    assert ">Not in the list</a>" in after.text
    assert get("/docs/unlisted").status_code == 200


def test_every_route_stands_in_the_http_api_with_an_address_that_answers(service: Served) -> None:
    description = service.get("/openapi.json")
    paths = json.loads(description.body)["paths"]
    page = service.get("/docs/http-api", "text/html").text
    for path, operations in paths.items():
        for method, told in operations.items():
            assert f'<span class="chip method">{method.upper()}</span> <code>{path}</code>' in page.replace(
                "&lt;", "<"
            ), path
            assert all(f"<code>{p['name']}</code>" in page for p in told["parameters"])
    assert set(examples()) == {path for path, operations in paths.items() if "get" in operations}
    for path, example in examples().items():
        if example.later:
            continue
        reply = service.get(urllib.parse.quote(example.address, safe="/?&=+:%."), example.accept or "*/*")
        assert reply.status < 400, f"{path}: {example.address} answers {reply.status}: {reply.text[:200]}"
    assert all(tag for tags in GROUPS.values() for tag in tags)


def test_the_drawings_are_those_of_the_ontology_and_the_code() -> None:
    place = ROOT / "docs" / "pictures" / "draw.py"
    spec = importlib.util.spec_from_file_location("draw", place)
    assert spec and spec.loader
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)
    for name, text in draw.drawings().items():
        assert (place.parent / name).read_text(encoding="utf-8") == text, (
            f"run docs/pictures/draw.py: {name} is not current"
        )


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for folder in (ROOT / "kg", ROOT / "kg" / "web"):
        rooms = {p.name for p in folder.iterdir() if p.is_dir() and any(p.iterdir()) and not p.name.startswith("__")}
        assert {room for room in rooms - {"docs", "ontology"} if f"`{room}`" not in text} == set(), folder


def test_figures_that_are_told_twice_are_those_of_the_extraction() -> None:
    told = (ROOT / "docs" / "extraction.md").read_text(encoding="utf-8")
    row = re.search(r"^\| dyad \|(.+)\|$", told, re.MULTILINE)
    assert row
    _, _, both, _, people = (cell.strip() for cell in row[1].split("|"))
    short = f"F1 {float(both):.2f}"
    for name in ("README.md", "docs/faq.md", "docs/architecture.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert short in text, name
        assert people in text, name
    faq = (ROOT / "docs" / "faq.md").read_text(encoding="utf-8")
    for _, precision, recall, f1 in re.findall(
        r"^\| (0\.\d)[^|]*\| ([\d.]*) \| ([\d.]*) \| ([\d.]*) \|$", faq, re.MULTILINE
    ):
        assert all(figure in told for figure in (precision, recall, f1) if figure)


def test_documents_are_in_the_sitemap(service: Served) -> None:
    text = service.get("/sitemap/1.xml").text
    assert all(f"/docs/{d.name}</loc>" in text for d in DOCUMENTS)
    assert "/docs</loc>" in text
