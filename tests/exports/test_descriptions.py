"""What machines find about the dataset is true, valid by others' rules, and the same in every description."""

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import frictionless
import pyoxigraph as ox
import pyshacl
import pytest
import rdflib

from kg.config import Settings, load_settings
from kg.errors import SettingsError
from kg.exports.dataset import Dataset
from kg.exports.json_descriptions import data_package, schema_org
from kg.exports.still import still_store
from kg.tables.columns import COLUMNS
from tests.exports.conftest import Offered

VOID, SD = "http://rdfs.org/ns/void#", "http://www.w3.org/ns/sparql-service-description#"
DCAT = "http://www.w3.org/ns/dcat#"
SHAPES = Path(__file__).parent / "dcat_ap.ttl"
#: Names a folder with the profile's own shapes (github.com/SEMICeu/DCAT-AP, releases/3.0.*/shacl), which are not carried here.
SHAPES_VARIABLE = "DCAT_AP_SHAPES"


def _graph(offered: Offered, path: str, accept: str = "text/turtle") -> rdflib.Graph:
    reply = offered.served.get(path, accept)
    assert reply.status == 200, reply.text
    return rdflib.Graph().parse(data=reply.body, format=reply.headers["content-type"].partition(";")[0])


def _void(offered: Offered) -> tuple[rdflib.Graph, rdflib.URIRef]:
    return _graph(offered, "/.well-known/void"), rdflib.URIRef(f"{offered.settings.base_iri}.well-known/void#dataset")


def test_void_counts_what_there_is(offered: Offered) -> None:
    with still_store(offered.settings) as store:
        triples = {quad.triple for quad in store.quads()}
    told, node = _void(offered)

    def number(subject: rdflib.term.Node, name: str) -> int:
        (value,) = told.objects(subject, rdflib.URIRef(VOID + name))
        return int(str(value))

    assert number(node, "triples") == len(triples)
    assert number(node, "distinctSubjects") == len({t.subject for t in triples})
    assert number(node, "distinctObjects") == len({t.object for t in triples})
    kinds: dict[str, set[object]] = {}
    uses: dict[str, int] = {}
    for triple in triples:
        uses[triple.predicate.value] = uses.get(triple.predicate.value, 0) + 1
        if triple.predicate.value.endswith("#type") and isinstance(triple.object, ox.NamedNode):
            kinds.setdefault(triple.object.value, set()).add(triple.subject)
    classes = {
        str(told.value(part, rdflib.URIRef(VOID + "class"))): number(part, "entities")
        for part in told.objects(node, rdflib.URIRef(VOID + "classPartition"))
    }
    properties = {
        str(told.value(part, rdflib.URIRef(VOID + "property"))): number(part, "triples")
        for part in told.objects(node, rdflib.URIRef(VOID + "propertyPartition"))
    }
    assert classes == {name: len(members) for name, members in kinds.items()}
    assert properties == uses
    assert (number(node, "classes"), number(node, "properties")) == (len(kinds), len(uses))


def test_void_leads_to_links_dumps_and_examples(offered: Offered) -> None:
    told, node = _void(offered)
    with still_store(offered.settings) as store:
        same = {q.triple for q in store.quads() if q.predicate.value.endswith("#sameAs")}
    for links in told.objects(node, rdflib.URIRef(VOID + "subset")):
        target = told.value(links, rdflib.URIRef(VOID + "objectsTarget"))
        space = str(told.value(target, rdflib.URIRef(VOID + "uriSpace")))
        linked = {t.subject for t in same if isinstance(t.object, ox.NamedNode) and t.object.value.startswith(space)}
        assert int(str(told.value(links, rdflib.URIRef(VOID + "triples")))) == len(linked) > 100
    base = offered.settings.base_iri
    for name, most in (("dataDump", 4), ("exampleResource", 2)):
        found = [str(o) for o in told.objects(node, rdflib.URIRef(VOID + name))]
        assert len(found) == most
        assert all(offered.served.get("/" + iri.removeprefix(base)).status in (200, 303) for iri in found)


def test_the_service_description_leads_there(offered: Offered) -> None:
    told = _graph(offered, "/sparql")
    dataset = next(told.objects(None, rdflib.URIRef(SD + "defaultDataset")))
    seen = {str(o) for o in told.objects(dataset, rdflib.RDFS.seeAlso)}
    assert seen == {f"{offered.settings.base_iri}{path}" for path in (".well-known/void", "catalog")}


def _results(graph: rdflib.Graph) -> tuple[bool, str]:
    conforms, _, text = pyshacl.validate(graph, shacl_graph=str(SHAPES), shacl_graph_format="turtle")
    return bool(conforms), str(text)


