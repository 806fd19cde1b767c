"""One person, many spellings: who is put together, who is kept apart, and what the curator has the last word on."""

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.config import Settings
from kg.errors import CurationError
from kg.identity.clusters import Rules
from kg.identity.curation import read_curation
from kg.identity.index import rows
from kg.identity.names import compatible, same_name, tokens
from kg.identity.persons import Person, cluster, cluster_graph, score, split_graph
from kg.identity.wikidata import Item, match, read_items
from kg.pipeline import ingest
from kg.store import open_store
from kg.triples.iris import Iris, slug
from kg.triples.vocab import DIPL

BASE = Settings().base_iri
IRIS = Iris(BASE)


def person(name: str, party: str | None, *years: int, offices: tuple[str, ...] = ()) -> Person:
    days = tuple((f"{BASE}id/article/{slug(name)}{year}", dt.date(year, 6, 1)) for year in years or (2016,))
    return Person(f"{BASE}id/person/{slug(name)}-{slug(party or 'x')}", name, party, frozenset(offices), days)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hun Sen", "PM Hun Sen"),
        ("Hun Sen", "Samdech Hun Sen"),
        ("Antonio Guterres", "António Guterres"),
        ("Sodnom Enkhbat", "S. Enkhbat"),
        ("Tsakhiagiin Elbegdorj", "Ts. Elbegdorj"),
        ("John Kerry", "John F. Kerry"),
        ("Ban Ki-moon", "Ban Ki Moon"),
        ("Tran Van Bao", "Bao Tran Van"),
        ("Abena Osei-Tutu", "Dr. Abena Osei Tutu"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hun Sen", "Hun Manet"),
        ("John Kerry", "Jane Kerry"),
        ("Kerry", "John Kerry"),
        ("George H. Bush", "George W. Bush"),
        ("Kim Jong Il", "Kim Jong Un"),
        ("Raul Castro", "Fidel Castro"),
        ("", "Hun Sen"),
    ],
)
def test_other_names(one: str, other: str) -> None:
    assert not same_name(one, other)


def test_a_surname_fits_within_one_matter_alone() -> None:
    assert compatible("Kerry", "John Kerry")
    assert not same_name("Kerry", "John Kerry")
    assert tokens("King Salman") == ("king", "salman")


def _together(people: list[Person], rules: Rules | None = None) -> set[frozenset[str]]:
    found = cluster(people, rules or Rules())
    return {frozenset(p.name for p in members) for _, members in found}


def test_the_prime_minister_in_three_spellings() -> None:
    people = [person(name, "KHM") for name in ("Hun Sen", "PM Hun Sen", "Samdech Hun Sen")] + [
        person("Hun Manet", "KHM")
    ]
    assert _together(people) == {frozenset({"Hun Sen", "PM Hun Sen", "Samdech Hun Sen"})}
    ((found, members),) = cluster(people, Rules())
    graph = cluster_graph(found, members, IRIS)
    assert graph.graph.value == f"{BASE}graph/identity/person/hun-sen-khm"
    assert sum(q.predicate.value.endswith("#sameAs") for q in graph.quads()) == 2


def test_people_of_one_name_at_two_states_are_two() -> None:
    assert score(person("Ali Hassan", "KEN"), person("Ali Hassan", "EGY")) == 0
    # of no party: it could be either
    people = [person("Ali Hassan", "KEN"), person("Ali Hassan", "EGY"), person("Ali Hassan", None)]
    assert not _together(people)
    assert _together(people[1:]) == {frozenset({"Ali Hassan"})}


def test_a_lifetime_apart_is_another_person() -> None:
    assert score(person("Mario Rossini", "ITA", 1931), person("M. Rossini", "ITA", 2016)) == 0


