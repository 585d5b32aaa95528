"""Numbers for Prometheus: over HTTP, or as a text file for the node exporter; off unless `[metrics]` says otherwise.

They are the counts of `sitmail status`, and what this daemon has done since it was started.  Labels come from closed
lists: no address, no subject and no name of a customer ever leaves here.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from sitmail.config.machinery import Metrics
from sitmail.daemon import logs
from sitmail.daemon.ports import why_not_bound

EVERY = 15.0  # seconds between two writings of the text file
Health = Callable[[], Mapping[str, Any]]  # the answer of `sitmail status`
Counts = Mapping[tuple[str, str], int]  # (what, how) -> how often, as `Runtime.counts`
GAUGES = (  # (name, help, part, label, keys)
    ("sitmail_inbox_mails", "mails in the inbox", "inbox", "state", ("waiting", "quarantined")),
    ("sitmail_outbox_letters", "letters not sent", "outbox", "state", ("queued", "sending", "deferred", "failed")),
    ("sitmail_held_mails", "mails held for a decision", "held", "", ("open",)),
    ("sitmail_letters_held_back", "letters that the limits hold back", "notices", "", ("held_back",)),
    ("sitmail_incidents", "open incidents", "incidents", "state", ("open", "unowned", "late")),
    ("sitmail_content_missing", "contents of mails whose file is missing", "blobs", "", ("missing",)),
)
OLDEST = ("inbox", "outbox", "held", "notices")
COUNTERS = {"mail": ("sitmail_mails", "ending"), "letter": ("sitmail_letters", "state")}


class DeskCollector:
    """Makes the numbers anew whenever they are asked for."""

    def __init__(self, health: Health, counts: Counts) -> None:
        self._health, self._counts = health, counts

    def collect(self) -> Iterator[Metric]:
        found = self._health()
        yield gauge("sitmail_healthy", "1 unless a human is needed", found["healthy"])
        yield gauge("sitmail_database_up", "1 unless the database cannot be read", not found["database"]["trouble"])
        yield gauge("sitmail_relay_up", "1 unless the relay takes no letters", not found["relay"]["trouble"])
        yield gauge("sitmail_configuration_refused", "1 after a refused reload", found["reload"]["trouble"])
        yield gauge("sitmail_jobs_failing", "jobs of the daemon that fail", number=len(found["jobs"]))
        if found["disk"]:
            yield gauge("sitmail_disk_free_bytes", "free on the disk of the data folder", number=found["disk"]["free"])
        if found["mailboxes"]:
            failing = len(found["mailboxes"]["troubles"])
            yield gauge("sitmail_mailboxes_failing", "mailboxes that cannot be fetched", number=failing)
        yield from _parts(found)
        yield from _counters(self._counts)


def gauge(name: str, about: str, true: object = None, *, number: float | None = None) -> Metric:
    """A gauge with a number, or with 1 or 0 for something true or not."""
    return GaugeMetricFamily(name, about, value=float(bool(true) if number is None else number))


def _parts(found: Mapping[str, Any]) -> Iterator[Metric]:
    for name, about, part, label, keys in GAUGES:
        if found[part] is None:
            continue  # the database cannot be read
        family = GaugeMetricFamily(name, about, labels=[label] if label else [])
        for key in keys:
            family.add_metric([key] if label else [], found[part][key])
        yield family
    oldest = GaugeMetricFamily("sitmail_oldest_timestamp_seconds", "when the oldest came", labels=["queue"])
    for part in OLDEST:
        if found[part] and found[part]["oldest"]:
            oldest.add_metric([part], datetime.fromisoformat(found[part]["oldest"]).timestamp())
    yield oldest


def _counters(counts: Counts) -> Iterator[Metric]:
    for what, (name, label) in COUNTERS.items():
        family = CounterMetricFamily(name, f"{what}s since the start, by {label}", labels=[label])
        for (kind, how), count in sorted(counts.items()):
            if kind == what:
                family.add_metric([how], count)
        yield family


class MetricsServer:
    """The configured ways out; nothing at all where none is configured."""

    def __init__(self, settings: Metrics, health: Health, counts: Counts) -> None:
        self._settings = settings
        self._registry = CollectorRegistry()
        self._registry.register(DeskCollector(health, counts))
        self._stop: Callable[[], None] | None = None

    def start(self) -> list[str]:
        """Listens, if that is configured; the names of listeners.  Raises OSError."""
        where = self._settings.listen
        if where is None:
            return []
        try:
            server, _ = start_http_server(where.port, where.host, self._registry)
        except OSError as error:
            raise OSError(why_not_bound(error, str(where))) from error
        self._stop = lambda: threading.Thread(target=_shut, args=(server,), daemon=True).start()
        return [f"metrics {where.host}:{server.server_port}"]

    def stop(self) -> None:
        if self._stop is not None:
            self._stop()

    async def write(self, stopping: asyncio.Event) -> None:
        """Writes the text file again and again; what fails is logged once."""
        failed = ""
        while self._settings.textfile is not None and not stopping.is_set():
            try:
                await asyncio.to_thread(write_to_textfile, str(self._settings.textfile), self._registry)
                failed = ""
            except OSError as error:
                if failed != str(error):
                    failed = str(error)
                    logs.event("metrics-not-written", level=logging.WARNING, error=failed)
            try:
                async with asyncio.timeout(EVERY):
                    await stopping.wait()
            except TimeoutError:
                pass


def _shut(server: Any) -> None:
    server.shutdown()
    server.server_close()
