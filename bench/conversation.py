"""Measures whether the cost of an update grows with the number of updates before it: one incident becomes long.

Customer and engineer answer each other's letters in turns.  The desk runs in this process, so that instructions can be
counted (`bench.instructions`): `python -m bench.conversation [--updates=N]`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.instructions import Counted, Run
from bench.mails import DATE, DESK, Mail, Shape, message_id, new
from sitmail.domain.outgoing import Outgoing

SLICE = 50  # updates for which one figure is printed


def answer(number: int, letter: Outgoing, writer: str) -> Mail:
    """The reply of a letter's reader, which quotes a part of it."""
    words = f"Answer {number}: " + "the pump hums and the gauge shows forty. " * 8
    quoted = "".join(f"> {line}\r\n" for line in letter.body.split("\n")[:8])
    lines = letter.head.replace("\r\n ", " ").split("\r\n")
    reply_to, about = (next(line for line in lines if line.startswith(name)) for name in ("Reply-To:", "Subject:"))
    address = reply_to.rpartition("<")[2].rstrip(">") if "<" in reply_to else reply_to.split()[-1]
    head = (
        f"Received: from mail.example.org by mx.example.com; {DATE}\r\nFrom: Writer <{writer}>\r\nTo: <{address}>\r\n"
        f"Subject: Re: {about[8:].strip()}\r\nDate: {DATE}\r\nMessage-ID: {message_id(number, 'long')}\r\n"
        f"In-Reply-To: {letter.message_id}\r\nReferences: {letter.message_id}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    body = f"{words}\r\n\r\nOn {DATE}, Example Support <{DESK}> wrote:\r\n{quoted}"
    return Mail(number, writer, address, (head + body).encode())


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.conversation", description="Instructions an update, in thousands.")
    parser.add_argument("--updates", type=int, default=1_500)
    options = parser.parse_args()
    counted = Counted()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), counted, 1, promises=True)
        first = new(Shape(), [1])[0]
        _, letters = run.feed([first])
        last = {letter.recipient: letter for letter in letters}
        engineer = next(address for address in last if address.endswith("@example.com"))
        costs: dict[str, list[int]] = {first.sender: [], engineer: []}
        for number in range(2, options.updates + 2):
            writer = engineer if number % 2 else first.sender
            begun = counted.read()
            _, letters = run.feed([answer(number, last[writer], writer)])
            costs[writer].append(counted.read() - begun)
            last |= {letter.recipient: letter for letter in letters}
        print(f"{counted.unit} an update: early, late, and how many times as much")
        for who, spent in (("customer", costs[first.sender]), ("engineer", costs[engineer])):
            early, late = sum(spent[SLICE : 2 * SLICE]), sum(spent[-SLICE:])
            print(who, f"{early / SLICE / 1000:.0f}", f"{late / SLICE / 1000:.0f}", f"{late / early:.2f} x", sep="\t")
        run.runtime.database.close()


if __name__ == "__main__":
    main()
