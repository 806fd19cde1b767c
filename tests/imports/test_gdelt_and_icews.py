"""Event files of other projects, in their exact layouts. Every row here is fiction, written for these tests."""

import gzip
import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from click.testing import CliRunner, Result

from kg.cli import main
from kg.config import Settings
from kg.imports.gdelt import LAYOUTS
from kg.imports.load import COLLECTIONS, import_file
from kg.store import open_store
from kg.triples.iris import Iris
from kg.triples.reference import ontology_quads, reference_quads
from kg.triples.vocab import PREFIXES, ontology_folder

#: Columns of the place of an action: country, city, city with GDELT's second code of the district.
CAMBODIA = ("1", "Cambodia", "CB", "CB", "13", "105", "CB")
PHNOM_PENH = ("4", "Phnom Penh, Phnum Penh, Cambodia", "CB", "CB11", "11.55", "104.917", "-1234567")
NOWHERE = ("", "", "", "", "", "", "")
USA, KHM = ("USA", "UNITED STATES", "USA", ""), ("KHM", "CAMBODIA", "KHM", "")
ENVOY, UN = ("USAGOV", "ENVOY OF FICTION", "USA", ""), ("IGOUNO", "UNITED NATIONS", "", "UNO")
NOBODY = ("", "", "", "")
ICEWS_HEADER = (
    "Event ID\tEvent Date\tSource Name\tSource Sectors\tSource Country\tEvent Text\tCAMEO Code\tIntensity\tTarget Name\t"
    "Target Sectors\tTarget Country\tStory ID\tSentence Number\tPublisher\tCity\tDistrict\tProvince\tCountry\tLatitude\tLongitude"
)


def gdelt(
    key: str, day: str, one: tuple[str, ...], two: tuple[str, ...], code: str, place: tuple[str, ...], columns: int
) -> str:
    """A row of GDELT 1.0 (57 or 58 columns) or 2.0 (61)."""
    rest = [""] * 6
    quad = {"04": "1", "17": "4", "01": "1"}.get(code[:2], "1")
    head = [key, day, day[:6], day[:4], f"{day[:4]}.0658", *one, *rest, *two, *rest]
    head += ["1", code, code[:3], code[:2], quad, "1.9", "10", "3", "10", "-1.5"]
    nowhere, where = list(NOWHERE), list(place)
    if columns == 61:
        nowhere, where = [*NOWHERE, ""], [*place[:4], "ADM2", *place[4:]]
    tail = [*nowhere, *nowhere, *where, day] + (["https://news.example/fiction"] if columns > 57 else [])
    row = [*head, *tail]
    assert len(row) == columns
    return "\t".join(row)


def rows(columns: int) -> list[str]:
    return [
        gdelt("900000001", "20160126", USA, KHM, "042", PHNOM_PENH, columns),
        gdelt("900000002", "20160127", ENVOY, KHM, "040", CAMBODIA, columns),
        gdelt("900000003", "20160127", UN, NOBODY, "010", NOWHERE, columns),
    ]


