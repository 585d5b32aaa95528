"""The report loop: makes the reports that were asked for or are due, one after the other, in a thread of their own."""

from __future__ import annotations

import asyncio
import logging

from sitmail.daemon import logs
from sitmail.daemon.intake_loop import Offer
from sitmail.daemon.runtime import Runtime, now
from sitmail.services.figures import runs
from sitmail.services.figures.runs import Delivery
from sitmail.store.errors import StoreAway
from sitmail.store.report_runs import Run

LONGEST_SLEEP = 60.0  # seconds; the watch loop wakes it when a report waits


async def run(runtime: Runtime, offer: Offer) -> None:
    """Until the daemon stops.  A report that fails is logged, and tried again."""
    while not runtime.stopping.is_set():
        try:
            while not runtime.stopping.is_set() and await work(runtime, offer):
                pass
            runtime.job("report loop", None)
        except StoreAway as error:
            await runtime.outage.wait(error, runtime.stopping)
            continue
        except Exception as error:
            logs.event("stumbled", level=logging.ERROR, at="report loop", error=f"{type(error).__name__}: {error}")
            runtime.job("report loop", error)
            runtime.check()
        await runtime.sleep(runtime.reports, LONGEST_SLEEP)


async def work(runtime: Runtime, offer: Offer) -> bool:
    """Makes the next report; False where none waits."""
    claimed = await runtime.database.awrite(runs.claim, now())
    if claimed is None:
        return False
    made = await asyncio.to_thread(_prepared, runtime, claimed)
    if made is not None:
        offer(await runtime.database.awrite(runs.deliver, made._replace(now=now())))
        logs.event(
            "reported", report=claimed.detail["question"], waited=f"{(now() - claimed.asked).total_seconds():.1f}"
        )
    return True


def _prepared(runtime: Runtime, run: Run) -> Delivery | None:
    """None where it is to be tried again."""
    desk, moment = runtime.desk, now()
    try:
        with runtime.database.read() as connection:
            return runs.prepare(connection, desk, run, moment)
    except StoreAway:
        raise
    except Exception as error:
        logs.event("stumbled", level=logging.ERROR, at=f"report {run.id}", error=f"{type(error).__name__}: {error}")
        logging.getLogger("sitmail").exception("event=trace at=report")
        return runs.given_up(desk, run, moment)
