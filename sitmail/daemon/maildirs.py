"""Fetches mail from Maildirs: looks every few seconds, stores what is there, and removes it from the Maildir."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import PurePath

from sitmail.config.machinery import Maildir as Source
from sitmail.daemon import fetched_mail, logs
from sitmail.daemon.runtime import Runtime
from sitmail.receiving.maildir import Maildir

ROUND = 200  # mails taken before the folder is looked at again
REST = 600.0  # seconds before a mail that failed is tried again


Stuck = dict[str, tuple[float, str]]  # mails that failed, by name: not to be tried before then, and why


async def watch(runtime: Runtime, source: Source, seconds: float, tell: Callable[[str], Awaitable[None]]) -> None:
    """Fetches from the Maildir until the daemon stops, and reports its state by `tell`.  Raises OSError or NoRoom."""
    stuck: Stuck = {}
    while not runtime.stopping.is_set():
        await tell(await empty(runtime, source, stuck))
        await runtime.sleep(asyncio.Event(), seconds)


async def empty(runtime: Runtime, source: Source, stuck: Stuck) -> str:
    """Fetches everything that is there.  Returns "", or a sentence about mails that failed; they hold up no others."""
    box = Maildir(source.path, source.done_folder)
    while not runtime.stopping.is_set():
        moment = asyncio.get_running_loop().time()
        found = await asyncio.to_thread(box.waiting)
        for name in stuck.keys() - {_bare(name) for name in found}:
            del stuck[name]
        waiting = [name for name in found if stuck.get(_bare(name), (0.0, ""))[0] <= moment][:ROUND]
        if not waiting:
            break
        for name in waiting:
            if runtime.stopping.is_set():
                break
            if reason := await _take(runtime, source, box, name):
                stuck[_bare(name)] = moment + REST, reason
                logs.event("left-behind", level=logging.WARNING, maildir=str(source.path), mail=name, reason=reason)
    if not stuck:
        return ""
    name, (_, reason) = next(iter(stuck.items()))
    return f"{len(stuck)} of the mails in {source.path} cannot be taken, such as {name}: {reason}"


def _bare(name: str) -> str:
    """The name of a mail without folder and flags, which mail programs change."""
    return PurePath(name).name.partition(":2,")[0]


async def _take(runtime: Runtime, source: Source, box: Maildir, name: str) -> str:
    """Stores one mail and removes it; "" or why that failed.  Raises NoRoom, and what the database raises."""
    fetched_mail.check_room(runtime)
    writer = runtime.spool.writer()
    try:
        reason = await asyncio.to_thread(box.read, name, writer.write, runtime.settings.smtp.max_message_size)
    except FileNotFoundError:
        writer.discard()
        return ""  # another program renamed it: it is found under the new name
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        writer.discard()
        return reason
    await fetched_mail.keep(runtime, writer, "maildir", source, str(source.path))
    try:
        await asyncio.to_thread(box.finish, name)
    except OSError as error:
        return f"it is kept, but cannot be taken out: {error.strerror or error}"
    return ""
