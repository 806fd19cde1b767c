"""Step ``treebanks``: the Universal Dependencies treebanks as spaCy documents.

* EWT, https://github.com/UniversalDependencies/UD_English-EWT, CC BY-SA 4.0;
* GUM, https://github.com/UniversalDependencies/UD_English-GUM, the genres whose texts and annotations allow any use (CC BY);
* PUD, https://github.com/UniversalDependencies/UD_English-PUD, CC BY-SA 3.0, never trained on.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin

from kg.language.training.conllu import paragraphs, read_sentences, to_doc
from kg.language.training.folders import Folders

#: Genres of GUM under CC BY; the others (fiction, whow, essay, letter, podcast, reddit) are not for commercial use.
GUM_GENRES = frozenset("academic bio conversation court interview news speech textbook vlog voyage".split())
ATTRIBUTES = ["ORTH", "SPACY", "TAG", "POS", "MORPH", "HEAD", "DEP", "SENT_START"]
#: Enough to tell during training whether it goes well.
DEV_WORDS = 16_000


def gum_genre(path: Path) -> str:
    """``news`` for ``GUM_news_asylum.conllu``."""
    return path.stem.split("_")[1]


def gum_held_out(data: Path) -> set[str]:
    """Names of GUM's documents for development and test."""
    names = set()
    for part in ("dev", "test"):
        for line in (data / "gum" / f"{part}.conllu").read_text(encoding="utf-8").splitlines():
            if line.startswith("# newdoc id"):
                names.add(line.split("=")[1].strip())
    return names


def gum_training_files(data: Path) -> list[Path]:
    """GUM's documents that may be trained on."""
    held_out = gum_held_out(data)
    files = sorted((data / "gum" / "not-to-release" / "sources").glob("*.conllu"))
    return [path for path in files if gum_genre(path) in GUM_GENRES and path.stem not in held_out]


def ewt_training_files(data: Path) -> list[Path]:
    """EWT's documents for training, by its own list."""
    names = (data / "ewt" / "files.train").read_text(encoding="utf-8").split()
    files = [data / "ewt" / "not-to-release" / "sources" / name for name in names]
    return [path for path in files if path.exists()]


def read_docs(files: Iterable[Path], seed: int = 0) -> list[Doc]:
    """The documents of treebank files, in an order of their own."""
    vocab = spacy.blank("en").vocab
    chance = random.Random(seed)
    docs = [to_doc(vocab, group) for path in files for group in paragraphs(read_sentences(path), chance)]
    chance.shuffle(docs)
    return docs


def save(docs: Iterable[Doc], path: Path, attributes: list[str] = ATTRIBUTES) -> None:
    """Writes documents for training or evaluation, and says how many."""
    kept = DocBin(attrs=attributes, docs=docs)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept.to_disk(path)
    print(f"{path.stem}: {len(kept)} documents, {sum(len(tokens) for tokens in kept.tokens)} words")


def _first_words(docs: list[Doc], limit: int) -> list[Doc]:
    kept, words = [], 0
    for doc in docs:
        if words > limit:
            break
        kept.append(doc)
        words += len(doc)
    return kept


def convert_treebanks(folders: Folders) -> None:
    """Writes ``train``, ``dev`` and the three test sets."""
    data = folders.data
    save(read_docs([*ewt_training_files(data), *gum_training_files(data)]), folders.docs("train"))
    dev = read_docs([data / "ewt" / "dev.conllu", data / "gum" / "dev.conllu"])
    save(_first_words(dev, DEV_WORDS), folders.docs("dev"))
    tests = {"ewt_test": "ewt/test.conllu", "gum_test": "gum/test.conllu", "pud": "pud.conllu"}
    for name, file in tests.items():
        save(read_docs([data / file]), folders.docs(name))
