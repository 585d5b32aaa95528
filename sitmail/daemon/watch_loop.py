"""The watch loop: sleeps until the next deadline or notice is due, then decides what to do about it."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from sitmail.daemon import logs
from sitmail.daemon.intake_loop import Offer
from sitmail.daemon.runtime import Runtime, now
from sitmail.services.alerts import Alert, alert
from sitmail.services.process_tick import Tick, Ticked, tick
from sitmail.store.errors import StoreAway

LASTING = timedelta(minutes=2)  # a job that fails for so long is told to the admins
LONGEST_SLEEP = 60.0  # seconds: if the system clock is changed, it is noticed that soon
SHORTEST_SLEEP = 0.5  # seconds between two ticks, however much happens


async def run(runtime: Runtime, offer: Offer) -> None:
    """Runs ticks until the daemon stops.  A tick that fails is logged and tried again."""
    while not runtime.stopping.is_set():
        pause = LONGEST_SLEEP
        try:
            pause = _until((await work(runtime, offer)).next, now())
            runtime.job("watch loop", None)
        except StoreAway as error:
            await runtime.outage.wait(error, runtime.stopping)
            continue
        except Exception as error:
            logs.event("stumbled", level=logging.ERROR, at="tick", error=f"{type(error).__name__}: {error}")
            logging.getLogger("sitmail").exception("event=trace at=tick")
            runtime.job("watch loop", error)
            runtime.check()
            await tell_admins(runtime, offer)
        await asyncio.sleep(SHORTEST_SLEEP if not runtime.stopping.is_set() else 0)
        await runtime.sleep(runtime.time, pause - SHORTEST_SLEEP)


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
        if done.looked_at:
            logs.event("ticked", incidents=done.looked_at, letters=len(done.letters))
        if done.next is None or done.next > now() or not (done.looked_at or done.letters):
            return done


def _until(moment: datetime | None, at: datetime) -> float:
    if moment is None:
        return LONGEST_SLEEP
    return min(LONGEST_SLEEP, max(SHORTEST_SLEEP, (moment - at).total_seconds()))
