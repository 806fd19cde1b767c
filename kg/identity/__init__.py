"""What is one across articles: events that several tell of, persons of several spellings; decided in graphs of its own."""

from kg.identity.curation import read_curation
from kg.identity.run import Outcome, run

__all__ = ["Outcome", "read_curation", "run"]
