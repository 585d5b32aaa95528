"""What the command line and Prometheus may ask of the running daemon, and change."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from sitmail.daemon import control_handlers
from sitmail.daemon.control import Handler
from sitmail.daemon.runtime import Runtime, now
from sitmail.sending.courier import Courier
from sitmail.services.reports import VERBS, AnswerContext, DaemonState, NoAnswer, Trouble, answer
from sitmail.store.errors import StoreAway

if TYPE_CHECKING:
    from sitmail.daemon.metrics import MetricsServer


ROUNDS, PAUSE = 100, 0.05  # five seconds at most for what takes some hundredths


def metrics(runtime: Runtime, carrier: Courier) -> MetricsServer | None:
    """Numbers for Prometheus, where they are configured."""
    if not runtime.settings.metrics.wanted:
        return None
    from sitmail.daemon.metrics import MetricsServer  # noqa: PLC0415 - only where it is configured

    return MetricsServer(
        runtime.settings.metrics,
        lambda: answer("status", {}, _context(runtime, carrier)),
        runtime.counts,
    )


def _context(runtime: Runtime, carrier: Courier) -> AnswerContext:
    """What answers may use at the moment."""
    state, memory = _state(runtime, carrier), runtime.desk.memory
    return control_handlers.answer_context(
        runtime.settings, runtime.database, runtime.blobs, now(), state, forget=memory.forget
    )


def _state(runtime: Runtime, carrier: Courier) -> DaemonState:
    """What `sitmail status` shows of this daemon."""
    return DaemonState(
        started=runtime.started,
        listeners=tuple(runtime.listeners),
        relay=Trouble(carrier.trouble, carrier.down_since) if carrier.down_since else None,
        reload=runtime.refused,
        store=runtime.outage.trouble,
        jobs=dict(runtime.failing),
        letters=tuple(runtime.desk.letters.faults.values()),
    )


def waiting(away: StoreAway) -> dict[str, Handler]:
    """Answers to the same questions while the store could not be opened yet."""

    async def refuse(_args: dict[str, Any]) -> object:
        raise NoAnswer(f"The daemon waits for its store: {away}.", os.EX_UNAVAILABLE)

    return dict.fromkeys(VERBS, refuse)


async def _outcome(asked: Handler, mail: int) -> dict[str, Any]:
    """What a held mail became by a decision about it; it is processed again at once."""
    for _ in range(ROUNDS):
        found: Any = await asked({"id": mail})
        if found["ending"] != "waiting":
            return {"ending": found["ending"], "incident": found["incident"]}
        await asyncio.sleep(PAUSE)
    return {"ending": "waiting", "incident": None}


def questions(runtime: Runtime, carrier: Courier) -> dict[str, Handler]:
    """What the command line may ask and change.  After a change the loops look again at once."""
    plain = control_handlers.handlers(lambda: _context(runtime, carrier))

    def waking(handle: Handler) -> Handler:
        async def handled(args: dict[str, Any]) -> object:
            value = await handle(args)
            if args.get("action"):
                runtime.mail.set()
                runtime.time.set()
                carrier.poke()
                if isinstance(value, dict) and "decision" in value:
                    value |= await _outcome(plain["inbox"], value["inbox"])
            return value

        return handled

    return {verb: waking(handle) for verb, handle in plain.items()}
