"""The one thread that writes to the database: it does all waiting writes in one transaction.

While one commit waits for the disk, the next writes queue up and share the next transaction: one write alone costs one
commit, and many at once share one.  In a transaction the items of one job are done together, in their order; the jobs
in the order of their first items.  An item may therefore be done before an earlier item of *another* job: whoever
depends on another write waits for its answer first.

An item that fails does not fail the others: if a job raises, everything is rolled back and each item is done alone.  A
failed commit is never repeated: it may have succeeded, and after a failed fsync a second one proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from sitmail.store import outages
from sitmail.store.errors import StoreBroken, StoreError
from sitmail.store.ids import Ids

T = TypeVar("T")
R = TypeVar("R")
Job = Callable[[Connection, list[T]], list[R]]

BATCH = 200  # items a transaction: more gains nothing and makes the first one wait


@dataclass(slots=True)
class _Task:
    """`many`: the answer is a list, in which what an item raised stands in its place."""

    job: Job[Any, Any]
    items: Sequence[Any]
    future: Future[Any] | asyncio.Future[Any]
    many: bool = False


class _JobFailed(Exception):
    """A job raised, as opposed to BEGIN or COMMIT; the cause is its exception."""


class Writer:
    """`fatal` tells which exceptions are disk trouble.  After one `broken` holds it, and every write is refused.

    `hold` keeps one connection from transaction to transaction, which saves a third of a small one's cost.  A server
    may have gone meanwhile: to one, the pool gives a connection that it has just tried.
    """

    def __init__(self, engine: Engine, ids: Ids, fatal: Callable[[BaseException], bool], *, hold: bool) -> None:
        self.broken: BaseException | None = None
        self._engine = engine
        self._hold = hold
        self._held: Connection | None = None
        self._ids = ids
        self._fatal = fatal
        self._queue: SimpleQueue[_Task | None] = SimpleQueue()
        self._door = Lock()  # nothing may be queued behind the end mark
        self._closed = False
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, job: Job[T, R], item: T) -> Future[R]:
        """For threads.  A write that was handed over cannot be cancelled."""
        future: Future[R] = Future()
        future.set_running_or_notify_cancel()
        self._put(_Task(job, (item,), future))
        return future

    def awrite(self, job: Job[T, R], item: T) -> asyncio.Future[R]:
        """For the running event loop.  Cancelling the future gives up the answer, not the write."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._put(_Task(job, (item,), future))
        return future

    def awrite_all(self, job: Job[T, R], items: Sequence[T]) -> asyncio.Future[list[R | BaseException]]:
        """`awrite` of several at once, with one answer: for each item its result, or what it raised."""
        future: asyncio.Future[list[R | BaseException]] = asyncio.get_running_loop().create_future()
        self._put(_Task(job, items, future, many=True))
        return future

    def close(self) -> None:
        """Does all that was handed over, then ends the thread."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _put(self, task: _Task) -> None:
        with self._door:
            if self._closed:
                raise StoreError("the store is closed")
            self._queue.put(task)

    def _run(self) -> None:
        last = False
        while not last:
            tasks, last = self._take()
            if tasks:
                self._serve(tasks)
        self._close_held()

    def _take(self) -> tuple[list[_Task], bool]:
        """All that waits (at least one, about a batch at most), and whether the end mark was met."""
        tasks: list[_Task] = []
        size = 0
        task = self._queue.get()
        while task is not None:
            tasks.append(task)
            size += len(task.items)
            if size >= BATCH:
                return tasks, False
            try:
                task = self._queue.get_nowait()
            except Empty:
                return tasks, False
        return tasks, True

    def _serve(self, tasks: list[_Task]) -> None:
        if self.broken is not None:
            _tell(tasks, [StoreBroken(f"the store is out of order since: {self.broken}")] * len(tasks), failed=True)
            return
        try:
            results = self._transaction(tasks)
        except BaseException as error:
            self._ids.forget()
            cause = error.__cause__ if isinstance(error, _JobFailed) and error.__cause__ is not None else error
            if self._fatal(cause) or not isinstance(cause, Exception):
                self.broken = cause
            elif outages.passes(cause):  # each by itself would only wait for the same
                cause = outages.in_words(cause)
            elif isinstance(error, _JobFailed) and (len(tasks) > 1 or len(tasks[0].items) > 1):
                for task in tasks:
                    self._serve_alone(task)
                return
            if isinstance(cause, StopIteration):
                cause = RuntimeError("a job let StopIteration out")  # which no future takes
            _tell(tasks, [cause] * len(tasks), failed=True)
        else:
            _tell(tasks, results, failed=False)

    def _serve_alone(self, task: _Task) -> None:
        """Without its neighbours, and each of its items without the others."""
        if not task.many:
            self._serve([task])
            return
        parts = [_Task(task.job, (item,), Future[Any]()) for item in task.items]
        for part in parts:
            self._serve([part])
        _tell([task], [[part.future.exception() or part.future.result() for part in parts]], failed=False)

    def _transaction(self, tasks: list[_Task]) -> list[Any]:
        connection = self._held or self._engine.connect()
        self._held = connection
        try:
            transaction = connection.begin()
            try:
                results = _perform(connection, tasks)
            except BaseException as error:
                with suppress(Exception):  # the connection may be what failed
                    transaction.rollback()
                raise _JobFailed from error
            transaction.commit()
        except BaseException:
            self._close_held()
            raise
        if not self._hold:
            self._close_held()
        return results

    def _close_held(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            with suppress(Exception):  # what is wrong with it was told already
                held.close()


def _perform(connection: Connection, tasks: list[_Task]) -> list[Any]:
    groups: dict[Job[Any, Any], list[int]] = {}
    for place, task in enumerate(tasks):
        groups.setdefault(task.job, []).append(place)
    results: list[Any] = [None] * len(tasks)
    for job, places in groups.items():
        items = [item for place in places for item in tasks[place].items]
        answers = job(connection, items)
        if len(answers) != len(items):
            raise ValueError(f"a job gave {len(answers)} answers for {len(items)} items")
        each = iter(answers)
        for place in places:
            task = tasks[place]
            results[place] = list(islice(each, len(task.items))) if task.many else next(each)
    return results


def _tell(tasks: list[_Task], answers: Sequence[Any], *, failed: bool) -> None:
    """Resolves the futures; those of an event loop by one call into it."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for task, answer in zip(tasks, answers, strict=True):
        if isinstance(task.future, asyncio.Future):
            loops.setdefault(task.future.get_loop(), []).append((task.future, answer))
        elif failed:
            task.future.set_exception(answer)
        else:
            task.future.set_result(answer)
    for loop, told in loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_tell_loop, told, failed)


def _tell_loop(told: list[tuple[asyncio.Future[Any], Any]], failed: bool) -> None:
    for future, answer in told:
        if future.done():
            continue
        if failed:
            future.set_exception(answer)
        else:
            future.set_result(answer)
