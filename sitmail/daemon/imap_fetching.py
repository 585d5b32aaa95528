"""One session with an IMAP server for one folder: fetch new mails, store them, mark them as done.

Mails are fetched in windows of UIDs: their sizes first, then their bodies, which are stored like mail from a door.
Then the position moves forward, in one transaction with the leftovers, and only then the server is told that mails are
done: after a crash in between mails are fetched again and recognised as duplicates, or marked again, and none is lost.
A mail that cannot be fetched becomes a leftover and is tried again later, after all others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sitmail.config.machinery import Imap
from sitmail.daemon import fetched_mail, imap_older, logs
from sitmail.daemon.fetched_mail import NoRoom
from sitmail.daemon.imap_bodies import MISSING, Bodies, LeftBehind
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.mail import HEAD_ONLY
from sitmail.receiving.imap.mailbox import PIECE, WINDOW, Folder, Lost, Refused, Session
from sitmail.receiving.spool import Writer
from sitmail.store import positions
from sitmail.store.errors import StoreError
from sitmail.store.positions import FETCH, MARK, Later, LeftAlone, Opened, Place, Progress, Start

TOGETHER = 50  # mails that are being stored at a time: they share a commit


@dataclass(slots=True)
class Pace:
    """How many mails one command may ask about: fewer after the connection broke at such a command."""

    width: int = WINDOW

    def slower(self) -> None:
        self.width = max(1, self.width // 8)

    def faster(self) -> None:
        self.width = min(WINDOW, self.width * 2)


class Fetching:
    """A session and an open folder.  Methods raise Lost, NoRoom or StoreError, after writing down what was done."""

    def __init__(self, runtime: Runtime, source: Imap, session: Session, folder: Folder, pace: Pace) -> None:
        self.runtime, self.source, self.session, self.folder, self.pace = runtime, source, session, folder, pace
        self.place = Place(session.account.name, source.folder)
        self._bodies = Bodies(runtime, session)
        self.kept = 0
        self._uid = 0
        self._start: Start | None = None

    async def begin(self) -> None:
        """Looks up the UID that was reached."""
        folder = self.folder
        last = folder.uidnext - 1 if folder.uidnext else max(await self.session.after(0), default=0)
        opened = Opened(self.place, folder.uidvalidity, folder.uidnext, last)
        self._start = await self.runtime.database.awrite(positions.begin, opened)
        self._uid = self._start.uid

    async def catch_up(self) -> None:
        """Fetches all new mails, then the leftovers that are due."""
        await self.session.look()
        fresh = await self._without_older(await self.session.after(self._uid))
        while fresh and not self._stopping:
            window, fresh = fresh[: self.pace.width], fresh[self.pace.width :]
            await self._window(window, fresh=True)
        if not self._stopping:
            await self._leftovers()

    async def _without_older(self, fresh: list[int]) -> list[int]:
        """The mails to fetch: without those that were there before and are left alone."""
        start = self._start
        assert start is not None
        if self._uid >= start.boundary:
            return fresh
        choice = await imap_older.choose(
            self.session, self.folder, [uid for uid in fresh if uid <= start.boundary], start
        )
        if self._uid == 0:
            await self.runtime.database.awrite(positions.leave_alone, LeftAlone(self.place, choice.left_alone))
            if choice.left_alone:
                logs.event(
                    "older-mail",
                    account=self.place.account,
                    folder=self.place.folder,
                    first=start.first,
                    left_alone=choice.left_alone,
                )
        if not choice.taken:
            await self._write_down(start.boundary, [], [])
        return [*choice.taken, *(uid for uid in fresh if uid > start.boundary)]

    async def next_due(self) -> datetime | None:
        """When the next leftover is to be tried again; None if there is none."""
        return await asyncio.to_thread(self._next_due)

    @property
    def _stopping(self) -> bool:
        return self.runtime.stopping.is_set()

    # --- fetching

    async def _window(self, window: Sequence[int], *, fresh: bool) -> None:
        """Fetches some mails in their order.  Whatever happens, what was stored and what failed is written down."""
        sizes = await self._sizes(window, fresh)
        tasks: dict[int, asyncio.Task[None]] = {}
        later: list[Later] = []
        reached = 0
        halt: Exception | None = None
        try:
            for group in self._groups(window, sizes, fresh):
                if halt or self._stopping:
                    break
                try:
                    await self._take(group, sizes, tasks, later)
                except NoRoom as trouble:
                    halt = trouble
                    break
                except Lost as reason:
                    halt = reason
                    if len(group) > 1:  # the mail that causes it is searched in smaller groups
                        self.pace.slower()
                        break
                    later.append(_failed(group[0], reason))
                reached = group[-1]
        finally:
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        kept = self._outcome(tasks, later)
        await self._write_down(reached if fresh else 0, kept, later)
        if halt:
            raise halt
        self.pace.faster()
        await self._mark(kept)

    def _groups(self, window: Sequence[int], sizes: dict[int, int], fresh: bool) -> Iterator[list[int]]:
        """Small mails together, large ones alone.  Leftovers go alone too, since some servers give wrong sizes."""
        group: list[int] = []
        room = PIECE
        for uid in window:
            size = sizes.get(uid, PIECE)
            if size > self._bodies.limit:
                size = PIECE + 1
            if group and (size > room or len(group) >= min(TOGETHER, self.pace.width) or not fresh):
                yield group
                group, room = [], PIECE
            group.append(uid)
            room -= size
        if group:
            yield group

    async def _take(
        self, group: Sequence[int], sizes: dict[int, int], tasks: dict[int, asyncio.Task[None]], later: list[Later]
    ) -> None:
        """Fetches a group and starts storing it.  A mail that the server refuses goes into `later`.

        Raises Lost or NoRoom.
        """
        alone = len(group) == 1
        try:
            written = {group[0]: await self._bodies.one(group[0], sizes)} if alone else await self._bodies.many(group)
        except (Refused, LeftBehind) as reason:
            if alone:
                later.append(_failed(group[0], reason))
                if isinstance(reason, LeftBehind) and reason.head and group[0] > self._uid:  # not each time it is tried
                    await self._keep(self._bodies.written(reason.head), HEAD_ONLY)
                return
            for uid in group:
                await self._take([uid], sizes, tasks, later)
            return
        for uid in group:
            if uid in written:
                tasks[uid] = asyncio.create_task(self._keep(written[uid]))
            else:
                later.append(_failed(uid, LeftBehind(MISSING)))
        under_way = [task for task in tasks.values() if not task.done()]
        if len(under_way) > TOGETHER:
            await asyncio.wait(under_way)

    async def _sizes(self, window: Sequence[int], fresh: bool) -> dict[int, int]:
        """Sizes by UID.  If the server refuses the command or leaves mails out, they are asked for in halves."""
        sizes: dict[int, int] = {}
        try:
            sizes = await self.session.sizes(window)
        except Refused as refusal:
            if len(window) == 1:
                logs.event("mail-refused", level=logging.WARNING, account=self.place.account, error=str(refusal))
        except Lost as reason:
            self.pace.slower()
            if len(window) == 1:
                await self._write_down(window[0] if fresh else 0, [], [_failed(window[0], reason)])
            raise
        missing = [uid for uid in window if uid not in sizes]
        if missing and len(window) > 1:
            half = (len(missing) + 1) // 2
            for part in (missing[:half], missing[half:]):
                if part:
                    sizes |= await self._sizes(part, fresh)
        return sizes

    async def _keep(self, writer: Writer, door: str = "imap") -> None:
        await fetched_mail.keep(self.runtime, writer, door, self.source, self.place.account)

    def _outcome(self, tasks: dict[int, asyncio.Task[None]], later: list[Later]) -> list[int]:
        """The UIDs of stored mails; others go into `later`.  StoreError: then the database failed, not the mail."""
        kept = []
        for uid, task in tasks.items():
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
        await self.runtime.database.awrite(positions.progress, item)

    # --- leftovers

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
        with self.runtime.database.read() as connection:
            return positions.due(connection, self.place, want, now(), WINDOW)

    def _next_due(self) -> datetime | None:
        with self.runtime.database.read() as connection:
            return positions.next_due(connection, self.place)

    # --- marking

    async def _mark(self, kept: Sequence[int], *, apart: bool = False) -> None:
        """Marks mails as done on the server.  `apart`: if it refuses them together, they are tried in halves."""
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
