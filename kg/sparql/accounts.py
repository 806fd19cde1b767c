"""Who a query is evaluated for: asked before, and told after, how much it took.

The web's threads set it for a request; where none is set, nobody counts. What a program asks of itself is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Account(Protocol):
    """One client's."""

    def enter(self) -> None:
        """Another query of the client's begins. Raises a KgError where it may not have one now."""

    def leave(self, seconds: float) -> None:
        """One of its queries has ended, which took so many seconds of a processor."""


class _Nobody:
    def enter(self) -> None:
        pass

    def leave(self, seconds: float) -> None:
        pass


_ASKING: ContextVar[Account] = ContextVar("asking", default=_Nobody())  # noqa: B039 -- it holds nothing


def asking() -> Account:
    """The account of whoever this thread works for."""
    return _ASKING.get()


@contextmanager
def asked_by(account: Account) -> Iterator[None]:
    """Evaluate what is asked within the block, in this thread, on an account."""
    before = _ASKING.set(account)
    try:
        yield
    finally:
        _ASKING.reset(before)