def kg(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def ask(settings: Settings, query: str) -> list[tuple[str, ...]]:
    with open_store(settings) as store:
        found = store.query(query, PREFIXES)
        assert isinstance(found, ox.QuerySolutions)
        names = [v.value for v in found.variables]
        return [tuple(str(getattr(row[name], "value", "")) for name in names) for row in found]


@pytest.mark.parametrize("columns", sorted(LAYOUTS))
def test_the_layouts_of_gdelt(columns: int, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "20160127.export.CSV"
    file.write_text("\n".join(rows(columns)) + "\n")
    done = kg("import", "gdelt", file, "--store", settings.store)
    assert done.exit_code == 0, done.output
    assert "3 events" in done.stderr
    kg("export", "events", "--store", settings.store, "-o", tmp_path / "events.csv")
    table = pd.read_csv(tmp_path / "events.csv", dtype={"cameo": str}).set_index("event")
    table.index = table.index.str.rsplit("-").str[-1]
    visit, consulted, said = (table.loc[f"90000000{n}"] for n in (1, 2, 3))
    assert (visit["class"], visit.plover, visit.cameo, visit.quad_class, visit.goldstein) == (
        "Visit",
        "CONSULT",
        "042",
        1,
        1.9,
    )
    assert (visit.source_iso, visit.source_role, visit.target_iso, visit.target_role) == (
        "USA",
        "visitor",
        "KHM",
        "host",
    )
    assert (visit.source_name, visit.source_kind, visit.source_cow) == ("United States", "state", 2)
    assert (visit.date_from, visit.modality, visit.sources, visit.dataset) == ("2016-01-26", "actual", 3, "gdelt")
    assert (visit.place, visit.place_iso, visit.latitude, visit.longitude) == (PHNOM_PENH[1], "KHM", 11.55, 104.917)
    assert pd.isna(visit.sentence)
    assert (visit.url == "https://news.example/fiction") == (columns > 57)
    assert (consulted.source_name, consulted.source_iso, consulted["class"]) == (
        "ENVOY OF FICTION",
        "USA",
        "Consultation",
    )
    assert (consulted.place, consulted.place_iso) == ("Cambodia", "KHM")
    assert (said["class"], said.source_party, said.cameo) == ("Event", "UN", "010")
    assert pd.isna(said.plover)
    assert pd.isna(said.target)


def test_packed_files_have_the_plain_ones_graph(settings: Settings, tmp_path: Path) -> None:
    text = "\n".join(rows(61)).encode()
    (tmp_path / "one.CSV.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile(tmp_path / "two.CSV.zip", "w") as archive:
        archive.writestr("two.CSV", text)
    assert (
        kg("import", "gdelt", tmp_path / "one.CSV.gz", tmp_path / "two.CSV.zip", "--store", settings.store).exit_code
        == 0
    )
    found = ask(settings, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?e dipl:importedFrom ?f } } GROUP BY ?g ORDER BY ?g")
    base = settings.base_iri + "graph/import/gdelt/"
    assert found == [(base + "one.CSV", "3"), (base + "two.CSV", "3")]


def test_bad_rows_are_told_by_number_and_kept(settings: Settings, tmp_path: Path) -> None:
    good = rows(58)
    bad = [
        "too\tshort",
        good[0].replace("20160126\t201601", "20161326\t201613", 1),
        good[0].replace("\t042\t042\t04\t", "\t999\t999\t99\t"),
        gdelt("900000009", "20160127", NOBODY, NOBODY, "040", NOWHERE, 58),
        good[0].replace("\t11.55\t", "\t111.55\t"),
    ]
    file = tmp_path / "mixed.CSV"
    file.write_text("\n".join([good[0], *bad, good[1]]))
    done = kg("import", "gdelt", file, "--store", settings.store)
    assert done.exit_code == 1
    assert re.findall(r"line (\d+)", done.stderr) == ["2", "3", "4", "5", "6"]
    for reason in (
        "2 columns",
        "its date '20161326' is none",
        "'999' is no CAMEO code",
        "no actor",
        "latitude '111.55'",
    ):
        assert reason in done.stderr
    kept = (settings.store / "rejected" / "gdelt" / "mixed.CSV.tsv").read_text().splitlines()
    assert [line.split("\t", 2)[2] for line in kept] == bad
    assert ask(settings, "SELECT (COUNT(*) AS ?n) { ?e dipl:importedFrom ?g }") == [("2",)]


def test_a_second_import_replaces_and_a_wrong_file_leaves_alone(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "day.CSV"
    counts = "SELECT (COUNT(DISTINCT ?e) AS ?n) { GRAPH ?g { ?e dipl:importedFrom ?g } }"
    for lines in (rows(58), rows(58)[:1]):
        file.write_text("\n".join(lines))
        assert kg("import", "gdelt", file, "--store", settings.store).exit_code == 0
        assert ask(settings, counts) == [(str(len(lines)),)]
    file.write_text("this\tis\tno\tevent\n")
    done = kg("import", "gdelt", file, "--store", settings.store)
    assert done.exit_code == 1
    assert "no row of it is an event" in done.stderr
    assert ask(settings, counts) == [("1",)]
    file.unlink()
    assert "cannot be read" in kg("import", "gdelt", file, "--store", settings.store).stderr


def _icews(settings: Settings, tmp_path: Path, *options: str) -> Result:
    lines = [
        ICEWS_HEADER,
        "800001\t2016-01-26\tAnn Fiction\tGovernment\tRussian Federation\tVisit\t042\t1.9\tChina\t\tChina\t77\t2\tFiction Times"
        "\tBeijing\t\tBeijing Shi\tChina\t39.9075\t116.397",
        '800002\t2016-01-27\t"Occupied Palestinian Territory"\t\tOccupied Palestinian Territory\tThreaten\t130\t-4.4\t'
        "Ann Fiction\tGovernment\tRussian Federation\t77\t3\tFiction Times\t\t\t\tFrance\t48.85\t2.35",
        "800003\tsome day\tA\t\t\tx\t040\t1\tB\t\t\t1\t1\tp\t\t\t\t\t\t",
    ]
    file = tmp_path / "events.2016.tab"
    file.write_text("\n".join(lines) + "\n")
    return kg("import", "icews", file, "--store", settings.store, *options)


def test_icews(settings: Settings, tmp_path: Path) -> None:
    done = _icews(settings, tmp_path, "--license", "https://licence.example/fiction")
    assert done.exit_code == 1
    assert "line 4: its date 'some day' is none" in done.stderr
    kg("export", "events", "--store", settings.store, "--dataset", "icews", "-o", tmp_path / "events.csv")
    table = pd.read_csv(tmp_path / "events.csv", dtype={"cameo": str})
    visit, threat = (table.iloc[n] for n in (0, 1))
    assert (visit.source_name, visit.source_iso, visit.target_name) == ("Ann Fiction", "RUS", "China")
    assert (visit.place, visit.place_iso, visit.latitude) == ("Beijing, Beijing Shi, China", "CHN", 39.9075)
    assert (threat.plover, threat.source_iso, threat.target_iso, threat.quad_class) == ("THREATEN", "PSE", "RUS", 3)
    assert (threat.goldstein, threat.place) == (-4.4, "France")
    described = dict(ask(settings, "SELECT ?p ?o { ?g a dipl:ImportedGraph ; ?p ?o FILTER (?p != rdf:type) }"))
    assert described[PREFIXES["dcterms"] + "license"] == "https://licence.example/fiction"
    assert described[PREFIXES["prov"] + "wasDerivedFrom"] == "https://doi.org/10.7910/DVN/28075"
    assert described[PREFIXES["dcterms"] + "extent"] == "2"


def test_a_file_without_the_header_of_icews(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "other.tab"
    file.write_text("a\tb\n1\t2\n")
    assert "no column 'Event ID'" in kg("import", "icews", file, "--store", settings.store).stderr


def _graph(triples: list[ox.Triple]) -> rdflib.Graph:
    buffer = io.BytesIO()
    ox.serialize(triples, buffer, format=ox.RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=buffer.getvalue(), format="nt")


def test_the_shapes_allow_it_for_imported_graphs_alone(settings: Settings, tmp_path: Path) -> None:
    file, iris = tmp_path / "day.CSV", Iris(settings.base_iri)
    file.write_text("\n".join(rows(61)))
    with open_store(settings) as store:
        done = import_file(file, COLLECTIONS["gdelt"], store, iris)
        data = _graph(list(store.graph_triples(done.graph)))
    background = _graph([q.triple for q in reference_quads(iris) + ontology_quads(iris)])
    shapes = rdflib.Graph().parse(ontology_folder() / "shapes.ttl")
    conforms, _, text = pyshacl.validate(data + background, shacl_graph=shapes)
    assert conforms, text[:3000]
    data.remove((None, rdflib.URIRef(PREFIXES["dipl"] + "importedFrom"), None))
    conforms, _, text = pyshacl.validate(data + background, shacl_graph=shapes)
    assert not conforms


def test_one_query_compares(filled: Settings, root: Path, settings: Settings, tmp_path: Path, seed: Path) -> None:
    assert kg("ingest", seed, "--store", settings.store).exit_code == 0
    file = tmp_path / "day.CSV"
    file.write_text("\n".join(rows(61)))
    assert kg("import", "gdelt", file, "--store", settings.store).exit_code == 0
    text = (root / "docs" / "imports.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"^```sparql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    found = ask(settings, query)
    _, _, _, quad, ours, theirs = next(row for row in found if row[:3] == ("2016-01", "USA", "KHM"))
    assert (quad, theirs) == ("1", "2")
    assert int(ours) >= 1
    only_ours = "SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a dipl:Event FILTER NOT EXISTS { ?e dipl:importedFrom ?f } }"
    assert int(ask(settings, only_ours)[0][0]) >= 5


def test_an_import_that_broke_off_is_found_by_the_check_and_made_whole_by_the_next(
    settings: Settings, tmp_path: Path
) -> None:
    file, iris = tmp_path / "day.CSV", Iris(settings.base_iri)
    file.write_text("\n".join(rows(61)))

    def break_off(_: int) -> None:
        raise KeyboardInterrupt

    with open_store(settings) as store, pytest.raises(KeyboardInterrupt):
        import_file(file, COLLECTIONS["gdelt"], store, iris, progress=break_off)
    found = kg("check", "--store", settings.store, "--no-shapes")
    assert (found.exit_code, "is of an import that broke off" in found.stdout) == (1, True), found.stdout
    assert kg("import", "gdelt", file, "--store", settings.store).exit_code == 0
    assert kg("check", "--store", settings.store, "--no-shapes").exit_code == 0
