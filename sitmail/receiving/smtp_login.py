"""SMTP AUTH (RFC 4954): PLAIN (RFC 4616) and LOGIN, for engineers and scripts, under TLS alone.

A right answer and a wrong one take the same time; a wrong one is answered late, and too many of them with 421.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from sitmail.receiving import passwords
from sitmail.receiving.lockout import Lockout

log = logging.getLogger("sitmail.door")

MECHANISMS = ("PLAIN", "LOGIN")
AT_ONCE = 2  # hashes in work: each takes a core and 16 MB
WELCOME = "235 2.7.0 welcome"
WRONG = "535 5.7.8 name or password is wrong"
LOCKED = "421 4.7.0 too many failed logins, come back later"
TROUBLE = "454 4.7.0 logins do not work at the moment, try again later"
# Says the challenge and gives the client's line back.
Ask = Callable[[str], Awaitable[str]]


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


async def credentials(argument: str, ask: Ask) -> tuple[str, str] | str:
    """Name and password, as the client tells them after `AUTH argument`; or the reply that ends the attempt."""
    mechanism, _, initial = argument.partition(" ")
    mechanism, initial = mechanism.upper(), initial.strip()
    if mechanism not in MECHANISMS:
        return "504 5.5.4 that way to log in is not offered"
    try:
        if mechanism == "PLAIN":
            parts = _decoded(initial or await ask("")).split("\0")
            if len(parts) != 3 or parts[0] not in ("", parts[1]):  # nobody acts for somebody else here
                return "501 5.5.2 that is no PLAIN login"
            name, password = parts[1:]
        else:
            name = _decoded(initial or await ask("VXNlcm5hbWU6"))
            password = _decoded(await ask("UGFzc3dvcmQ6"))
    except ValueError as error:
        return str(error)
    return name, password


def _decoded(line: str) -> str:
    """Raises ValueError with a whole reply."""
    if line == "*":
        raise ValueError("501 5.7.0 as you like")
    try:
        return "" if line == "=" else base64.b64decode(line, validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValueError("501 5.5.2 that is no base64 of UTF-8") from None
