"""Runs the recipe, or single steps of it: ``python -m kg.language.training DATA_FOLDER OUT_FOLDER [--step STEP ...]``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from kg.language.training import assemble, card, entity_sets, evaluate, fit, made, treebanks, vectors
from kg.language.training.folders import Folders

#: In the order in which they build on each other.
STEPS: dict[str, Callable[[Folders], None]] = {
    "treebanks": treebanks.convert_treebanks,
    "vectors": vectors.make_vectors,
    "grammar": made.make_sentences,
    "entities": entity_sets.convert_entities,
    "parser": fit.fit_parser,
    "tune": fit.tune_parser,
    "ner": fit.fit_ner,
    "assemble": assemble.assemble,
}


def main() -> None:
    """Reads the command line and runs the steps, saying how long each took."""
    names = [*STEPS, "evaluate", "card"]
    parser = argparse.ArgumentParser(prog="python -m kg.language.training", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the corpora, laid out as MODEL_CARD.md says")
    parser.add_argument("out", type=Path, help="folder for all output; the pipeline ends up in OUT/model")
    parser.add_argument("--step", action="append", choices=names, help="run this step only (may be repeated)")
    parser.add_argument("--reference", type=Path, help="another pipeline to measure with the same script")
    options = parser.parse_args()
    folders = Folders(options.data, options.out)
    for name in options.step or names:
        start = time.perf_counter()
        if name == "evaluate":
            evaluate.evaluate(folders, options.reference)
        elif name == "card":
            card.write_card(folders)
        else:
            STEPS[name](folders)
        print(f"step {name}: {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
