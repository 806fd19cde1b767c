"""Which documents there are: those that ``docs/README.md`` lists, in its order and under its headings.

In a checkout they are read where they stand; installed, they lie inside the package (see setup.cfg and the build backend).
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kg.triples.vocab import ontology_folder

_PACKAGE = Path(__file__).parents[2]
#: The document that lists the others.
INDEX = "docs/README.md"
_GROUP = re.compile(r"## (.+)")
_ITEM = re.compile(r"- \[([^]]+)\]\(([^)#]+\.(?:md|ipynb))\)(?::\s*(.+))?")
#: What a document may link to besides documents: any file that it names in a link. Nothing else is given out.
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@dataclass(frozen=True)
class Document:
    """One document: ``name`` stands in its address, ``path`` is its place in the repository, ``title`` is what lists call it."""

    name: str
    path: str
    title: str
    about: str
    group: str


def name_of(path: str) -> str:
    """What a document is called in addresses: its file's name, or its folder's where that says more."""
    folder, _, file = path.rpartition("/")
    stem = file.rpartition(".")[0].lower().replace("_", "-")
    parent = folder.rpartition("/")[2]
    return {"readme": parent, "model-card": f"{parent}-model-card"}.get(stem, stem)


def _documents_folder() -> Path:
    inside = _PACKAGE / "docs"
    return inside if (inside / "README.md").exists() else _PACKAGE.parent / "docs"


def place_of(path: str) -> Path | None:
    """Where a file of the repository is on this machine; None where it is not, as most are not where the package is installed."""
    folder, _, rest = path.partition("/")
    if not rest:
        # what stands at the top of the repository lies in docs/top where the package is installed
        found = _documents_folder() / "top" / path
        found = found if found.exists() else _PACKAGE.parent / path
        inside = found.parent
    else:
        inside = {"docs": _documents_folder(), "ontology": ontology_folder(), "kg": _PACKAGE}.get(
            folder, _PACKAGE.parent / folder
        )
        found = inside / rest
    found = found.resolve()
    return found if found.is_relative_to(inside.resolve()) and found.is_file() else None


def resolved(path: str, target: str) -> str:
    """The path in the repository of what a document links to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _listed(index: str) -> Iterator[Document]:
    group = ""
    for line in index.splitlines():
        if found := _GROUP.fullmatch(line):
            group = found[1]
        elif found := _ITEM.match(line):
            path = resolved(INDEX, found[2])
            if place_of(path):
                yield Document(name_of(path), path, found[1], found[3] or "", group)


def _unlisted(known: set[str]) -> Iterator[Document]:
    """What lies in ``docs/`` and is not listed: under its own first line."""
    for place in sorted(_documents_folder().glob("*.md")):
        path = f"docs/{place.name}"
        if path not in known and path != INDEX:
            title = place.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
            yield Document(name_of(path), path, title, "", "More")


class Shelf:
    """The documents of one moment; ``tag`` tells it from others."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.index = Document("docs", INDEX, "Documents", "", "")
        listed = tuple(_listed(self.read(self.index)))
        self.documents = (*listed, *_unlisted({d.path for d in listed}))
        self.by_name = {d.name: d for d in self.documents}
        self.by_path = {d.path: d for d in (self.index, *self.documents)}
        self.addresses = {f"/docs/{name}" for name in self.by_name}
        #: Files that documents name in a link and that are there: path in the repository -> place.
        self.files = dict(self._linked())

    def read(self, document: Document) -> str:
        """A document's Markdown."""
        place = place_of(document.path)
        assert place is not None  # only what is there is on the shelf
        text = place.read_text(encoding="utf-8")
        return _of_notebook(text) if place.suffix == ".ipynb" else text

    def around(self, document: Document) -> tuple[Document | None, Document | None]:
        """The documents before and after one."""
        at = self.documents.index(document)
        return (
            self.documents[at - 1] if at else None,
            self.documents[at + 1] if at + 1 < len(self.documents) else None,
        )

    def groups(self) -> dict[str, list[Document]]:
        """The documents under their headings."""
        found: dict[str, list[Document]] = {}
        for document in self.documents:
            found.setdefault(document.group, []).append(document)
        return found

    def address(self, path: str) -> str | None:
        """Where the site has a file of the repository; None where it has not."""
        if path == INDEX:
            return "/docs"
        if document := self.by_path.get(path):
            return f"/docs/{document.name}"
        if path not in self.files:
            return None
        if path.startswith("ontology/") and path.endswith((".ttl", ".jsonld", ".rq")):
            return f"/{path}"
        return f"/docs/{path.removeprefix('docs/')}" if path.startswith("docs/pictures/") else f"/docs/files/{path}"

    def _linked(self) -> Iterator[tuple[str, Path]]:
        for document in (self.index, *self.documents):
            for target in _LINK.findall(self.read(document)):
                path = resolved(document.path, target)
                if "://" not in target and not path.startswith("..") and (place := place_of(path)):
                    yield path, place
            if document.path.endswith(".ipynb") and (place := place_of(document.path)):
                yield document.path, place


def _of_notebook(text: str) -> str:
    """A notebook's cells as Markdown, without what they gave."""
    cells = json.loads(text)["cells"]
    made = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    return "\n\n".join(source if kind == "markdown" else f"```python\n{source}\n```" for kind, source in made)


def _tag() -> str:
    """What tells whether a file was changed: when, and how large it is."""
    found = hashlib.blake2b(digest_size=16)
    folder = _documents_folder()
    paths = [*sorted(folder.iterdir()), *sorted((folder / "pictures").glob("*"))]
    others = (place_of(p) for p in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "ontology/README.md"))
    for path in (*paths, *(p for p in others if p)):
        state = path.stat()
        found.update(f"{path.name} {state.st_mtime_ns} {state.st_size}\n".encode())
    return found.hexdigest()


@lru_cache(maxsize=1)
def _shelf(tag: str) -> Shelf:
    return Shelf(tag)


def shelf() -> Shelf:
    """The documents as they are now; read anew where a file has changed."""
    return _shelf(_tag())
