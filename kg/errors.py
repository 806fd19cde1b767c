"""The errors this project raises on purpose: one root, so that the command line prints one line and the web one problem."""

from __future__ import annotations


class KgError(Exception):
    """Something a user can act on. The message is one sentence that says what was wrong and where."""


class SettingsError(KgError):
    """A setting is unknown, or its value cannot be used."""


class SourceError(KgError):
    """An input cannot be read as an article (empty, binary, wrongly encoded, too large, not English, no rights)."""


class LanguageError(SourceError):
    """An input is an article in another language than English."""


class NoArticleError(SourceError):
    """A page holds no article's text."""


class ModelError(KgError):
    """The language pipeline cannot be loaded."""


class LanguageModelError(KgError):
    """The language model that the settings name gives no usable answer for an article."""


class VocabularyError(KgError):
    """Code asked for a term that the ontology does not define."""


class StoreError(KgError):
    """The store cannot be opened, read or written."""


class EndingError(KgError):
    """The service was told to end, and what was asked of it was not done in the time that was left."""


class QueryError(KgError):
    """A query is malformed, forbidden here, or over a limit."""


class CurationError(KgError):
    """A curator's file, or a list of identifiers, has a line that says nothing."""
