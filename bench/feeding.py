"""Runs one phase of a measurement: sends mails over some sessions, waits for the letters, and times both."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from bench.mails import Mail
from bench.wire import Feed, Session, Sink

PATIENCE = 120.0  # seconds to wait for the last letters, beyond the time that the mails should take
SLOWEST = 20.0  # mails a second; every peer is at least this fast


@dataclass(frozen=True, slots=True)
class Way:
    """How the mails are sent."""

    sessions: int = 10
    one_a_connection: bool = False
    pace: float = 0.0  # mails a second; 0: as fast as the server accepts them


@dataclass(slots=True)
class Phase:
    """The results of a phase.  `delays`: seconds from the 250 to the last letter of each mail."""

    mails: int
    seconds: float
    cpu: float  # seconds, of the measured program
    delays: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.mails / self.seconds

    @property
    def cost(self) -> float:
        """CPU time a mail, in ms."""
        return self.cpu / self.mails * 1000

    def delay(self, part: float) -> float:
        """A percentile of the delays in ms; 0 if there are none."""
        if not self.delays:
            return 0.0
        return sorted(self.delays)[min(len(self.delays) - 1, int(len(self.delays) * part))] * 1000


async def feed(port: int, mails: Sequence[Mail], way: Way, pipelining: bool = True) -> tuple[dict[int, float], float]:
    """Sends all mails.  Returns when each was answered 250, and when the first was offered.

    Raises RuntimeError if a mail is refused.
    """
    loop = asyncio.get_running_loop()
    queue = Feed(deque() if way.pace else deque(mails), pipelining, way.one_a_connection)

    async def connect() -> Session:
        _, session = await loop.create_connection(lambda: Session(queue), "127.0.0.1", port)
        return session

    started = perf_counter()
    if way.one_a_connection:
        await asyncio.gather(*(_again_and_again(queue, connect) for _ in range(way.sessions)))
    else:
        sessions = [await connect() for _ in range(way.sessions)]
        if way.pace:
            for place, mail in enumerate(mails):
                await asyncio.sleep(max(0.0, started + place / way.pace - perf_counter()))
                queue.push(mail)
        while len(queue.accepted) < len(mails) and not queue.refused:
            await asyncio.sleep(0.005)
        for session in sessions:
            session.quit()
        await asyncio.wait([session.ended for session in sessions], timeout=5)
    if queue.refused or len(queue.accepted) != len(mails):
        raise RuntimeError(f"{len(queue.accepted)} of {len(mails)} mails were taken; {queue.refused[:3]}")
    return queue.accepted, started


async def _again_and_again(queue: Feed, connect: Callable[[], Coroutine[Any, Any, Session]]) -> None:
    while queue.waiting and not queue.refused:
        session = await connect()
        await session.ended


async def whole(port: int, sink: Sink, mails: Sequence[Mail], way: Way, each: int, cpu: Callable[[], float]) -> Phase:
    """Sends the mails and waits for `each` letters for every one.  Raises RuntimeError if other letters come."""
    sink.letters.clear()
    before = cpu()
    accepted, started = await feed(port, mails, way)
    await sink.wait(len(mails) * each, PATIENCE + len(mails) / SLOWEST)
    ended = perf_counter()
    spent = cpu() - before
    last: dict[int, float] = {}
    for letter in sink.letters:
        last[letter.case] = max(letter.at, last.get(letter.case, 0.0))
    wrong = {case: n for case, n in Counter(letter.case for letter in sink.letters).items() if n != each}
    if wrong or last.keys() != accepted.keys():
        raise RuntimeError(f"{len(wrong)} cases have not {each} letters: {dict(list(wrong.items())[:5])}")
    return Phase(len(mails), ended - started, spent, [last[case] - at for case, at in accepted.items()])
