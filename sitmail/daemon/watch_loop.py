"""The watch loop: sleeps until the next deadline or notice is due, then decides what to do about it."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from sitmail.daemon import logs
from sitmail.daemon.intake_loop import Offer
from sitmail.daemon.runtime import Runtime, now
from sitmail.services.alerts import Alert, alert
from sitmail.services.process_tick import Tick, Ticked, due_now, put_off, tick
from sitmail.store.errors import StoreAway

LASTING = timedelta(minutes=2)  # a job that fails for so long is told to the admins
PUT_OFF = timedelta(minutes=5)  # until an incident at which nobody could look is looked at again
LONGEST_SLEEP = 60.0  # seconds: if the system clock is changed, it is noticed that soon
SHORTEST_SLEEP = 0.5  # seconds between two ticks, however much happens


async def run(runtime: Runtime, offer: Offer) -> None:
    """Runs ticks until the daemon stops.  A tick that fails is logged and tried again."""
    while not runtime.stopping.is_set():
        pause = LONGEST_SLEEP
        try:
            pause = _until((await work(runtime, offer)).next, now())
            runtime.job("watch loop", None)
            _looked_at_again(runtime)
        except StoreAway as error:
            await runtime.outage.wait(error, runtime.stopping)
            continue
        except Exception as error:
            _stumbled(runtime, "watch loop", error)
            runtime.check()
            await each_alone(runtime, offer)
            await tell_admins(runtime, offer)
        await asyncio.sleep(SHORTEST_SLEEP if not runtime.stopping.is_set() else 0)
        await runtime.sleep(runtime.time, pause - SHORTEST_SLEEP)


async def each_alone(runtime: Runtime, offer: Offer) -> None:
    """After a tick that failed: one incident at which nobody can look does not silence the others.

    It is put off for a while.  Where a look at none fails, too, the trouble is elsewhere, and nothing is put off.
    """
    try:
        offer((await runtime.database.awrite(tick, Tick(runtime.desk, now(), only=()))).letters)
        for number in await runtime.database.awrite(due_now, now()):
            if not runtime.stopping.is_set():
                await _alone(runtime, offer, number)
    except Exception as error:  # the next tick meets it, too
        logs.event("stumbled", level=logging.ERROR, at="tick", error=f"{type(error).__name__}: {error}")


async def _alone(runtime: Runtime, offer: Offer, number: int) -> None:
    """Looks at one incident, or puts it off.  StoreAway, and what else stops the store, is raised."""
    try:
        offer((await runtime.database.awrite(tick, Tick(runtime.desk, now(), only=(number,)))).letters)
    except StoreAway:
        raise
    except Exception as error:
        _stumbled(runtime, f"incident {number}", error)
        runtime.put_off[number] = now() + PUT_OFF
        await runtime.database.awrite(put_off, (number, runtime.put_off[number]))


def _stumbled(runtime: Runtime, name: str, error: Exception) -> None:
    logs.event("stumbled", level=logging.ERROR, at=name, error=f"{type(error).__name__}: {error}")
    logging.getLogger("sitmail").exception("event=trace at=tick")
    runtime.job(name, error)


def _looked_at_again(runtime: Runtime) -> None:
    """What was put off until now was among what the last tick looked at, and it did not fail."""
    for number, at in list(runtime.put_off.items()):
        if at <= now():
            del runtime.put_off[number]
            runtime.job(f"incident {number}", None)


async def tell_admins(runtime: Runtime, offer: Offer) -> None:
    """Writes to the admins about jobs that have failed for a while; what fails there is logged and tried again."""
    for name, trouble in list(runtime.failing.items()):
        if now() - trouble.since >= LASTING and (name, trouble.since) not in runtime.told:
            one = Alert(desk=runtime.desk, what=name, words=trouble.words, since=trouble.since, now=now())
            try:
                offer(await runtime.database.awrite(alert, one))
                runtime.told.add((name, trouble.since))
            except Exception as error:
                logs.event("stumbled", level=logging.ERROR, at="alert", error=f"{type(error).__name__}: {error}")


async def work(runtime: Runtime, offer: Offer) -> Ticked:
    """Handles everything that is due now, in as many ticks as that takes."""
    while True:
        done = await runtime.database.awrite(tick, Tick(runtime.desk, now()))
        offer(done.letters)
        if done.again:
            runtime.mail.set()
        if done.reports:
            runtime.reports.set()
        if done.looked_at:
            logs.event("ticked", incidents=done.looked_at, letters=len(done.letters))
        if done.next is None or done.next > now() or not (done.looked_at or done.letters):
            return done


def _until(moment: datetime | None, at: datetime) -> float:
    if moment is None:
        return LONGEST_SLEEP
    return min(LONGEST_SLEEP, max(SHORTEST_SLEEP, (moment - at).total_seconds()))
