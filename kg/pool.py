"""Work on articles in several processes: they go out in chunks, and what is made of them comes back in their order.

What is held is bounded: no more chunks are under way than keep the processes busy, so memory stays flat however long the
input is. A process that dies (out of memory, a crash in a library) costs the article that kills it and no other.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Generic, TypeVar

from kg.config import Settings
from kg.model import Article
from kg.sources import Failure

#: Articles that go to a process together: paragraphs of several are parsed in one batch.
CHUNK = 16
#: Chunks under way for each process: one at work and one that waits.
AHEAD = 2

Item = Article | Failure
Made = TypeVar("Made")
#: What is done with some articles: one result for each, in their order; a Failure for one that fails.
Work = Callable[[list[Article], Settings], list[Made | Failure]]


def processes(settings: Settings) -> int:
    """How many processes the settings ask for; 0 stands for one a processor that this program may use.

    A language model is asked by one process alone: the budget is one run's.
    """
    return 1 if "llm" in settings.roads else settings.processes or len(os.sched_getaffinity(0))


def _start() -> None:
    # an interrupt from the keyboard reaches the whole group: the parent decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _executor(number: int) -> ProcessPoolExecutor:
    # not forked: the store's threads would not live on in a copy, but their locks would
    return ProcessPoolExecutor(number, mp_context=multiprocessing.get_context("spawn"), initializer=_start)


class Pool(Generic[Made]):
    """Processes that all do one kind of work; they start when there is more than one chunk of it."""

    def __init__(self, settings: Settings, work: Work[Made]) -> None:
        self._settings, self._work, self._number = settings, work, processes(settings)
        self._executor: ProcessPoolExecutor | None = None

    def run(self, items: Iterable[Item]) -> Iterator[tuple[Article, Made] | Failure]:
        """Each article with what was made of it, lazily and in order; a Failure among the items keeps its place."""
        chunks = _chunked(items)
        first, second = next(chunks, []), next(chunks, [])
        every = itertools.chain([first, second], chunks)
        if self._number == 1 or not second:  # starting processes takes longer than a few articles do
            for chunk in every:
                yield from _merged(chunk, self._work(_articles(chunk), self._settings) if chunk else [])
            return
        try:
            yield from self._spread(every)
        finally:
            self._close()

    def _spread(self, chunks: Iterable[list[Item]]) -> Iterator[tuple[Article, Made] | Failure]:
        under_way: deque[tuple[list[Item], Future[list[Made | Failure]]]] = deque()
        for chunk in chunks:
            under_way.append((chunk, self._submit(chunk)))
            while len(under_way) >= self._number * AHEAD:
                yield from self._finished(under_way)
        while under_way:
            yield from self._finished(under_way)

    def _finished(self, under_way: deque[Any]) -> Iterator[tuple[Article, Made] | Failure]:
        chunk, future = under_way.popleft()
        try:
            done = future.result()
        except BrokenProcessPool:
            self._close()
            done = [self._alone(article) for article in _articles(chunk)]
            # what the others were at went with their processes
            for n, (other, _) in enumerate(list(under_way)):
                under_way[n] = other, self._submit(other)
        yield from _merged(chunk, done)

    def _alone(self, article: Article) -> Made | Failure:
        """One article in a process of its own, so that it is known whether it is the one that kills it."""
        with _executor(1) as alone:
            try:
                return alone.submit(self._work, [article], self._settings).result()[0]
            except BrokenProcessPool:
                return Failure.of(article, "reading it ended the process (out of memory, or a crash)")

    def _submit(self, chunk: list[Item]) -> Future[list[Made | Failure]]:
        if self._executor is None:
            self._executor = _executor(self._number)
        try:
            return self._executor.submit(self._work, _articles(chunk), self._settings)
        except BrokenProcessPool as error:
            failed: Future[list[Made | Failure]] = Future()
            failed.set_exception(error)
            return failed

    def _close(self) -> None:
        """End the processes; what they were at is lost."""
        if self._executor:
            # this process's own end for writing: while it is open, who reads a result that a killed process had half
            # written waits for the rest for ever
            self._executor._result_queue._writer.close()  # type: ignore[attr-defined]
            for process in list((self._executor._processes or {}).values()):
                process.kill()
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None


def _chunked(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while chunk := list(itertools.islice(remaining, CHUNK)):
        yield chunk


def _articles(chunk: list[Item]) -> list[Article]:
    return [item for item in chunk if not isinstance(item, Failure)]


def _merged(chunk: list[Item], done: list[Made | Failure]) -> Iterator[tuple[Article, Made] | Failure]:
    results = iter(done)
    for item in chunk:
        if isinstance(item, Failure):
            yield item
        else:
            made = next(results)
            yield made if isinstance(made, Failure) else (item, made)