def test_the_catalogue_is_dcat_ap(offered: Offered) -> None:
    graph = _graph(offered, "/catalog")
    conforms, text = _results(graph)
    assert conforms, text
    base = offered.settings.base_iri
    dataset = rdflib.URIRef(f"{base}.well-known/void#dataset")
    files = list(graph.objects(dataset, rdflib.URIRef(DCAT + "distribution")))
    assert len(files) == len(offered.dump.files)
    for file in files:
        address = str(graph.value(file, rdflib.URIRef(DCAT + "downloadURL")))
        size = int(str(graph.value(file, rdflib.URIRef(DCAT + "byteSize"))))
        assert len(offered.served.get("/" + address.removeprefix(base)).body) == size
    for service in graph.subjects(rdflib.RDF.type, rdflib.URIRef(DCAT + "DataService")):
        address = str(graph.value(service, rdflib.URIRef(DCAT + "endpointURL")))
        assert offered.served.get("/" + address.removeprefix(base), "*/*").status == 200


def test_the_catalogue_keeps_the_profile_s_own_shapes(offered: Offered) -> None:
    folder = os.environ.get(SHAPES_VARIABLE)
    if not folder:
        pytest.skip(f"The variable {SHAPES_VARIABLE} names no folder of shapes.")
    shapes = rdflib.Graph()
    for path in sorted(Path(folder).glob("*.ttl")):
        shapes.parse(path)
    assert any(shapes.triples((None, rdflib.SH.targetClass, rdflib.URIRef(f"{DCAT}Catalog")))), f"no shapes in {folder}"
    conforms, _, text = pyshacl.validate(_graph(offered, "/catalog"), shacl_graph=shapes, allow_warnings=True)
    assert conforms, text


@pytest.mark.parametrize(
    "taken",
    [
        "dcat:Catalog dcterms:publisher",
        "dcat:Dataset dcterms:title",
        "dcat:Distribution dcat:accessURL",
        "foaf:Agent foaf:name",
    ],
)
def test_the_shapes_notice_what_is_missing(offered: Offered, taken: str) -> None:
    graph = _graph(offered, "/catalog")
    graph.update(f"DELETE {{ ?s {taken.split()[1]} ?o }} WHERE {{ ?s a {taken.split()[0]} ; {taken.split()[1]} ?o }}")
    conforms, text = _results(graph)
    assert not conforms
    assert "MinCountConstraintComponent" in text


def test_the_catalogue_comes_in_every_format(offered: Offered) -> None:
    first = _graph(offered, "/catalog.ttl")
    for name, media in (
        ("jsonld", "application/ld+json"),
        ("nt", "application/n-triples"),
        ("rdf", "application/rdf+xml"),
    ):
        by_address, by_header = _graph(offered, f"/catalog.{name}"), _graph(offered, "/catalog", media)
        assert len(first) == len(by_address) == len(by_header)
    assert offered.served.get("/catalog.exe").status == 404
    assert offered.served.get("/catalog", "text/html").status == 303
    assert offered.served.get("/catalog", "image/png").status == 406
    reply = offered.served.get("/catalog", "text/turtle")
    assert offered.served.get("/catalog", "text/turtle", **{"If-None-Match": reply.headers["etag"]}).status == 304
    assert "Accept" in reply.headers["vary"]


def test_counts_are_made_once_for_a_state(offered: Offered, monkeypatch: pytest.MonkeyPatch) -> None:
    from kg.exports.statistics import Statistics
    from server import create_app

    made: list[object] = []
    counted = Statistics.of.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(Statistics, "of", classmethod(lambda cls, state: made.append(state) or counted(cls, state)))
    app = create_app(offered.settings)
    try:
        client = app.test_client()
        for path in ("/.well-known/void", "/catalog", "/catalog.nt", "/.well-known/void"):
            assert client.get(path).status_code == 200
    finally:
        app.extensions["kg"].close()
    assert len(made) == 1


# the library leaves the packed file for the garbage collector to close
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_data_package_describes_the_rows(offered: Offered, tmp_path: Path) -> None:
    reply = offered.served.get("/dumps/datapackage.json")
    told = json.loads(reply.body)
    (resource,) = told["resources"]
    file = f"{offered.dump.name}.events.csv.gz"
    assert (resource["path"], resource["bytes"]) == (file, offered.dump.file("events.csv.gz").bytes)  # type: ignore[union-attr]
    assert all(field["description"] for field in resource["schema"]["fields"])
    (tmp_path / "datapackage.json").write_bytes(reply.body)
    shutil.copy(offered.settings.dumps / offered.dump.name / file, tmp_path / file)
    package = frictionless.Package(str(tmp_path / "datapackage.json"))
    assert [error.message for error in package.metadata_validate(package.to_descriptor())] == []
    report = package.validate()
    assert report.valid, report.to_summary()
    assert report.tasks[0].stats["rows"] == offered.dump.file("events.csv.gz").rows  # type: ignore[union-attr]


