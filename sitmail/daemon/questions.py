"""What the command line and Prometheus may ask of the running daemon, and change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sitmail.daemon import control_handlers
from sitmail.daemon.control import Handler
from sitmail.daemon.runtime import Runtime, now
from sitmail.sending.courier import Courier
from sitmail.services.reports import DaemonState, Desk, Trouble, answer

if TYPE_CHECKING:
    from sitmail.daemon.metrics import MetricsServer


def metrics(runtime: Runtime, carrier: Courier) -> MetricsServer | None:
    """Numbers for Prometheus, where they are configured."""
    if not runtime.settings.metrics.wanted:
        return None
    from sitmail.daemon.metrics import MetricsServer  # noqa: PLC0415 - only where it is configured

    return MetricsServer(
        runtime.settings.metrics,
        lambda: answer("status", {}, _desk(runtime, carrier)),
        runtime.counts,
    )


def _desk(runtime: Runtime, carrier: Courier) -> Desk:
    """The desk of the moment, as questions see it."""
    return control_handlers.desk_of(runtime.settings, runtime.database, runtime.blobs, now(), _state(runtime, carrier))


def _state(runtime: Runtime, carrier: Courier) -> DaemonState:
    """What `sitmail status` shows of this daemon."""
    return DaemonState(
        started=runtime.started,
        listeners=tuple(runtime.listeners),
        relay=Trouble(carrier.trouble, carrier.down_since) if carrier.down_since else None,
        reload=runtime.refused,
        jobs=dict(runtime.failing),
    )


def questions(runtime: Runtime, carrier: Courier) -> dict[str, Handler]:
    """What the command line may ask and change.  After a change the loops look again at once."""
    plain = control_handlers.handlers(lambda: _desk(runtime, carrier))

    def waking(handle: Handler) -> Handler:
        async def handled(args: dict[str, Any]) -> object:
            value = await handle(args)
            if args.get("action"):
                runtime.mail.set()
                runtime.time.set()
                carrier.poke()
            return value

        return handled

    return {verb: waking(handle) for verb, handle in plain.items()}