def test_the_table_of_leaders_tells_two_presidents_apart() -> None:
    first, second = person("George H. W. Bush", "USA", 1990), person("George W. Bush", "USA", 2004)
    assert score(first, second) == 0
    assert split_graph(person("Bush", "USA", 2004), IRIS) is None
    split = split_graph(person("Bush", "USA", 1990, 2004), IRIS)
    assert split
    about = {
        (q.subject.value.rpartition("/")[2], q.object.value) for q in split.quads() if "reportedBy" in q.predicate.value
    }  # type: ignore[union-attr]
    assert {(name[:13], article[-4:]) for name, article in about} == {
        ("george-h-w-bu", "1990"),
        ("george-w-bush", "2004"),
    }


def test_offices_weigh() -> None:
    alike = score(person("Ann Example", "PER", offices=("envoy",)), person("A. Example", "PER", offices=("envoy",)))
    other = score(person("Ann Example", "PER", offices=("envoy",)), person("A. Example", "PER", offices=("judge",)))
    assert alike > other


def kg(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Fiction: one minister in two spellings, one meeting told twice, and another one."""
    told = [
        (
            "a",
            "Peruvian Foreign Minister Rosario Quintalba met Kenyan President Josphat Mwangola in Lima on Tuesday about coffee.",
        ),
        (
            "b",
            "Peruvian Foreign Minister R. Quintalba met Kenyan President Josphat Mwangola in Lima on Tuesday about tea prices.",
        ),
        (
            "c",
            "Peruvian Trade Minister Ana Solis met Kenyan Trade Minister Grace Otieno in Nairobi on Thursday about rail.",
        ),
    ]
    path = tmp_path / "articles.jsonl"
    lines = (json.dumps({"id": k, "text": t, "date": "2021-09-03", "outlet": f"Outlet {k}"}) for k, t in told)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _same(settings: Settings) -> set[tuple[str, str]]:
    with open_store(settings) as store:
        query = 'SELECT ?a ?b { ?a <http://www.w3.org/2002/07/owl#sameAs> ?b FILTER CONTAINS(STR(?a), "/id/person/") }'
        return {(a.rpartition("/")[2], b.rpartition("/")[2]) for a, b in rows(store, query)}


def _members(settings: Settings) -> set[str]:
    with open_store(settings) as store:
        found: dict[str, list[str]] = {}
        for x, e in rows(store, f"SELECT ?x ?e {{ ?x <{DIPL}reportedAs> ?e }}"):
            found.setdefault(x, []).append(e.rpartition("/")[2])
    return {" ".join(sorted(events)) for events in found.values()}


def test_the_curator_has_the_last_word(articles: Path, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", curation=tmp_path / "curation.tsv", extractors="frames")
    ingest([articles], settings)
    assert ("r-quintalba-per", "rosario-quintalba-per") in _same(settings)
    assert "a-e1 b-e1" in _members(settings)
    config = tmp_path / "kg.toml"
    config.write_text(f'curation = "{settings.curation}"\nextractors = "frames"\n', encoding="utf-8")
    settings.curation.write_text(
        "# decided by hand\nnot-same-as\tevent/a-e1\tevent/b-e1\n"
        "not-same-as\tperson/r-quintalba-per\tperson/rosario-quintalba-per\n"
        "same-as\tevent/a-e1\tevent/c-e1\nlabel\tperson/r-quintalba-per\tThe other Quintalba\n",
        encoding="utf-8",
    )
    done = kg("identity", "--store", settings.store, "--config", config)
    assert done.exit_code == 0, done.stderr
    assert _members(settings) == {"a-e1 c-e1"}
    assert not _same(settings)
    # articles that are read anew change nothing in it
    lines = articles.read_text(encoding="utf-8").replace("about tea.", "about tea and coffee.")
    articles.write_text(lines, encoding="utf-8")
    done = kg("ingest", articles, "--store", settings.store, "--config", config)
    assert done.exit_code == 0, done.stderr
    assert _members(settings) == {"a-e1 c-e1"}
    assert not _same(settings)
    with open_store(settings) as store:
        labels = set(rows(store, "SELECT ?p ?l { ?p <http://www.w3.org/2004/02/skos/core#prefLabel> ?l }"))
    assert (f"{BASE}id/person/r-quintalba-per", "The other Quintalba") in labels
    settings.curation.unlink()
    kg("identity", "--store", settings.store, "--config", config)
    assert ("r-quintalba-per", "rosario-quintalba-per") in _same(settings)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("same\tperson/a-x\tperson/b-x", "line 2: 'same' is not one of same-as, not-same-as, label"),
        ("same-as\tperson/a-x", "line 2: 'same-as' needs two more columns, with tabs between, and has 1"),
        ("same-as\tperson/a-x\tperson/a-x", "line 2: 'person/a-x' is compared with itself"),
        ("same-as\tperson/a x\tperson/b-x", "line 2: 'person/a x' is neither an IRI nor"),
        ("same-as\tnobody\tperson/b-x", "line 2: 'nobody' is neither an IRI nor"),
        (
            "same-as\tperson/a-x\tperson/b-x\nnot-same-as\tperson/b-x\tperson/a-x",
            "both that they are one and that they are not",
        ),
    ],
)
def test_a_bad_line_is_told_in_one_sentence(line: str, says: str, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "curation.tsv"
    path.write_text(f"# a comment\n{line}\n", encoding="utf-8")
    with pytest.raises(CurationError, match=says.replace("(", r"\(")):
        read_curation(path, BASE)
    config = tmp_path / "kg.toml"
    config.write_text(f'curation = "{path}"\n', encoding="utf-8")
    done = kg("identity", "--store", settings.store, "--config", config)
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1


def test_wikidata_links_are_written_where_one_item_alone_fits(tmp_path: Path) -> None:
    extract = tmp_path / "people.tsv"
    extract.write_text(
        "id\tlabel\taliases\tcountry\tborn\nQ1\tRosario Quintalba\tR. Quintalba\tPER\t1970\n"
        "Q2\tJosphat Mwangola\t\tKenya\t1960\nQ3\tJosphat Mwangola\t\tKEN\t1975\n"
        "Q4\tAna Solis\t\tESP\t1970\nQ5\tGrace Otieno\t\tKE\t1820\n",
        encoding="utf-8",
    )
    people = [
        person(n, p)
        for n, p in (
            ("Rosario Quintalba", "PER"),
            ("Josphat Mwangola", "KEN"),
            ("Ana Solis", "PER"),
            ("Grace Otieno", "KEN"),
        )
    ]
    found = match(people, read_items(extract))
    assert [(f.person.name, f.item.id, f.confidence) for f in found] == [("Rosario Quintalba", "Q1", 0.98)]


def test_a_name_alone_is_not_certain() -> None:
    assert not match([person("Ann Example", None)], [Item("Q1", ("Ann Example",))])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id\tname\n", "line 1: the header names no columns"),
        ("id\tlabel\nX1\tAnn\n", "line 2: an item needs an id"),
        ('{"id": "Q1"}\n', "line 1: an item needs"),
        ("{\n", "line 1: this is not JSON"),
    ],
)
def test_an_extract_that_cannot_be_used(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "people"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CurationError, match=says):
        list(read_items(path))


def test_the_command_writes_and_replaces_the_links(articles: Path, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", extractors="frames")
    ingest([articles], settings)
    extract = tmp_path / "people.jsonl"
    extract.write_text(
        '{"id": "Q7", "label": "Josphat Mwangola", "country": "KEN", "born": "1960"}\n', encoding="utf-8"
    )
    done = kg("link", "--wikidata", extract, "--store", settings.store)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("1 of ")
    assert ("josphat-mwangola-ken", "Q7") in _same(settings)
    extract.write_text("", encoding="utf-8")
    assert kg("link", "--wikidata", extract, "--store", settings.store).stdout.startswith("0 of ")
    assert ("josphat-mwangola-ken", "Q7") not in _same(settings)
