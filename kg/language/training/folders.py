"""Where the recipe reads from and writes to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

#: The configuration and the word lists lie beside the code.
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Folders:
    """``data`` holds the corpora as their publishers lay them out (see ``MODEL_CARD.md``); all output goes below ``out``."""

    data: Path
    out: Path

    def docs(self, name: str) -> Path:
        """The file of the converted corpus ``name``."""
        return self.out / "docs" / f"{name}.spacy"

    def pipeline(self, name: str) -> Path:
        """The folder of a pipeline, finished or not."""
        return self.out / "pipelines" / name

    @property
    def vectors(self) -> Path:
        """The folder with the static vectors alone."""
        return self.out / "pipelines" / "vectors"

    @property
    def figures(self) -> Path:
        """What the evaluation measured."""
        return self.out / "figures.json"
