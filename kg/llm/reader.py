"""Reads events with a language model: cached, within a budget, and only what stands in the text letter by letter."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from kg.config import Settings
from kg.errors import LanguageModelError
from kg.llm.client import Client
from kg.llm.schema import PROMPT_VERSION, Answer, Told, request_body
from kg.tagger.marks import Marked
from kg.tagger.tagger import Part, Tagged

#: A model gives no probability of its own; the confidence of its events is set by hand, below that of a sure frame.
_PROBABILITY = 0.9


class LanguageModelReader:
    """Finds events as ``kg.tagger.Tagger`` does; one instance keeps one run's budget."""

    def __init__(self, settings: Settings, client: Client | None = None) -> None:
        self._model, self._left = settings.llm_model, settings.llm_budget
        self._client = client or Client(settings.llm_url, settings.llm_key, settings.llm_timeout)
        self._cache = settings.llm_cache

    def tag(self, sentences: Sequence[Marked]) -> list[tuple[Tagged, ...]]:
        """The events of each sentence of one article, in the order of their triggers.

        Raises:
            LanguageModelError: the endpoint gives no answer that follows the schema, or the budget is used up.
        """
        texts = [marked.sentence.text for marked in sentences]
        found: list[list[Tagged]] = [[] for _ in texts]
        if texts:
            for told in self._answer(texts).events:
                if told.sentence <= len(texts) and (event := aligned(texts[told.sentence - 1], told)):
                    found[told.sentence - 1].append(event)
        return [tuple(sorted(set(events), key=lambda e: (e.start, e.end, e.type))) for events in found]

    def _answer(self, texts: Sequence[str]) -> Answer:
        body = request_body(self._model, texts)
        asked = json.dumps([PROMPT_VERSION, body], ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(asked.encode()).hexdigest()
        file = self._cache / digest[:2] / f"{digest}.json"
        known = _kept(file)
        if known is not None:
            return known
        if self._left <= 0:
            raise LanguageModelError("The budget of language-model tokens (llm_budget) of this run is used up.")
        completion = self._client.complete(body)
        self._left -= completion.tokens
        try:
            answer = Answer.model_validate_json(completion.text)
        except (ValidationError, RecursionError):
            raise LanguageModelError("The language model's answer does not follow the schema.") from None
        _keep(file, answer)
        return answer


def _kept(file: Path) -> Answer | None:
    """A cached answer; one that cannot be read is asked for again."""
    try:
        return Answer.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def _keep(file: Path, answer: Answer) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(answer.model_dump_json())
        Path(name).replace(file)
    except OSError as error:
        raise LanguageModelError(f"The cache {file.parent} cannot be written: {error.strerror}.") from None


def aligned(text: str, told: Told) -> Tagged | None:
    """An event with the places of its words in the sentence; None where a word of it does not stand there.

    A date or place that does not stand there is left out: the event does not hang on it.
    """
    trigger = _find(text, told.trigger)
    sides = [(words, side) for side in ("source", "target") for words in getattr(told, side)]
    spans = [(_find(text, words), side) for words, side in sides]
    if trigger is None or any(span is None for span, _ in spans):
        return None
    spans += [(_find(text, words), label) for label, words in (("date", told.date), ("place", told.place))]
    parts = tuple(Part(*span, label) for span, label in spans if span)
    kind = told.kind if told.type == "consult" else ""
    return Tagged(told.type, kind, *trigger, _PROBABILITY, told.modality, parts)


def _find(text: str, words: str) -> tuple[int, int] | None:
    """Where some words stand as whole words, whatever white space parts them."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    found = re.search(rf"(?<!\w){pattern}(?!\w)", text) if pattern else None
    return found.span() if found else None
