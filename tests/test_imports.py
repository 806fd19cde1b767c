"""The order of the rooms: each folder imports what comes before it in the pipeline, never what comes after."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(p for p in (ROOT / "kg").rglob("*.py")) + sorted(ROOT.glob("server.py"))

#: From first to last; a room may import itself and what stands before it. ``registry`` lies below ``mentions``.
ROOMS = (
    "model errors config sources registry language tagger llm mentions facts triples store identity tables imports jsonld "
    "search sparql exports web"
).split()
#: The rooms within ``kg/web`` in their order. ``service`` is what all of them are handed.
WEB_ROOMS = "views http operation rsgi data endpoint pictures reconcile pages openapi".split()
#: Rooms beside the pipeline, which may import it but not be imported by it.
OUTSIDE = set(
    (
        "pipeline pool ledger duplicates fingerprint evaluation training spark graph operating commands cli audit "
        "bootstrap server"
    ).split()
)
#: Libraries that only some rooms may import, at the top of a module or anywhere in it.
LIBRARIES = {
    "rdflib": {"triples", "store", "sparql", "web", "commands", "server", "graph", "operating"},
    "pyoxigraph": set(
        (
            "triples store identity tables imports jsonld search ledger spark sparql exports web commands server "
            "pipeline graph operating"
        ).split()
    ),
    "pyld": {"jsonld"},
    "networkx": {"graph"},
    "pyarrow": {"tables"},
    "pandas": {"spark", "graph"},
    "pyspark": {"spark"},
    "flask": {"web", "server"},
    "spacy": {"language"},
    "onnxruntime": {"tagger", "training"},
    "torch": {"training"},
    "urllib3": {"llm"},
    "trafilatura": {"sources"},
    "feedparser": {"sources"},
    "warcio": {"sources"},
    "pydantic": {"llm"},
    "pyshacl": {"operating"},
    "rapidfuzz": {"search"},
}
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60


def _room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] != "kg" else parts[1]


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports by a relative name"
            for name in node.names:
                yield node.lineno, f"{node.module}.{name.name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_directions(path: Path) -> None:
    room, wrong = _room(path), []
    for line, name in _imports(path):
        parts = name.split(".")
        if parts[0] in LIBRARIES and room not in LIBRARIES[parts[0]]:
            wrong.append(f"line {line}: {parts[0]} belongs to {sorted(LIBRARIES[parts[0]])}")
        if parts[0] != "kg" or len(parts) < 2 or room in OUTSIDE or room == "__init__":
            continue
        if parts[1] in OUTSIDE or (parts[1] in ROOMS and ROOMS.index(parts[1]) > ROOMS.index(room)):
            wrong.append(f"line {line}: {room} imports {name}")
    assert not wrong


@pytest.mark.parametrize("path", [p for p in MODULES if _room(p) == "web"], ids=lambda p: str(p.relative_to(ROOT)))
def test_directions_within_the_web(path: Path) -> None:
    room = path.relative_to(ROOT / "kg" / "web").with_suffix("").parts[0]
    if room not in WEB_ROOMS:
        assert room in ("service", "frontend", "__init__")
        return
    later = WEB_ROOMS[WEB_ROOMS.index(room) + 1 :]
    assert not [
        f"line {line}: {room} imports {name}"
        for line, name in _imports(path)
        if name.startswith(tuple(f"kg.web.{r}." for r in later))
    ]


def test_every_room_has_its_place() -> None:
    rooms = {_room(path) for path in MODULES} - {"__init__"}
    assert rooms <= {*ROOMS, *OUTSIDE}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_rooms_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_MODULE
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long


def test_the_set_up_needs_the_standard_library_alone() -> None:
    import sys

    rooms = ("kg", "kg/web", "kg/web/frontend")
    for name in (
        *(f"{room}/__init__.py" for room in rooms),
        "kg/audit.py",
        "kg/bootstrap.py",
        "kg/web/frontend/build.py",
    ):
        # kg.graph is imported when it is asked for; tests/graph sees to it that nothing comes with it before
        names = {n for _, n in _imports(ROOT / name)} - {"kg.audit.run", "kg.web.frontend.build", "kg.graph.Graph"}
        assert {n.split(".")[0] for n in names} <= {*sys.stdlib_module_names, "__future__"}
