"""Runs a desk with one deliberate mistake, to test that the mistake is noticed: `saboteur.py NAME run --config FILE`.

Each saboteur changes one function and then runs the program.  Only tests start this.  A nap marks the dangerous
moment of a mistake: the program itself never naps, so that this system call (clock_nanosleep) is a point to kill at.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sitmail.__main__ import main
from sitmail.daemon import intake_loop as keeping
from sitmail.sending import courier
from sitmail.sending.relay_smtp import SmtpRelay
from sitmail.sending.replies import Fate, Verdict
from sitmail.services import process_mail
from sitmail.store import dialects, inbox

NAP = 0.01  # seconds
UNDER_WAY: set[asyncio.Task[Any]] = set()


def early_250() -> None:
    """The door answers before the mail is committed."""
    honest = keeping.keep

    async def keep(runtime: Any, spooled: Any, envelope: Any) -> str:
        async def afterwards() -> None:
            time.sleep(NAP)
            await honest(runtime, spooled, envelope)

        _behind(afterwards())
        return "250 2.0.0 kept as 0"

    keeping.keep = keep


def no_dedupe() -> None:
    """Every mail is new, however often it comes."""
    honest = process_mail.to_keep
    process_mail.to_keep = lambda *words: replace(honest(*words), content=secrets.token_hex(32))


def random_message_id() -> None:
    """Each attempt of a letter has an id of its own."""
    honest = courier.wire

    def wire(*words: Any, **more: Any) -> bytes:
        fresh = f"Message-ID: <{secrets.token_hex(8)}@example.com>".encode()
        return re.sub(rb"(?im)^Message-ID: .*?(?=\r\n\S)", fresh, honest(*words, **more), count=1, flags=re.DOTALL)

    courier.wire = wire


def normal_sync() -> None:
    """Commits are not synced to the disk (synchronous=NORMAL), and the check at the start is silent."""
    connect = sqlite3.connect

    class Careless(sqlite3.Connection):
        def execute(self, sql: str, *words: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), *words)

    dialects.sqlite3.connect = lambda *words, **more: connect(*words, factory=Careless, **more)
    dialects.DIALECTS["sqlite"] = replace(dialects.DIALECTS["sqlite"], check=lambda _connection: None)


def sent_too_early() -> None:
    """A letter counts as sent before the relay has said so."""
    honest = SmtpRelay.send

    async def send(self: SmtpRelay, *words: Any) -> Verdict:
        _behind(honest(SmtpRelay(**_like(self)), *words))
        return Verdict(Fate.SENT, "")

    SmtpRelay.send = send


def two_transactions() -> None:
    """What a mail brings about is committed before the mail is ended and the letters are written."""
    honest = process_mail.tell

    def tell(connection: Any, *words: Any) -> Any:
        connection.exec_driver_sql("COMMIT")
        time.sleep(NAP)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return honest(connection, *words)

    process_mail.tell = tell


def ended_first() -> None:
    """The mail is ended in a transaction of its own, before what it brings about is committed."""
    honest = process_mail.process

    def process(connection: Any, tasks: Any) -> Any:
        ended = [inbox.Ended(task.arrival.id, "applied", "", "", task.now) for task in tasks]
        inbox.finish(connection, ended)
        connection.exec_driver_sql("COMMIT")
        time.sleep(NAP)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return honest(connection, tasks)

    keeping.process_mail.process = process


def _behind(work: Any) -> None:
    task = asyncio.get_running_loop().create_task(work)
    UNDER_WAY.add(task)
    task.add_done_callback(UNDER_WAY.discard)


def _like(relay: SmtpRelay) -> dict[str, Any]:
    names = ("host", "port", "security", "login", "hostname", "tls", "patience")
    return {name: getattr(relay, f"_{name}") for name in names}


SABOTEURS: dict[str, Callable[[], None]] = {
    made.__name__: made
    for made in (
        early_250,
        no_dedupe,
        random_message_id,
        normal_sync,
        sent_too_early,
        two_transactions,
        ended_first,
    )
}

if __name__ == "__main__":
    SABOTEURS[sys.argv.pop(1)]()
    sys.exit(main())
