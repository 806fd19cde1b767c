"""What evaluating a query may end in beside an answer."""

from __future__ import annotations

from kg.errors import KgError


class QueryTimeoutError(KgError):
    """The query took longer than it may."""


class QueryCrashError(KgError):
    """The query brought its worker down: it was too deep or took too much memory."""


class AnswerTooLargeError(KgError):
    """The answer has more rows or bytes than the operator allows."""


class ClientGoneError(KgError):
    """Nobody waits for the answer any more."""


class BusyError(KgError):
    """Every worker is at work, and stayed so."""
