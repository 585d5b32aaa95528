"""The daemon from start to stop: opens the database, listens, runs the loops, and stops without losing anything.

Three loops (intake, watch, delivery) run round two functions (`rules.decide` and `time_rules.decide`); doors and the
control socket feed them.  SIGHUP reads the configuration again, SIGTERM and SIGINT stop, SIGUSR1 prints where every
thread is.
"""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import resource
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from sitmail import config
from sitmail.config import Config, ConfigError
from sitmail.daemon import delivery_loop, drop_folder, imap_accounts, intake_loop, logs, questions, watch_loop
from sitmail.daemon.control import Control
from sitmail.daemon.listeners import Listener, inherited_sockets, open_listeners
from sitmail.daemon.runtime import Runtime, now
from sitmail.daemon.systemd_notify import notify, watchdog_interval
from sitmail.receiving.door import Door, DoorSettings
from sitmail.receiving.lmtp import lmtp_door
from sitmail.receiving.smtp import smtp_door
from sitmail.receiving.smtp_login import Logins
from sitmail.sending.courier import Courier
from sitmail.services.keys import KeyFileError
from sitmail.services.process_mail import accepts
from sitmail.services.reports import Trouble
from sitmail.store.errors import StoreAway, StoreError

SPARE_FILES = 200  # open files besides connections: database, relay, control socket, blobs
GRACE = 20.0  # seconds that sessions and letters get to finish when the daemon stops


def run(path: Path, once: bool = False, level: str = "info") -> int:
    """Runs the daemon until it is told to stop; returns an exit code of sysexits.h.

    `once`: empty inbox and outbox, then end.
    """
    logs.start(getattr(logging, level.upper()))
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    try:
        settings = config.load(path)
        runtime = Runtime(settings)
    except ConfigError as error:
        return _refuse(os.EX_CONFIG, *error.lines)
    except StoreAway as error:
        return _refuse(os.EX_UNAVAILABLE, str(error))
    except (StoreError, KeyFileError) as error:  # a second daemon on the same store, too
        return _refuse(os.EX_CONFIG, str(error))
    except OSError as error:
        return _refuse(os.EX_NOPERM, f"{error.filename or path}: {error.strerror}")
    try:
        return asyncio.run(_drain(runtime) if once else _serve(runtime))
    finally:
        runtime.reader.close()
        runtime.database.close()


def _refuse(code: int, *sentences: str) -> int:
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return code


async def _drain(runtime: Runtime) -> int:
    """Handles all mail that waits and sends all letters that are due, without listening."""
    carrier = delivery_loop.courier(runtime)
    offer = carrier.offer
    await drop_folder.empty(runtime, set())
    await imap_accounts.once(runtime)
    while await intake_loop.work(runtime, offer):
        pass
    await watch_loop.work(runtime, offer)
    await carrier.drain()
    return _code(runtime)


async def _serve(runtime: Runtime) -> int:
    carrier = delivery_loop.courier(runtime)
    offer = carrier.offer
    control = Control(runtime.settings.data / "control.sock", questions.questions(runtime, carrier))
    try:
        doors, listeners = await _open_doors(runtime)
    except (OSError, ValueError) as error:
        return _refuse(os.EX_UNAVAILABLE, f"cannot listen: {error}")
    runtime.spool.clear()
    drop_folder.prepare(runtime.settings.lmtp.spool)
    _signals(runtime)
    metrics = questions.metrics(runtime, carrier)
    try:
        await control.start()
        runtime.listeners = [*(listener.name for listener in listeners), *imap_accounts.names(runtime.settings)]
        loops = [
            _watched(runtime, loop)
            for loop in (
                intake_loop.run(runtime, offer),
                watch_loop.run(runtime, offer),
                carrier.run(),
                imap_accounts.run(runtime),
                drop_folder.run(runtime),
            )
        ]
        if metrics is not None:
            runtime.listeners += metrics.start()
            loops.append(asyncio.create_task(metrics.write(runtime.stopping)))
        dog = asyncio.create_task(_watchdog(runtime))
        _ready(runtime)
        await runtime.stopping.wait()
        notify("STOPPING=1")
        await _stop(doors, listeners, control, carrier, loops)
        dog.cancel()
        if metrics is not None:
            metrics.stop()
    except OSError as error:
        return _refuse(os.EX_UNAVAILABLE, f"cannot start: {error}")
    finally:
        for listener in listeners:
            await listener.close()
    logs.event("stopped")
    return _code(runtime)


def _code(runtime: Runtime) -> int:
    if runtime.failure is not None:
        logs.event("broken", level=logging.CRITICAL, error=str(runtime.failure))
        return os.EX_IOERR
    return os.EX_OK


# --- doors


