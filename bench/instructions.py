"""Instructions a mail, in thousands (or microseconds of CPU): `python -m bench.instructions [--mails=N] [--batch=N]`.

Times vary much on a busy machine, while the number of instructions is the same within 1 %.  They are counted for this
process and its threads by `perf_event_open` (Linux on x86-64; perf_event_paranoid <= 2).
The desk runs inside this process, without doors and courier: mails are kept, read and processed in batches.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bench.desk import CONFIG, LIMITS, directory, engineers, settings
from bench.mails import DESK, Mail, Shape, new, replies
from sitmail import config
from sitmail.daemon.runtime import Runtime
from sitmail.domain.mail import Envelope
from sitmail.domain.outgoing import Outgoing
from sitmail.reading.parse import READING, Asked
from sitmail.reading.parser_client import ParserClient
from sitmail.services import process_mail
from sitmail.services.hints import Arrival
from sitmail.services.process_mail import Task, Unread
from sitmail.store import inbox

PERF_EVENT_OPEN = 298  # the system call's number
INSTRUCTIONS, INHERIT, NOT_KERNEL = 1, 1 << 1, 1 << 5 | 1 << 6
WARM = 50


class Counted:
    """Counts instructions outside the kernel, of this thread and of threads that it starts later.

    If the machine cannot count them (many virtual ones cannot), it counts nanoseconds of this process's CPU time.
    Compare those only within one run, and take the smallest of several.
    """

    def __init__(self) -> None:
        asked = struct.pack("IIQQQQQ", 0, 128, INSTRUCTIONS, 0, 0, 0, INHERIT | NOT_KERNEL).ljust(128, b"\0")
        libc = ctypes.CDLL(None, use_errno=True)
        self._file = libc.syscall(PERF_EVENT_OPEN, ctypes.create_string_buffer(asked, 128), 0, -1, -1, 0)
        self.unit = "thousand instructions" if self._file >= 0 else "microseconds of CPU"

    def read(self) -> int:
        if self._file < 0:
            return time.process_time_ns()
        (found,) = struct.unpack("Q", os.read(self._file, 8))
        return int(found)


class Run:
    """A desk in this process, with the cost of each step."""

    def __init__(
        self, folder: Path, counted: Counted, batch: int, *, promises: bool = False, pages: bool = True
    ) -> None:
        limits = "\n".join(f"{name} = 1000000" for name in LIMITS.split())
        text = CONFIG.format(desk=DESK, port=1, store=f"sqlite:///{folder}/sitmail.db", sink=1, limits=limits)
        (folder / "config.toml").write_text(text + settings(promises, pages) + engineers())
        (folder / "directory.toml").write_text(directory(Shape().contacts))
        self.runtime = Runtime(config.load(folder / "config.toml", {}))
        self.counted, self.batch = counted, batch

    def feed(self, mails: Sequence[Mail]) -> tuple[Counter[str], list[Outgoing]]:
        """Feeds the mails; returns instructions by step, and the letters."""
        spent: Counter[str] = Counter()
        letters: list[Outgoing] = []
        for first in range(0, len(mails), self.batch):
            begun = self.counted.read()
            for kept in [
                self.runtime.database.write(inbox.keep, self._arrived(mail)) for mail in mails[first:][: self.batch]
            ]:
                kept.result()
            spent["keep"] += self.counted.read() - begun
            while self._work(spent, letters):
                pass
        return spent, letters

    def _arrived(self, mail: Mail) -> inbox.Kept:
        writer = self.runtime.spool.writer()
        writer.write(mail.content)
        envelope = Envelope(mail.sender, (mail.recipient,), datetime.now(UTC))
        return process_mail.to_keep(self.runtime.desk, writer.finish(), envelope)

    def _work(self, spent: Counter[str], letters: list[Outgoing]) -> bool:
        desk, database = self.runtime.desk, self.runtime.database
        begun = self.counted.read()
        with database.read() as connection:
            waiting = inbox.waiting(connection, 100, datetime.now(UTC))
        found = process_mail.read(desk, [Unread(one.data or b"", one) for one in waiting])
        arrivals = [one for one in found if isinstance(one, Arrival)]
        batch = process_mail.independent_batch(desk, arrivals)
        spent["read"] += (read := self.counted.read()) - begun
        for done in [database.write(process_mail.process, Task(desk, one, datetime.now(UTC))) for one in batch]:
            letters.extend(done.result().letters)
        spent["process"] += self.counted.read() - read
        return bool(batch)


def parsing(mails: Sequence[Mail], counted: Counted, batch: int) -> Counter[str]:
    """The cost of parsing mails in this process, and the extra cost (of both processes) of parsing in the other one."""
    asked: list[Asked] = [(mail.content, None) for mail in mails]
    begun = counted.read()
    process_mail.here(asked, READING)
    here = counted.read() - begun
    with closing(ParserClient()) as worker:
        worker(asked)
        begun = counted.read()
        for first in range(0, len(asked), batch):
            worker(asked[first:][:batch])
        there = counted.read() - begun
    return Counter({"parse": here, "hand over": there - here})


def answers(letters: Sequence[Outgoing]) -> dict[int, tuple[str, str]]:
    """By case, the reply address and Message-ID of each acknowledgement."""
    found = {}
    for letter in letters:
        case = re.search(r"(?m)^Subject: [^\r]*case (\d{7})", letter.head)
        address = re.search(r"(?m)^Reply-To:.*?([^\s<>]+@[^\s<>]+)", letter.head)
        if case and address and letter.recipient.endswith(".example.org"):
            found[int(case[1])] = (address[1], letter.message_id)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.instructions", description="Instructions a mail, in thousands.")
    parser.add_argument("--mails", type=int, default=600, help="of each kind")
    parser.add_argument("--batch", type=int, default=10, help="mails that come at once")
    parser.add_argument("--text", action="store_true", help="letters without pages")
    options = parser.parse_args()
    counted = Counted()
    print(f"{counted.unit} a mail, by step")
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), counted, options.batch, pages=not options.text)
        for cases in (range(9_000_000, 9_000_000 + WARM), range(options.mails)):
            firsts = new(Shape(), cases)
            opened, letters = run.feed(firsts)
            seconds = replies(Shape(), firsts, answers(letters))
            added, _ = run.feed(seconds)
        for kind, mails, spent in (("new", firsts, opened), ("reply", seconds, added)):
            spent += parsing(mails, counted, options.batch)
            print(kind, *(f"{step} {cost / options.mails / 1000:.0f}" for step, cost in spent.items()), sep="\t")
        run.runtime.database.close()


if __name__ == "__main__":
    main()
