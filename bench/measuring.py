"""Runs one round of a scenario: creates a desk, feeds it, checks the results, and removes it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import postgresql, preload, slowdisk
from bench.desk import CHECKOUT, Desk
from bench.feeding import Phase, Way, whole
from bench.mails import Mail, Shape, new, replies
from bench.probing import Probe
from bench.processes import Highest
from bench.scenarios import Scenario
from bench.wire import Sink
from sitmail.store import schema

WARM = 50  # mails of each kind that are sent first and not counted
WARM_CASES = 9_000_000
LETTERS = {"new": 2, "reply": 1}  # letters that each mail causes: acknowledgement and brief; the words to the owner
HUGE = 49_900_000  # bytes; the default limit is 50,000,000
MB = 1_000_000


@dataclass(slots=True)
class Round:
    """The results of a round: phases and other numbers by name, and the mails, so that peers get the same ones."""

    phases: dict[str, Phase] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    mails: dict[str, list[Mail]] = field(default_factory=dict)


class Bench:
    """What rounds share: a folder for runs, one that is kept, the sink, and a database server if needed."""

    def __init__(self, cache: Path, sink: Sink, profile: Path | None = None) -> None:
        self.cache, self.sink, self.profile = cache, sink, profile
        self.folder = cache / "run"
        self._server: postgresql.Server | None = None
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def desk(self, scenario: Scenario, checkout: Path = CHECKOUT) -> Desk:
        """A desk that is not started, with its store filled as the scenario says.  `checkout` is its source."""
        store = ""
        if scenario.postgresql:
            if self._server is None:
                self._server = postgresql.Server()
                self._server.start()
            store = self._server.database()
        desk = Desk(
            self.folder / scenario.name,
            self.sink.port,
            scenario.shape,
            store=store,
            promises=scenario.promises,
            pages=scenario.pages,
            checkout=checkout,
            imported=scenario.imported,
        )
        if scenario.incidents or scenario.imported:
            self._preload(desk, scenario)
        return desk

    def _preload(self, desk: Desk, scenario: Scenario) -> None:
        """Fills the store.  As that takes minutes, the filled file is kept and used again with the same schema."""

        def fill() -> None:
            desk.start()
            if scenario.imported:
                desk.bring(scenario.shape.contacts)
            desk.stop()
            if scenario.incidents:
                preload.fill(desk.store, scenario.incidents)

        if scenario.postgresql:
            fill()
            return
        parts = "".join(f"{table}{[str(c.type) for c in table.columns]}" for table in schema.metadata.sorted_tables)
        parts += "".join(sorted(str(index.name) for table in schema.metadata.sorted_tables for index in table.indexes))
        what = f"contacts-{scenario.shape.contacts}" if scenario.imported else f"incidents-{scenario.incidents}"
        kept = self.cache / f"{what}-{hashlib.sha256(parts.encode()).hexdigest()[:12]}.db"
        if not kept.exists():
            fill()
            shutil.copy(desk.folder / "sitmail.db", kept.with_suffix(".part"))
            kept.with_suffix(".part").rename(kept)
        shutil.copy(kept, desk.folder / "sitmail.db")
        os.sync()  # otherwise the first commit waits until the whole copy is on the disk


async def play(
    bench: Bench,
    scenario: Scenario,
    count: int,
    kinds: Sequence[str] = ("new", "reply"),
    checkout: Path = CHECKOUT,
) -> Round:
    """Starts a desk, warms it, feeds `count` new incidents and the replies to their acknowledgements, and checks."""
    desk, done = bench.desk(scenario, checkout), Round()
    environment = slowdisk.environment(bench.folder) if scenario.slow else {}
    try:
        desk.start(environment, bench.profile)
        before = desk.counts()
        quick = replace(scenario.way, pace=0.0)
        plain = replace(scenario.shape, size=2_000)
        await converse(bench, desk, plain, range(WARM_CASES, WARM_CASES + WARM), quick, Round())
        await converse(bench, desk, scenario.shape, range(count), scenario.way, done, kinds)
        used = desk.usage()
        done.numbers |= {"peak": used.peak / MB, "memory": used.memory / MB, "wal": desk.wal() / MB}
        desk.stop()
        examine(before, desk.counts(), WARM + count, WARM + count * (len(kinds) - 1))
    finally:
        desk.discard()
    return done


async def converse(
    bench: Bench,
    desk: Desk,
    shape: Shape,
    cases: range,
    way: Way,
    done: Round,
    kinds: Sequence[str] = ("new", "reply"),
) -> None:
    """The phases of a round."""
    done.mails["new"] = firsts = new(shape, cases)
    done.phases["new"] = await whole(desk.port, bench.sink, firsts, way, LETTERS["new"], desk.cpu)
    if "reply" in kinds:
        acknowledged = {
            letter.case: (letter.reply_to, letter.message_id)
            for letter in bench.sink.letters
            if letter.recipient.endswith(".example.org")
        }
        done.mails["reply"] = replies(shape, firsts, acknowledged)
        done.phases["reply"] = await whole(desk.port, bench.sink, done.mails["reply"], way, LETTERS["reply"], desk.cpu)


def examine(before: dict[str, int], after: dict[str, int], opened: int, added: int) -> None:
    """Checks that all work was done: every mail ended, every incident was updated, every letter is marked as sent."""
    grown = {name: after.get(name, 0) - before.get(name, 0) for name in {*before, *after}}
    wanted = {"new": opened, "incidents": opened, "applied": added, "updates": opened + added, "unsent": 0}
    wanted["logged"] = wanted["updates"]
    wrong = {name: (grown.get(name, 0), number) for name, number in wanted.items() if grown.get(name, 0) != number}
    if wrong or set(grown) - set(wanted):
        raise RuntimeError(f"the store does not hold what was fed (found, wanted): {wrong} {grown}")


# --- measurements of other things than rates


async def steady(bench: Bench, seconds: int) -> Round:
    """Ten mails a second, the load of a busy desk."""
    way = Way(pace=10.0)
    return await play(bench, Scenario("steady", "", way), seconds * 10)


async def huge(bench: Bench, mails: int = 10) -> Round:
    """The largest mails that the default limit accepts, all at once, while a probe measures the door's delays."""
    scenario = Scenario("huge", "", Way(sessions=mails), Shape(HUGE))
    desk, done = bench.desk(scenario), Round()
    try:
        desk.start()
        await converse(bench, desk, Shape(), range(WARM_CASES, WARM_CASES + WARM), Way(), Round())
        async with Probe(desk.port) as idle:
            await asyncio.sleep(3)
        content = new(scenario.shape, [0])[0].content
        one = new(Shape(), range(mails))
        heads = [mail.content.partition(b"Content-Type")[0] for mail in one]
        first = content.index(b"Content-Type")
        big = [replace(mail, content=head + content[first:]) for mail, head in zip(one, heads, strict=True)]
        with Highest(desk.usage) as highest:
            async with Probe(desk.port) as probe:
                done.phases["new"] = await whole(desk.port, bench.sink, big, scenario.way, LETTERS["new"], desk.cpu)
        done.numbers |= {"peak": highest.peak / MB, "lag": max(probe.waits), "idle lag": max(idle.waits)}
        desk.stop()
    finally:
        desk.discard()
    return done


async def growth(bench: Bench, mails: int, slices: int = 10) -> Round:
    """Measures memory, write-ahead log and rate in slices, to see whether they change while many mails come."""
    scenario = Scenario("growth", "")
    desk, done = bench.desk(scenario), Round()
    memory, logs = [], []
    try:
        desk.start()
        size = mails // slices // 2
        for part in range(slices):
            await converse(bench, desk, scenario.shape, range(part * size, (part + 1) * size), scenario.way, done)
            memory.append(desk.usage().memory / MB)
            logs.append(desk.wal() / MB)
            done.numbers[f"rate {part}"] = done.phases["new"].rate
        desk.stop()
        examine({}, desk.counts(), size * slices, size * slices)
    finally:
        desk.discard()
    done.numbers |= {"memory": memory[-1] / memory[0], "first MB": memory[0], "last MB": memory[-1], "wal": max(logs)}
    return done
