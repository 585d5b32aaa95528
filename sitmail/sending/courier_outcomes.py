"""Writes down what became of letters: many outcomes in one report, in order, again and again until it succeeds.

It also knows which letters the store believes to be put off or given up.  When such a letter is due all the same,
somebody asked for another try.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sitmail.domain.outgoing import Outcome

log = logging.getLogger("sitmail.courier")

GROUP = 200  # outcomes in one report
GATHERING = 0.02  # seconds in which outcomes gather while letters are away: a transaction costs more than they do
PAUSE = (1.0, 60.0)  # seconds after the first failed report, and the longest


class OutcomeWriter:
    """`report` writes outcomes down, and is called again with the same ones where it fails.

    `busy` tells whether letters are at the relay, so that more outcomes come soon; `progress` is called after each
    report, good or not.
    """

    def __init__(
        self,
        report: Callable[[list[Outcome]], Awaitable[None]],
        busy: Callable[[], bool],
        progress: Callable[[], None],
    ) -> None:
        self._report, self._busy, self._progress = report, busy, progress
        self._pending: list[Outcome] = []
        self._unwritten: dict[int, Outcome] = {}  # the last outcome of letters put off or given up
        self._put_off: set[int] = set()  # letters of which the store knows that they are
        self._news, self._closing = asyncio.Event(), asyncio.Event()
        self.failing = False  # the last report failed

    def __len__(self) -> int:
        """Outcomes that are not written down."""
        return len(self._pending)

    def add(self, outcome: Outcome) -> None:
        self._pending.append(outcome)
        if outcome.state != "sent":
            self._unwritten[outcome.id] = outcome
        self._news.set()

    def forget(self, letter: int) -> None:
        """The letter is tried again: what the store knows of it is no longer so."""
        self._put_off.discard(letter)
        self._unwritten.pop(letter, None)

    def put_off(self) -> frozenset[int]:
        """Letters that the store knows to be put off or given up."""
        return frozenset(self._put_off)

    def is_put_off(self, letter: int) -> bool:
        return letter in self._put_off

    def open(self) -> None:
        self._closing.clear()

    def close(self) -> None:
        """Let `run` end when all is written down; now one failure is enough to give up."""
        self._closing.set()
        self._news.set()

    async def run(self) -> None:
        pause = PAUSE[0]
        while self._pending or not self._closing.is_set():
            if not self._pending:
                self._news.clear()
                await self._news.wait()
                if self._busy():
                    await wait(self._closing, GATHERING)
                continue
            group = self._pending[:GROUP]
            try:
                await self._report(group)
            except Exception:
                log.exception("outcomes-not-written count=%d", len(self._pending))
                self.failing = True
                self._progress()
                if self._closing.is_set():
                    return
                await wait(self._closing, pause)
                pause = min(pause * 2, PAUSE[1])
                continue
            pause, self.failing = PAUSE[0], False
            self._written(group)

    def _written(self, group: list[Outcome]) -> None:
        del self._pending[: len(group)]
        for outcome in group:
            if self._unwritten.get(outcome.id) is outcome:  # else it was tried again while this was written
                del self._unwritten[outcome.id]
                self._put_off.add(outcome.id)
        self._progress()


async def wait(event: asyncio.Event, seconds: float) -> bool:
    """True if the event came, False if the time was over."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
            return True
    return False
