"""Logging in to an IMAP server with passwords and tokens; no secret is sent over an unencrypted connection."""

from __future__ import annotations

import asyncio
import ssl
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitmail.receiving.imap import mailbox
from sitmail.receiving.imap.login import printed_token
from sitmail.receiving.imap.mailbox import Account, LoginRefused, Lost, Patience
from tests.imapd import Imapd

SHORT = Patience(connect=5.0, command=5.0, token=5.0)
PLAIN = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2"


async def enter(server: Imapd, tls: ssl.SSLContext | None = None, **changes: Any) -> list[str]:
    """Logs in and out again; what was said until then."""
    account = replace(Account("127.0.0.1", server.port, "none", "support", "secret"), **changes)
    async with mailbox.connected(account, SHORT, tls):
        pass
    return server.commands


def printing(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"print(*{words!r})")


@pytest.mark.parametrize("password", ["secret", 'with "quotes" and \\', "a b  c", "{3}"])
async def test_passwords_are_quoted(password: str) -> None:
    async with Imapd() as server:
        server.logins["a user"] = password
        said = await enter(server, user="a user", password=password)
        assert said[1].split(" ")[1] == "LOGIN"


@pytest.mark.parametrize("extension", ["SASL-IR", ""])
async def test_a_password_beyond_ascii_goes_by_plain(extension: str) -> None:
    async with Imapd(capabilities=f"{PLAIN} {extension}") as server:
        server.logins["support"] = "Süßholz"
        await enter(server, password="Süßholz")
        assert server.heard("LOGIN") == []


async def test_where_login_is_disabled_plain_serves() -> None:
    async with Imapd(capabilities=f"{PLAIN} LOGINDISABLED") as server:
        await enter(server)
        assert server.heard("AUTHENTICATE PLAIN")


@pytest.mark.parametrize(
    ("capabilities", "password", "why"),
    [
        (PLAIN, "wrong", "AUTHENTICATIONFAILED"),
        ("IMAP4rev1 LOGINDISABLED", "secret", "takes no password"),
        ("IMAP4rev1", "Süßholz", "not ASCII"),
        (PLAIN, "line\nbreak", "cannot be sent"),
    ],
)
async def test_a_login_that_fails_says_why(capabilities: str, password: str, why: str) -> None:
    async with Imapd(capabilities=capabilities) as server:
        with pytest.raises(LoginRefused, match=why):
            await enter(server, password=password)


# --- tokens


@pytest.mark.parametrize("extension", ["SASL-IR", ""])
async def test_a_token_opens(extension: str) -> None:
    async with Imapd(capabilities=f"{PLAIN} {extension}") as server:
        await enter(server, password="", token_command=printing("token"))
        assert server.heard("LOGIN") == []


@pytest.mark.parametrize("extension", ["SASL-IR", ""])
async def test_a_refused_token_is_told_with_the_servers_reason(extension: str) -> None:
    """A server that refuses asks for one more, empty, answer: who does not give it waits for ever."""
    async with Imapd(capabilities=f"{PLAIN} {extension}") as server:
        with pytest.raises(LoginRefused, match='"status":"401"'):
            await enter(server, token_command=printing("old"))


async def test_a_server_without_tokens() -> None:
    async with Imapd(capabilities="IMAP4rev1") as server:
        with pytest.raises(LoginRefused, match="does not offer XOAUTH2"):
            await enter(server, token_command=printing("token"))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("/nowhere/at-all",), "cannot be run: No such file"),
        ((sys.executable, "-c", "raise SystemExit('the vault is closed')"), "ended with 1: the vault is closed"),
        (printing("two", "words"), "one token and nothing else"),
        (printing(""), "one token and nothing else"),
        ((sys.executable, "-c", "print('x' * 1000000)"), "one token and nothing else"),
    ],
)
async def test_a_token_command_that_fails(command: tuple[str, ...], why: str) -> None:
    with pytest.raises(LoginRefused, match=why):
        await printed_token(command, 20.0)


async def test_a_token_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    command = ("sh", "-c", f"(sleep 1; touch {alive}) & sleep 60")
    with pytest.raises(LoginRefused, match=r"longer than 0\.2 seconds"):
        await printed_token(command, 0.2)
    await asyncio.sleep(1.2)
    assert not alive.exists()


async def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    with pytest.raises(LoginRefused):
        await printed_token(("echo", f"token; touch {tmp_path}/x"), 20.0)
    assert list(tmp_path.iterdir()) == []


# --- TLS


async def test_tls_from_the_first_byte(tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async with Imapd(tls=tls, implicit=True) as server:
        await enter(server, trusting, host="localhost", security="tls")
        assert server.heard("LOGIN")


async def test_starttls_comes_before_the_password(tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async with Imapd(tls=tls, capabilities="IMAP4rev1 STARTTLS") as server:
        await enter(server, trusting, host="localhost", security="starttls")
        verbs = [command.split(" ")[1] for command in server.commands]
        assert verbs == ["CAPABILITY", "STARTTLS", "CAPABILITY", "LOGIN", "CAPABILITY"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_of_nobody_we_know(tls: ssl.SSLContext, security: str) -> None:
    async with Imapd(tls=tls, implicit=security == "tls", capabilities="IMAP4rev1 STARTTLS") as server:
        with pytest.raises(Lost, match="certificate"):
            await enter(server, host="localhost", security=security)
        assert server.heard("LOGIN") == []


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("CAPABILITY", b"* CAPABILITY IMAP4rev1\r\nTAG OK\r\n"),  # the offer is taken away
        ("STARTTLS", b"TAG NO not today\r\n"),
        ("STARTTLS", b"TAG BAD what?\r\n"),
        ("STARTTLS", b"TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n"),  # words of somebody in between
        ("STARTTLS", b"TAG OK go\r\n* CAP"),
        ("CONNECT", b"* PREAUTH welcome, no need for TLS\r\n"),
    ],
)
async def test_nobody_talks_us_out_of_tls(
    tls: ssl.SSLContext, trusting: ssl.SSLContext, verb: str, said: bytes
) -> None:
    async with Imapd(tls=tls, capabilities="IMAP4rev1 STARTTLS") as server:
        server.always[verb] = said
        with pytest.raises(Lost):
            await enter(server, trusting, host="localhost", security="starttls")
        assert server.heard("LOGIN") == []
