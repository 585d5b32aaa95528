"""The index loop: what was logged is made findable by its words, soon after and in small portions."""

from __future__ import annotations

import asyncio
import logging

from sitmail.daemon import logs
from sitmail.daemon.runtime import Runtime
from sitmail.services import search_index
from sitmail.store.errors import StoreAway

TOGETHER = 1.0  # seconds to wait for what else comes: many updates at once cost less
PAUSE = 0.05  # seconds between portions, for the mail that waits
AGAIN = 60.0  # seconds after a failure, and between looks while nothing is told


async def run(runtime: Runtime) -> None:
    """Indexes until the daemon stops.  What fails is logged and tried again: mail does not wait for it."""
    while not runtime.stopping.is_set():
        try:
            await work(runtime)
            runtime.job("search index", None)
            await runtime.sleep(runtime.logged, AGAIN)
            await asyncio.sleep(TOGETHER if not runtime.stopping.is_set() else 0)
        except StoreAway as error:
            await runtime.outage.wait(error, runtime.stopping)
        except Exception as error:
            logs.event("stumbled", level=logging.ERROR, at="search index", error=f"{type(error).__name__}: {error}")
            runtime.job("search index", error)
            runtime.check()
            await runtime.sleep(runtime.time, AGAIN)


async def work(runtime: Runtime) -> None:
    """Indexes all that is left, new updates first."""
    more = True
    while more and not runtime.stopping.is_set():
        more = await runtime.database.awrite(search_index.index, None)
        await asyncio.sleep(PAUSE if more else 0)
