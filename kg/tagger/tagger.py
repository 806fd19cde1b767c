"""Runs the tagger: once over a sentence for triggers, then once more over its upper half for what belongs to each trigger.

The model is a small encoder whose lower layers are shared by two readers (see ``kg.training.fit``), in ONNX; numpy arrays go
in and out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.errors import ModelError
from kg.tagger.labels import ARGUMENT_LABELS, MODALITIES, TRIGGER_LABELS
from kg.tagger.marks import Marked, token_marks, top, trigger_marks

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A word is part of a trigger where the probability that it is none lies below this; what comes of it is checked again.
NOTHING = 0.85
#: Word pieces that are read of a sentence.
LONGEST = 160
#: Triggers of a sentence that are asked about, the likeliest: each takes a reading of its own, and no sentence tells so much.
MOST_TRIGGERS = 24
_PIECES_OF = {side: [ARGUMENT_LABELS.index(f"{p}-{side}") for p in "BI"] for side in ("source", "target")}


@dataclass(frozen=True)
class Part:
    """Words that fill a part of an event: ``label`` is source, target, date or place; offsets count in the sentence.

    ``lean`` is how much more they look like the target than like the source, from 0 (source) to 1 (target).
    """

    start: int
    end: int
    label: str
    lean: float = 0.5


@dataclass(frozen=True)
class Tagged:
    """One event in a sentence; ``kind`` is empty but for consultations.

    ``probability`` is that of its trigger's type when the sentence is read, ``valid`` that this is an event of the type, asked
    with the trigger in view.
    """

    type: str
    kind: str
    start: int
    end: int
    probability: float
    modality: str
    parts: tuple[Part, ...]
    valid: float = 1.0


@dataclass
class _Input:
    """A sentence in word pieces: ``tokens`` tells the token of each piece, -1 for the marks at both ends."""

    marked: Marked
    ids: list[int]
    tokens: list[int]


def _softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    result: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


class Pieces:
    """Cuts words into the encoder's pieces, each word by itself."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.begin, self.end = (tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
        self.of = lru_cache(maxsize=1 << 16)(self._of)

    def _of(self, word: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(word, add_special_tokens=False).ids)

    def sentence(self, words: Sequence[str]) -> tuple[list[int], list[int]]:
        """The pieces of some words, at most ``LONGEST``, and the word of each (-1 for the marks at both ends)."""
        ids, tokens = [self.begin], [-1]
        for n, word in enumerate(words):
            found = self.of(word)
            if len(ids) + len(found) >= LONGEST:
                break
            ids += found
            tokens += [n] * len(found)
        return [*ids, self.end], [*tokens, -1]


class Tagger:
    """The loaded model: ``read`` finds triggers, ``answer`` what belongs to them."""

    def __init__(self, read: Any, answer: Any, tokenizer: Any) -> None:
        self._read, self._answer, self._pieces = read, answer, Pieces(tokenizer)

    def tag(self, sentences: Sequence[Marked]) -> list[tuple[Tagged, ...]]:
        """The events of each sentence, in the order of their triggers.

        One sentence at a time: weights in 8 bits make a result depend on what is read in the same batch, and an article's
        facts may not.
        """
        return [tuple(self._events(marked)) for marked in sentences]

    def _events(self, marked: Marked) -> list[Tagged]:
        item = _Input(marked, *self._pieces.sentence(marked.sentence.words))
        if len(item.ids) < 3:
            return []
        marks = [(0, 0, 0) if t < 0 else each for each, t in _spread(token_marks(marked), item.tokens)]
        columns = {
            name: np.array([[m[k] for m in marks]], np.int64) for k, name in enumerate(("named", "relations", "frames"))
        }
        states, scores = self._read.run(["states", "triggers"], {"ids": np.array([item.ids], np.int64)} | columns)
        found = _triggers(item, _softmax(scores[0]))
        if not found:
            return []
        asked = [trigger_marks(marked, top(marked.sentence, tokens)) for _, tokens, _ in found]
        spread = [[(0, 0) if t < 0 else each for each, t in _spread(one, item.tokens)] for one in asked]
        inputs = {
            "states": states,
            "marked": np.array([[int(t in tokens) for t in item.tokens] for _, tokens, _ in found], np.int64),
            "types": np.array([TRIGGER_LABELS.index(name) for name, *_ in found], np.int64),
            "paths": np.array([[m[0] for m in one] for one in spread], np.int64),
            "roles": np.array([[m[1] for m in one] for one in spread], np.int64),
        }
        labels, real, valid = self._answer.run(["arguments", "modality", "valid"], inputs)
        return [
            _tagged(item, *one, _softmax(labels[n]), real[n], float(1 / (1 + np.exp(-valid[n]))))
            for n, one in enumerate(found)
        ]


