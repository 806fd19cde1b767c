"""Articles to parsed sentences: a spaCy pipeline behind records that do not know which one it is."""

from kg.language.pipeline import Pipeline, load
from kg.language.sentence import ParsedArticle, Sentence, Token

__all__ = ["ParsedArticle", "Pipeline", "Sentence", "Token", "load"]
