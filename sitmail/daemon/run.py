"""The daemon from start to stop: opens the database, listens, runs the loops, and stops without losing anything.

Three loops (intake, watch, delivery) run round two functions (`rules.decide` and `time_rules.decide`); doors and the
control socket feed them.  SIGHUP reads the configuration again, SIGTERM and SIGINT stop, SIGUSR1 prints where every
thread is.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from sitmail import config
from sitmail.config import Config, ConfigError
from sitmail.daemon import (
    delivery_loop,
    drop_folder,
    imap_accounts,
    index_loop,
    intake_loop,
    logs,
    questions,
    report_loop,
    watch_loop,
)
from sitmail.daemon.control import Control, Handler
from sitmail.daemon.doors import Entrance, open_doors
from sitmail.daemon.listeners import Listener
from sitmail.daemon.outage import FIRST_PAUSE, LONGEST_PAUSE, patient
from sitmail.daemon.runtime import Runtime, now
from sitmail.daemon.systemd_notify import notify, watchdog_interval
from sitmail.receiving.door import Door
from sitmail.receiving.spool import Spool
from sitmail.sending.courier import Courier
from sitmail.services.keys import KeyFileError
from sitmail.services.reports import Trouble
from sitmail.store.errors import StoreAway, StoreBroken, StoreError

GRACE = 20.0  # seconds that sessions and letters get to finish when the daemon stops


def run(path: Path, once: bool = False, level: str = "info") -> int:
    """Runs the daemon until it is told to stop; returns an exit code of sysexits.h.

    `once`: empty inbox and outbox, then end.
    """
    logs.start(getattr(logging, level.upper()))
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    try:
        settings = config.load(path)
        return asyncio.run(_drain(settings) if once else _serve(settings))
    except ConfigError as error:
        return _refuse(os.EX_CONFIG, *error.lines)
    except StoreAway as error:  # `once` waits for nothing
        return _refuse(os.EX_UNAVAILABLE, str(error))
    except StoreBroken as error:
        return _refuse(os.EX_IOERR, str(error))
    except (StoreError, KeyFileError) as error:  # a second daemon on the same store, too
        return _refuse(os.EX_CONFIG, str(error))
    except OSError as error:
        return _refuse(os.EX_NOPERM, f"{error.filename or path}: {error.strerror}")


def _refuse(code: int, *sentences: str) -> int:
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    return code


async def _drain(settings: Config) -> int:
    """Handles all mail that waits and sends all letters that are due, without listening."""
    with _closing(Runtime(settings)) as runtime:
        carrier = delivery_loop.courier(runtime)
        offer = carrier.offer
        await drop_folder.empty(runtime, set())
        await imap_accounts.once(runtime)
        while await intake_loop.work(runtime, offer):
            pass
        await watch_loop.work(runtime, offer)
        while await report_loop.work(runtime, offer):
            pass
        await index_loop.work(runtime)
        while await intake_loop.work(runtime, offer):  # answers whose time had come
            pass
        await carrier.drain()
        return _code(runtime)


@contextmanager
def _closing(runtime: Runtime) -> Iterator[Runtime]:
    try:
        yield runtime
    finally:
        runtime.reader.close()
        runtime.database.close()


async def _serve(settings: Config) -> int:
    """Opens the store, then the doors.  While the store is away the doors say so, and opening it is tried again."""
    away: StoreAway | None = None
    runtime: Runtime | None = None
    try:
        runtime = Runtime(settings)
    except StoreAway as error:
        away = error
    entrance = Entrance(settings, runtime.spool if runtime else Spool(settings.data / "spool"))
    entrance.runtime = runtime
    handlers: dict[str, Handler] = questions.waiting(away) if away else {}
    control = Control(settings.data / "control.sock", handlers)
    with ExitStack() as stack:
        if runtime is not None:
            stack.enter_context(_closing(runtime))
        try:
            doors, listeners = await open_doors(entrance)
        except (OSError, ValueError) as error:
            return _refuse(os.EX_UNAVAILABLE, f"cannot listen: {error}")
        try:
            if away is not None:
                runtime = await _opened(entrance, control, [listener.name for listener in listeners], away)
                if runtime is None:  # told to stop meanwhile
                    await control.stop()
                    return os.EX_OK
                stack.enter_context(_closing(runtime))
            assert runtime is not None
            runtime.spool.clear()
            entrance.runtime = runtime
            return await _work(runtime, doors, listeners, control, handlers, started=away is not None)
        except OSError as error:
            return _refuse(os.EX_UNAVAILABLE, f"cannot start: {error}")
        finally:
            for listener in listeners:
                await listener.close()


async def _opened(entrance: Entrance, control: Control, listening: Sequence[str], away: StoreAway) -> Runtime | None:
    """The runtime, once the store can be opened; None if the daemon is told to stop before."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await control.start()
    print("ready", *listening, flush=True)  # the doors answer, and systemd shall not give up waiting
    notify("READY=1", f"STATUS={away}")
    logs.event("store-away", level=logging.ERROR, error=str(away))
    pause = FIRST_PAUSE
    while not stopping.is_set():
        notify("WATCHDOG=1")
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)
        pause = min(pause * 2, LONGEST_PAUSE)
        try:
            if not stopping.is_set():
                return await asyncio.to_thread(Runtime, entrance.settings, entrance.spool)
        except StoreAway as error:
            logs.event("store-away", level=logging.WARNING, error=str(error), again_in=f"{pause:.0f}")
    return None