def _spread(marks: list[Any], tokens: list[int]) -> list[tuple[Any, int]]:
    """The marks of tokens, for each of their pieces."""
    return [(marks[max(t, 0)], t) for t in tokens]


def _by_token(item: _Input, scores: NDArray[np.float32]) -> dict[int, NDArray[np.float32]]:
    """The scores of each token: those of its first piece."""
    found: dict[int, NDArray[np.float32]] = {}
    for token, row in zip(item.tokens, scores, strict=True):
        if token >= 0:
            found.setdefault(token, row)
    return found


def _triggers(item: _Input, scores: NDArray[np.float32]) -> list[tuple[str, list[int], float]]:
    """Types, tokens and probabilities of the triggers; tokens of one type that touch, a hyphen aside, are one trigger."""
    words = item.marked.sentence.words
    found: list[tuple[str, list[int], list[float]]] = []
    for token, row in _by_token(item, scores).items():
        if row[0] >= NOTHING:
            continue
        label = int(row[1:].argmax()) + 1
        name = TRIGGER_LABELS[label]
        if found and found[-1][0] == name and all(words[i] == "-" for i in range(found[-1][1][-1] + 1, token)):
            found[-1][1].extend(range(found[-1][1][-1] + 1, token + 1))
            found[-1][2].append(float(row[label]))
        else:
            found.append((name, [token], [float(row[label])]))
    every = [(name, tokens, max(sure)) for name, tokens, sure in found]
    kept = sorted(range(len(every)), key=lambda n: -every[n][2])[:MOST_TRIGGERS]
    return [every[n] for n in sorted(kept)]


def _tagged(
    item: _Input,
    name: str,
    tokens: list[int],
    sure: float,
    labels: NDArray[np.float32],
    real: NDArray[np.float32],
    valid: float,
) -> Tagged:
    start, end = _place(item.marked, tokens[0], tokens[-1])
    event_type, _, kind = name.partition(":")
    return Tagged(
        event_type, kind, start, end, sure, MODALITIES[int(real.argmax())], tuple(_parts(item, labels)), valid
    )


def _place(marked: Marked, first: int, last: int) -> tuple[int, int]:
    sentence = marked.sentence
    return sentence.tokens[first].start - sentence.start, sentence.tokens[last].end - sentence.start


def _parts(item: _Input, scores: NDArray[np.float32]) -> list[Part]:
    found: list[tuple[str, int, int, float]] = []
    before = ""
    for token, row in _by_token(item, scores).items():
        label = ARGUMENT_LABELS[int(row.argmax())]
        name = label.partition("-")[2]
        if name and label[0] == "I" and name == before:
            found[-1] = (name, found[-1][1], token, found[-1][3])
        elif name:
            source, target = (float(row[_PIECES_OF[side]].sum()) for side in ("source", "target"))
            found.append((name, token, token, round(target / (source + target), 3)))
        before = name
    return [Part(*_place(item.marked, first, last), name, lean) for name, first, last, lean in found]


@cache
def load() -> Tagger:
    """The tagger that ships with the package.

    Raises:
        ModelError: it cannot be loaded.
    """
    return load_from(None)


def load_from(folder: Any) -> Tagger:
    """The tagger in a folder, or the one that ships with the package.

    Args:
        folder: a path with ``read.onnx``, ``answer.onnx`` and ``vocab.txt``, or None.

    Raises:
        ModelError: it cannot be loaded.
    """
    import onnxruntime
    from tokenizers import BertWordPieceTokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        with resources.as_file(folder or resources.files("kg.tagger") / "model") as there:
            read, answer = (
                onnxruntime.InferenceSession(there / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
                for name in ("read", "answer")
            )
            return Tagger(read, answer, BertWordPieceTokenizer(str(there / "vocab.txt"), lowercase=True))
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"The event tagger cannot be loaded: {' '.join(str(error).split())[:200]}") from None
