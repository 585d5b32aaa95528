"""Bodies of mails on an IMAP server, fetched into the spool: one in pieces, or small ones together.

Which mails are fetched, and what becomes of those that cannot be, is decided in `imap_fetching`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sitmail.daemon import fetched_mail, imap_too_large
from sitmail.daemon.fetched_mail import NoRoom
from sitmail.daemon.runtime import Runtime
from sitmail.receiving.imap.mailbox import Session, TooLarge
from sitmail.receiving.spool import Writer

MISSING = "the server did not send it"


class LeftBehind(Exception):
    """A mail that cannot be fetched now, and why.

    `hopeless`: trying again soon is of no use.  `head`: the beginning of its header, where it is too large.
    """

    def __init__(self, reason: str, *, hopeless: bool = False, head: bytes = b"") -> None:
        super().__init__(reason)
        self.hopeless, self.head = hopeless, head


class Bodies:
    """Of mails in the folder that the session has open."""

    def __init__(self, runtime: Runtime, session: Session) -> None:
        self._runtime, self._session = runtime, session

    @property
    def limit(self) -> int:
        """The most bytes of a mail."""
        return self._runtime.settings.smtp.max_message_size

    async def one(self, uid: int, sizes: dict[int, int]) -> Writer:
        """Fetches a mail into the spool, in pieces.  Raises LeftBehind, Refused, Lost or NoRoom."""
        if uid not in sizes:
            raise LeftBehind(MISSING)
        if sizes[uid] > self.limit:
            raise await self._too_large(uid)
        fetched_mail.check_room(self._runtime)
        writer = self._runtime.spool.writer()
        try:
            if not await self._session.body(uid, writer.write, sizes[uid], self.limit):
                raise LeftBehind(MISSING)
        except TooLarge:
            writer.discard()
            raise await self._too_large(uid) from None
        except OSError as error:
            writer.discard()
            raise NoRoom(f"nothing can be written in {self._runtime.spool.folder}: {error.strerror}") from error
        except BaseException:
            writer.discard()
            raise
        return writer

    async def _too_large(self, uid: int) -> LeftBehind:
        """Why a mail stays where it is, with what a person needs to find it."""
        head = await self._session.head(uid)
        return LeftBehind(imap_too_large.sentence(uid, head, self.limit), hopeless=True, head=head)

    async def many(self, group: Sequence[int]) -> dict[int, Writer]:
        """Fetches small mails into the spool; some may be missing.  Raises LeftBehind, Refused, Lost or NoRoom."""
        fetched_mail.check_room(self._runtime)
        written = {}
        bodies = await self._session.bodies(group)
        if any(len(body) > self.limit for body in bodies.values()):
            raise LeftBehind("the server gave a wrong size")  # each of them is asked for alone then
        for uid, body in bodies.items():
            if body:
                written[uid] = self.written(body)
        return written

    def written(self, content: bytes) -> Writer:
        writer = self._runtime.spool.writer()
        writer.write(content)
        return writer