async def _work(
    runtime: Runtime,
    doors: Sequence[Door],
    listeners: Sequence[Listener],
    control: Control,
    handlers: dict[str, Handler],
    *,
    started: bool,
) -> int:
    """All loops, until the daemon is told to stop.  `started`: the control socket answers already."""
    carrier = delivery_loop.courier(runtime)
    offer = carrier.offer
    runtime.certificate = next((door.settings.tls for door in doors if door.settings.tls), None)
    drop_folder.prepare(runtime.settings.lmtp.spool)
    _signals(runtime)
    metrics = questions.metrics(runtime, carrier)
    handlers.update(questions.questions(runtime, carrier))
    if not started:
        await control.start()
    runtime.listeners = [*(listener.name for listener in listeners), *imap_accounts.names(runtime.settings)]
    loops = [
        _watched(runtime, patient(runtime, loop))
        for loop in (
            lambda: intake_loop.run(runtime, offer),
            lambda: watch_loop.run(runtime, offer),
            lambda: report_loop.run(runtime, offer),
            lambda: index_loop.run(runtime),
            carrier.run,
            lambda: imap_accounts.run(runtime),
            lambda: drop_folder.run(runtime),
            lambda: runtime.outage.watch(runtime),
        )
    ]
    if metrics is not None:
        runtime.listeners += metrics.start()
        loops.append(asyncio.create_task(metrics.write(runtime.stopping)))
    dog = asyncio.create_task(_watchdog(runtime))
    _spare_garbage_collector()
    _ready(runtime, quiet=started)
    await runtime.stopping.wait()
    notify("STOPPING=1")
    await _stop(doors, listeners, control, carrier, loops)
    dog.cancel()
    if metrics is not None:
        metrics.stop()
    logs.event("stopped")
    return _code(runtime)


def _spare_garbage_collector() -> None:
    """What was loaded stays until the end: looking through it for cycles again and again took 4 % of a mail's CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)


def _code(runtime: Runtime) -> int:
    if runtime.failure is not None:
        logs.event("broken", level=logging.CRITICAL, error=str(runtime.failure))
        return os.EX_IOERR
    return os.EX_OK


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
        runtime.reports.set()

    task = asyncio.create_task(loop)
    task.add_done_callback(ended)
    return task


async def _watchdog(runtime: Runtime) -> None:
    """Tells systemd that the daemon works, as long as the event loop and the writer both respond."""
    interval = watchdog_interval()
    while interval:
        try:
            await runtime.database.awrite(_nothing, None)
        except StoreAway as error:  # the writer did respond
            runtime.outage.begins(error)
        notify("WATCHDOG=1")
        await asyncio.sleep(interval)


def _nothing(_connection: Connection, items: list[None]) -> list[None]:
    return items


def _ready(runtime: Runtime, *, quiet: bool) -> None:
    """Says that all is running; `quiet`: who started it was told before."""
    if not quiet:
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
