"""The courier's queue: which letters wait in memory, in which order they may leave, and when to try again.

Pure but for being changed: no I/O, no clock, no async.  A *pair* is one person and one incident; letters of a pair
leave in the order of their ids, one at a time, and one that has to wait holds back those behind it.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from sitmail.domain.outgoing import Outgoing, Pair

SCHEDULE = (1, 2, 5, 10, 20, 40, 60)  # minutes after the first, second ... refusal; then hourly
LIFETIME = timedelta(days=5)
BLOCK, BLOCKS = 128, 8_000  # ids in a block of those remembered, and blocks: a million letters, in a megabyte


def delay(letter: int, attempts: int) -> timedelta:
    """Until the next try after so many, +-10 %: the same for the same letter, different among letters."""
    minutes = SCHEDULE[min(attempts, len(SCHEDULE)) - 1]
    spread = (letter * 2_654_435_761 + attempts * 40_503) % 1_000 / 999  # Knuth's multiplicative hash
    return timedelta(minutes=minutes * (0.9 + 0.2 * spread))


class _Ended:
    """Ids of letters that are over: a bit each, since nearly all of a block get here.  Old blocks are forgotten."""

    __slots__ = ("_blocks",)

    def __init__(self) -> None:
        self._blocks: dict[int, int] = {}

    def __contains__(self, letter: int) -> bool:
        return bool(self._blocks.get(letter // BLOCK, 0) >> letter % BLOCK & 1)

    def add(self, letter: int) -> None:
        block = letter // BLOCK
        known = self._blocks.get(block)
        if known is None and len(self._blocks) == BLOCKS:
            del self._blocks[next(iter(self._blocks))]
        self._blocks[block] = (known or 0) | 1 << letter % BLOCK

    def discard(self, letter: int) -> None:
        if letter in self:
            self._blocks[letter // BLOCK] ^= 1 << letter % BLOCK


class SendQueue:
    """Letters in memory.  A letter that is in the queue, was sent, or failed, is never put in again."""

    def __init__(self) -> None:
        self._queues: dict[Pair, list[tuple[int, Outgoing]]] = {}  # heaps by id
        self._ready: deque[Pair] = deque()
        self._waiting: list[tuple[datetime, int, Pair]] = []  # pairs whose first letter was deferred, a heap
        self._deferred: dict[int, datetime] = {}  # the first letters of those pairs
        self._inside: set[int] = set()
        self._away: set[Pair] = set()  # their first letter is with the relay
        self._done = _Ended()  # the store may still return them as due

    def __len__(self) -> int:
        return len(self._inside)

    @property
    def away(self) -> int:
        """Letters at the relay now."""
        return len(self._away)

    def resting(self, now: datetime) -> bool:
        """Nothing could be taken."""
        return not self._ready and not (self._waiting and self._waiting[0][0] <= now)

    def put(self, letters: Iterable[Outgoing]) -> int:
        """Take in what is new; returns how many that were."""
        before = len(self._inside)
        for letter in letters:
            if letter.id in self._inside or letter.id in self._done:
                continue
            self._inside.add(letter.id)
            pair = letter.pair
            queue = self._queues.get(pair)
            if queue is None:
                self._queues[pair] = [(letter.id, letter)]
                self._ready.append(pair)
            else:
                heapq.heappush(queue, (letter.id, letter))
        return len(self._inside) - before

    def take(self, now: datetime) -> Outgoing | None:
        """The next letter that may leave.  Nothing else of its pair leaves before `sent` or one of the others."""
        while self._waiting and self._waiting[0][0] <= now:
            until, letter, pair = heapq.heappop(self._waiting)
            if self._deferred.get(letter) == until:  # else it went earlier
                del self._deferred[letter]
                self._ready.append(pair)
        if not self._ready:
            return None
        pair = self._ready.popleft()
        self._away.add(pair)
        return self._queues[pair][0][1]

    def end(self, letter: Outgoing) -> None:
        """It was sent, or failed: the next of its pair may go."""
        pair = letter.pair
        self._away.discard(pair)
        queue = self._queues[pair]
        self._inside.discard(letter.id)
        self._done.add(letter.id)
        if len(queue) == 1:
            del self._queues[pair]
        else:
            _remove(queue, letter.id)
            self._ready.append(pair)

    def defer(self, letter: Outgoing, until: datetime) -> None:
        """It has to wait, and its pair with it.  `letter` replaces the one in the queue (attempts were counted)."""
        self._away.discard(letter.pair)
        queue = self._queues[letter.pair]
        _remove(queue, letter.id)
        heapq.heappush(queue, (letter.id, letter))
        self._deferred[letter.id] = until
        heapq.heappush(self._waiting, (until, letter.id, letter.pair))

    def give_back(self, letter: Outgoing) -> None:
        """It was not tried: the first of its pair again, but other pairs first, in case the trouble was about it."""
        self._away.discard(letter.pair)
        self._ready.append(letter.pair)

    def again(self, letter: Outgoing) -> None:
        """Somebody wants a deferred or failed letter tried at once; `letter` is what the store has of it now."""
        self._done.discard(letter.id)
        if self._deferred.pop(letter.id, None) is not None:
            queue = self._queues[letter.pair]
            _remove(queue, letter.id)
            heapq.heappush(queue, (letter.id, letter))
            self._ready.append(letter.pair)
        self.put([letter])

    def next_attempt(self) -> datetime | None:
        """When the earliest deferred letter may be tried."""
        return self._waiting[0][0] if self._waiting else None


def _remove(queue: list[tuple[int, Outgoing]], letter: int) -> None:
    """Nearly always the first; a smaller id may have come in while it was away."""
    if queue[0][0] == letter:
        heapq.heappop(queue)
    else:
        queue[:] = [each for each in queue if each[0] != letter]
        heapq.heapify(queue)
