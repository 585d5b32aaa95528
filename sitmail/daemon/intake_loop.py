"""The intake loop: doors keep mail, this reads what is kept and has it decided, batch after batch.

A mail that fails is tried three times, with pauses, and then put aside; it never holds up the others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sitmail.daemon import logs
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.mail import Envelope
from sitmail.domain.outgoing import Outgoing
from sitmail.receiving.spool import Spooled
from sitmail.services import process_mail
from sitmail.services.hints import Arrival
from sitmail.services.process_mail import Done, Task, Unread
from sitmail.store import inbox
from sitmail.store.errors import BlobMissing

BATCH = 100  # mails read at a time
BATCH_SIZE = 8_000_000  # bytes of raw mail read at a time, but for one that is bigger by itself
POLL = 30.0  # seconds between looks where nothing was said
Offer = Callable[[Sequence[Outgoing]], None]


async def keep(runtime: Runtime, spooled: Spooled, envelope: Envelope) -> str:
    """What a door is given as `deliver`: the reply is true on disk when this returns."""
    desk = runtime.desk
    if spooled.content is None:
        kept = await asyncio.to_thread(process_mail.to_keep, desk, spooled, envelope)
    else:
        kept = process_mail.to_keep(desk, spooled, envelope)
    try:
        receipt = await runtime.database.awrite(inbox.keep, kept)
    finally:
        runtime.check()
    shown: dict[str, Any] = {
        "id": receipt.id,
        "door": envelope.door,
        "sender": envelope.sender or "<>",
        "to": kept.recipient,
        "size": spooled.size,
    }
    if receipt.duplicate_of:
        logs.event("duplicate", **shown, of=receipt.duplicate_of)
    else:
        logs.event("kept", **shown)
        runtime.mail.set()
    return f"250 2.0.0 kept as {receipt.id}"


async def run(runtime: Runtime, offer: Offer) -> None:
    """Reads and decides until the desk stops: while some mails are decided, the next are read."""
    hand = IntakeLoop(runtime, offer)
    with suppress(OSError):  # then it is tried again, mail by mail
        await asyncio.to_thread(runtime.reader.start)
    await asyncio.gather(hand.reading(), hand.deciding())


async def work(runtime: Runtime, offer: Offer) -> int:
    """Handles what waits now, or as much of it as is read at a time; returns how many mails that were."""
    hand = IntakeLoop(runtime, offer)
    found = await hand.read()
    while hand.arrivals and not runtime.stopping.is_set():
        await hand.decide()
    return found


class IntakeLoop:
    """Mails in hand: read, and not decided yet."""

    def __init__(self, runtime: Runtime, offer: Offer) -> None:
        self.arrivals: list[Arrival] = []
        self._runtime, self._offer = runtime, offer
        self._more, self._less = asyncio.Event(), asyncio.Event()

    async def reading(self) -> None:
        """No further ahead than by one batch."""
        while not self._runtime.stopping.is_set():
            if len(self.arrivals) > BATCH:
                await self._runtime.sleep(self._less, POLL)
            else:
                await self.read()
                await self._runtime.sleep(self._runtime.mail, POLL)

    async def deciding(self) -> None:
        while not self._runtime.stopping.is_set():
            if self.arrivals:
                await self.decide()
            else:
                await self._runtime.sleep(self._more, POLL)

    async def read(self) -> int:
        """Takes the oldest mails that wait, parsed; returns how many."""
        self._runtime.mail.clear()
        hand = {arrival.id for arrival in self.arrivals}
        arrivals, more = await asyncio.to_thread(_arrivals, self._runtime, hand)
        self.arrivals += arrivals
        if arrivals:
            self._more.set()
        if more:
            self._runtime.mail.set()
        return len(arrivals)

    async def decide(self) -> None:
        """The oldest in hand that have nothing to do with each other, in one transaction."""
        batch = process_mail.independent_batch(self._runtime.desk, self.arrivals)
        await _decide(self._runtime, batch, self._offer)
        decided = {arrival.id for arrival in batch}
        self.arrivals = [arrival for arrival in self.arrivals if arrival.id not in decided]
        self._less.set()


def _arrivals(runtime: Runtime, hand: Collection[int]) -> tuple[list[Arrival], bool]:
    """And whether more wait.  Runs in a thread; mails are parsed outside of any transaction."""
    unread, more = _unread(runtime, hand)
    read = process_mail.read(runtime.desk, unread, runtime.reader) if unread else []
    for one, arrival in zip(unread, read, strict=True):
        if isinstance(arrival, OSError):
            _fail(runtime, one.waiting.id, arrival)
    return [arrival for arrival in read if not isinstance(arrival, OSError)], more


def _unread(runtime: Runtime, hand: Collection[int]) -> tuple[list[Unread], bool]:
    """No more than memory has room for, and whether more wait."""
    unread: list[Unread] = []
    room = BATCH_SIZE
    with runtime.database.read() as connection:
        waiting = inbox.waiting(connection, BATCH, now(), but=hand)
        released = process_mail.releases(connection, [mail.id for mail in waiting]) if waiting else {}
        for mail in waiting:
            room -= mail.size
            if room < 0 and unread:
                return unread, True
            try:
                raw = mail.data if mail.data is not None else runtime.blobs.find(connection, mail.raw)
                unread.append(Unread(raw, mail, released.get(mail.id)))
            except BlobMissing as error:
                _fail(runtime, mail.id, error)
    return unread, len(waiting) == BATCH


async def _decide(runtime: Runtime, batch: Sequence[Arrival], offer: Offer) -> None:
    desk, moment = runtime.desk, now()
    tasks = [Task(desk, arrival, moment) for arrival in batch]
    try:
        results = await runtime.database.awrite_all(process_mail.process, tasks)
    except Exception as error:  # the commit failed, and with it all of them
        results = [error] * len(tasks)
    pairs = list(zip(batch, results, strict=True))
    logs.events([_told(arrival, done, moment) for arrival, done in pairs if not isinstance(done, BaseException)])
    for arrival, result in pairs:
        if isinstance(result, BaseException):
            await asyncio.to_thread(_fail, runtime, arrival.id, result)
            continue
        if result.letters:
            offer(result.letters)
        if result.again:
            runtime.mail.set()
    runtime.time.set()
    runtime.check()


def _told(arrival: Arrival, done: Done, moment: datetime) -> tuple[int, str, dict[str, Any]]:
    """The log's words about a mail that was decided."""
    decision, mail = done.decision, arrival.mail
    values = {
        "id": arrival.id,
        "incident": done.incident,
        "rule": decision.rule,
        "reason": decision.reason,
        "from": mail.identity,
        "message_id": mail.message_id,
        "waited": f"{(moment - arrival.envelope.received).total_seconds():.3f}",
    }
    if not done.incident:
        del values["incident"]
    return logging.INFO, decision.ending, values


def _fail(runtime: Runtime, mail: int, error: BaseException) -> None:
    """Counts a failure, outside the loop.  What the store itself cannot do is told by `office.check`."""
    logs.event("stumbled", level=logging.ERROR, id=mail, error=f"{type(error).__name__}: {error}")
    logging.getLogger("sitmail").debug("event=trace id=%s", mail, exc_info=error)
    if runtime.database.broken is not None:
        return
    attempts = runtime.database.write(
        process_mail.failed, (runtime.desk, mail, now(), f"{type(error).__name__}: {error}")
    )
    if attempts.result() >= process_mail.TRIES:
        logs.event("quarantined", level=logging.ERROR, id=mail)
