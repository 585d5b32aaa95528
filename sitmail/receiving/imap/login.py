"""Connecting to an account's server, TLS, and the login.

LOGIN, AUTHENTICATE PLAIN, or XOAUTH2 with a token that a command prints.  No secret is sent before the connection is
encrypted as the account asks.
"""

from __future__ import annotations

import asyncio
import binascii
import contextlib
import os
import signal
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Collection, Sequence
from dataclasses import field

from sitmail.domain.record import record
from sitmail.receiving.imap.connection import ImapConnection, ImapTrouble, Refused
from sitmail.receiving.imap.lines import quoted, text

TOKEN_LIMIT = 16_384  # characters of a token
KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


class LoginRefused(ImapTrouble):
    """The server refused the login, or the token command failed.  Trying again at once could lock the account."""


@record
class Account:
    """A mailbox: its server and the login.  `token_command`, if any, replaces the password."""

    host: str
    port: int
    security: str  # tls starttls none
    user: str
    password: str = field(default="", repr=False)
    token_command: tuple[str, ...] = ()
    folder: str = "INBOX"
    done_folder: str = ""

    @property
    def name(self) -> str:
        return f"{self.user}@{self.host}"


@record
class Patience:
    """Seconds: until a connection stands, for each command, and for the token command."""

    connect: float = 30.0
    command: float = 50.0
    token: float = 30.0


async def enter(
    connection: ImapConnection, account: Account, patience: Patience, tls: ssl.SSLContext
) -> frozenset[str]:
    """Connects and logs in; gives the server's capabilities, in upper case.  Raises LoginRefused or Lost."""
    token = await printed_token(account.token_command, patience.token) if account.token_command else ""
    await _connect(connection, account, patience.connect, tls if account.security == "tls" else None)
    greeting = (await connection.greeting()).upper()
    if not greeting.startswith((b"* OK", b"* PREAUTH")):
        raise connection.fail(f"the server does not let us in: {text(greeting)}")
    offered = await _capabilities(connection)
    if account.security == "starttls":
        if "STARTTLS" not in offered or greeting.startswith(b"* PREAUTH"):  # an attacker may have sent it
            raise connection.fail("the server does not offer STARTTLS")
        offered = await _start_tls(connection, account.host, tls)
    if greeting.startswith(b"* PREAUTH"):
        return offered
    if token:
        await _by_token(connection, account.user, token, offered)
    else:
        await _by_password(connection, account.user, account.password, offered)
    return await _capabilities(connection)


# --- the connection


async def _connect(connection: ImapConnection, account: Account, seconds: float, tls: ssl.SSLContext | None) -> None:
    place = f"{account.host}:{account.port}"
    try:
        async with asyncio.timeout(seconds):
            transport, _ = await asyncio.get_running_loop().create_connection(
                lambda: connection, account.host, account.port, ssl=tls
            )
    except TimeoutError:
        raise connection.fail(f"no connection to {place} within {seconds:g} seconds") from None
    except (OSError, UnicodeError) as error:
        raise connection.fail(f"no connection to {place}: {getattr(error, 'strerror', None) or error}") from None
    line = transport.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):  # notices a dead connection during IDLE
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE.items():
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _start_tls(connection: ImapConnection, host: str, tls: ssl.SSLContext) -> frozenset[str]:
    """The capabilities under TLS; those that were told in the clear do not count (RFC 3501 section 6.2.1)."""
    try:
        await connection.ask("STARTTLS")
    except Refused as refusal:
        raise connection.fail(f"the server refused STARTTLS: {refusal}") from None
    await connection.start_tls(tls, host)
    return await _capabilities(connection)


async def _capabilities(connection: ImapConnection) -> frozenset[str]:
    answer = await connection.ask("CAPABILITY")
    words = b" ".join(parts[0] for parts in answer.lines[:-1]).decode("ascii", "replace").upper().split()
    connection.capabilities = set(words)
    return frozenset(words)


# --- the login


async def _by_password(connection: ImapConnection, user: str, password: str, offered: Collection[str]) -> None:
    """A quoted string holds no more than ASCII (RFC 3501 section 9); PLAIN takes UTF-8 (RFC 4616)."""
    plain, closed = "AUTH=PLAIN" in offered, "LOGINDISABLED" in offered
    if closed and not plain:
        raise LoginRefused("the server takes no password on this line")
    try:
        if (user + password).isascii() and not closed:
            await connection.login(quoted(user), password)
        elif plain:
            await _authenticate(connection, "PLAIN", f"\0{user}\0{password}", offered)
        else:
            raise LoginRefused("the server has no way to take a password that is not ASCII")
    except Refused as refusal:
        raise LoginRefused(f"the server refused the login: {refusal}") from None
    except ValueError:
        raise LoginRefused("user or password hold characters that cannot be sent") from None


async def _by_token(connection: ImapConnection, user: str, token: str, offered: Collection[str]) -> None:
    """XOAUTH2, as Google and Microsoft document it."""
    if "AUTH=XOAUTH2" not in offered:
        raise LoginRefused("the server does not offer XOAUTH2; take token_command away and give a password")
    try:
        await _authenticate(connection, "XOAUTH2", f"user={user}\1auth=Bearer {token}\1\1", offered)
    except Refused as refusal:
        why = _decoded(connection.challenge)
        raise LoginRefused(f"the server refused the token: {refusal}{f' ({why})' if why else ''}") from None


async def _authenticate(connection: ImapConnection, mechanism: str, response: str, offered: Collection[str]) -> None:
    """One response, with the command where the server takes it there (RFC 4959), else when it asks.

    A server that refuses says why in one more challenge, and waits for an empty answer to it.
    """
    encoded = b64encode(response.encode()).decode()
    if "SASL-IR" in offered:
        connection.answers = [""]
        await connection.ask("AUTHENTICATE", mechanism, encoded, scrub=encoded)
    else:
        connection.answers = [encoded, ""]
        await connection.ask("AUTHENTICATE", mechanism)


def _decoded(challenge: bytes) -> str:
    try:
        return text(b64decode(challenge, validate=True))
    except binascii.Error:
        return ""


# --- the token


async def printed_token(command: Sequence[str], seconds: float) -> str:
    """What a command prints, which is run without a shell and not for long.  Raises LoginRefused."""
    name = f"token_command {command[0]!r}"
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise LoginRefused(f"{name} cannot be run: {getattr(error, 'strerror', None) or error}") from None
    assert process.stdout and process.stderr
    try:
        async with asyncio.timeout(seconds):
            printed, told, status = await asyncio.gather(_all(process.stdout), _all(process.stderr), process.wait())
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with all that it started
        await process.wait()
        if isinstance(error, TimeoutError):
            raise LoginRefused(f"{name} took longer than {seconds:g} seconds") from None
        raise
    if status:
        why = text(told.strip().partition(b"\n")[0])
        raise LoginRefused(f"{name} ended with {status}{f': {why}' if why else ''}")
    token = printed.strip().decode("ascii", "replace")
    if not token or len(token) > TOKEN_LIMIT or not all("!" <= sign <= "~" for sign in token):
        raise LoginRefused(f"{name} has to print one token and nothing else")
    return token


async def _all(stream: asyncio.StreamReader) -> bytes:
    """What is printed; beyond the length of two tokens it is read and dropped."""
    kept = b""
    while piece := await stream.read(TOKEN_LIMIT):
        kept = (kept + piece)[: 2 * TOKEN_LIMIT]
    return kept
