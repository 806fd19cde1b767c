"""The pipeline that ships, and the recipe that made it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Token

from kg.language.training import conllu, entities, gum_entities, made
from kg.language.training.assemble import size
from kg.language.training.conllu import Sentence
from kg.language.training.grammar import Node, clause, to_sentence
from kg.language.training.words import column, people, table, words

HERE = Path(conllu.__file__).parent.parent
MODEL, CARD = HERE / "model", HERE / "MODEL_CARD.md"
LARGEST = 16_000_000

SAMPLE = """\
# newdoc id = GUM_news_sample
# sent_id = sample-1
# text = “Don’t go,” said the Georgian President Ana Vardo.
1\t“\t"\tPUNCT\t``\t_\t4\tpunct\t_\tSpaceAfter=No
2-3\tDon’t\t_\t_\t_\t_\t_\t_\t_\t_
2\tDo\tdo\tAUX\tVB\tMood=Imp|VerbForm=Fin|Voice=Act\t4\taux\t_\t_
3\tn’t\tnot\tPART\tRB\tPolarity=Neg\t4\tadvmod\t_\t_
4\tgo\tgo\tVERB\tVB\tVerbForm=Inf\t7\tccomp\t_\tSpaceAfter=No
5\t,\t,\tPUNCT\t,\t_\t4\tpunct\t_\tSpaceAfter=No
6\t”\t"\tPUNCT\t''\t_\t4\tpunct\t_\t_
7\tsaid\tsay\tVERB\tVBD\tTense=Past|VerbForm=Fin\t0\troot\t_\t_
7.1\tleft\tleave\tVERB\tVBD\t_\t_\t_\t_\t_
8\tthe\tthe\tDET\tDT\tDefinite=Def|PronType=Art\t10\tdet\t_\tEntity=(1-person-new-cf1-1-coref
9\tGeorgian\tGeorgian\tADJ\tJJ\tDegree=Pos\t10\tamod\t_\tEntity=(2-place-new-cf2-1-coref)
10\tPresident\tPresident\tPROPN\tNNP\tNumber=Sing\t11\tnmod:desc\t_\t_
11\tAna\tAna\tPROPN\tNNP\tNumber=Sing\t7\tnsubj\t_\t_
12\tVardo\tVardo\tPROPN\tNNP\tNumber=Sing\t11\tflat\t_\tEntity=1)|SpaceAfter=No
13\t.\t.\tPUNCT\t.\t_\t7\tpunct\t_\t_

