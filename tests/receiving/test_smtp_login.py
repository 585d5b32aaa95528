"""Logging in at the door: only under TLS, only as oneself, and guessing is stopped."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sitmail.receiving import passwords
from sitmail.receiving.smtp_login import Logins
from tests.receiving.doorstep import KEPT, Client, Open, opened

MAIL = b"Subject: x\r\n\r\nx\r\n"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "LOG_N", 4)


@pytest.fixture
def logins(tmp_path: Path) -> Logins:
    passwords.change(tmp_path / "passwd", "ann", passwords.hashed("grün und blau"))
    passwords.change(tmp_path / "passwd", "robot", passwords.hashed("of tin"))
    return Logins(tmp_path / "passwd", delay=0.0)


def plain(name: str, password: str, acting: str = "") -> str:
    return b64encode(f"{acting}\0{name}\0{password}".encode()).decode()


def word(text: str) -> str:
    return b64encode(text.encode()).decode()


@asynccontextmanager
async def inside(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins
) -> AsyncIterator[tuple[Open, Client]]:
    """Somebody who has greeted under TLS."""
    async with opened(tmp_path, tls_first=True, tls=tls, logins=logins) as one:
        client = await one.client(ssl=trusting)
        assert (await client.reply()).startswith("220 ")
        assert "AUTH LOGIN PLAIN" in await client.say("EHLO x")
        yield one, client


@pytest.mark.parametrize(
    "lines",
    [
        [f"AUTH PLAIN {plain('ann', 'grün und blau')}"],
        [f"auth plain {plain('Ann', 'grün und blau', 'Ann')}"],
        ["AUTH PLAIN", plain("ann", "grün und blau")],
        ["AUTH LOGIN", word("ann"), word("grün und blau")],
        [f"AUTH LOGIN {word('ann')}", word("grün und blau")],
    ],
)
async def test_who_logs_in_is_named_with_the_mail(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins, lines: list[str]
) -> None:
    async with inside(tmp_path, tls, trusting, logins) as (one, client):
        for line in lines[:-1]:
            assert (await client.say(line)).startswith("334 ")
        assert (await client.say(lines[-1])).startswith("235 2.7.0 ")
        assert (await client.say(lines[0])).startswith("503 5.5.1 ")
        assert (await client.say("MAIL FROM:<ann@example.com> AUTH=<>")).startswith("250 ")
        await client.say("RSET")
        for _ in range(2):
            await client.again()
            await client.send(MAIL + b".\r\n")
            assert await client.reply() == KEPT
        assert (await client.say("RCPT TO:<a@example.org>")).startswith("503 ")
        await client.say("MAIL FROM:<ann@example.com>")
        assert (await client.say("RCPT TO:<somebody@example.org>")).startswith("550 ")  # no relay for anybody
    assert [envelope.login for _, envelope in one.desk.kept] == ["ann", "ann"]


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        ([f"AUTH PLAIN {plain('ann', 'red')}"], "535 5.7.8 "),
        ([f"AUTH PLAIN {plain('bob', 'grün und blau')}"], "535 5.7.8 "),
        ([f"AUTH PLAIN {plain('ann', 'grün und blau', 'bob')}"], "501 5.5.2 "),
        (["AUTH LOGIN", word("ann"), ""], "535 5.7.8 "),
        (["AUTH LOGIN", word("ann"), "*"], "501 5.7.0 "),
        (["AUTH PLAIN", "*"], "501 5.7.0 "),
        (["AUTH PLAIN", ""], "501 5.5.2 "),
        (["AUTH PLAIN", "x" * 5000], "501 5.5.2 "),
        (["AUTH PLAIN !!!"], "501 5.5.2 "),
        (["AUTH PLAIN /////w=="], "501 5.5.2 "),
        (["AUTH CRAM-MD5"], "504 5.5.4 "),
        (["AUTH"], "501 5.5.4 "),
    ],
)
async def test_who_does_not_is_nobody(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins, lines: list[str], reply: str
) -> None:
    async with inside(tmp_path, tls, trusting, logins) as (one, client):
        for line in lines[:-1]:
            assert (await client.say(line)).startswith("334 ")
        assert (await client.say(lines[-1])).startswith(reply)
        await client.again()
        await client.send(MAIL + b".\r\n")
        assert await client.reply() == KEPT
    assert one.desk.kept[0][1].login == ""


async def test_nobody_logs_in_without_tls(tmp_path: Path, tls: ssl.SSLContext, logins: Logins) -> None:
    async with opened(tmp_path, tls=tls, logins=logins) as one:
        client = await one.client()
        await client.reply()
        assert "AUTH" not in await client.say("EHLO x")
        assert (await client.say(f"AUTH PLAIN {plain('ann', 'grün und blau')}")).startswith("538 5.7.11 ")
        await client.again()
        await client.send(MAIL + b".\r\n")
        assert await client.reply() == KEPT
    assert one.desk.kept[0][1].login == ""


async def test_not_before_the_greeting_nor_inside_a_mail(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins
) -> None:
    async with opened(tmp_path, tls_first=True, tls=tls, logins=logins) as one:
        client = await one.client(ssl=trusting)
        await client.reply()
        assert (await client.say("AUTH PLAIN")).startswith("503 ")
        await client.say("EHLO x")
        await client.say("MAIL FROM:<ann@example.com>")
        assert (await client.say("AUTH PLAIN")).startswith("503 ")


async def test_the_sixth_try_is_421_wherever_it_comes_from_in_that_network(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins
) -> None:
    async with inside(tmp_path, tls, trusting, logins) as (one, client):
        for _ in range(5):
            assert (await client.say(f"AUTH PLAIN {plain('ann', 'red')}")).startswith("535 ")
        assert (await client.say(f"AUTH PLAIN {plain('ann', 'red')}")).startswith("421 4.7.0 ")
        assert await client.reply() == ""
        again = await one.client(ssl=trusting)
        await again.reply()
        await again.say("EHLO x")
        assert (await again.say(f"AUTH PLAIN {plain('ann', 'grün und blau')}")).startswith("421 4.7.0 ")
    assert not logins._lockout.locked("192.0.2.1", "ann", asyncio.get_running_loop().time())


async def test_many_at_once_get_no_more_tries(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins
) -> None:
    async with opened(tmp_path, tls_first=True, tls=tls, logins=logins) as one:

        async def guess(number: int) -> str:
            client = await one.client(ssl=trusting)
            await client.reply()
            await client.say("EHLO x")
            return (await client.say(f"AUTH PLAIN {plain('ann', str(number))}"))[:3]

        answers = await asyncio.gather(*map(guess, range(30)))
    assert 5 <= answers.count("535") <= 6  # two are in work at once
    assert answers.count("421") == 30 - answers.count("535")


async def test_a_wrong_answer_waits_and_a_right_one_does_not(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins
) -> None:
    logins._delay = 0.3
    async with inside(tmp_path, tls, trusting, logins) as (one, client):
        other = await one.client(ssl=trusting)
        await other.reply()
        await other.say("EHLO x")
        wrong = asyncio.create_task(client.say(f"AUTH PLAIN {plain('ann', 'red')}"))
        await asyncio.sleep(0.01)
        assert (await other.say(f"AUTH PLAIN {plain('ann', 'grün und blau')}")).startswith("235 ")
        assert not wrong.done()
        assert (await wrong).startswith("535 ")


async def test_a_file_that_cannot_be_believed_is_our_trouble(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins
) -> None:
    (tmp_path / "passwd").chmod(0o644)
    async with inside(tmp_path, tls, trusting, logins) as (_, client):
        for _ in range(7):
            assert (await client.say(f"AUTH PLAIN {plain('ann', 'grün und blau')}")).startswith("454 4.7.0 ")
        (tmp_path / "passwd").chmod(0o600)
        assert (await client.say(f"AUTH PLAIN {plain('ann', 'grün und blau')}")).startswith("235 ")


async def test_a_client_of_the_standard_library(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, logins: Logins
) -> None:
    """STARTTLS, then a login, then UTF-8 in the envelope (RFC 6531), by somebody else's program."""
    async with opened(tmp_path, tls=tls, logins=logins) as one:

        def talk() -> None:
            with smtplib.SMTP("127.0.0.1", one.port, timeout=20) as smtp:
                smtp.starttls(context=trusting)
                smtp.login("robot", "of tin")
                smtp.sendmail("grüße@bücher.example", ["support@example.com"], MAIL, ["SMTPUTF8", "BODY=8BITMIME"])

        await asyncio.to_thread(talk)
    assert one.desk.kept[0][1].sender == "grüße@bücher.example"
    assert one.desk.kept[0][1].login == "robot"
