"""One run: people write, the desk is killed at point after point and started again, until all is said and sent.

python tests/peers/crash/run.py --mails 5000 --kills 200 [--seed 7] [--saboteur NAME] [--folder DIR]
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.peers.crash import oracle
from tests.peers.crash.conversation import STEPS, named
from tests.peers.crash.feeder import SESSIONS, Feeder
from tests.peers.crash.relay import Relay
from tests.peers.crash.victim import Point, Victim

# (system call, how often it is chosen, how many of them the busiest thread makes for each 250; of some only a few)
CALLS = (
    ("pwrite64", 14, 20.0),
    ("fdatasync", 11, 0.6),
    ("sendto", 8, 4.0),
    ("fsync", 2, 0.04),
    ("unlink", 2, 0.08),
    ("rename", 1, 0.0),
    ("connect", 1, 0.0),
    ("ftruncate", 1, 0.0),
)
TRIES = 3  # lives in which a point may fail to come, before a kill from outside counts for it
LIFE = 20.0  # seconds after which a life is too long
PATIENCE = 90.0  # seconds that a letter may take, with all the kills that come between


@dataclass
class Run:
    """What was done, and what the oracle found wrong."""

    kills: int = 0  # at points
    others: int = 0  # from outside, where a point did not come
    moments: list[float] = field(default_factory=list)  # of all of them
    places: list[str] = field(default_factory=list)
    mails: int = 0
    heard: int = 0  # times 250
    letters: int = 0
    repeats: int = 0
    slowest_start: float = 0.0
    seconds: float = 0.0
    codes: list[int] = field(default_factory=list)  # with which each life ended
    code: int = 0  # of the last stop, a graceful one
    names: dict[int, str] = field(default_factory=dict)  # the mails by their ids in the inbox
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        return (
            f"{self.mails} mails, {self.heard} times 250, {self.kills} kills at points and {self.others} others, "
            f"{self.letters} letters, {self.repeats} repeated, slowest start {self.slowest_start:.1f} s, "
            f"{self.seconds:.0f} s in all"
        )


@dataclass(frozen=True)
class Aim:
    """A point to come: which call, and how deep in a life of the daemon (0 to 1), or which one exactly."""

    call: str
    rate: float = 0.0
    depth: float = 0.0
    first: int = 1
    effect: str = "signal=SIGKILL"

    def point(self, share: float) -> Point:
        """In a life that is about so many 250 long."""
        when = self.first + int(self.depth * self.rate * share)
        return Point(self.call, when, self.effect, watched=self.effect.startswith("error"))


def spread(kills: int, seed: int) -> list[Aim]:
    """So many points in mixed order; every kind of call has its share."""
    odds = random.Random(seed)
    total = sum(share for _, share, _ in CALLS)
    bag = [(call, rate) for call, share, rate in CALLS for _ in range(-(-share * kills // total))]
    odds.shuffle(bag)
    return [Aim(call, rate, odds.random()) for call, rate in bag[:kills]]


@contextmanager
def stage(
    folder: Path,
    *,
    mails: int,
    seed: int = 1,
    saboteur: str = "",
    sessions: int = SESSIONS,
    patience: float = PATIENCE,
    whims: float = 1.0,
) -> Iterator[tuple[Victim, Relay, Feeder]]:
    """Desk, relay and people, none of them started but the relay.  `whims` times as many as usual are its refusals."""
    with Relay(seed, whims).in_thread() as relay:
        assert isinstance(relay, Relay)
        victim = Victim(folder, relay.port, saboteur)
        conversations = -(-mails // len(STEPS))
        feeder = Feeder(lambda: victim.port, relay, folder / "acknowledged", conversations, sessions, patience)
        try:
            yield victim, relay, feeder
        finally:
            feeder.stop()
            if victim.running:
                victim.signal(signal.SIGKILL)
                victim.ended()


def play(folder: Path, aims: Sequence[Aim], *, fresh: bool = True, calm: bool = True, **more: Any) -> Run:
    """The whole run: a life for each aim, all about equally long, then one that ends well.

    `fresh`: the first life has to make the database.  `calm`: nothing in the run is a reason for an exception in the
    log.  `more` is for `stage`.
    """
    run, started = Run(), time.monotonic()
    with stage(folder, **more) as (victim, relay, feeder):
        if not fresh:
            assert victim.start(), victim.log
            victim.stop()
        feeder.start()
        for number, aim in enumerate(aims):
            share = max(6.0, (feeder.total - feeder.heard) / (len(aims) - number + 1))
            _live(run, victim, feeder, aim, share, folder / f"trace-{number}")
        assert victim.start(), victim.log
        while feeder.running and victim.running:
            victim.retry()
            time.sleep(0.2)
        relay.whims = 0
        drain(victim)
        run.mails, run.heard = len(feeder.acknowledged), feeder.heard
        run.letters, run.repeats = len(relay.copies), relay.copies.total() - len(relay.copies)
        run.slowest_start = max(victim.ready, default=0.0)
        run.wrong = oracle.judge(victim, relay, feeder, kills=run.moments, calm=calm)
        if victim.running:
            run.names = {r["id"]: named(r["subject"]) for r in victim.ask("inbox") if r["ending"] != "duplicate"}
            run.code = victim.stop()
    run.seconds = time.monotonic() - started
    return run


def _live(run: Run, victim: Victim, feeder: Feeder, aim: Aim, share: float, trace: Path) -> None:
    """Lives until the point came.  A life that is too long for it is ended from outside."""
    for again in range(TRIES):
        point, before = aim.point(share / (1 + 2 * again)), feeder.heard
        victim.start_for(point, trace)
        until = time.monotonic() + LIFE
        while victim.running and feeder.heard < before + 2 * share and feeder.running and time.monotonic() < until:
            victim.retry()
            time.sleep(0.1)
        foreign = victim.running
        if foreign:
            victim.signal(signal.SIGKILL)
        run.codes.append(victim.ended())
        run.moments.append(time.monotonic())
        if not foreign:
            run.kills += 1
            run.places.append(f"{point.call} {point.when}")
            return
        run.others += 1


def drain(victim: Victim, seconds: float = 60) -> None:
    """Until every mail has ended and every letter has left, or nothing of that happens any more."""
    until = time.monotonic() + seconds
    while victim.running and time.monotonic() < until:
        victim.retry()
        still = victim.ask("outbox") or [row for row in victim.ask("inbox") if row["ending"] == "waiting"]
        if not still and not [path for path in (victim.folder / "deliver").glob("new/*") if path.is_file()]:
            return
        time.sleep(0.2)


def main() -> int:
    parser = ArgumentParser(description="Kills a desk over and over, and looks whether a mail was lost.")
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--saboteur", default="")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="sitmail-crash-"))
    folder.mkdir(exist_ok=True)
    run = play(folder, spread(asked.kills, asked.seed), mails=asked.mails, seed=asked.seed, saboteur=asked.saboteur)
    print(run.told(), f"in {folder}")
    print("\n".join(run.wrong) or "nothing lost, nothing doubled")
    return 1 if run.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
