"""What a kill cannot show: that a 250 follows the sync of the very commit that holds the mail.

After SIGKILL the kernel still has what was written, synced or not; only a power cut forgets it.  So the system calls
themselves are read: the mail's bytes go to the write-ahead log, then the log is synced, then 250 leaves the socket.
Each run gives the same answer, which makes it fit for every change; it needs no disk to be cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TRACED = "pwrite64,fdatasync,sendto"
TRACER = ("strace", "-f", "-qq", "-y", "-s", "4200", "-e", f"trace={TRACED}")
WRITE = re.compile(r'^(\d+) +pwrite64\(\d+<[^>]*-wal>, "(.*)')
SYNC = re.compile(r"^(\d+) +fdatasync\(\d+<[^>]*-wal>(.*)")
RESUMED = re.compile(r"^(\d+) +<\.\.\. fdatasync resumed>(.*)")
KEPT = re.compile(r'^\d+ +sendto\(.*"(?:[^"]*\\n)?250 2\.0\.0 kept as (\d+)')
MAIL = re.compile(r"Message-ID: <(mail-\d+-\d+)@")


@dataclass
class Sync:
    """A sync of the log, from line to line of the trace."""

    begun: int
    ended: int = 0  # 0: never
    good: bool = False


def faults(trace: Path, names: Mapping[int, str]) -> Iterator[str]:
    """What is wrong in a trace.  `names` are the mails by their ids in the inbox, without duplicates."""
    writes: dict[str, int] = {}
    syncs: list[Sync] = []
    kept: dict[int, int] = {}
    open_: dict[str, Sync] = {}
    for at, line in enumerate(trace.read_text(errors="replace").splitlines()):
        if found := WRITE.match(line):
            for this in MAIL.findall(found[2]):
                writes.setdefault(this, at)
        elif found := SYNC.match(line):
            syncs.append(Sync(at))
            open_[found[1]] = syncs[-1]
            _end(open_, found, at)
        elif found := RESUMED.match(line):
            _end(open_, found, at)
        elif found := KEPT.match(line):
            kept[int(found[1])] = at
    for number, said in kept.items():
        yield from _fault(number, names.get(number), said, writes, syncs)


def answered(trace: Path) -> int:
    """How many mails were answered by 250 in a trace."""
    return sum(1 for line in trace.read_text(errors="replace").splitlines() if KEPT.match(line))


def _end(open_: dict[str, Sync], found: re.Match[str], at: int) -> None:
    if "unfinished" not in found[2] and found[1] in open_:
        sync = open_.pop(found[1])
        sync.ended, sync.good = at, re.search(r"= 0\b", found[2]) is not None


def _fault(number: int, this: str | None, said: int, writes: Mapping[str, int], syncs: list[Sync]) -> Iterator[str]:
    if this is None:
        if number == 0:
            yield "answered: 250 for a mail that has no number yet"
        return
    written = writes.get(this)
    if written is None or written > said:
        yield f"answered: 250 for {this} before it was written"
        return
    sync = next((sync for sync in syncs if sync.begun > written), None)
    if sync is None or not sync.ended or sync.ended > said:
        yield f"answered: 250 for {this} before it was synced"
    elif not sync.good:
        yield f"answered: 250 for {this} after its sync had failed"
