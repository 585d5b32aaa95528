"""Mail that other programs put into a Maildir: looked for every few seconds, kept, and taken out."""

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
REST = 600.0  # seconds for which a mail that cannot be taken is left alone


Stuck = dict[str, tuple[float, str]]  # mails that cannot be taken, by name: until when they are left alone, and why


async def watch(runtime: Runtime, source: Source, seconds: float, tell: Callable[[str], Awaitable[None]]) -> None:
    """Empties the folder again and again until the desk stops, and tells how it fares.  Raises OSError or NoRoom."""
    stuck: Stuck = {}
    while not runtime.stopping.is_set():
        await tell(await empty(runtime, source, stuck))
        await runtime.sleep(asyncio.Event(), seconds)


async def empty(runtime: Runtime, source: Source, stuck: Stuck) -> str:
    """Takes everything that is there; "" or a sentence about mails that cannot be taken, which hold up no others."""
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
    """A mail's name without its folder and flags, which mail programs change."""
    return PurePath(name).name.partition(":2,")[0]


async def _take(runtime: Runtime, source: Source, box: Maildir, name: str) -> str:
    """One mail: kept, then taken out; "" or why it could not be.  Raises NoRoom, and what the store raises."""
    fetched_mail.room(runtime)
    writer = runtime.spool.writer()
    try:
        reason = await asyncio.to_thread(box.read, name, writer.write, runtime.settings.smtp.max_message_size)
    except FileNotFoundError:
        writer.discard()
        return ""  # somebody gave it another name: it is found under that
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