async def _open_doors(runtime: Runtime) -> tuple[list[Door], list[Listener]]:
    settings, inherited = runtime.settings, inherited_sockets(os.environ, os.getpid())
    _room_for(settings.smtp.max_connections)
    doors, listeners = [], []
    for kind, make, listen in (("smtp", smtp_door, settings.smtp.listen), ("lmtp", lmtp_door, settings.lmtp.listen)):
        door = make(
            _door_settings(settings, outside=kind == "smtp"),
            runtime.spool,
            accepts=lambda recipient: accepts(runtime.desk.policy, recipient),
            deliver=partial(intake_loop.keep, runtime),
            guard=runtime.guard,
        )
        doors.append(door)
        runtime.certificate = runtime.certificate or door.settings.tls
        places = [str(place) for place in listen]
        encrypted = door.encrypted if door.settings.tls else None
        listeners += await open_listeners(
            kind, places, door, base=settings.data, inherited=inherited, encrypted=encrypted
        )
    return doors, listeners


def _door_settings(settings: Config, *, outside: bool) -> DoorSettings:
    """`outside`: the door for other machines; the other door is for the mail server on this machine."""
    smtp = settings.smtp
    plain = DoorSettings(
        hostname=smtp.hostname or socket.gethostname(),
        max_message_size=smtp.max_message_size,
        max_sessions=smtp.max_connections,
        max_sessions_per_client=smtp.max_connections_per_client,
    )
    if not outside:
        return plain
    context = None
    if smtp.tls_cert is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(smtp.tls_cert, smtp.tls_key)
    logins = Logins(smtp.passwords) if smtp.passwords is not None and context else None
    return replace(plain, tls=context, proxy_from=smtp.proxy_from, logins=logins)


def _room_for(connections: int) -> None:
    """Raises the limit of open files, up to the hard limit: a shell's is often too low for so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


# --- loops


def _watched(runtime: Runtime, loop: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Runs a loop.  If it ends by itself the daemon stops, so that systemd starts it anew."""

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if not runtime.stopping.is_set():
            runtime.failure = error or RuntimeError("a loop ended")
            logging.getLogger("sitmail").critical("event=loop-ended", exc_info=error)
        runtime.stopping.set()
        runtime.mail.set()
        runtime.time.set()

    task = asyncio.create_task(loop)
    task.add_done_callback(ended)
    return task


async def _watchdog(runtime: Runtime) -> None:
    """Tells systemd that the daemon works, as long as the event loop and the writer both respond."""
    interval = watchdog_interval()
    while interval:
        await runtime.database.awrite(_nothing, None)
        notify("WATCHDOG=1")
        await asyncio.sleep(interval)


def _nothing(_connection: Connection, items: list[None]) -> list[None]:
    return items


def _ready(runtime: Runtime) -> None:
    print("ready", *runtime.listeners, flush=True)
    notify("READY=1", f"STATUS={', '.join(runtime.listeners)}")
    logs.event("ready", listeners=", ".join(runtime.listeners), policy=runtime.desk.policy.digest)
    for sentence in (*runtime.settings.warnings, *runtime.database.remarks, *runtime.remarks):
        logs.event("remark", level=logging.WARNING, text=sentence)


async def _stop(
    doors: Sequence[Door],
    listeners: Sequence[Listener],
    control: Control,
    carrier: Courier,
    loops: Sequence[asyncio.Task[None]],
) -> None:
    """Closes the listeners, lets sessions finish, then ends the loops."""
    for listener in listeners:
        await listener.close()
    await asyncio.gather(*(door.stop(GRACE) for door in doors), control.stop())
    carrier.stop()
    _, late = await asyncio.wait(loops, timeout=GRACE)
    for task in late:
        task.cancel()
    await asyncio.gather(*loops, return_exceptions=True)


# --- signals


def _signals(runtime: Runtime) -> None:
    loop = asyncio.get_running_loop()
    reloading: set[asyncio.Task[None]] = set()

    on_terminal = sys.stdin is not None and sys.stdin.isatty()

    def hangup() -> None:
        if on_terminal and not sys.stdin.isatty():  # the terminal is gone
            runtime.stopping.set()
            return
        task = asyncio.ensure_future(_reload(runtime))
        reloading.add(task)
        task.add_done_callback(reloading.discard)

    stop: Callable[[], None] = runtime.stopping.set
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, hangup)


async def _reload(runtime: Runtime) -> None:
    """Reads the configuration again; a wrong one is logged, and the old one stays."""
    notify("RELOADING=1")
    try:
        fresh = await runtime.reload()
        runtime.refused = None
        logs.event("reloaded", policy=fresh.policy.digest)
        for sentence in runtime.remarks:
            logs.event("remark", level=logging.WARNING, text=sentence)
    except (ConfigError, KeyFileError, StoreError, OSError) as error:
        lines = list(error.lines) if isinstance(error, ConfigError) else [str(error)]
        more = f" ({len(lines) - 1} more: sitmail check)" if len(lines) > 1 else ""
        runtime.refused = Trouble(lines[0] + more, now())
        for line in lines:
            logs.event("reload-refused", level=logging.ERROR, line=line, keeps=runtime.desk.policy.digest)
    finally:
        notify("READY=1")
