"""The mailboxes that mail is fetched from.  Each has a task that connects, fetches, waits for news, and reconnects.

IDLE tells when there is news, but servers are unreliable there: every few minutes the folder is looked at anyway.
After a failure the task tries again, with growing pauses; `sitmail status` shows failures that last.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence
from dataclasses import field, fields

from sitmail.config import Config
from sitmail.config.machinery import Imap, Maildir
from sitmail.daemon import logs, maildirs
from sitmail.daemon.fetched_mail import NoRoom
from sitmail.daemon.imap_fetching import Fetching, Pace
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.record import record
from sitmail.receiving.imap import mailbox
from sitmail.receiving.imap.mailbox import Account, ImapTrouble, LoginRefused, Patience, Refused, Session
from sitmail.receiving.maildir import Maildir as MaildirBox
from sitmail.store import positions
from sitmail.store.errors import StoreError
from sitmail.store.positions import Claim, Configured, Place, Trouble

REPORTED_AFTER = 3  # failures in a row: `sitmail status` then shows them; before that the server may be restarting


class FetchedElsewhere(ImapTrouble):
    """Another daemon fetches this mailbox at the moment."""


@record
class Times:
    """Seconds.

    `idle`: the longest wait for news; `poll`: the same if the server has no IDLE; `stable`: a session that lasted so
    long counts as a success; `first` and `last`: the shortest and longest pause after a failure, `first_login` and
    `last_login` after a refused login; `maildir`: between two looks into a Maildir.
    """

    idle: float = 300.0
    poll: float = 60.0
    stable: float = 30.0
    first: float = 1.0
    last: float = 60.0
    first_login: float = 30.0
    last_login: float = 600.0
    maildir: float = 5.0
    patience: Patience = field(default_factory=Patience)

    def pause(self, failures: int, error: BaseException, name: str) -> float:
        """After so many failures in a row.  It depends on the name: not all mailboxes of a server reconnect at once."""
        refused = isinstance(error, LoginRefused)
        first, last = (self.first_login, self.last_login) if refused else (self.first, self.last)
        spread = 0.8 + 0.2 * (sum(name.encode()) % 10) / 10
        return spread * min(last, first * 2.0 ** min(failures - 1, 20))


TIMES = Times()


def names(settings: Config) -> list[str]:
    """How mailboxes are named in the line `ready`."""
    return [
        *(f"imap {account(one).name}" for one in settings.imap),
        *(f"maildir {one.path}" for one in settings.maildir),
    ]


def sources(settings: Config) -> tuple[Imap | Maildir, ...]:
    return (*settings.imap, *settings.maildir)


def account(one: Imap) -> Account:
    """What a session needs of a configured mailbox."""
    return Account(**{part.name: getattr(one, part.name) for part in fields(Account)})


def unreachable(settings: Config) -> list[str]:
    """A sentence for each mailbox that cannot be opened; for `sitmail check --connect`."""
    told = [(f"imap {account(one).name}", mailbox.probe(account(one))) for one in settings.imap]
    told += [("maildir", MaildirBox(one.path).probe()) for one in settings.maildir]
    return [f"{name}: {trouble}" for name, trouble in told if trouble]


async def run(runtime: Runtime, times: Times = TIMES) -> None:
    """Runs a task for each mailbox until the daemon stops; a reload restarts those whose configuration changed."""
    tasks: dict[Imap | Maildir, asyncio.Task[None]] = {}
    try:
        while not runtime.stopping.is_set():
            wanted = sources(runtime.settings)
            await _end([tasks.pop(one) for one in list(tasks) if one not in wanted])
            configured = Configured(frozenset(place(one) for one in wanted), _owner(runtime))
            await runtime.database.awrite(positions.forget, configured)
            for one in wanted:
                if one not in tasks:
                    tasks[one] = asyncio.create_task(_watch(runtime, one, times))
            await runtime.sleep(runtime.reloaded, 3600)
        if tasks:
            await asyncio.wait(tasks.values())
    finally:
        await _end(list(tasks.values()))


async def once(runtime: Runtime, times: Times = TIMES) -> None:
    """Fetches what is there now, and waits for nothing; for `sitmail run --once`."""
    for one in sources(runtime.settings):
        state = _State(runtime, place(one), times)
        try:
            if isinstance(one, Imap):
                await _visit(runtime, one, state, stay=False)
            else:
                await state.tell(await maildirs.empty(runtime, one, {}))
        except Exception as error:
            await state.failed(error)


def place(one: Imap | Maildir) -> Place:
    return Place(account(one).name, one.folder) if isinstance(one, Imap) else Place(f"maildir:{one.path}", "")


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


# --- one mailbox


class _State:
    """The state of a mailbox: its failures in a row, and the trouble that is stored."""

    def __init__(self, runtime: Runtime, where: Place, times: Times) -> None:
        self.runtime, self.place, self.times = runtime, where, times
        self.failures = 0
        self.pace = Pace()
        self.told: str | None = None  # the trouble as stored; None: unknown, an earlier daemon wrote it

    async def tell(self, sentence: str) -> None:
        """Stores what is wrong ("" if nothing is), unless it is stored already."""
        if self.told != sentence and self.runtime.database.broken is None:
            await self.runtime.database.awrite(positions.trouble, Trouble(self.place, sentence, now()))
            self.told = sentence

    async def failed(self, error: Exception) -> float:
        """Logs a failure, stores it if it lasts, and returns the pause before the next try."""
        self.failures += 1
        pause = self.times.pause(self.failures, error, self.place.account)
        sentence = str(error) or type(error).__name__
        expected = isinstance(error, ImapTrouble | NoRoom | StoreError | OSError)
        logs.event(
            "mailbox-trouble",
            level=logging.WARNING if expected else logging.ERROR,
            account=self.place.account,
            folder=self.place.folder,
            error=sentence if expected else f"{type(error).__name__}: {sentence}",
            again_in=f"{pause:.0f}",
        )
        if not expected:
            logging.getLogger("sitmail").exception("event=trace at=mailbox", exc_info=error)
        lasting = self.failures >= REPORTED_AFTER or isinstance(error, Refused | LoginRefused | OSError)
        if lasting:
            await self.tell(sentence)
        self.runtime.check()
        return pause


def _owner(runtime: Runtime) -> str:
    """This daemon's name for leases.

    It is the same after a restart, which therefore need not wait for its own lease.
    """
    return f"{socket.gethostname()}:{runtime.settings.data}"


async def _watch(runtime: Runtime, one: Imap | Maildir, times: Times) -> None:
    """Fetches from one mailbox until the daemon stops.  Whatever fails here does not disturb other mailboxes."""
    state = _State(runtime, place(one), times)
    while not runtime.stopping.is_set():
        loop = asyncio.get_running_loop()
        started, pause = loop.time(), times.first
        try:
            if isinstance(one, Imap):
                await _visit(runtime, one, state, stay=True)
            else:
                await maildirs.watch(runtime, one, times.maildir, state.tell)
        except Exception as error:
            if loop.time() - started > times.stable:
                state.failures = 0
            try:
                pause = await state.failed(error)
            except StoreError:
                runtime.check()
        await runtime.sleep(asyncio.Event(), pause)


async def _visit(runtime: Runtime, one: Imap, state: _State, *, stay: bool) -> None:
    """One connection, from login to logout or until it is lost."""
    await _claim(runtime, state.place, one.first)
    async with mailbox.connected(account(one), state.times.patience) as session:
        try:
            folder = await session.select(one.folder)
        except Refused as refusal:
            raise Refused(f"the folder {one.folder!r} cannot be opened: {refusal}") from None
        work = Fetching(runtime, one, session, folder, state.pace)
        await work.begin()
        logs.event("fetching", account=state.place.account, folder=one.folder, mails=folder.exists)
        await work.catch_up()
        await state.tell("")
        while stay and not runtime.stopping.is_set():
            await _wait(runtime, work, session, state.times)
            if not runtime.stopping.is_set():
                await _claim(runtime, state.place, one.first)
                await work.catch_up()
                await state.tell("")
        await session.leave()
    if not stay or runtime.stopping.is_set():
        await runtime.database.awrite(positions.release, Claim(state.place, _owner(runtime), now()))


async def _claim(runtime: Runtime, where: Place, first: str) -> None:
    """Reserves the mailbox for this daemon, or renews that.  Raises FetchedElsewhere."""
    if not await runtime.database.awrite(positions.claim, Claim(where, _owner(runtime), now(), first)):
        raise FetchedElsewhere("another daemon fetches this mailbox")


async def _wait(runtime: Runtime, work: Fetching, session: Session, times: Times) -> None:
    """Waits until there may be new mail, or a leftover is due."""
    due = await work.next_due()
    rest = times.idle if due is None else min(times.idle, max(0.1, (due - now()).total_seconds()))
    if not await session.wait(rest, runtime.stopping):
        await runtime.sleep(asyncio.Event(), min(rest, times.poll))
