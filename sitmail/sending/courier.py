"""Carries letters from the outbox to the relay: when, over which connection, and what to do when it is refused.

The store is known only as the functions the courier is given.  Order and waiting are decided in `send_queue`, a
letter's way over the wire in `relay`; outcomes are written down by `courier_outcomes`.  The relay as a whole backs off,
not each letter: while it is down one letter at a time is used to try it, and no letter's attempts are counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sitmail.domain.outgoing import EXPIRED, Outcome, Outgoing, Pair
from sitmail.sending.compose import File, wire
from sitmail.sending.courier_outcomes import OutcomeWriter, wait
from sitmail.sending.relay import Relay
from sitmail.sending.replies import Fate, Verdict
from sitmail.sending.send_queue import LIFETIME, SendQueue, delay

log = logging.getLogger("sitmail.courier")

CAPACITY = 5_000  # letters in memory; above that they wait in the store
PAGE = 500  # letters read from the store beyond those known
UNWRITTEN = 300  # outcomes not written down above which nothing more is sent: after a crash they are sent again
HOST_PAUSE = (timedelta(seconds=5), timedelta(seconds=60))
POLL = 30.0  # seconds: between looks into the store, until an unused connection is closed, and the longest sleep
LARGE = 256 * 1024  # bytes of attachments above which encoding leaves the loop


class Courier:
    """One for a desk.  `offer`, `stop` and `poke` are called in the loop that `run` or `drain` runs in.

    `due(limit)` gives rows of the store that should leave now, by id; never one while an earlier letter of the same
    person and incident waits for a later attempt.  It may give rows again.  `waiting()` names the pairs with such a
    letter: one put off before this process began is not in the queue, and fresh ones must not pass it.  `report`
    writes outcomes down; where it fails it is called again with the same ones, and letters are sent again only after
    a restart.  `content` gives an attachment's bytes by its hash.
    """

    def __init__(
        self,
        relay_factory: Callable[[], Relay],
        *,
        due: Callable[[int], Awaitable[list[Outgoing]]],
        waiting: Callable[[], Awaitable[Collection[Pair]]],
        report: Callable[[list[Outcome]], Awaitable[None]],
        content: Callable[[str], Awaitable[bytes]],
        now: Callable[[], datetime],
        connections: int = 2,
    ) -> None:
        self._relay_factory, self._due, self._content = relay_factory, due, content
        self._now, self._connections, self._waiting = now, connections, waiting
        self._queue = SendQueue()
        self._outcomes = OutcomeWriter(report, lambda: bool(self._queue.away), self._written)
        self._behind = True  # the store holds letters that are not in the queue
        self._parked: list[Outgoing] | None = None  # offered while the store is being read to catch up
        self._dropped = 0  # offers left to the store
        self._elsewhere: set[Pair] | None = None  # pairs whose first letter waits in the store alone
        self._down_until: datetime | None = None
        self._pause = timedelta()
        self._probing = False
        self._stopping = False
        # There may be something to carry; the store should be read; an attempt or a report is over.
        self._work, self._hungry, self._done = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.trouble = ""  # why the relay serves nobody at the moment, for `status`
        self.down_since: datetime | None = None

    # --- what others say to the courier

    def offer(self, letters: Sequence[Outgoing]) -> None:
        """Fresh rows, just committed, so that they need not be read.  What is too much stays in the store."""
        if not letters:
            return
        room = CAPACITY - len(self._queue) - len(self._parked or ())
        if len(letters) > room or (self._behind and self._parked is None):
            self._behind = True
            self._dropped += 1
            self._hungry.set()
        elif self._behind and self._parked is not None:
            self._parked.extend(letters)
        else:
            self._take_in(letters)
            self._work.set()

    def _take_in(self, letters: Sequence[Outgoing]) -> None:
        elsewhere = self._elsewhere
        self._queue.put([letter for letter in letters if letter.pair not in elsewhere] if elsewhere else letters)

    def poke(self) -> None:
        """Try again now, whatever the relay's back-off; look into the store first."""
        if self._down_until is not None:
            self._down_until = self._now()
        self._hungry.set()
        self._work.set()

    def stop(self) -> None:
        """Finish the letters under way, then let `run` return."""
        self._stopping = True
        for event in (self._work, self._hungry, self._done):
            event.set()

    # --- the two ways to work

    async def run(self) -> None:
        """Carry letters until `stop`.  Cancelling drops connections, but still reports what has ended."""
        await self._employ(self._look_for_letters)

    async def drain(self) -> None:
        """Send what is due, and return when nothing is under way; also when the relay is down."""
        await self._employ(self._until_nothing_is_due)

    async def _employ(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run carriers and the outcome writer while `work` runs, and until they have finished what they began."""
        relays = [self._relay_factory() for _ in range(self._connections)]
        self._stopping, self._down_until, self._probing = False, None, False
        self._outcomes.open()
        writer = asyncio.create_task(self._outcomes.run())
        crew = [asyncio.create_task(work()), *(asyncio.create_task(self._carry(relay)) for relay in relays)]
        try:
            await asyncio.wait(crew, return_when=asyncio.FIRST_COMPLETED)
            self.stop()
            await asyncio.gather(*crew)
        finally:
            for task in crew:
                task.cancel()
            await asyncio.gather(*crew, return_exceptions=True)
            self._outcomes.close()
            await writer

    async def _look_for_letters(self) -> None:
        while not self._stopping:
            self._hungry.clear()
            try:
                found = await self._poll()
            except Exception:
                log.exception("outbox-unreadable")
                found = 0
            if found and self._behind and len(self._queue) < CAPACITY // 2:
                continue
            await wait(self._hungry, POLL)

    async def _until_nothing_is_due(self) -> None:
        while not self._stopping:
            found = await self._poll()
            while self._busy():
                self._done.clear()
                self._work.set()
                await wait(self._done, POLL)
            if self._down_until is not None or not (found or self._behind):
                return

    def _busy(self) -> bool:
        """Something is under way, or could be, or is not written down yet (what failed may lead to another letter)."""
        could = self._down_until is None and not self._queue.resting(self._now())
        return bool(self._queue.away) or could or (len(self._outcomes) > 0 and not self._outcomes.failing)

    async def _poll(self) -> int:
        """Read what is due from the store; returns how many letters were new.

        Once a letter was left to the store, later ones must not overtake it: offers are taken again only after a
        reading that began after the last of those was left came to the end.
        """
        if len(self._queue) >= CAPACITY:
            return 0
        limit = len(self._queue) + len(self._outcomes) + PAGE
        dropped, put_off = self._dropped, self._outcomes.put_off()
        self._parked = []
        try:
            if self._elsewhere is None:
                self._elsewhere = set(await self._waiting())
            letters = await self._due(limit)
            self._elsewhere.difference_update(letter.pair for letter in letters)
            for letter in letters:
                # Put off or given up, known to be so before the reading began, and yet due: somebody wants it tried.
                if letter.id in put_off and self._outcomes.is_put_off(letter.id):
                    self._outcomes.forget(letter.id)
                    self._queue.again(letter)
            found = self._queue.put(letters)
            self._behind = len(letters) >= limit or dropped != self._dropped
            if not self._behind:
                self._take_in(self._parked)
        finally:
            self._parked = None
        self._work.set()
        return found

    # --- carriers

    async def _carry(self, relay: Relay) -> None:
        """One connection's life: letter after letter."""
        try:
            while not self._stopping:
                letter = self._next()
                if letter is not None:
                    await self._attempt(relay, letter)
                    self._done.set()
                    continue
                self._work.clear()
                if not await wait(self._work, self._until_next()) and self._queue.resting(self._now()):
                    await relay.close()  # to hold it open for longer would be impolite
        finally:
            await relay.close()

    def _until_next(self) -> float:
        """Seconds until something may be due by itself."""
        moments = [self._queue.next_attempt(), self._down_until if not self._queue.resting(self._now()) else None]
        seconds = [(moment - self._now()).total_seconds() for moment in moments if moment is not None]
        return max(0.005, min([*seconds, POLL]))

    def _next(self) -> Outgoing | None:
        """A letter to try; while the relay is down one at a time, and none before the pause is over."""
        if self._down_until is not None and (self._probing or self._pausing(self._down_until)):
            return None
        if len(self._outcomes) >= UNWRITTEN:
            return None
        letter = self._queue.take(self._now())
        if letter is not None and self._down_until is not None:
            self._probing = True
        return letter

    def _pausing(self, until: datetime) -> bool:
        """Whether the pause lasts; before it began there is none: a clock that was set back makes none longer."""
        return until - self._pause <= self._now() < until

    async def _attempt(self, relay: Relay, letter: Outgoing) -> None:
        probe = self._down_until is not None
        self._outcomes.forget(letter.id)
        try:
            if letter.expires is not None and letter.expires <= self._now():
                self._end(letter, "failed", EXPIRED, letter.attempts)
                return
            try:
                verdict = await self._send(relay, letter)
            except BaseException:
                self._queue.give_back(letter)
                raise
        finally:
            if probe:
                self._probing = False
                self._work.set()
        self._settle(letter, verdict, probe)

    async def _send(self, relay: Relay, letter: Outgoing) -> Verdict:
        try:
            if not letter.attachments:
                data = wire(letter.head, letter.body, letter.page, invite=letter.invite)
                return await relay.send(letter.sender, letter.recipient, data)
            files = [
                File(name, kind, await self._content(sha256), cid) for name, kind, sha256, cid in letter.attachments
            ]
            if sum(len(file.content) for file in files) > LARGE:
                data = await asyncio.to_thread(wire, letter.head, letter.body, letter.page, files, letter.invite)
            else:
                data = wire(letter.head, letter.body, letter.page, files, letter.invite)
            return await relay.send(letter.sender, letter.recipient, data)
        except ValueError as error:
            return Verdict(Fate.PERMANENT, str(error))
        except Exception as error:  # an unreadable attachment, or a mistake of ours: later letters must not wait
            log.exception("letter-stuck outbox=%d", letter.id)
            return Verdict(Fate.TEMPORARY, f"{type(error).__name__}: {error}")

    def _settle(self, letter: Outgoing, verdict: Verdict, probe: bool) -> None:
        if verdict.fate is Fate.DOWN:
            self._queue.give_back(letter)
        elif verdict.fate is Fate.SENT:
            log.debug("relayed outbox=%d reply=%r", letter.id, verdict.text)
            self._end(letter, "sent", "", letter.attempts + 1)
        elif verdict.fate is Fate.PERMANENT:
            self._end(letter, "failed", verdict.text, letter.attempts + 1)
        elif self._now() - letter.made >= LIFETIME:  # judged by a try, so that a week without relay loses nothing
            self._end(letter, "failed", f"given up after {LIFETIME.days} days: {verdict.text}", letter.attempts + 1)
        else:
            self._defer(letter, verdict)
        if verdict.fate is Fate.DOWN or (probe and verdict.fate is Fate.LOST):
            self._host_down(verdict.text, probe)
        elif verdict.fate is not Fate.LOST:
            self._host_up()

    def _end(self, letter: Outgoing, state: Literal["sent", "failed"], text: str, attempts: int) -> None:
        self._queue.end(letter)
        self._outcomes.add(Outcome(id=letter.id, state=state, at=self._now(), attempts=attempts, error=text))
        if self._behind and len(self._queue) < CAPACITY // 2:
            self._hungry.set()

    def _defer(self, letter: Outgoing, verdict: Verdict) -> None:
        attempts, text = letter.attempts + 1, verdict.text
        if verdict.ambiguous:
            text += "; it may have been taken, and then arrives twice with the same Message-ID"
        until = self._now() + delay(letter.id, attempts)
        self._queue.defer(letter._replace(attempts=attempts), until)
        self._outcomes.add(
            Outcome(id=letter.id, state="deferred", at=self._now(), attempts=attempts, next_attempt=until, error=text)
        )

    def _host_down(self, text: str, probe: bool) -> None:
        if self._down_until is None:
            log.warning("relay-down error=%r", text)
            self._pause = HOST_PAUSE[0]
            self.down_since = self._now()
        elif probe:
            self._pause = min(self._pause * 2, HOST_PAUSE[1])
        else:
            return  # another connection found it out already
        self.trouble = text
        self._down_until = self._now() + self._pause

    def _host_up(self) -> None:
        if self._down_until is not None:
            log.info("relay-up")
            self._down_until, self.trouble, self.down_since = None, "", None
            self._work.set()

    def _written(self) -> None:
        """Outcomes were written down, or could not be."""
        self._work.set()
        self._done.set()
