"""A mailbox on an IMAP server (RFC 3501): open it, see what is there, fetch it whole, mark what is done.

Only common commands are used: SELECT, UID SEARCH, UID FETCH of sizes and bodies, UID MOVE, COPY, STORE and EXPUNGE,
IDLE, NOOP.  Mails are named by UID; a body is fetched without setting the flag Seen (BODY.PEEK), its size is asked
before, and no command asks for more than a window of mails or a piece of one.  What to fetch, and when, is decided by
the daemon; the syntax is in `lines`, sending and waiting in `connection`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime

from aioimaplib.aioimaplib import Response

from sitmail.domain.record import record
from sitmail.receiving.imap.connection import ImapConnection, ImapTrouble, Lost, Refused
from sitmail.receiving.imap.lines import (
    MONTHS,
    Value,
    Violation,
    code,
    fetched,
    kind,
    mailbox,
    moment,
    number,
    uid_set,
    uids,
)
from sitmail.receiving.imap.login import Account, LoginRefused, Patience, enter

__all__ = ["Account", "Folder", "ImapTrouble", "LoginRefused", "Lost", "Patience", "Refused", "Session", "connected"]

WINDOW = 200  # mails a command asks about
HEAD = 1 << 16  # bytes of a header that are looked at where the mail itself is not fetched
PIECE = 1 << 20  # bytes of a mail a command asks for: a line of 200 kbit/s brings them in time
KEYWORD = "SitmailDone"  # what marks a mail that stays where it is, on servers that take keywords
UID_CODES = ("UIDVALIDITY", "UIDNEXT")
PATIENCE = Patience()
SHORT = Patience(10.0, 10.0, 20.0)  # where a person waits for the answer


class TooLarge(Refused):
    """A mail is above the limit, whatever size the server gave for it."""


@record
class Folder:
    """An open mailbox.  `uidnext` 0: the server did not say; `mark`: the flag we may set on a mail that is done."""

    uidvalidity: int
    uidnext: int
    exists: int
    mark: str
    read_only: bool


@asynccontextmanager
async def connected(
    account: Account, patience: Patience = PATIENCE, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Session]:
    """A session that is logged in, until the end of the block.  Raises ImapTrouble.

    `tls` replaces the system's trust in certificates.
    """
    connection = ImapConnection(patience.command)
    try:
        yield Session(
            account, connection, await enter(connection, account, patience, tls or ssl.create_default_context())
        )
    finally:
        connection.fail("we hung up")


class Session:
    """One login.  After `Lost` it cannot be used any more; after `Refused` it can."""

    def __init__(self, account: Account, connection: ImapConnection, capabilities: frozenset[str]) -> None:
        self.account = account
        self.connection = connection
        self.capabilities = capabilities
        self._made_done_folder = False

    # --- looking

    async def select(self, name: str) -> Folder:
        """Opens a folder.  Raises Refused where there is none; Lost also where its UIDs mean nothing."""
        *untagged, ended = (await self.connection.select(mailbox(name))).lines
        codes = dict(code(parts[0]) for parts in untagged if kind(parts) == "OK")
        validity, following = (int(codes.get(key, "")) if codes.get(key, "").isdigit() else 0 for key in UID_CODES)
        if not validity:
            raise self.connection.fail("the server gives no UIDVALIDITY: it cannot say which mail is which")
        flags = codes.get("PERMANENTFLAGS", "").strip("()").split()
        keeps = "\\*" in flags or KEYWORD.lower() in map(str.lower, flags)
        exists = [int(parts[0].split()[1]) for parts in untagged if kind(parts) == "EXISTS"]
        return Folder(
            uidvalidity=validity,
            uidnext=following,
            exists=exists[-1] if exists else 0,
            mark=KEYWORD if keeps else "\\Seen",
            read_only=code(ended)[0] == "READ-ONLY",
        )

    async def after(self, uid: int) -> list[int]:
        """The UIDs above one, in order."""
        self.connection.news.clear()
        found = await self._search("UID", f"{uid + 1}:*")
        return sorted(one for one in found if one > uid)  # `n:*` always includes the last mail (section 6.4.8)

    async def still_there(self, wanted: Sequence[int]) -> set[int]:
        """Which of at most a window of UIDs exist."""
        return await self._search("UID", uid_set(wanted)) & set(wanted)

    async def unseen(self) -> set[int]:
        """The UIDs of mails without the flag Seen."""
        return await self._search("UNSEEN")

    async def marked(self) -> set[int]:
        """The UIDs of mails that bear our keyword."""
        return await self._search("KEYWORD", KEYWORD)

    async def since(self, day: date) -> set[int]:
        """The UIDs of mails that the server got on that day of its own or later."""
        return await self._search("SINCE", f"{day.day}-{MONTHS[day.month - 1]}-{day.year}")

    async def arrivals(self, wanted: Sequence[int]) -> dict[int, datetime]:
        """When the server got each of at most a window of mails, as far as it says so (INTERNALDATE)."""
        *untagged, _ended = (await self.connection.fetch(uid_set(wanted), "(UID INTERNALDATE)", by_uid=True)).lines
        found = [self._read(parts) for parts in untagged]
        told = {number(items.get("UID")): moment(items.get("INTERNALDATE")) for items in found}
        return {uid: at for uid, at in told.items() if at is not None and uid in set(wanted)}

    async def _search(self, *criteria: str) -> set[int]:
        return uids((await self.connection.search(*criteria, charset=None, by_uid=True)).lines[:-1])

    async def sizes(self, wanted: Sequence[int]) -> dict[int, int]:
        """The sizes of at most a window of mails; a mail that is gone is not among them."""
        *untagged, _ended = (await self.connection.fetch(uid_set(wanted), "(UID RFC822.SIZE)", by_uid=True)).lines
        found = [self._read(parts) for parts in untagged]
        named = {
            number(items.get("UID")): number(items.get("RFC822.SIZE")) for items in found if "RFC822.SIZE" in items
        }
        return {uid: size for uid, size in named.items() if uid in set(wanted)}

    async def bodies(self, wanted: Sequence[int]) -> dict[int, bytes]:
        """Small mails, whole, in one go; those that did not come are not among them."""
        found = await self._fetch(wanted, "BODY.PEEK[]", 2 * PIECE)
        return {uid: found[uid] for uid in wanted if uid in found}

    async def body(self, uid: int, take: Callable[[bytes], None], size: int, limit: int) -> bool:
        """Hands a mail of any size to `take` in pieces; False if it is not there.  TooLarge above `limit`.

        `size` is what the server said of it, and counts only where it does not say how a mail ends: some servers send
        nothing behind the last octet.  Nor does one send anything of a mail that somebody moved away meanwhile.
        """
        got = 0
        while (piece := (await self._fetch([uid], f"BODY.PEEK[]<{got}.{PIECE}>", PIECE)).get(uid)) is not None:
            got += len(piece)
            if got > limit:
                raise TooLarge(f"it is larger than {limit} bytes")
            if piece:
                take(piece)
            if len(piece) < PIECE:
                return got > 0
        return 0 < size <= got and bool(await self.still_there([uid]))

    async def head(self, uid: int) -> bytes:
        """The beginning of a mail's header; nothing if the mail is not there."""
        return (await self._fetch([uid], f"BODY.PEEK[HEADER]<0.{HEAD}>", HEAD, "BODY[HEADER]")).get(uid, b"")

    async def _fetch(self, wanted: Sequence[int], what: str, limit: int, part: str = "BODY[]") -> dict[int, bytes]:
        """Bodies or parts of them by UID; other responses in between are ignored."""
        self.connection.expect(limit)
        *untagged, _ended = (await self.connection.fetch(uid_set(wanted), f"(UID {what})", by_uid=True)).lines
        found: dict[int, bytes] = {}
        for parts in untagged:
            items = self._read(parts)
            for name, value in items.items():
                if name.startswith(part) and isinstance(value, bytes) and value != b"NIL":
                    found.setdefault(number(items.get("UID")), value)
        return found

    def _read(self, parts: list[bytes]) -> dict[str, Value]:
        try:
            return fetched(parts)
        except Violation as reason:
            raise self.connection.fail(f"the server {reason}") from None

    # --- marking

    async def finish(self, done: Sequence[int], folder: Folder) -> None:
        """Moves at most a window of mails to the done folder, or marks them.  Raises Refused.

        It may be repeated after a crash: servers ignore UIDs that are gone.
        """
        if folder.read_only or not done:
            return
        if not self.account.done_folder:
            await self._store(done, folder.mark)
        elif "MOVE" in self.capabilities:
            await self._into(self.connection.move, done)
        else:
            await self._into(self.connection.copy, done)
            await self._store(done, "\\Deleted")
            await self._expunge(done)

    async def _into(self, command: Callable[..., Awaitable[Response]], done: Sequence[int]) -> None:
        target = mailbox(self.account.done_folder)
        try:
            await command(uid_set(done), target, by_uid=True)
        except Refused as refusal:
            if refusal.code != "TRYCREATE" or self._made_done_folder:
                raise
            self._made_done_folder = True
            await self.connection.simple_command("CREATE", target)
            await command(uid_set(done), target, by_uid=True)

    async def _store(self, done: Sequence[int], flag: str) -> None:
        await self.connection.store(uid_set(done), "+FLAGS.SILENT", f"({flag})", by_uid=True)

    async def _expunge(self, done: Sequence[int]) -> None:
        """Without UIDPLUS (RFC 4315) EXPUNGE takes away what others marked too: then only if there is none."""
        if "UIDPLUS" in self.capabilities:
            await self.connection.expunge(uid_set(done), by_uid=True)
        elif await self._search("DELETED") <= set(done):
            await self.connection.expunge()

    # --- waiting

    async def wait(self, seconds: float, stopping: asyncio.Event) -> bool:
        """Waits until there may be new mail, at most so long; False where the server has no IDLE."""
        if "IDLE" not in self.capabilities:
            return False
        if not self.connection.news.is_set():
            await self.connection.wait_for_news(seconds, stopping)
        return True

    async def look(self) -> None:
        """NOOP, which makes the server look for new mail (section 6.1.2)."""
        await self.connection.simple_command("NOOP")

    async def leave(self) -> None:
        await self.connection.leave()


def probe(account: Account, patience: Patience = SHORT, tls: ssl.SSLContext | None = None) -> str:
    """Connects, logs in and opens the folder: "" if that works, else a sentence that says what does not."""
    return asyncio.run(_probe(account, patience, tls))


async def _probe(account: Account, patience: Patience, tls: ssl.SSLContext | None) -> str:
    try:
        async with connected(account, patience, tls) as session:
            try:
                folder = await session.select(account.folder)
            except Refused as refusal:
                return f"the folder {account.folder!r} cannot be opened: {refusal}"
            if folder.read_only and account.done_folder:
                return f"nothing can be moved out of {account.folder!r}: it is read-only"
            await session.leave()
    except ImapTrouble as trouble:
        return str(trouble)
    return ""
