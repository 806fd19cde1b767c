"""Runs the tagger: twice over a sentence, first for triggers, then for the arguments of each trigger found.

The model is a small encoder with three heads (see ``kg.tagger.training.fit``) in ONNX; numpy arrays go in and out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.errors import ModelError
from kg.tagger.labels import ARGUMENT_LABELS, MODALITIES, TRIGGER_LABELS, prompt

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A word piece is part of a trigger where the probability that it is none lies below this.
NOTHING = 0.8
#: Word pieces that are read of a sentence, the prompt among them.
LONGEST = 128
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
    """One event in a sentence; ``kind`` is empty but for consultations; ``probability`` is that of its trigger's type."""

    type: str
    kind: str
    start: int
    end: int
    probability: float
    modality: str
    parts: tuple[Part, ...]


@dataclass
class _Input:
    ids: list[int]
    segments: list[int]
    places: list[tuple[int, int] | None]


def _softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    result: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end


class Tagger:
    """The loaded model."""

    def __init__(self, session: Any, tokenizer: Any) -> None:
        self._session, self._tokenizer = session, tokenizer

    def tag(self, texts: Sequence[str]) -> list[tuple[Tagged, ...]]:
        """The events of each sentence, in the order of their triggers."""
        first = [self._input(None, text) for text in texts]
        asked = [
            (n, trigger)
            for n, (item, (scores,)) in enumerate(zip(first, self._run(first, "triggers"), strict=True))
            for trigger in _triggers(texts[n], item, scores)
        ]
        second = [self._input(event_type, texts[n], (start, end)) for n, (event_type, start, end, _) in asked]
        answers = self._run(second, "arguments", "modality")
        found: list[list[Tagged]] = [[] for _ in texts]
        for (n, (event_type, start, end, sure)), item, (labels, real) in zip(asked, second, answers, strict=True):
            kind = event_type.partition(":")
            parts = tuple(_parts(texts[n], item, labels))
            modality = MODALITIES[int(real.argmax())]
            found[n].append(Tagged(kind[0], kind[2], start, end, sure, modality, parts))
        return [tuple(events) for events in found]

    def _input(self, event_type: str | None, text: str, trigger: tuple[int, int] | None = None) -> _Input:
        pair = self._tokenizer.encode(prompt(event_type), text)
        n = min(len(pair.ids), LONGEST)
        places = [o if s == 1 and o[1] > o[0] else None for o, s in zip(pair.offsets, pair.type_ids, strict=True)][:n]
        marked = [int(bool(trigger and p and p[0] < trigger[1] and trigger[0] < p[1])) for p in places]
        return _Input(pair.ids[:n], marked, places)

    def _run(self, items: list[_Input], *heads: str) -> list[list[NDArray[np.float32]]]:
        """Some heads' probabilities for each input, one input at a time.

        Weights in 8 bits make a result depend on what is read in the same batch; an article's facts may not.
        """
        found: list[list[NDArray[np.float32]]] = []
        for item in items:
            arrays = {
                "ids": np.array([item.ids], np.int64),
                "mask": np.ones((1, len(item.ids)), np.int64),
                "segments": np.array([item.segments], np.int64),
            }
            found.append([_softmax(output[0]) for output in self._session.run(list(heads), arrays)])
        return found


def _triggers(text: str, item: _Input, scores: NDArray[np.float32]) -> list[tuple[str, int, int, float]]:
    found: list[tuple[str, int, int, list[float]]] = []
    before = 0
    for place, row in zip(item.places, scores, strict=True):
        label = (int(row[1:].argmax()) + 1 if row[0] < NOTHING else 0) if place else 0
        if label and place and label == before and text[found[-1][2] : place[0]].strip() in ("", "-"):
            name, start, _, sure = found[-1]
            found[-1] = (name, start, place[1], [*sure, float(row[label])])
        elif label and place:
            found.append((TRIGGER_LABELS[label], *place, [float(row[label])]))
        before = label
    return [(name, *_whole_words(text, start, end), sum(sure) / len(sure)) for name, start, end, sure in found]


def _parts(text: str, item: _Input, scores: NDArray[np.float32]) -> list[Part]:
    found: list[tuple[str, int, int, float]] = []
    before = ""
    for place, row in zip(item.places, scores, strict=True):
        label = ARGUMENT_LABELS[int(row.argmax())] if place else "O"
        name = label.partition("-")[2]
        if name and place and label[0] == "I" and name == before:
            found[-1] = (name, found[-1][1], place[1], found[-1][3])
        elif name and place:
            source, target = (float(row[_PIECES_OF[side]].sum()) for side in ("source", "target"))
            found.append((name, *place, round(target / (source + target), 3)))
        before = name
    return [Part(*_whole_words(text, start, end), name, lean) for name, start, end, lean in found]


@cache
def load() -> Tagger:
    """The tagger that ships with the package.

    Raises:
        ModelError: it cannot be loaded.
    """
    import onnxruntime
    from tokenizers import BertWordPieceTokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        with resources.as_file(resources.files("kg.tagger") / "model") as folder:
            session = onnxruntime.InferenceSession(folder / "events.onnx", options, providers=["CPUExecutionProvider"])
            return Tagger(session, BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=True))
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"The event tagger cannot be loaded: {' '.join(str(error).split())[:200]}") from None
