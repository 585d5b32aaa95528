"""The intake loop: mail that the doors stored is parsed and decided, batch after batch.

A mail that fails is tried three times, with pauses, and then quarantined.  It does not hold up the others.  So is one
at which the process ended: the next start counts that before the mail is tried again, alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from sitmail.daemon import logs
from sitmail.daemon.in_hand import Stage
from sitmail.daemon.outage import patient
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.mail import Envelope
from sitmail.domain.outgoing import Outgoing
from sitmail.receiving.spool import Spooled
from sitmail.services import process_mail
from sitmail.services.hints import Arrival
from sitmail.services.process_mail import Done, Task, Unread
from sitmail.store import inbox
from sitmail.store.errors import BlobMissing, StoreAway

BATCH = 100  # mails parsed at a time
BATCH_SIZE = 8_000_000  # bytes of raw mail parsed at a time; a larger mail goes alone
POLL = 30.0  # seconds between two looks into the inbox, if nothing wakes the loop
Offer = Callable[[Sequence[Outgoing]], None]
Process = Callable[[Connection, list[Task]], list[Done]]


async def keep(runtime: Runtime, spooled: Spooled, envelope: Envelope) -> str:
    """Stores a mail and returns the reply for its sender; the mail is on disk by then.  Doors call it as `deliver`."""
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
    """Parses and decides mail until the daemon stops.  While one batch is decided, the next is parsed."""
    await _count_interrupted(runtime)
    loop = IntakeLoop(runtime, offer)
    with suppress(OSError):  # it is tried again when there is something to parse
        await asyncio.to_thread(runtime.reader.start)
    await asyncio.gather(loop.reading(), loop.deciding())


async def work(runtime: Runtime, offer: Offer) -> int:
    """Handles one batch of what waits now; returns how many mails it had."""
    await _count_interrupted(runtime)
    loop = IntakeLoop(runtime, offer)
    found = await loop.read()
    while loop.arrivals and not runtime.stopping.is_set():
        await loop.decide()
    return found


class IntakeLoop:
    """The mails that are parsed and not decided yet."""

    def __init__(self, runtime: Runtime, offer: Offer) -> None:
        self.arrivals: list[Arrival] = []
        self._alone = False  # the next mail, or the one in `arrivals`, is to be tried alone
        self._runtime, self._offer = runtime, offer
        self._parsed, self._decided = asyncio.Event(), asyncio.Event()

    async def reading(self) -> None:
        """Parses mail, at most one batch ahead of what is being decided."""
        while not self._runtime.stopping.is_set():
            if len(self.arrivals) > (0 if self._alone else BATCH):
                await self._runtime.sleep(self._decided, POLL)
            else:
                await patient(self._runtime, self.read)
                if not (self._alone and self.arrivals):  # else what is in hand is decided first
                    await self._runtime.sleep(self._runtime.mail, POLL)

    async def deciding(self) -> None:
        """Decides what is parsed."""
        while not self._runtime.stopping.is_set():
            if self.arrivals:
                await self.decide()
            else:
                await self._runtime.sleep(self._parsed, POLL)

    async def read(self) -> int:
        """Parses the oldest mails that wait; returns how many."""
        self._runtime.mail.clear()
        parsed = {arrival.id for arrival in self.arrivals}
        arrivals, found = await asyncio.to_thread(_arrivals, self._runtime, parsed)
        self.arrivals += arrivals
        self._alone = found.alone
        if arrivals:
            self._parsed.set()
        if found.more:
            self._runtime.mail.set()
        return len(arrivals)

    async def decide(self) -> None:
        """Decides the oldest parsed mails that do not depend on each other, in one transaction."""
        batch = process_mail.independent_batch(self._runtime.desk, self.arrivals)
        await _decide(self._runtime, batch, self._offer, self._process)
        decided = {arrival.id for arrival in batch}
        self.arrivals = [arrival for arrival in self.arrivals if arrival.id not in decided]
        self._decided.set()

    def _process(self, connection: Connection, tasks: list[Task]) -> list[Done]:
        """A job of the writer.  The mails are in hand while they are worked on, and not while the commit is written.

        What stands in a mail cannot end the process in a commit.  A mail that is in hand there would be blamed for
        every kill from outside that meets the desk at its slowest step.
        """
        with self._runtime.in_hand.holding(Stage.DECIDED, [task.arrival.id for task in tasks]):
            return process_mail.process(connection, tasks)


class _Found(NamedTuple):
    """`more`: other mails wait.  `alone`: the only one is to be tried alone, or the next is, so that it stayed out."""

    unread: list[Unread]
    more: bool
    alone: bool = False


def _arrivals(runtime: Runtime, but: Collection[int]) -> tuple[list[Arrival], _Found]:
    """Parsed mails, without those in `but`.  Runs in a thread, outside of any transaction."""
    found = _unread(runtime, but)
    read: list[Arrival | OSError] = []
    if found.unread:
        with runtime.in_hand.holding(Stage.PARSED, [one.waiting.id for one in found.unread]):
            read = process_mail.read(runtime.desk, found.unread, runtime.reader)
    for one, arrival in zip(found.unread, read, strict=True):
        if isinstance(arrival, OSError):
            _fail(runtime, one.waiting.id, arrival)
    return [arrival for arrival in read if not isinstance(arrival, OSError)], found


def _unread(runtime: Runtime, but: Collection[int]) -> _Found:
    """Raw mails, up to BATCH_SIZE bytes of them; `but` are in hand already."""
    unread: list[Unread] = []
    room = BATCH_SIZE
    with runtime.database.read() as connection:
        waiting = inbox.waiting(connection, BATCH, now(), but=but)
        released = process_mail.releases(connection, [mail.id for mail in waiting]) if waiting else {}
        for mail in waiting:
            room -= mail.size
            alone = mail.attempts > 0 or mail.id in runtime.in_hand.suspects
            if alone and (unread or but):
                return _Found(unread, more=False, alone=True)
            if room < 0 and unread:
                return _Found(unread, more=True)
            try:
                raw = mail.data if mail.data is not None else runtime.blobs.find(connection, mail.raw)
                unread.append(Unread(raw, mail, released.get(mail.id)))
            except BlobMissing as error:
                _fail(runtime, mail.id, error)
            if alone and unread:
                return _Found(unread, more=True, alone=True)
    return _Found(unread, more=len(waiting) == BATCH)


async def _count_interrupted(runtime: Runtime) -> None:
    """Counts a failure for the mail at which the process before this one ended."""
    left = runtime.in_hand.left
    if not left:
        return
    job = process_mail.interrupted, (runtime.desk, left, now())
    waiting = await runtime.database.awrite(*job)
    logs.event("interrupted", level=logging.WARNING, ids=",".join(map(str, left)), waiting=len(waiting))
    runtime.in_hand.suspects.update(waiting)
    runtime.in_hand.forget()


async def _decide(runtime: Runtime, batch: Sequence[Arrival], offer: Offer, process: Process) -> None:
    desk, moment = runtime.desk, now()
    tasks = [Task(desk, arrival, moment) for arrival in batch]
    try:
        results = await runtime.database.awrite_all(process, tasks)
    except Exception as error:  # the commit failed, and with it all of them
        results = [error] * len(tasks)
    runtime.in_hand.suspects.difference_update(arrival.id for arrival in batch)
    pairs, away = list(zip(batch, results, strict=True)), None
    logs.events([_told(arrival, done, moment) for arrival, done in pairs if not isinstance(done, BaseException)])
    for arrival, result in pairs:
        if not isinstance(result, BaseException):
            runtime.counts["mail", result.decision.ending] += 1
        if isinstance(result, StoreAway):  # no fault of the mail, which still waits
            away = result
            continue
        if isinstance(result, BaseException):
            try:
                await asyncio.to_thread(_fail, runtime, arrival.id, result)
            except StoreAway as error:  # it is tried again, and counted then if it fails again
                away = error
            continue
        if result.letters:
            offer(result.letters)
        if result.again:
            runtime.mail.set()
    runtime.time.set()
    runtime.logged.set()
    runtime.check()
    if away is not None:
        await runtime.outage.wait(away, runtime.stopping)
        runtime.mail.set()


def _told(arrival: Arrival, done: Done, moment: datetime) -> tuple[int, str, dict[str, Any]]:
    """The log event of a mail that was decided."""
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
    """Counts a failure of a mail.  Runs in a thread.  `Runtime.check` handles a failure of the database itself."""
    logs.event("stumbled", level=logging.ERROR, id=mail, error=f"{type(error).__name__}: {error}")
    logging.getLogger("sitmail").debug("event=trace id=%s", mail, exc_info=error)
    if runtime.database.broken is not None:
        return
    attempts = runtime.database.write(
        process_mail.failed, (runtime.desk, mail, now(), f"{type(error).__name__}: {error}")
    )
    if attempts.result() >= process_mail.TRIES:
        logs.event("quarantined", level=logging.ERROR, id=mail)
