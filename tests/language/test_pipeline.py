"""The language pipeline behind its records: the model that ships with the package, and one that the settings name."""

import json
import shutil
from pathlib import Path

import pytest

from kg.config import Settings
from kg.errors import ModelError
from kg.language import Pipeline, load
from kg.sources.article import make_article

TEXT = (
    "NAIROBI (Agency) - Kenya’s foreign minister met the Ugandan envoy on Monday. “We agreed on trade,” she said.\n\n"
    "The talks will resume in Kampala next week, and both sides said that they were satisfied with what was done."
)


def test_offsets_cut_the_words_out_of_the_unchanged_text(pipeline: Pipeline) -> None:
    article = make_article(TEXT, source="a")
    (parsed,) = pipeline.parse([article])
    tokens = [t for s in parsed.sentences for t in s.tokens]
    assert all(article.text[t.start : t.end] == t.text for t in tokens)
    assert "’s" in {t.text for t in tokens}, "the article's own apostrophes are kept"
    assert all(article.text[s.start : s.end] == s.text for s in parsed.sentences)
    assert [s.text.split()[0] for s in parsed.sentences] == ["Kenya’s", "“We", "The"]


def test_parse_tags_lemmas_and_names(pipeline: Pipeline) -> None:
    (parsed,) = pipeline.parse([make_article(TEXT, source="a")])
    words = {t.text: t for t in parsed.sentences[0].tokens}
    assert (words["met"].lemma, words["met"].upos, words["met"].dep) == ("meet", "VERB", "root")
    assert parsed.sentences[0].tokens[words["minister"].head].text == "met"
    assert words["minister"].dep == "nsubj"
    assert words["envoy"].dep == "obj"
    assert words["Kenya"].entity == "LOC"


def test_articles_in_a_batch_come_out_as_alone_and_in_order(pipeline: Pipeline) -> None:
    articles = [make_article(f"{TEXT}\n\nNumber {n} of the articles was about ships.", source=str(n)) for n in range(5)]
    batch = list(pipeline.parse(articles))
    assert [p.article.source for p in batch] == list("01234")
    for parsed in batch:
        (alone,) = pipeline.parse([parsed.article])
        assert [s.tokens for s in alone.sentences] == [s.tokens for s in parsed.sentences]


def test_a_pipeline_named_in_the_settings_takes_its_place(tmp_path: Path) -> None:
    import kg.language

    folder = tmp_path / "other"
    shutil.copytree(Path(kg.language.__file__).parent / "model", folder)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    (folder / "meta.json").write_text(json.dumps(meta | {"name": "another"}), encoding="utf-8")
    assert load(Settings(model=str(folder))).name.startswith("en_another ")
    assert load(Settings()).name.startswith("en_diplomatic_news ")


def test_a_missing_pipeline_is_told_by_its_name() -> None:
    with pytest.raises(ModelError, match="'en_no_such_pipeline' cannot be loaded"):
        load(Settings(model="en_no_such_pipeline"))


def test_a_pipeline_without_a_parser_is_refused(tmp_path: Path) -> None:
    import spacy

    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ModelError, match="has no dependency parser"):
        load(Settings(model=str(tmp_path / "blank")))