# sent_id = sample-2
# newpar
1\tTalks\ttalk\tNOUN\tNNS\tNumber=Plur\t2\tnsubj\t_\t_
2\tended\tend\tVERB\tVBD\tTense=Past|VerbForm=Fin\t0\troot\t_\tSpaceAfter=No
3\t.\t.\tPUNCT\t.\t_\t2\tpunct\t_\t_
"""


@pytest.fixture(scope="module")
def nlp() -> Language:
    return spacy.load(MODEL)


@pytest.fixture
def sample(tmp_path: Path) -> list[Sentence]:
    path = tmp_path / "sample.conllu"
    path.write_text(SAMPLE, encoding="utf-8")
    return list(conllu.read_sentences(path))


def word(doc: Doc, text: str) -> Token:
    return next(token for token in doc if token.text == text)


def link(doc: Doc, text: str) -> tuple[str, str]:
    token = word(doc, text)
    return token.dep_, token.head.text


def names(doc: Doc) -> set[tuple[str, str]]:
    return {(span.text, span.label_) for span in doc.ents}


class TestModel:
    def test_is_small_and_complete(self, nlp: Language) -> None:
        assert size(MODEL) <= LARGEST
        assert nlp.pipe_names == ["tok2vec", "tagger", "morphologizer", "parser", "ner"]
        assert set(nlp.get_pipe("ner").labels) == {"PER", "ORG", "LOC"}
        assert nlp.meta["license"] == "CC BY-SA 4.0"

    def test_loads_without_the_project(self, tmp_path: Path) -> None:
        code = f"import spacy, sys; spacy.load({str(MODEL)!r}); sys.exit('kg' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0

    def test_knows_no_folder_of_the_machine_that_made_it(self) -> None:
        for path in MODEL.rglob("*"):
            if path.suffix in (".cfg", ".json") or path.name == "cfg":
                assert not re.search(r"[\"=] ?\"?/[a-z]+/", path.read_text(encoding="utf-8")), path

    def test_subject_object_and_place(self, nlp: Language) -> None:
        doc = nlp("Kerry met Hun Sen in Phnom Penh.")
        assert link(doc, "Kerry") == ("nsubj", "met")
        assert link(doc, "Hun") == ("obj", "met")
        assert link(doc, "Penh") == ("obl", "met")
        assert names(doc) == {("Kerry", "PER"), ("Hun Sen", "PER"), ("Phnom Penh", "LOC")}

    def test_passive(self, nlp: Language) -> None:
        doc = nlp("The ambassador was expelled by Turkey on Tuesday.")
        assert link(doc, "ambassador") == ("nsubj:pass", "expelled")
        assert link(doc, "Turkey") == ("obl:agent", "expelled")
        assert word(doc, "expelled").tag_ == "VBN"
        assert ("Turkey", "LOC") in names(doc)

    def test_title_before_name(self, nlp: Language) -> None:
        doc = nlp("Cambodian Foreign Minister Hor Namhong criticized Thailand.")
        assert link(doc, "Minister") == ("nmod:desc", "Hor")
        assert link(doc, "Hor") == ("nsubj", "criticized")
        assert ("Hor Namhong", "PER") in names(doc)

    def test_told_reporters(self, nlp: Language) -> None:
        doc = nlp("Lavrov told reporters he had met with the Turkish president in Ankara.")
        assert link(doc, "reporters") == ("iobj", "told")
        assert link(doc, "met") == ("ccomp", "told")
        assert link(doc, "he") == ("nsubj", "met")

    def test_talks_between(self, nlp: Language) -> None:
        doc = nlp("Talks were held between China and Russia in Vienna.")
        assert link(doc, "Talks") == ("nsubj:pass", "held")
        assert word(doc, "Russia").dep_ == "conj"
        assert names(doc) == {("China", "LOC"), ("Russia", "LOC"), ("Vienna", "LOC")}

    def test_hyphenated_name(self, nlp: Language) -> None:
        doc = nlp("Ban Ki-moon urged Israel to resume talks.")
        assert link(doc, "Ban") == ("nsubj", "urged")
        assert ("Ban Ki-moon", "PER") in names(doc)

    def test_tense(self, nlp: Language) -> None:
        doc = nlp("China condemned the visit.")
        assert word(doc, "condemned").morph.get("Tense") == ["Past"]
        assert word(doc, "condemned").pos_ == "VERB"

    def test_the_card_gives_the_size(self) -> None:
        found = re.search(r"Size: ([\d,]+) bytes", CARD.read_text(encoding="utf-8"))
        assert found is not None
        assert int(found[1].replace(",", "")) == size(MODEL)


class TestConllu:
    def test_reads_spaces_and_words_written_together(self, sample: list[Sentence]) -> None:
        doc = conllu.to_doc(spacy.blank("en").vocab, sample)
        assert doc.text.strip() == '"Don\'t go," said the Georgian President Ana Vardo. Talks ended.'
        assert [token.text for token in doc][1:4] == ["Do", "n't", "go"]

    def test_quotation_marks_keep_their_place(self) -> None:
        text = "“a” ‘b’\u00a0c"
        assert len(text.translate(conllu.PLAIN)) == len(text)

    def test_tree_and_features(self, sample: list[Sentence]) -> None:
        doc = conllu.to_doc(spacy.blank("en").vocab, sample)
        assert link(doc, "Ana") == ("nsubj", "said")
        assert [sent.root.text for sent in doc.sents] == ["said", "ended"]
        assert word(doc, "said").dep_ == "ROOT"
        assert str(word(doc, "Do").morph) == "Mood=Imp|VerbForm=Fin"

    def test_paragraphs_stay_apart(self, sample: list[Sentence]) -> None:
        class Longest:
            def randint(self, _low: int, high: int) -> int:
                return high

        groups = list(conllu.paragraphs(sample, Longest()))  # type: ignore[arg-type]
        assert [[sentence.name for sentence in group] for group in groups] == [["sample-1"], ["sample-2"]]


class TestEntities:
    def test_name_within_a_mention(self, sample: list[Sentence]) -> None:
        assert list(gum_entities.names(sample[0])) == [(10, 12, "PER")]

    def test_tagged_words(self, tmp_path: Path) -> None:
        path = tmp_path / "tagged"
        path.write_text("Ana B-person\nVardo I-person\nMali B-country\n. O\n\nUN I-organisation\n", encoding="utf-8")
        first, second = entities.read_tagged(path, entities.CROSSNER_TYPES)
        assert first.names == [(0, 2, "PER"), (2, 3, "LOC")]
        assert second.names == [(0, 1, "ORG")]

    def test_titles_are_no_part_of_a_name(self) -> None:
        text = entities.Annotated(
            ["Iraqi", "President", "Ana", "Vardo", "met", "Japanese", "Minister"],
            [True] * 7,
            [(0, 4, "PER"), (5, 6, "PER"), (6, 7, "PER")],
        )
        doc = entities.clean(entities.to_doc(spacy.blank("en").vocab, text))
        assert names(doc) == {("Ana Vardo", "PER")}


class TestGrammar:
    def test_tree(self) -> None:
        subject = Node("talks", "NOUN", "NNS")
        ended = Node("ended", "VERB", "VBD").post("punct", Node(".", "PUNCT", "."))
        sentence, _ = to_sentence(clause(ended, subject))
        assert sentence.words == ["Talks", "ended", "."]
        assert sentence.heads == [1, 1, 1]
        assert sentence.deps == ["nsubj", "ROOT", "punct"]
        assert sentence.spaces == [True, False, True]
        assert "Number=Plur" in sentence.morphs[1]

    def test_made_sentences_are_trees_with_names(self) -> None:
        vocab = spacy.blank("en").vocab
        for doc in made.parser_docs(vocab, 200):
            assert all(sent.root.dep_ == "ROOT" for sent in doc.sents)
            assert not any(token.dep_ == "" for token in doc)
        labels = {span.label_ for doc in made.entity_docs(vocab, 100) for span in doc.ents}
        assert labels == {"PER", "ORG", "LOC"}

    def test_the_same_seed_gives_the_same_sentences(self) -> None:
        vocab = spacy.blank("en").vocab
        assert [d.text for d in made.parser_docs(vocab, 20)] == [d.text for d in made.parser_docs(vocab, 20)]


def test_the_word_lists_are_tidy() -> None:
    for name in {row["list"] for row in table("words")}:
        assert all(entry and entry == entry.strip() for entry in words(name)), name
    assert len(column("places", "country")) == len(table("places"))
    assert all({"given", "family"} == set(parts) for parts in people().values())
