"""Step ``entities``: the entity corpora as spaCy documents, cleaned, and once more with other names."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from kg.language.training import entities, gum_entities, made
from kg.language.training.conllu import paragraphs, read_sentences
from kg.language.training.folders import Folders
from kg.language.training.swap import Names, organisations_of, swapped
from kg.language.training.treebanks import gum_genre, gum_training_files, save
from kg.language.training.words import table

ATTRIBUTES = ["ORTH", "SPACY", "ENT_IOB", "ENT_TYPE"]
#: Genres of GUM whose held-out documents are nearest to news; they are the test set.
TEST_GENRES = frozenset("news interview speech bio voyage court".split())
#: So often each text with names comes again with other ones.
COPIES = 2
#: Sentences a document.
SIZE, SHORT_SIZE = 5, 3


def _gum(files: list[Path], nlp: Language, seed: int = 3) -> Iterator[Doc]:
    chance = random.Random(seed)
    for path in files:
        for group in paragraphs(read_sentences(path), chance):
            text = entities.Annotated()
            for sentence in group:
                text.add(gum_entities.annotated(sentence))
            yield entities.to_doc(nlp.vocab, text)


def _uner(path: Path, nlp: Language) -> Iterator[Doc]:
    for text in entities.joined(entities.read_tagged(path, entities.UNER_TYPES, (1, 2)), SIZE):
        yield entities.to_doc(nlp.vocab, text)


def training_docs(data: Path, nlp: Language) -> list[Doc]:
    """All that is trained on. Of CrossNER, the parts that are called test stay out like those of the others."""
    gold = [*_gum(gum_training_files(data), nlp), *_uner(data / "uner" / "dev.iob2", nlp)]
    for text in entities.joined(entities.read_tagged(data / "wikigold.txt", entities.UNER_TYPES), SIZE):
        gold.append(entities.to_doc(nlp.vocab, text))
    gold += entities.read_re3d(data / "re3d", nlp)
    for part in ("train", "dev"):
        for path in sorted((data / "crossner").glob(f"*.{part}.txt")):
            sentences = entities.read_tagged(path, entities.CROSSNER_TYPES)
            gold += [entities.to_doc(nlp.vocab, text) for text in entities.joined(sentences, SHORT_SIZE)]
    return [entities.clean(doc) for doc in gold]


def _held_out_gum(data: Path, nlp: Language, part: str, target: Path) -> list[Doc]:
    """Names in the held-out documents of the test genres; the treebank's own file is cut into documents first."""
    chosen: list[Doc] = []
    text = (data / "gum" / f"{part}.conllu").read_text(encoding="utf-8")
    for document in text.split("# newdoc id = ")[1:]:
        path = target / f"{document.split()[0]}.conllu"
        if gum_genre(path) in TEST_GENRES:
            path.write_text("# newdoc id = " + document, encoding="utf-8")
            chosen += [entities.clean(doc) for doc in _gum([path], nlp)]
    return chosen


def pud_docs(path: Path, nlp: Language) -> list[Doc]:
    """Two of every three news sentences of PUD, with the names that ``pud_names.tsv`` lists as word numbers.

    This project annotated them: PER without title, ORG, LOC; adjectives of nations are no names.
    """
    listed = {row["sentence"]: row["names"].split() for row in table("pud_names")}
    news = [sentence for sentence in read_sentences(path) if sentence.name.startswith("n")]
    docs = []
    for sentence in (sentence for place, sentence in enumerate(news) if place % 3 != 2):
        text = entities.Annotated(sentence.words, sentence.spaces)
        for name in listed.get(sentence.name, []):
            span, label = name.split(":")
            first, end = span.split("-")
            text.names.append((int(first), int(end), label))
        docs.append(entities.to_doc(nlp.vocab, text))
    return docs


def convert_entities(folders: Folders) -> None:
    """Writes ``ner_train``, ``ner_dev`` and the test sets."""
    nlp = spacy.blank("en")
    data, scratch = folders.data, folders.out / "gum"
    scratch.mkdir(parents=True, exist_ok=True)
    gold = training_docs(data, nlp)
    names = Names(organisations_of(gold))
    copies = [swapped(doc, names) for doc in gold * COPIES if doc.ents]
    shares = {"PER": 0.6, "LOC": 0.2, "ORG": 0.0}
    invented = [swapped(doc, names, shares) for doc in made.entity_docs(nlp.vocab, made.ENTITY_DOCS)]
    train = [*gold, *copies, *invented]
    random.Random(1).shuffle(train)
    save(train, folders.docs("ner_train"), ATTRIBUTES)
    save(_held_out_gum(data, nlp, "dev", scratch), folders.docs("ner_dev"), ATTRIBUTES)
    save(_held_out_gum(data, nlp, "test", scratch), folders.docs("ner_gum_test"), ATTRIBUTES)
    save(_uner(data / "uner" / "test.iob2", nlp), folders.docs("ner_uner_test"), ATTRIBUTES)
    save(pud_docs(data / "pud.conllu", nlp), folders.docs("ner_pud_test"), ATTRIBUTES)
    politics = entities.read_tagged(data / "crossner" / "politics.test.txt", entities.CROSSNER_TYPES)
    docs = [entities.to_doc(nlp.vocab, text) for text in entities.joined(politics, SHORT_SIZE)]
    save(docs, folders.docs("ner_politics_test"), ATTRIBUTES)


def entity_docs(path: Path, nlp: Language) -> list[Doc]:
    """Documents that were saved."""
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))
