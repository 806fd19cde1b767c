"""One story on several sites is read once; what is not English is counted. All texts are fiction."""

# ruff: noqa: E501 -- invented texts read best on long lines

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.config import Settings
from kg.errors import StoreError
from kg.model import Article
from kg.pipeline import ingest
from kg.sources import read_articles
from kg.sources.article import make_article
from kg.sources.near import Print, TextIndex, resemblance
from kg.store import open_store
from kg.triples.iris import Iris
from kg.triples.vocab import named
from tests.sources.conftest import Site

STORY = (
    "Foreign Minister Carla Muster of Sampleton met her colleague from Testville, Dan Probe, in Mittelbruck on Thursday, and both signed "
    "a protocol on the reopening of the bridge between their countries.\n\n"
    "The bridge was closed after the flood three years ago. Engineers of both armies worked on its two piers through the winter.\n\n"
    "Mr. Probe promised that lorries would be let through without a fee until the end of the year. Farmers on both sides had asked their "
    "governments for that in January.\n\n"
    "The ministers will meet again in Testville in May, when they want to speak about the railway, which has been closed for twenty years."
)
#: As another site prints it: a place before it, other quotation marks and spaces, a sentence more.
REPRINT = (
    "MITTELBRUCK (Wire) - " + STORY.replace("\n\n", "\n").replace("Mr. Probe", "Mr Probe") + "\nThe wire contributed."
)
OTHER = (
    "Testville recalled its ambassador to Northland on Saturday after the neighbour had closed its harbour to fishing boats for the third "
    "time this year. Northland rejected the accusation and said that its harbour was being dredged. The ambassador, Hanna Probe, had met the "
    "minister of fisheries twice in October without result. She is expected in Testville on Monday, where she will report to the parliament."
)
FRENCH = "Le ministre a rencontré mardi son homologue à Paris pour parler de la crise dans la région."


@pytest.fixture
def rules(tmp_path: Path) -> Settings:
    return Settings(store=tmp_path / "store", extractors="frames")


def lines(path: Path, *records: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def _links(settings: Settings) -> dict[str, str]:
    with open_store(settings) as store:
        found = [q for q in store.quads() if q.predicate == named("prov:alternateOf")]
    return {_last(q.subject): _last(q.object) for q in found}


def _last(node: object) -> str:
    assert isinstance(node, ox.NamedNode)
    return node.value.rsplit("/", 1)[-1]


def test_the_same_story_is_linked_and_not_read_again(tmp_path: Path, rules: Settings) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        {"id": "wire", "text": STORY, "date": "2021-03-04"},
        {"id": "copy", "text": STORY.upper(), "url": "https://copy.example/1", "outlet": "Copy", "title": "A bridge"},
        {"id": "reprint", "text": REPRINT, "date": "2021-03-05"},
        {"id": "other", "text": OTHER},
    )
    summary = ingest([path], rules)
    assert (summary.ingested, summary.duplicates, summary.failures) == (2, 2, [])
    assert _links(rules) == {"copy": "wire", "reprint": "wire"}
    iris = Iris(rules.base_iri)
    with open_store(rules) as store:
        known = {
            q.predicate: q.object
            for q in store.graph_quads(iris.article_graph("copy"))
            if q.subject == iris.article("copy")
        }
        assert len(store.graph_quads(iris.article_graph("copy"))) < 15
    assert known[named("schema:publisher")] == ox.Literal("Copy")
    assert known[named("schema:url")] == ox.NamedNode("https://copy.example/1")
    again = ingest([path], rules)
    assert (again.ingested, again.duplicates, again.unchanged) == (0, 0, 4)


def test_a_later_run_knows_the_earlier_ones(tmp_path: Path, rules: Settings) -> None:
    ingest([lines(tmp_path / "a.jsonl", {"id": "wire", "text": STORY})], rules)
    later = lines(tmp_path / "b.jsonl", {"id": "reprint", "text": REPRINT})
    assert ingest([later], rules).duplicates == 1
    assert _links(rules) == {"reprint": "wire"}


def test_an_article_that_was_removed_is_no_original(tmp_path: Path, rules: Settings) -> None:
    ingest([lines(tmp_path / "a.jsonl", {"id": "wire", "text": STORY})], rules)
    assert CliRunner().invoke(main, ["remove", "wire", "--store", str(rules.store)]).exit_code == 0
    summary = ingest([lines(tmp_path / "b.jsonl", {"id": "reprint", "text": REPRINT})], rules)
    assert (summary.ingested, summary.duplicates) == (1, 0)


