"""Who may log in at the SMTP door, and how a login is answered.

A right password and a wrong one take the same time; a wrong one is answered late, and too many of them with 421.  How
a client says name and password (SMTP AUTH, RFC 4954) is in `smtp_hooks`.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from sitmail.receiving import passwords
from sitmail.receiving.lockout import Lockout

log = logging.getLogger("sitmail.door")

AT_ONCE = 2  # hashes in work: each takes a core and 16 MB
WELCOME = "235 2.7.0 welcome"
WRONG = "535 5.7.8 name or password is wrong"
LOCKED = "421 4.7.0 too many failed logins, come back later"
TROUBLE = "454 4.7.0 logins do not work at the moment, try again later"


class Logins:
    """Who may log in: the file is read at every attempt, so that a changed password counts at once."""

    def __init__(self, path: Path, delay: float = 2.0) -> None:
        self._path = path
        self._delay = delay  # seconds before a wrong answer is answered
        self._lockout = Lockout()
        self._working = asyncio.Semaphore(AT_ONCE)

    def locked(self, client: str) -> bool:
        return self._lockout.locked(client, "", asyncio.get_running_loop().time())

    async def reply(self, client: str, name: str, password: str) -> str:
        """The reply to somebody who says to be `name`: WELCOME, WRONG, LOCKED or TROUBLE."""
        loop = asyncio.get_running_loop()
        async with self._working:
            if self._lockout.locked(client, name, loop.time()):
                log.warning("locked-out client=%s login=%r", client, name[:100])
                return LOCKED
            try:
                good = await asyncio.to_thread(self._verify, name, password)
            except passwords.PasswordFileError as error:
                log.error("trouble logins=%r", str(error))
                return TROUBLE
            if good:
                self._lockout.succeeded(client, name)
            else:
                self._lockout.failed(client, name, loop.time())
                log.warning("login-failed client=%s login=%r", client, name[:100])
        if good:
            log.info("login client=%s login=%s", client, name)
            return WELCOME
        await asyncio.sleep(self._delay)
        return WRONG

    def _verify(self, name: str, password: str) -> bool:
        return passwords.verify(passwords.read(self._path), name, password)
