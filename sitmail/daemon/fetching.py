"""What one session with an IMAP server does for one folder: fetch what is new, keep it, mark it as done.

In windows of UIDs: sizes first, then one body after the other, kept through the same `keep` as every door's mail.
Then the position moves on, in one write with what was left behind, and only then the server is told (security T45).
After a crash in between, mails come again and are known by their content, or are marked again; both do no harm.  A
mail that cannot be fetched is left behind and tried again later, after all others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sitmail.config.machinery import Imap
from sitmail.daemon import intake, logs
from sitmail.daemon.office import Office, now
from sitmail.mail.imap import PIECE, WINDOW, Folder, Lost, Refused, Session
from sitmail.mail.spool import Writer
from sitmail.services import addressees
from sitmail.store import positions
from sitmail.store.positions import FETCH, MARK, Later, Opened, Place, Progress
from sitmail.store.trouble import StoreError

TOGETHER = 50  # mails on their way to the disk at a time: they share a commit


class NoRoom(Exception):
    """We cannot keep anything at the moment; the text is for people."""


class LeftBehind(Exception):
    """A mail that cannot be fetched now, and why.  `hopeless`: nor soon."""

    def __init__(self, reason: str, *, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.hopeless = hopeless


@dataclass(slots=True)
class Pace:
    """How many mails a command may ask about: fewer after a connection was lost over such a command."""

    width: int = WINDOW

    def slower(self) -> None:
        self.width = max(1, self.width // 8)

    def faster(self) -> None:
        self.width = min(WINDOW, self.width * 2)


class Fetching:
    """A session and an open folder.  Raises Lost, NoRoom or StoreError; what was kept until then is written down."""

    def __init__(self, office: Office, source: Imap, session: Session, folder: Folder, pace: Pace) -> None:
        self.office, self.source, self.session, self.folder, self.pace = office, source, session, folder, pace
        self.place = Place(session.account.name, source.folder)
        self.kept = 0
        self._uid = 0

    async def begin(self) -> None:
        """Finds the place where the last session ended."""
        opened = Opened(self.place, self.folder.uidvalidity, self.folder.uidnext)
        self._uid = await self.office.database.awrite(positions.begin, opened)

    async def catch_up(self) -> None:
        """Everything that is there and not kept yet; then once more what was left behind, where its time has come."""
        await self.session.look()
        fresh = await self.session.after(self._uid)
        while fresh and not self._stopping:
            window, fresh = fresh[: self.pace.width], fresh[self.pace.width :]
            await self._window(window, fresh=True)
        if not self._stopping:
            await self._leftovers()

    async def next_due(self) -> datetime | None:
        """When something that was left behind wants to be tried again."""
        return await asyncio.to_thread(self._next_due)

    @property
    def _stopping(self) -> bool:
        return self.office.stopping.is_set()

    # --- fetching

    async def _window(self, window: Sequence[int], *, fresh: bool) -> None:
        """Fetches some mails in their order; whatever happens, what was kept or failed is written down."""
        sizes = await self._sizes(window, fresh)
        keeping: dict[int, asyncio.Task[None]] = {}
        later: list[Later] = []
        reached = 0
        halt: Exception | None = None
        try:
            for uid in window:
                if halt or self._stopping:
                    break
                try:
                    keeping[uid] = asyncio.create_task(self._keep(await self._fetch(uid, sizes.get(uid), fresh)))
                    if len(keeping) % TOGETHER == 0:
                        await asyncio.wait(keeping.values())
                except NoRoom as trouble:
                    halt = trouble
                    break
                except (Refused, LeftBehind, Lost) as reason:
                    later.append(_failed(uid, reason))
                    halt = reason if isinstance(reason, Lost) else None
                reached = uid
        finally:
            await asyncio.gather(*keeping.values(), return_exceptions=True)
        kept = self._outcome(keeping, later)
        await self._write_down(reached if fresh else 0, kept, later)
        if halt:
            raise halt
        self.pace.faster()
        await self._mark(kept)

    async def _sizes(self, window: Sequence[int], fresh: bool) -> dict[int, int]:
        """Sizes by UID.  A window that the server cannot bear is asked about in halves."""
        try:
            return await self.session.sizes(window)
        except Refused as refusal:
            if len(window) == 1:
                logs.event("mail-refused", level=logging.WARNING, account=self.place.account, error=str(refusal))
                return {}
            half = len(window) // 2
            return await self._sizes(window[:half], fresh) | await self._sizes(window[half:], fresh)
        except Lost as reason:
            self.pace.slower()
            if len(window) == 1:
                await self._write_down(window[0] if fresh else 0, [], [_failed(window[0], reason)])
            raise

    async def _fetch(self, uid: int, size: int | None, fresh: bool) -> Writer:
        """A mail in the spool.  Raises LeftBehind, Refused, Lost or NoRoom."""
        limit = self.office.settings.smtp.max_message_size
        if size is None:
            raise LeftBehind("it did not come")
        if size > limit:
            raise LeftBehind(f"it is larger than {limit} bytes", hopeless=True)
        if refusal := self.office.guard():
            raise NoRoom(refusal.split(" ", 2)[-1])
        writer = self.office.spool.writer()
        try:
            # Sizes lie on some servers: what failed once is fetched in pieces, whatever its size.
            if not await self.session.body(uid, writer.write, limit, whole=fresh and size <= PIECE):
                raise LeftBehind("it did not come")
        except OSError as error:
            writer.discard()
            raise NoRoom(f"nothing can be written in {self.office.spool.folder}: {error.strerror}") from error
        except BaseException:
            writer.discard()
            raise
        return writer

    async def _keep(self, writer: Writer) -> None:
        await keep(self.office, writer, "imap", self.source.recipients, self.source.address, self.place.account)

    def _outcome(self, keeping: dict[int, asyncio.Task[None]], later: list[Later]) -> list[int]:
        """The UIDs that are kept.  A store that takes nothing is the store's trouble, and no mail's."""
        kept = []
        for uid, task in keeping.items():
            error = task.exception()
            if error is None:
                kept.append(uid)
            elif isinstance(error, StoreError):
                raise error
            else:
                later.append(_failed(uid, error))
        self.kept += len(kept)
        return kept

    async def _write_down(self, reached: int, kept: Sequence[int], later: Iterable[Later]) -> None:
        behind = [*later, *(Later(uid, MARK, failed=False) for uid in kept)]
        for one in behind:
            if one.failed:
                logs.event(
                    "left-behind", level=logging.WARNING, account=self.place.account, uid=one.uid, reason=one.reason
                )
        await self._progress(Progress(self.place, now(), reached, later=tuple(behind)))
        self._uid = max(self._uid, reached)

    async def _progress(self, item: Progress) -> None:
        await self.office.database.awrite(positions.progress, item)

    # --- what was left behind

    async def _leftovers(self) -> None:
        again = await asyncio.to_thread(self._due, FETCH)
        if again:
            there = await self.session.still_there(again)
            gone = tuple(uid for uid in again if uid not in there)
            await self._progress(Progress(self.place, now(), settled=gone))
            for window in _cut([uid for uid in again if uid in there], self.pace.width):
                if not self._stopping:
                    await self._window(window, fresh=False)
        marks = await asyncio.to_thread(self._due, MARK)
        if marks and not self._stopping:
            await self._mark(marks, apart=True)

    def _due(self, want: str) -> list[int]:
        with self.office.database.read() as connection:
            return positions.due(connection, self.place, want, now(), WINDOW)

    def _next_due(self) -> datetime | None:
        with self.office.database.read() as connection:
            return positions.next_due(connection, self.place)

    # --- marking

    async def _mark(self, kept: Sequence[int], *, apart: bool = False) -> None:
        """Tells the server that mails are done.  `apart`: if it refuses some together, they are tried in halves."""
        if not kept:
            return
        try:
            await self.session.finish(kept, self.folder)
        except (Refused, Lost) as reason:
            if apart and isinstance(reason, Refused) and len(kept) > 1:
                half = len(kept) // 2
                await self._mark(kept[:half], apart=True)
                await self._mark(kept[half:], apart=True)
                return
            later = tuple(Later(uid, MARK, str(reason)) for uid in kept)
            await self._progress(Progress(self.place, now(), later=later))
            logs.event("not-marked", level=logging.WARNING, account=self.place.account, mails=len(kept), error=reason)
            if isinstance(reason, Lost):
                raise
        else:
            await self._progress(Progress(self.place, now(), settled=tuple(kept)))


def _failed(uid: int, reason: BaseException) -> Later:
    return Later(uid, FETCH, str(reason) or type(reason).__name__, hopeless=getattr(reason, "hopeless", False))


def _cut(uids: Sequence[int], width: int) -> Iterator[Sequence[int]]:
    yield from (uids[at : at + width] for at in range(0, len(uids), width))


async def keep(office: Office, writer: Writer, door: str, believed: Sequence[str], fallback: str, client: str) -> None:
    """A mail without an envelope, kept like any other; the spool forgets it in every case."""
    try:
        spooled = await asyncio.to_thread(writer.finish)
        head = spooled.content
        if head is None:
            assert spooled.path is not None
            head = await asyncio.to_thread(_head, spooled.path)
        policy = office.desk.policy
        envelope = addressees.envelope(policy, head, now(), door, believed=believed, fallback=fallback, client=client)
        await intake.keep(office, spooled, envelope)
    finally:
        writer.discard()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(addressees.HEAD)