def test_a_new_version_of_an_article_is_not_its_own_duplicate(tmp_path: Path, rules: Settings) -> None:
    ingest([lines(tmp_path / "a.jsonl", {"id": "wire", "text": STORY})], rules)
    changed = lines(tmp_path / "a.jsonl", {"id": "wire", "text": STORY + " It rained."})
    summary = ingest([changed], rules)
    assert (summary.ingested, summary.duplicates) == (1, 0)


def test_the_same_file_twice_counts_once(tmp_path: Path, rules: Settings) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_text(STORY)
    summary = ingest([tmp_path / "in"], rules)
    assert (summary.ingested, summary.duplicates, summary.failures) == (1, 1, [])


def _article(text: str, date: str | None = None) -> Article:
    import datetime as dt

    return make_article(text, source="test", published=dt.date.fromisoformat(date) if date else None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (_article(STORY), _article(REPRINT), True),
        (_article(STORY), _article(OTHER), False),
        (_article(STORY, "2021-03-04"), _article(REPRINT, "2021-03-06"), True),
        (_article(STORY, "2021-03-04"), _article(REPRINT, "2022-03-04"), False),  # made from one form, a year later
        (_article(STORY, "2021-03-04"), _article(STORY + " ", "2022-03-04"), True),
        (_article("Three people were hurt on Monday in the talks."), _article("Four people were hurt on Monday in the talks."), False),
    ],
)  # fmt: skip
def test_which_texts_are_the_same(one: Article, other: Article, same: bool, tmp_path: Path) -> None:
    index = TextIndex(tmp_path, 0.7)
    index.add("one", Print.of(one))
    assert index.find("two", Print.of(other)) == (["one"] if same else [])
    index.close()


def test_a_threshold_above_one_leaves_equal_texts_only(tmp_path: Path) -> None:
    index = TextIndex(tmp_path, 1.1)
    index.add("one", Print.of(_article(STORY)))
    assert index.find("two", Print.of(_article(REPRINT))) == []
    assert index.find("two", Print.of(_article(STORY.upper()))) == ["one"]
    index.close()


def test_a_damaged_index_is_told_of_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "texts.sqlite").write_bytes(b"no database, " * 500)
    with pytest.raises(StoreError, match=r"texts\.sqlite is damaged and may be deleted"):
        TextIndex(tmp_path, 0.7)


def test_different_articles_are_not_alike(seeds: Path) -> None:
    pages = Path(__file__).parent / "pages"
    found = [
        a
        for a in read_articles([seeds, pages / "bare.html", pages / "microdata.html"], Settings())
        if isinstance(a, Article)
    ]
    prints = [Print.of(a) for a in [*found, _article(STORY), _article(OTHER)]]
    signatures = [p for p in prints if p.signature is not None]
    for number, one in enumerate(signatures):
        assert all(
            resemblance(one, other.signature) < 0.3 for other in signatures[:number] if other.signature is not None
        )


def test_another_language_is_skipped_and_counted(tmp_path: Path, rules: Settings) -> None:
    records = [{"id": f"{n}", "text": FRENCH} for n in range(3)]
    path = lines(
        tmp_path / "a.jsonl", {"id": "en", "text": OTHER}, *records, {"id": "de", "text": "Egal.", "language": "de"}
    )
    done = CliRunner().invoke(main, ["ingest", str(path), "--store", str(rules.store)], env={"KG_EXTRACTORS": "frames"})
    assert done.exit_code == 0, done.output
    assert re.search(r"skipped +4\b", done.output), done.output
    assert f"{path}, line 2 and 2 more: skipped, it is not English (its language looks like 'fr')." in done.stderr
    assert f"{path}, line 5: skipped, its language is 'de', not English." in done.stderr


def test_files_and_addresses_together(tmp_path: Path, site: Site, open_settings: Settings, page: bytes) -> None:
    (tmp_path / "a.txt").write_text(OTHER)
    url = site.page("/bridge", page, ETag='"1"')
    summary = ingest([tmp_path / "a.txt", url, site.url + "/none"], open_settings)
    assert summary.ingested == 2
    assert [str(f) for f in summary.failures] == [f"{site.url}/none: the server answers with status 404"]
    again = ingest([url], open_settings)
    assert (again.ingested, again.unchanged) == (0, 1)
    assert site.asked[-1][1]["if-none-match"] == '"1"'
    with open_store(open_settings) as store:
        (fetched,) = [q for q in store.quads() if q.predicate == named("pav:retrievedOn")]
        (found,) = [q.subject for q in store.quads() if q.object == ox.NamedNode(url)]
    assert fetched.subject == found


def test_a_page_that_has_not_changed_is_read_anew_by_a_new_version(
    site: Site, open_settings: Settings, page: bytes
) -> None:
    url = site.page("/bridge", page, ETag='"1"')
    ingest([url], open_settings)
    other = replace(open_settings, base_iri="http://elsewhere.example/")
    assert ingest([url], other).ingested == 1
