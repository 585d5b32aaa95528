"""The benchmark's command: `make bench`, or `python -m bench.run --help`.

Rounds of all scenarios take turns, so that a busy minute of the machine affects one round of each instead of all rounds
of one.  Medians are printed, and ratios of numbers from the same round.  The exit code is 1 if a bar is missed by half.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import shlex
import signal
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench import earlier, measuring, postfix, postgresql, searching, slowdisk, ticking
from bench.dropping import Dropping
from bench.feeding import Phase
from bench.measuring import Bench, Round
from bench.page import page, table, verdicts
from bench.roundup_peer import Roundup
from bench.scenarios import BARS, PEERS, SCENARIOS, SPECIAL, Scenario
from bench.wire import Sink

CACHE = Path(__file__).parents[1] / ".bench"
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "performance.md"
MAILS, ROUNDS = 3_000, 5
QUICK_MAILS = 500
ROUNDUP_MAILS = 300  # fewer, because it is slow; its speed does not depend on the number
KINDS = ("new", "reply")
EVERYTHING = (*PEERS, *SCENARIOS, *SPECIAL)


class Results:
    """Every number of every round, by name, such as "plain new rate"."""

    def __init__(self) -> None:
        self.found: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, done: Round) -> None:
        for kind, phase in done.phases.items():
            self.phase(f"{name} {kind}", phase)
        for what, value in done.numbers.items():
            self.found[f"{name} {what}"].append(value)

    def phase(self, name: str, phase: Phase) -> None:
        self.found[f"{name} rate"].append(phase.rate)
        self.found[f"{name} cost"].append(phase.cost)
        if phase.delays:
            self.found[f"{name} p50"].append(phase.delay(0.5))
            self.found[f"{name} p99"].append(phase.delay(0.99))

    def compare(self, name: str, first: str, second: str) -> None:
        """Records the ratio of two rates of this round."""
        if self.found.get(f"{first} rate") and self.found.get(f"{second} rate"):
            self.found[name].append(self.found[f"{first} rate"][-1] / self.found[f"{second} rate"][-1])

    def costs(self, name: str, first: str, second: str) -> None:
        """Records the ratio of two CPU times a mail.  Unlike milliseconds, a ratio is the same on a slow machine."""
        if self.found.get(f"{first} cost") and self.found.get(f"{second} cost"):
            self.found[name].append(self.found[f"{first} cost"][-1] / self.found[f"{second} cost"][-1])

    def medians(self) -> dict[str, float]:
        return {name: median(values) for name, values in self.found.items()}


async def measure(options: argparse.Namespace, names: Sequence[str]) -> Results:
    sink, results = Sink(), Results()
    await sink.start()
    bench = Bench(CACHE, sink, Path(options.profile).absolute() if options.profile else None)
    try:
        for number in range(options.rounds):
            for scenario in (SCENARIOS[name] for name in SCENARIOS if name in names):
                await _round(bench, results, scenario, options, names)
            if number == 0:
                await _special(bench, results, options, names)
    finally:
        bench.close()
        sink.stop()
    return results


async def _round(
    bench: Bench, results: Results, scenario: Scenario, options: argparse.Namespace, names: Sequence[str]
) -> None:
    count = max(20, int(options.mails * scenario.share))
    done = await measuring.play(bench, scenario, count)
    results.add(scenario.name, done)
    if scenario.imported:
        peak = results.found[f"{scenario.beside} peak"][-1]
        results.found[f"{scenario.name} peak ratio"].append(done.numbers["peak"] / peak)
    for kind, phase in done.phases.items():
        _say(f"{scenario.name} {kind}", phase)
        if scenario.beside != scenario.name:
            results.compare(f"{scenario.name} {kind} ratio", f"{scenario.name} {kind}", f"{scenario.beside} {kind}")
            results.costs(f"{scenario.name} {kind} cost ratio", f"{scenario.name} {kind}", f"{scenario.beside} {kind}")
        if not scenario.pages:
            results.compare(f"plain {kind} text", f"plain {kind}", f"{scenario.name} {kind}")
            results.costs(f"plain {kind} cost text", f"plain {kind}", f"{scenario.name} {kind}")
    if scenario.name == "plain":
        await _peers(bench, results, scenario, done, names)
        if "beside" in names:
            await _beside(bench, results, scenario, count, options.beside)


async def _beside(bench: Bench, results: Results, scenario: Scenario, count: int, checkout: Path) -> None:
    """Measures an earlier version doing the same work."""
    before = await measuring.play(bench, scenario, count, checkout=checkout)
    results.add("beside", before)
    for kind, phase in before.phases.items():
        results.compare(f"plain {kind} beside", f"plain {kind}", f"beside {kind}")
        results.costs(f"plain {kind} cost beside", f"plain {kind}", f"beside {kind}")
        _say(f"beside {kind}", phase)


async def _peers(bench: Bench, results: Results, scenario: Scenario, done: Round, names: Sequence[str]) -> None:
    """Measures the peers with the same mails, directly afterwards."""
    phases: dict[tuple[str, str], Phase] = {}
    for name, make in (("postfix", postfix.Postfix), ("aiosmtpd", Dropping)):
        if name in names:
            peer = make()
            peer.start()
            try:
                await peer.measure(done.mails["new"][: measuring.WARM], scenario.way)
                for kind in KINDS:
                    phases[name, kind] = await peer.measure(done.mails[kind], scenario.way)
            finally:
                peer.stop()
    if "roundup" in names:
        roundup = Roundup(CACHE, bench.folder)
        roundup.prepare(bench.sink.port)
        try:
            some = [done.mails[kind][: min(ROUNDUP_MAILS, len(done.mails[kind]) // 10)] for kind in KINDS]
            measured = await roundup.measure(bench.sink, scenario.shape.contacts, some)
            phases |= {("roundup", kind): phase for kind, phase in zip(KINDS, measured, strict=True)}
        finally:
            roundup.discard()
    for (name, kind), phase in phases.items():
        results.phase(f"{name} {kind}", phase)
        results.compare(f"plain {kind} {name}", f"plain {kind}", f"{name} {kind}")
        results.costs(f"plain {kind} cost {name}", f"plain {kind}", f"{name} {kind}")
        _say(f"{name} {kind}", phase)


async def _special(bench: Bench, results: Results, options: argparse.Namespace, names: Sequence[str]) -> None:
    if "steady" in names:
        results.add("steady", await measuring.steady(bench, 10 if options.quick else 60))
    if "huge" in names:
        results.add("huge", await measuring.huge(bench, 3 if options.quick else 10))
    if "tick" in names:
        found = ticking.measure(bench.folder, 50_000 if options.quick else 1_000_000)
        results.add("tick", Round(numbers=found))
        print("  tick", {name: round(value, 2) for name, value in found.items()}, file=sys.stderr, flush=True)
    if "search" in names:
        _searches(bench, results, 50_000 if options.quick else 1_000_000)
    if "growth" in names:
        results.add("growth", await measuring.growth(bench, 4_000 if options.quick else 100_000))


def _searches(bench: Bench, results: Results, updates: int) -> None:
    stores = {"search": f"sqlite:///{bench.folder}/search.db"}
    server = None if postgresql.missing() else postgresql.Server()
    if server is not None:
        server.start()
        stores["search postgresql"] = server.database()
    try:
        for name, url in stores.items():
            found = searching.measure(url, updates)
            results.add(name, Round(numbers=found))
            print(f"  {name}", {key: round(value, 1) for key, value in found.items()}, file=sys.stderr, flush=True)
    finally:
        (bench.folder / "search.db").unlink(missing_ok=True)
        if server is not None:
            server.stop()


def _say(name: str, phase: Phase) -> None:
    print(f"  {name:<20} {phase.rate:8.1f} mails/s {phase.cost:7.2f} ms CPU a mail", file=sys.stderr, flush=True)


def _chosen(only: str) -> list[str]:
    """The scenarios asked for and those they are compared with, without any whose program is missing."""
    asked = [name for name in only.replace(",", " ").split() if name] or [n for n in EVERYTHING if n != "beside"]
    unknown = set(asked) - set(EVERYTHING)
    if unknown:
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(EVERYTHING)}")
    if set(asked) & set(PEERS):
        asked.append("plain")
    asked += [SCENARIOS[name].beside for name in asked if name in SCENARIOS]
    for name, why in (
        ("postfix", postfix.missing()),
        ("postgresql", postgresql.missing()),
        ("slow", slowdisk.missing()),
    ):
        if why and name in asked:
            print(f"bench: without {name}: {why}", file=sys.stderr)
            asked = [one for one in asked if one != name]
    return list(dict.fromkeys(asked))


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Measures the desk beside other programs.")
    parser.add_argument("--only", default="", help=f"some of: {' '.join(EVERYTHING)}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_MAILS} mails, one round, for developers")
    parser.add_argument("--mails", type=int, default=0, help=f"of each kind in a round ({MAILS})")
    parser.add_argument("--rounds", type=int, default=0, help=f"whose medians are printed ({ROUNDS})")
    parser.add_argument(
        "--profile", default="", help="write cProfile's numbers of the daemon's threads to files so named"
    )
    parser.add_argument("--beside", default="", help="a commit whose version does the same work in each round")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.name}")
    options = parser.parse_args()
    options.mails = options.mails or (QUICK_MAILS if options.quick else MAILS)
    options.rounds = options.rounds or (1 if options.quick else ROUNDS)
    names = _chosen(f"{options.only} beside plain" if options.beside and options.only else options.only)
    CACHE.mkdir(exist_ok=True)
    if options.beside:
        try:
            options.beside = earlier.source(options.beside, CACHE)
        except ValueError as error:
            parser.error(str(error))
        names = [*names, "beside"] if "beside" not in names else names
    elif "beside" in names:
        parser.error("beside needs a commit: make bench BESIDE=COMMIT")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # otherwise servers that were started would keep running
    gc.disable()  # collections in this process must not count as the desk's pauses
    found = asyncio.run(measure(options, names)).medians()
    (CACHE / "last.json").write_text(json.dumps(found, indent=1))
    print(table(found), verdicts(found), sep="\n")
    if options.write:
        PAGE.write_text(page(PAGE.read_text(), found, " ".join(["make bench", *_words()])))
    short = [bar.about for name, bar in BARS.items() if name in found and bar.halved(found[name])]
    return 1 if short else 0


def _words() -> list[str]:
    """The variables of this run as they are given to `make bench`."""
    return [
        f"{name}={shlex.quote(value)}"
        for name in ("ONLY", "QUICK", "BESIDE", "BENCH")
        if (value := os.environ.get(name))
    ]


if __name__ == "__main__":
    sys.exit(main())
