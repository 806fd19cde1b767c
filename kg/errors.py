"""The errors this project raises on purpose: one root, so that the command line prints one line and the web one problem."""

from __future__ import annotations

import errno

#: What the system says of a disk that does not do its part; any other OSError is a mistake of ours.
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG)


def failure_of_disk(error: Exception) -> str:
    """One sentence where an error is one of the disk: full, read-only, or with damaged files of the store; else empty."""
    text = " ".join(str(error).split())
    if "Corruption" in text:
        return f"The store's files are damaged, and a backup is to be restored ({text.rstrip('.')})."
    if isinstance(error, OSError) and (error.errno in _DISK or "No space left" in text):
        return f"{error.filename or 'The disk'}: {error.strerror or text}."
    return ""


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
