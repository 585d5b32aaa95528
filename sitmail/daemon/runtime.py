"""What the loops of the daemon share: database, keys, blobs, letters and the configuration, which a reload replaces."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from sitmail import config
from sitmail.config import Config
from sitmail.daemon import disk_space
from sitmail.daemon.declared import directory_written
from sitmail.daemon.in_hand import InHand
from sitmail.daemon.outage import AWAY, Outage
from sitmail.domain.policy import Policy
from sitmail.reading.parser_client import ParserClient
from sitmail.receiving.spool import Spool
from sitmail.sending.letters.templates import Letters, packaged
from sitmail.services import calendar_versions, keys
from sitmail.services.desk import Desk, Memory
from sitmail.services.reports import Trouble
from sitmail.store import outbox
from sitmail.store.blobs import BlobStore
from sitmail.store.database import Database, open_database

FULL = "452 4.3.1 there is no room for mail at the moment"


def now() -> datetime:
    return datetime.now(UTC)


class Runtime:
    """`desk` is replaced by a reload; a transaction uses the one it was given."""

    def __init__(self, settings: Config, spool: Spool | None = None) -> None:
        """`spool`: of doors that are open already.  Raises StoreError, KeyFileError or OSError, each in a sentence."""
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings: Config
        self.remarks: tuple[str, ...]
        self.database: Database = open_database(settings.store.url, data=settings.data)
        try:
            self.spool = spool or Spool(settings.data / "spool")
            self.blobs = BlobStore(settings.store.blobs, settings.data / "spool")
            self.reader = ParserClient(spool=self.spool.folder)
            self.in_hand = InHand(settings.data / "in-hand")
            self.desk = self._desk(settings)
            self.settings, self.remarks = directory_written(self.database, settings)
            self.desk = replace(self.desk, policy=self._with_former_calendars(settings))
        except BaseException:
            self.database.close()
            raise
        self.mail = asyncio.Event()  # mail waits in the inbox
        self.time = asyncio.Event()  # the next deadline or notice may be earlier now
        self.reports = asyncio.Event()  # a report waits to be made
        self.logged = asyncio.Event()  # there are updates whose words are not indexed
        self.reloaded = asyncio.Event()  # other mailboxes may be configured
        self.stopping = asyncio.Event()
        self.failure: BaseException | None = None
        self.outage = Outage()
        self.started = now()
        self.refused: Trouble | None = None  # why the configuration on disk was not taken
        self.failing: dict[str, Trouble] = {}  # jobs of the daemon that fail, by name
        self.put_off: dict[int, datetime] = {}  # incidents at which nobody could look, and when that is tried again
        self.told: set[tuple[str, datetime]] = set()  # of these, what the admins were told
        self.counts: Counter[tuple[str, str]] = Counter()  # mails by ending and letters by state, since the start
        self.listeners: list[str] = []
        self._asked, self._free = float("-inf"), 0
        self.certificate: ssl.SSLContext | None = None  # of the SMTP door

    def _desk(self, settings: Config) -> Desk:
        return Desk(
            settings.policy,
            keys.load_or_make(settings.key_file, used=self._used()),
            self.database.epoch,
            Letters([*settings.templates, packaged()], settings.html, settings.policy.noun),
            self.blobs,
        )

    def _with_former_calendars(self, settings: Config) -> Policy:
        """Asked last: what a refused configuration would close must move no promise."""
        return self.database.write(calendar_versions.known, (settings.policy, now())).result()

    def _used(self) -> bool:
        return self.database.write(_any_letter, None).result()

    async def reload(self) -> Config:
        """Reads the configuration again.

        Raises ConfigError, KeyFileError, StoreError or OSError (from the certificate); nothing has changed then.
        """
        path = self.settings.path
        assert path is not None
        fresh = await asyncio.to_thread(config.load, path)
        # Store and listeners stay as they are until a restart.
        fresh = replace(fresh, store=self.settings.store, data=self.settings.data, key_file=self.settings.key_file)
        desk = await asyncio.to_thread(self._desk, fresh)
        if self.certificate is not None and fresh.smtp.tls_cert is not None:  # it may have been renewed
            chain = fresh.smtp.tls_cert, fresh.smtp.tls_key
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                *chain
            )  # a bad one would leave the context unusable
            self.certificate.load_cert_chain(*chain)
        fresh, self.remarks = await asyncio.to_thread(directory_written, self.database, fresh)
        policy = await asyncio.to_thread(self._with_former_calendars, fresh)
        self.settings, self.desk = fresh, replace(desk, policy=policy, memory=Memory())
        self.time.set()
        self.reloaded.set()
        return fresh

    def guard(self) -> str:
        """ "" if mail can be stored, else a temporary refusal: the disk is nearly full, or the database fails.

        The free space is looked up at most once a second.
        """
        if self.outage.trouble is not None:
            return AWAY
        moment = time.monotonic()
        if moment - self._asked > 1.0:
            self._asked, self._free = moment, shutil.disk_usage(self.settings.data).free
        full = self._free < disk_space.needed(self.settings)
        return FULL if full or self.database.broken is not None else ""

    def job(self, name: str, error: BaseException | None) -> None:
        """Notes for `sitmail status` that a job failed, or (None) that it works."""
        if error is None:
            self.failing.pop(name, None)
        else:
            since = self.failing[name].since if name in self.failing else now()
            self.failing[name] = Trouble(f"{type(error).__name__}: {error}".partition("\n")[0], since)

    def check(self) -> None:
        """Stops the daemon if the database failed: a failed fsync is never repeated."""
        if self.database.broken is not None and self.failure is None:
            self.failure = self.database.broken
            self.stopping.set()
            self.mail.set()
            self.time.set()
            self.reports.set()

    async def sleep(self, event: asyncio.Event, seconds: float) -> None:
        """Waits for the event, for the daemon to stop, or for so many seconds."""
        if event.is_set() or self.stopping.is_set():
            event.clear()
            await asyncio.sleep(0)
            return
        waits = [asyncio.create_task(event.wait()), asyncio.create_task(self.stopping.wait())]
        try:
            await asyncio.wait(waits, timeout=max(0.0, seconds), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        event.clear()


def _any_letter(connection: Connection, items: list[None]) -> list[bool]:
    """A job of the writer: whether the store holds letters."""
    return [outbox.any_letter(connection)] * len(items)
