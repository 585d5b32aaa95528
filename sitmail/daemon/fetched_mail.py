"""Mail that was fetched from an IMAP folder or a Maildir: it gets an envelope and is stored like mail from a door."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sitmail.config.machinery import Imap, Maildir
from sitmail.daemon import intake_loop
from sitmail.daemon.runtime import Runtime, now
from sitmail.receiving.spool import Writer
from sitmail.services import addressees


class NoRoom(Exception):
    """No mail can be stored at the moment.  The text says why."""


def check_room(runtime: Runtime) -> None:
    """Raises NoRoom if a door would refuse mail for now."""
    if refusal := runtime.guard():
        raise NoRoom(refusal.split(" ", 2)[-1])


async def keep(runtime: Runtime, writer: Writer, door: str, source: Imap | Maildir, client: str) -> None:
    """Stores the mail in the inbox.  Its spool file is removed even if that fails."""
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
