"""Steps ``parser``, ``tune`` and ``ner``: training, by spaCy's own command with the configurations beside the code.

https://spacy.io/usage/training; a configuration fixes the seed, so that the same data give the same weights on one thread.
"""

from __future__ import annotations

from pathlib import Path

from spacy.cli.train import train

from kg.language.training.folders import HERE, Folders

#: The weights after the last step: they are averages over all steps, so there is no best one to look for.
LAST = "model-last"


def _fit(folders: Folders, name: str, docs: str, dev: str, **more: Path) -> None:
    paths = {"train": folders.docs(docs), "dev": folders.docs(dev), "vectors": folders.vectors, **more}
    overrides = {f"paths.{key}": str(path) for key, path in paths.items()}
    train(HERE / f"{name}.cfg", folders.pipeline(name), overrides=overrides)


def fit_parser(folders: Folders) -> None:
    """The treebanks alone."""
    _fit(folders, "parser", "train", "dev")


def tune_parser(folders: Folders) -> None:
    """The treebanks with the made-up sentences, from where ``parser`` ended."""
    _fit(folders, "tune", "tune", "dev", source=folders.pipeline("parser") / LAST)


def fit_ner(folders: Folders) -> None:
    """The recogniser of names, which has word embeddings of its own."""
    _fit(folders, "ner", "ner_train", "ner_dev")
