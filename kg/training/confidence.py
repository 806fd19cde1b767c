"""Fits the weights by which candidates are judged (see ``kg.facts.confidence``), on records that the tagger has not seen.

    python -m kg.training.confidence kg/data/confidence.tsv

Needs nothing beyond the program itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kg.config import Settings
from kg.evaluation.items import dyads
from kg.facts.confidence import features
from kg.facts.events import unjudged
from kg.facts.reading import Candidate, read
from kg.language import load
from kg.sources.article import make_article
from kg.training.examples import judges, records

#: Strength of the pull of weights towards 0, on all but the constant.
RIDGE = 1.0
_HEAD = """\
# Weights of the logistic regression by which candidates are judged (kg/facts/confidence.py), written by kg/training/confidence.py
# from {rows} candidates in {records} records of the written corpus that the tagger was not trained on.
# Source: written for this project. Licence: Apache-2.0.
feature\tweight
"""


def _as_record(candidate: Candidate) -> dict[str, Any]:
    def side(mentions: Iterable[Any]) -> list[dict[str, Any]]:
        return [
            {"party": m.party, "name": m.actor.name if m.party is None and m.kind != "group" else None}
            for m in mentions
        ]

    return {
        "type": candidate.frame.type.value,
        "kind": candidate.kind,
        "modality": candidate.modality.value,
        "source": side(candidate.sources),
        "target": side(candidate.targets),
    }


def judged(chosen: list[dict[str, Any]]) -> Iterator[tuple[Candidate, bool]]:
    """The candidates of some records, each with whether it is right."""
    articles = [make_article(r["text"], source=r["id"], title=r.get("title")) for r in chosen]
    for record, parsed in zip(chosen, load(Settings()).parse(articles), strict=True):
        gold = {dyad for event in record["events"] for dyad in dyads(event)}
        for candidate in unjudged(read(parsed)):
            given = set(dyads(_as_record(candidate)))
            yield candidate, bool(given & gold)


def fit(rows: np.ndarray[Any, Any], right: np.ndarray[Any, Any], constant: int) -> np.ndarray[Any, Any]:
    """Weights of a ridge-penalised logistic regression, by Newton's method."""
    found = np.zeros(rows.shape[1])
    ridge = np.full(rows.shape[1], RIDGE)
    ridge[constant] = 1e-6
    for _ in range(50):
        p = 1 / (1 + np.exp(-rows @ found))
        gradient = rows.T @ (p - right) + ridge * found
        curvature = (rows.T * (p * (1 - p))) @ rows + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        found -= step
        if np.abs(step).max() < 1e-8:
            break
    return found


def main(target: Path) -> None:
    """Fit and write."""
    chosen = [r for r in records() if judges(r)]
    known = list(judged(chosen))
    names = sorted({name for candidate, _ in known for name, _ in features(candidate)})
    number = {name: n for n, name in enumerate(names)}
    rows = np.zeros((len(known), len(names)))
    for n, (candidate, _) in enumerate(known):
        for name, value in features(candidate):
            rows[n, number[name]] += value
    found = fit(rows, np.array([float(right) for _, right in known]), number["always"])
    lines = "".join(f"{name}\t{weight:.4f}\n" for name, weight in zip(names, found, strict=True))
    target.write_text(_HEAD.format(rows=f"{len(known):,}", records=f"{len(chosen):,}") + lines, encoding="utf-8")
    print(f"{len(known)} candidates, {sum(right for _, right in known)} right")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
