"""The courier's link to the store: which letters are due, what became of them, and the files that go with them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sitmail.config import Config
from sitmail.daemon import logs
from sitmail.daemon.outage import patient
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.outgoing import Outcome, Outgoing, Pair
from sitmail.sending.courier import Courier
from sitmail.sending.relay import Relay, open_relay
from sitmail.sending.relay_smtp import Patience
from sitmail.services.delivery_results import Report, report
from sitmail.store import outbox

SHORT = Patience(connect=15, greeting=15, command=15)  # seconds, where a person waits for the answer
VERBS = {"sent": logging.INFO, "deferred": logging.WARNING, "failed": logging.ERROR}


def courier(runtime: Runtime) -> Courier:
    """A courier for this desk; its relay is the one configured when it is made."""

    async def due(limit: int) -> list[Outgoing]:
        return await patient(runtime, lambda: asyncio.to_thread(_due, runtime, limit))

    async def waiting() -> set[Pair]:
        return await patient(runtime, lambda: asyncio.to_thread(_waiting, runtime))

    async def content(sha256: str) -> bytes:
        return await patient(runtime, lambda: asyncio.to_thread(_content, runtime, sha256))

    async def told(outcomes: list[Outcome]) -> None:
        made.offer(await _report(runtime, outcomes))

    made = Courier(lambda: relay(runtime.settings), due=due, waiting=waiting, report=told, content=content, now=now)
    return made


def relay(settings: Config, patience: Patience | None = None) -> Relay:
    """The relay as configured; nothing is connected yet."""
    where = settings.relay
    return open_relay(where.url, where.user, where.password, settings.smtp.hostname, patience=patience)


async def probe(settings: Config) -> str:
    """What is wrong with the relay, as far as can be told without a letter; "" if nothing is."""
    client = relay(settings, SHORT)
    try:
        return await client.probe()
    finally:
        await client.close()


def _due(runtime: Runtime, limit: int) -> list[Outgoing]:
    with runtime.database.read() as connection:
        return outbox.due(connection, limit, now())


def _waiting(runtime: Runtime) -> set[Pair]:
    with runtime.database.read() as connection:
        return outbox.waiting(connection, now())


def _content(runtime: Runtime, sha256: str) -> bytes:
    with runtime.database.read() as connection:
        return runtime.blobs.read(connection, sha256)


async def _report(runtime: Runtime, outcomes: Sequence[Outcome]) -> list[Outgoing]:
    """Writes down what became of letters; returns the new ones, which tell of failures."""
    moment, desk = now(), runtime.desk
    fresh: list[Outgoing] = []
    for told in await runtime.database.awrite_all(report, [Report(desk, one, moment) for one in outcomes]):
        if isinstance(told, BaseException):
            raise told  # the courier tells all of them again
        fresh += told
    runtime.check()
    runtime.counts.update(("letter", one.state) for one in outcomes)
    logs.events([(VERBS[one.state], one.state, _shown(one)) for one in outcomes])
    return fresh


def _shown(one: Outcome) -> dict[str, object]:
    """What the log says of it."""
    shown: dict[str, object] = {"letter": one.id, "attempts": one.attempts}
    return {**shown, "error": one.error} if one.error else shown