def test_the_validator_would_notice_a_wrong_row(offered: Offered, tmp_path: Path) -> None:
    told = data_package(Dataset.of(offered.settings))
    assert told
    resource = told["resources"][0]
    names = [column.name for column in COLUMNS]
    row = {"event": "e", "dyad": "one"} | {"date_from": "Tuesday"}
    lines = [",".join(names), ",".join(row.get(name, "") for name in names)]
    (tmp_path / "events.csv").write_text("\n".join(lines) + "\n")
    for name in ("compression", "bytes", "hash"):
        del resource[name]
    (tmp_path / "datapackage.json").write_text(json.dumps(told | {"resources": [resource | {"path": "events.csv"}]}))
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert sorted(report.flatten(["fieldName", "type"])) == [["date_from", "type-error"], ["dyad", "type-error"]]


def test_a_page_holds_the_dataset_for_search_engines(offered: Offered) -> None:
    page = offered.served.get("/dumps/", "text/html").text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    told = json.loads(block)
    settings = offered.settings
    assert (told["@type"], told["license"]) == ("Dataset", settings.dataset_license)
    assert told["publisher"]["name"] == settings.dataset_publisher
    # what Google's documentation of datasets asks for
    assert 50 <= len(told["description"]) <= 5_000
    addresses = [each["contentUrl"] for each in told["distribution"]]
    assert f"{settings.base_iri}dumps/{offered.dump.name}.nq.gz" in addresses
    for name in ("/.well-known/void", "/catalog.jsonld", "/feeds/newest.atom"):
        assert f'href="{name}"' in page
        assert offered.served.get(name).status == 200


def test_what_an_operator_writes_cannot_end_the_block(tmp_path: Path) -> None:
    from server import create_app

    title = "A </script><script>alert(1)</script> & more"
    app = create_app(Settings(store=tmp_path / "store", dumps=tmp_path / "dumps", dataset_title=title))
    try:
        page = app.test_client().get("/dumps/").text
        block = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
        assert json.loads(block)["name"] == title
        assert "<script>alert" not in page
    finally:
        app.extensions["kg"].close()


def test_without_a_dump_and_a_licence_nothing_is_claimed(tmp_path: Path) -> None:
    from server import create_app

    settings = Settings(store=tmp_path / "store", dumps=tmp_path / "dumps")
    dataset = Dataset.of(settings)
    assert "license" not in schema_org(dataset)
    assert data_package(dataset) is None
    app = create_app(settings)
    try:
        client = app.test_client()
        assert "has stated no licence" in client.get("/dumps/").text
        for path in ("/dumps/latest.nq.gz", "/dumps/datapackage.json"):
            reply = client.get(path)
            assert (reply.status_code, "kg dump" in reply.text) == (404, True)
        catalogue = rdflib.Graph().parse(data=client.get("/catalog.nt").data, format="nt")
        assert not list(catalogue.triples((None, rdflib.DCTERMS.license, None)))
        assert not list(catalogue.subjects(rdflib.RDF.type, rdflib.URIRef(DCAT + "Distribution")))
        # what is recommended and not there is a warning; nothing mandatory is missing
        conforms, _, _ = pyshacl.validate(
            catalogue, shacl_graph=str(SHAPES), shacl_graph_format="turtle", allow_warnings=True
        )
        assert conforms
    finally:
        app.extensions["kg"].close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dataset_license", "CC BY"),
        ("dataset_contact", "call me"),
        ("dataset_publisher_iri", "x"),
        ("changes_page", -1),
    ],
)
def test_settings_that_cannot_be_are_refused(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings(environment={}, **{name: value})
    assert replace(Settings(), dataset_contact="mailto:a@example.org").dataset_contact


def test_the_citation_is_valid_and_names_both(root: Path) -> None:
    text = (root / "CITATION.cff").read_text(encoding="utf-8")
    names = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    # the keys that the Citation File Format 1.2.0 asks for
    assert names >= {"cff-version", "message", "title", "authors"}
    from kg import __version__

    assert f"version: {__version__}" in text
    assert "type: software" in text
    assert "type: data\n" in text
    assert Settings().dataset_title in text
