"""Connections at a door: limits, slow clients, and how the door closes."""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from sitmail.receiving.door import network
from sitmail.receiving.lmtp import lmtp_door
from tests.receiving.doorstep import KEPT, opened

MAIL = b"Subject: x\r\n\r\nx\r\n"


async def test_going_before_the_dot_leaves_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        for leave in ("close", "reset", "eof"):
            client = await one.client()
            await client.begin()
            await client.send(b"Subject: x\r\n\r\n" + b"x" * 300_000 + b"\r\n.\r")
            if leave == "eof":
                client.writer.write_eof()
            else:
                getattr(client, leave)()
            await one.empty()
            assert not list(one.spool.iterdir())
    assert not one.desk.kept


@pytest.mark.parametrize("leave", ["close", "reset"])
async def test_going_after_the_dot_changes_nothing(tmp_path: Path, leave: str) -> None:
    async with opened(tmp_path) as one:
        one.desk.holds = True
        client = await one.client()
        await client.begin()
        await client.send(MAIL + b".\r\n")
        await one.desk.entered.wait()
        getattr(client, leave)()
        await asyncio.sleep(0.05)
        assert not one.desk.kept
        one.desk.gate.set()
        await one.empty()
    assert one.desk.mails == [MAIL]


async def test_the_dot_and_the_end_in_one_breath(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.begin()
        one.desk.holds = True
        await client.send(MAIL + b".\r\nQUIT\r\n")
        client.writer.write_eof()
        await one.desk.entered.wait()
        await asyncio.sleep(0.05)
        one.desk.gate.set()
        assert (await client.rest()).decode().split("\r\n")[0] == KEPT
    assert one.desk.mails == [MAIL]


async def test_all_said_in_one_breath_by_somebody_who_is_gone(tmp_path: Path) -> None:
    """His replies have nowhere to go, but both mails were here to their final dots; the third was not."""
    mail = b"MAIL FROM:<a@example.net>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n" + MAIL
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.send(b"EHLO x\r\n" + (mail + b".\r\n") * 2 + mail)
        client.close()
        while not one.door.sessions:
            await asyncio.sleep(0.005)
        await one.empty()
    assert one.desk.mails == [MAIL, MAIL]


async def test_replies_to_a_pipeline_leave_together(tmp_path: Path) -> None:
    """RFC 2920 section 3.2."""
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.say("EHLO x")
        await client.send(b"MAIL FROM:<a@example.net>\r\n" + b"RCPT TO:<a@example.com>\r\n" * 20 + b"DATA\r\n")
        together = await client.reader.read(65_536)
        assert together.count(b"\r\n") == 22
        assert together.endswith(b"354 end with a dot on a line of its own\r\n")


async def test_five_unknown_commands_are_enough(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.send(b"PING\r\n" * 4 + b"NOOP\r\n" + b"PING\r\n" * 10 + b"NOOP\r\n" * 10)
        answers = (await client.rest()).decode().split("\r\n")
    assert [answer[:9] for answer in answers] == ["500 5.5.2"] * 4 + ["250 2.0.0", "502 5.5.1", ""]


async def test_the_caps(tmp_path: Path) -> None:
    async with opened(tmp_path, max_sessions=3, max_sessions_per_client=2) as one:
        inside = [await one.client() for _ in range(2)]
        assert all([(await client.reply()).startswith("220") for client in inside])
        third = await one.client()
        assert (await third.reply()).startswith("421 4.7.0 ")
        assert await third.reply() == ""
        await inside[0].say("QUIT")
        while len(one.door.sessions) > 1:
            await asyncio.sleep(0.005)
        again = await one.client()
        assert (await again.reply()).startswith("220")
    async with opened(tmp_path, max_sessions=1) as one:
        first, second = await one.client(), await one.client()
        assert (await first.reply()).startswith("220")
        assert (await second.reply()).startswith("421 4.3.2 ")


def test_whom_a_cap_counts() -> None:
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("::ffff:192.0.2.1") == "192.0.2.1"
    assert network("2001:db8::1") == network("2001:db8::ffff:2") != network("2001:db8:0:1::1")
    assert network("fe80::1%eth0") == network("fe80::2")
    assert network("") == ""


@pytest.mark.parametrize("data", [b"", b"EHL", b"EHLO x\r\nMAIL FROM:<a@example.net>\r\n"])
async def test_a_command_must_come_in_time(tmp_path: Path, data: bytes) -> None:
    async with opened(tmp_path, command_timeout=0.1) as one:
        client = await one.client()
        await client.send(data)
        assert b"421 4.4.2 " in await client.rest()


async def test_a_byte_now_and_then_is_not_enough(tmp_path: Path) -> None:
    async with opened(tmp_path, command_timeout=0.2) as one:
        client = await one.client()
        await client.reply()
        with pytest.raises((ConnectionError, AssertionError)):
            for _ in range(200):
                await client.send(b"x")
                await asyncio.sleep(0.02)
                assert one.door.sessions


async def test_a_session_must_bring_a_mail(tmp_path: Path) -> None:
    async with opened(tmp_path, session_limit=0.4) as one:
        client = await one.client()
        await client.reply()
        with pytest.raises((ConnectionError, AssertionError)):
            for _ in range(90):
                await client.say("NOOP")
                await asyncio.sleep(0.02)
                assert one.door.sessions


async def test_mails_keep_a_session_alive(tmp_path: Path) -> None:
    async with opened(tmp_path, session_limit=0.6) as one:
        client = await one.client()
        await client.begin()
        for _ in range(6):
            await client.send(MAIL + b".\r\n")
            assert await client.reply() == KEPT
            await asyncio.sleep(0.15)
            await client.again()
    assert len(one.desk.kept) == 6


async def test_data_must_come_in_time_and_at_a_rate(tmp_path: Path) -> None:
    async with opened(tmp_path, data_grace=0.2, data_rate=10_000) as one:
        slow = await one.client()
        await slow.begin()
        fast = await one.client()
        await fast.begin()
        with pytest.raises((ConnectionError, AssertionError)):
            for count in range(200):
                await fast.send(b"x" * 998 + b"\r\n")
                await slow.send(b"x\r\n")
                await asyncio.sleep(0.02)
                if count > 20 and len(one.door.sessions) == 1:
                    raise ConnectionError
                assert one.door.sessions
        await fast.send(b".\r\n")
        assert await fast.reply() == KEPT
    assert len(one.desk.kept) == 1


async def test_our_own_slowness_is_not_the_clients(tmp_path: Path) -> None:
    async with opened(tmp_path, command_timeout=0.1, session_limit=0.2, data_grace=0.1) as one:
        one.desk.holds = True
        client = await one.client()
        await client.begin()
        await client.send(MAIL + b".\r\n")
        await asyncio.sleep(0.5)
        one.desk.gate.set()
        assert await client.reply() == KEPT
        assert (await client.say("QUIT")).startswith("221")


async def test_a_slow_disk_is_waited_for_by_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, file = os.pipe()  # which takes no more than 64 KB at once
    empty = tmp_path / "in-slow"
    empty.touch()
    monkeypatch.setattr(tempfile, "mkstemp", lambda **_: (file, str(empty)))
    late = threading.Event()

    def drain() -> None:
        late.set()
        while os.read(disk, 65_536):
            pass

    rescue = threading.Timer(20, drain)
    rescue.start()
    async with opened(tmp_path, command_timeout=0.2, data_grace=0.2) as one:
        client = await one.client()
        await client.begin()
        await client.send(b"x" * 400_000 + b"\r\n.\r\n")
        await asyncio.sleep(0.5)  # it is not the client's time
        other = await one.client()
        await other.begin()
        assert not late.is_set()
        rescue.cancel()
        await asyncio.to_thread(rescue.function)
        assert await client.reply() == KEPT
    os.close(disk)


async def test_who_does_not_listen_is_cut_off(tmp_path: Path) -> None:
    async with opened(tmp_path, command_timeout=0.2) as one:
        client = await one.client()
        client.writer.write(b"EHLO x\r\nMAIL FROM:<a@example.net>\r\n" + b"RCPT TO:<a@example.com>\r\n" * 200_000)
        await asyncio.wait_for(one.empty(), 20)
        assert not one.desk.kept


async def test_patience_ends_and_a_mail_restores_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.begin()
        for _ in range(3):
            await client.send(MAIL + b".\r\n" + b"NOOP\r\n" * 60)
            for _ in range(61):
                assert (await client.reply()).startswith("250")
            await client.again()
        await client.send(MAIL + b".\r\n" + b"VRFY a\r\n" * 200)
        answers = (await client.rest()).split(b"\r\n")
        assert answers[101].startswith(b"421 4.7.0 ")
        assert answers[102:] == [b""]


async def test_stopping_lets_a_mail_end(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        idle, busy, handed = [await one.client() for _ in range(3)]
        await idle.reply()
        await busy.begin()
        one.desk.holds = True
        await handed.begin()
        await handed.send(MAIL + b".\r\n")
        await one.desk.entered.wait()
        stopping = asyncio.create_task(one.door.stop(5))
        assert (await idle.reply()).startswith("421 4.3.2 ")
        late = await one.client()
        assert (await late.reply()).startswith("421 4.3.2 ")
        one.desk.gate.set()
        await busy.send(MAIL + b".\r\n")
        for client in (busy, handed):
            assert await client.reply() == KEPT
            assert (await client.reply()).startswith("421 4.3.2 ")
            assert await client.reply() == ""
        await stopping
    assert len(one.desk.kept) == 2


async def test_stopping_cuts_the_slow_and_waits_for_what_was_handed_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        slow, handed = await one.client(), await one.client()
        await slow.begin()
        await slow.send(b"x" * 300_000)
        one.desk.holds = True
        await handed.begin()
        await handed.send(MAIL + b".\r\n")
        await one.desk.entered.wait()
        stopping = asyncio.create_task(one.door.stop(0.3))
        assert await slow.rest() == b""
        one.desk.gate.set()
        await stopping
        assert one.desk.mails == [MAIL]


async def test_stopping_ends_even_when_the_desk_does_not(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        one.desk.holds = True
        client = await one.client()
        await client.begin()
        await client.send(b"x" * 300_000 + b"\r\n.\r\n")
        await one.desk.entered.wait()
        await one.door.stop(0.1)
        assert not one.door.sessions
        assert await client.rest() == b""


async def lag(work: asyncio.Task[None]) -> float:
    """Seconds (working time) for which the loop did nothing else at worst."""
    worst = 0.0
    while not work.done():
        started = time.perf_counter()
        await asyncio.sleep(0)
        worst = max(worst, time.perf_counter() - started)
    await work
    return worst


@pytest.mark.parametrize("line", [b"x\r\n", b"\r\n", b"..\r\n", b"x" * 900_000 + b"\r\n"])
async def test_twenty_megabytes_of_any_lines(tmp_path: Path, line: bytes) -> None:
    """Memory stays bounded, and others are served meanwhile."""
    async with opened(tmp_path, lmtp_door) as one:
        client = await one.client()
        await client.begin(hello="LHLO")
        piece = (line * (100_000 // len(line) + 1))[: max(100_000, len(line)) // len(line) * len(line)]
        count = 20_000_000 // len(piece)

        async def sender() -> None:
            for _ in range(count):
                await client.send(piece)
            await client.send(b".\r\n")
            assert await client.reply() == KEPT

        tracemalloc.start()
        try:
            started = time.perf_counter()
            worst = await lag(asyncio.create_task(sender()))
            whole = time.perf_counter() - started
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert one.desk.spooled[0].size == len(piece) * count - (len(piece) // 4 * count if line == b"..\r\n" else 0)
        assert worst < whole / 4 + 0.05
    assert peak < one.desk.spooled[0].size + 12_000_000  # the test's own copy, and little more


async def test_starttls_forgets_what_was_said_before(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with opened(tmp_path, tls=tls) as one:
        client = await one.client()
        await client.reply()
        assert "250-STARTTLS" in await client.say("EHLO x")
        await client.say("MAIL FROM:<before@example.net>")
        injected = b"STARTTLS\r\nEHLO x\r\nMAIL FROM:<evil@example.net>\r\nRCPT TO:<a@example.com>\r\n"
        await client.send(injected)
        assert (await client.reply()).startswith("220 ")
        await client.writer.start_tls(trusting)
        assert (await client.say("RCPT TO:<a@example.com>")).startswith("503 ")
        assert (await client.say("MAIL FROM:<a@example.net>")).startswith("503 ")
        offers = await client.say("EHLO x")
        assert "STARTTLS" not in offers
        assert "AUTH" not in offers
        assert (await client.say("STARTTLS")).startswith("502 ")
        await client.again()
        await client.send(MAIL + b".\r\n")
        assert await client.reply() == KEPT
        assert (await client.say("QUIT")).startswith("221 ")
    assert one.desk.kept[0][1].sender == "jane@example.net"


@pytest.mark.parametrize("answer", [b"EHLO x\r\n", b"\x16\x03\x01\x00\x05hello", b""])
async def test_a_broken_handshake_ends_the_session(tmp_path: Path, tls: ssl.SSLContext, answer: bytes) -> None:
    async with opened(tmp_path, tls=tls) as one:
        client = await one.client()
        await client.reply()
        assert (await client.say("STARTTLS")).startswith("220 ")
        await client.send(answer)
        if not answer:
            client.close()
        await client.rest()
        await asyncio.wait_for(one.empty(), 10)


@pytest.mark.parametrize("leave", ["close", "reset"])
async def test_leaving_inside_tls(tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, leave: str) -> None:
    async with opened(tmp_path, tls=tls) as one:
        client = await one.client()
        await client.reply()
        await client.say("STARTTLS")
        await client.writer.start_tls(trusting)
        await client.say("EHLO x")
        await client.again()
        await client.send(b"half a mail")
        getattr(client, leave)()
        await asyncio.wait_for(one.empty(), 10)
    assert not one.desk.kept
