"""What a door checks at each command.  aiosmtpd calls `handle_*` and `auth_*` by their names.

A hook says the reply, and notes in aiosmtpd's session and envelope what it accepts.  Hooks know nothing of the
connection but what `Session` offers them.
"""

from __future__ import annotations

import ipaddress
import logging
from base64 import b64decode
from typing import TYPE_CHECKING

from aiosmtpd.proxy_protocol import ProxyData
from aiosmtpd.smtp import MISSING, AuthResult, Envelope
from aiosmtpd.smtp import Session as State

from sitmail.receiving.door import Door
from sitmail.receiving.paths import asks_for_relay, without_route
from sitmail.receiving.smtp_login import LOCKED, WELCOME

if TYPE_CHECKING:
    from sitmail.receiving.session import Session

log = logging.getLogger("sitmail.door")

RECIPIENTS_LIMIT = 1000  # RFC 5321 section 4.5.3.1.8 asks for 100
MECHANISMS = ("PLAIN", "LOGIN")
NULL = "<>"  # the empty path, as aiosmtpd notes it
LOCAL = 0  # a PROXY header's command: the balancer itself came


class Hooks:
    """The checks of one door."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def handle_EHLO(
        self, _server: Session, state: State, _envelope: Envelope, name: str, replies: list[str]
    ) -> list[str]:
        state.host_name = name
        first, *offers, _help = (line for line in replies if line != "250-AUTH ")
        return [first, "250-PIPELINING", *offers, "250 ENHANCEDSTATUSCODES"]

    async def handle_MAIL(
        self, _server: Session, _state: State, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = self._door.guard()
        if refusal:
            return refusal
        envelope.mail_from = without_route(address)
        return "250 2.1.0 ok"

    async def handle_RCPT(
        self, server: Session, _state: State, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == NULL:
            return "550 5.1.3 write RCPT TO:<address>"
        if len(envelope.rcpt_tos) >= RECIPIENTS_LIMIT:
            return "452 4.5.3 too many recipients, send the rest later"
        if asks_for_relay(address):
            return "550 5.7.1 relaying is not allowed"
        refusal = self._door.accepts(address)
        if refusal:
            log.info(
                "refused door=%s client=%s recipient=%r reply=%r", server.door_name, server.client, address, refusal
            )
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_VRFY(self, _server: Session, _state: State, _envelope: Envelope, _address: str) -> str:
        return "252 2.5.0 addresses are not verified here; send the mail"

    async def handle_PROXY(self, server: Session, _state: State, _envelope: Envelope, said: ProxyData) -> bool:
        """Who really came; "" where the header names nobody, as for the balancer itself."""
        named = said.command != LOCAL and isinstance(said.src_addr, ipaddress.IPv4Address | ipaddress.IPv6Address)
        refusal = self._door.count(server, str(said.src_addr) if named else "")
        if refusal:
            await server.push(refusal)
        if server.tls_first:
            await server.start_tls()
        return True

    async def handle_AUTH(self, server: Session, _state: State, envelope: Envelope, _args: list[str]) -> object:
        """What comes before a mechanism may begin (RFC 4954 section 4)."""
        assert self._door.settings.logins is not None
        if envelope.mail_from is not None:
            return "503 5.5.1 not inside a mail"
        return LOCKED if self._door.settings.logins.locked(server.client) else MISSING

    async def auth_PLAIN(self, server: Session, args: list[str]) -> AuthResult:
        """RFC 4616."""
        given = await _given(server, args[1:], "")
        if isinstance(given, AuthResult):
            return given
        parts = given.split("\0")
        if len(parts) != 3 or parts[0] not in ("", parts[1]):  # nobody acts for somebody else here
            return _refused("501 5.5.2 that is no PLAIN login")
        return await self._login(server, parts[1], parts[2])

    async def auth_LOGIN(self, server: Session, args: list[str]) -> AuthResult:
        name = await _given(server, args[1:], "Username:")
        if isinstance(name, AuthResult):
            return name
        password = await _given(server, [], "Password:")
        if isinstance(password, AuthResult):
            return password
        return await self._login(server, name, password)

    async def _login(self, server: Session, name: str, password: str) -> AuthResult:
        """Who has logged in stays so until the connection ends."""
        assert self._door.settings.logins is not None
        server.deadline = float("inf")  # it is we who take our time
        reply = await self._door.settings.logins.reply(server.client, name, password)
        server._reset_timeout()
        if reply != WELCOME:
            return _refused(reply)
        return AuthResult(success=True, message=reply, auth_data=name.lower())


def _refused(reply: str) -> AuthResult:
    return AuthResult(success=False, handled=False, message=reply)


async def _given(server: Session, initial: list[str], challenge: str) -> str | AuthResult:
    """What the client says, with the command or when it is asked; or the result that ends the attempt."""
    try:
        if initial:
            data = b"" if initial[0] == "=" else b64decode(initial[0], validate=True)
        else:
            answer = await server.challenge_auth(challenge)
            if not isinstance(answer, bytes):  # aiosmtpd has said why
                return AuthResult(success=False)
            data = answer
        return data.decode()
    except ValueError:
        return _refused("501 5.5.2 that is no base64 of UTF-8")
