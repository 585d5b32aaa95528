"""While the database cannot be used: doors answer 451, loops wait, and work goes on by itself when it is back.

Pauses between tries grow.  Nothing is counted against the mail in hand: an outage is no mail's fault.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from sitmail.daemon import logs
from sitmail.services.reports import Trouble
from sitmail.store.errors import StoreAway, StoreError
from sitmail.store.outages import touch

if TYPE_CHECKING:
    from sitmail.daemon.runtime import Runtime

T = TypeVar("T")

AWAY = "451 4.3.0 the desk's store is away, try again later"
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds between tries, and between looks while all is well


class Outage:
    """Whether the database can be used.  Of one event loop."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None  # what the last failure said, and since when it is away
        self._back, self._gone = asyncio.Event(), asyncio.Event()
        self._back.set()
        self.watched = False

    def begins(self, error: StoreAway) -> None:
        """Something failed because of it.  What it says last counts: a server that is back may take nothing."""
        if self.trouble is not None:
            self.trouble = Trouble(str(error), self.trouble.since)
        else:
            self.trouble = Trouble(str(error), datetime.now(UTC))
            logs.event("store-away", level=logging.ERROR, error=str(error))
            self._back.clear()
            self._gone.set()

    async def wait(self, error: StoreAway, stopping: asyncio.Event) -> None:
        """Until the database is back, or the daemon stops; raises the error where nobody watches for that."""
        self.begins(error)
        if not self.watched:
            raise error
        await _either(self._back, stopping, None)

    async def watch(self, runtime: Runtime) -> None:
        """Tries again and again while the database is away, and looks now and then whether it still takes anything."""
        pause, self.watched = FIRST_PAUSE, True
        while not runtime.stopping.is_set():
            if self.trouble is None:
                pause = FIRST_PAUSE
                await _either(self._gone, runtime.stopping, LONGEST_PAUSE)
            else:
                await _either(None, runtime.stopping, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            self._gone.clear()
            if self.trouble is not None or runtime.database.remote:
                await self._look(runtime)

    async def _look(self, runtime: Runtime) -> None:
        try:
            await runtime.database.awrite(touch, None)
        except StoreAway as error:
            self.begins(error)
        except StoreError as error:  # its disk failed, or it is closed: told elsewhere
            logs.event("stumbled", level=logging.ERROR, at="store", error=str(error))
            runtime.check()
        else:
            self._ends(runtime)

    def _ends(self, runtime: Runtime) -> None:
        if self.trouble is not None:
            logs.event("store-back", since=self.trouble.since.isoformat())
            self.trouble = None
            self._back.set()
            runtime.mail.set()
            runtime.time.set()


async def patient(runtime: Runtime, work: Callable[[], Awaitable[T]]) -> T:
    """Does the work, again after each outage.  StoreAway if the daemon stops meanwhile."""
    while True:
        try:
            return await work()
        except StoreAway as error:
            await runtime.outage.wait(error, runtime.stopping)
            if runtime.stopping.is_set():
                raise


async def _either(event: asyncio.Event | None, stopping: asyncio.Event, seconds: float | None) -> None:
    """Waits for one of the two, but no longer than that."""
    waits = [asyncio.create_task(one.wait()) for one in (event, stopping) if one is not None]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waits:
            task.cancel()
