"""A query that is asked again while it is being evaluated waits for that answer: on one state of the store it is the same.

After a write nothing that was kept is of the new state, and what many ask is asked by all of them at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager

from kg.errors import KgError
from kg.sparql.answers import Answer
from kg.sparql.errors import AnswerTooLargeError, BusyError, ClientGoneError, QueryTimeoutError
from kg.sparql.lanes import LOOK

#: Failures that the same query would come to again.
_SHARED = (AnswerTooLargeError, BusyError, QueryTimeoutError)


class _Evaluation:
    """One that is under way: what it came to is for all who wait, where it is an answer or a failure that can be shared."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.answer: Answer | None = None
        self.failure: KgError | None = None
        #: Whether it ended because the client who had asked first left.
        self.left = False


class Evaluations:
    """Evaluations under way, by what determines their answer. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, _Evaluation] = {}
        #: How many answers came from an evaluation for somebody else.
        self.joined = 0

    def __contains__(self, key: Hashable) -> bool:
        """Whether one is under way."""
        return key in self._under_way

    def answer(
        self,
        key: Hashable,
        evaluate: Callable[[], Answer],
        waiting: Callable[[], AbstractContextManager[Callable[[], None]]],
    ) -> Answer:
        """The answer of the evaluation that is under way; where there is none, evaluate, and let others wait for it.

        An answer that is sent in parts is for one client: who waited has the query evaluated then.

        Args:
            waiting: entered while another's evaluation is waited for; it gives what is called now and then, and may raise.

        Raises:
            KgError: what ``evaluate`` and ``waiting`` raise.
        """
        while True:
            one, begins = self._join(key)
            if begins:
                return self._evaluated(key, one, evaluate)
            with waiting() as look:
                while not one.ended.wait(LOOK):
                    look()
            if one.failure:  # an exception of its own for each thread that raises it
                raise type(one.failure)(*one.failure.args)
            if one.answer:
                with self._lock:
                    self.joined += 1
                return one.answer
            if not one.left:
                return evaluate()

    def lead(self, key: Hashable, evaluate: Callable[[], Answer]) -> Answer:
        """Evaluate, and let others wait for it, unless one is under way already. Raises what ``evaluate`` raises."""
        one, begins = self._join(key)
        return self._evaluated(key, one, evaluate) if begins else evaluate()

    def _join(self, key: Hashable) -> tuple[_Evaluation, bool]:
        """The evaluation under way, and whether it begins with this call."""
        with self._lock:
            if one := self._under_way.get(key):
                return one, False
            one = self._under_way[key] = _Evaluation()
            return one, True

    def _evaluated(self, key: Hashable, mine: _Evaluation, evaluate: Callable[[], Answer]) -> Answer:
        try:
            found = evaluate()
            mine.answer = found if found.whole is not None else None
            return found
        except _SHARED as error:
            mine.failure = error
            raise
        except ClientGoneError:
            mine.left = True
            raise
        finally:
            with self._lock:
                del self._under_way[key]
            mine.ended.set()
