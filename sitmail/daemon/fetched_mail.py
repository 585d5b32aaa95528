"""Mail without an envelope, out of a mailbox or a Maildir: it is given one, and kept as every door's mail is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sitmail.config.machinery import Imap, Maildir
from sitmail.daemon import intake_loop
from sitmail.daemon.runtime import Runtime, now
from sitmail.receiving.spool import Writer
from sitmail.services import addressees


class NoRoom(Exception):
    """We cannot keep anything at the moment; the text is for people."""


def room(runtime: Runtime) -> None:
    """Raises NoRoom where a door would refuse mail for a while."""
    if refusal := runtime.guard():
        raise NoRoom(refusal.split(" ", 2)[-1])


async def keep(runtime: Runtime, writer: Writer, door: str, source: Imap | Maildir, client: str) -> None:
    """The mail is safe when this returns; the spool forgets it in every case."""
    try:
        spooled = writer.finish()
        head = spooled.content
        if head is None:
            assert spooled.path is not None
            head = await asyncio.to_thread(_head, spooled.path)
        envelope = addressees.envelope(
            runtime.desk.policy,
            head,
            now(),
            door,
            believed=source.recipients,
            fallback=source.address,
            client=client,
        )
        await intake_loop.keep(runtime, spooled, envelope)
    finally:
        writer.discard()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(addressees.HEAD)
