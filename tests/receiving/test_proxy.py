"""The PROXY protocol: headers cut at every place, and only listed balancers are believed."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.receiving.doorstep import KEPT, opened

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"  # of version 2
MAIL = b"Subject: x\r\n\r\nx\r\n"
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


def second(command: int, family: int, addresses: bytes, extra: bytes = b"") -> bytes:
    return SIGNATURE + bytes([command, family]) + struct.pack(">H", len(addresses + extra)) + addresses + extra


V4 = bytes([192, 0, 2, 7, 10, 0, 0, 1]) + struct.pack(">HH", 4711, 25)
V6 = ipaddress.ip_address("2001:db8::7").packed + ipaddress.ip_address("2001:db8::1").packed + bytes(4)


@pytest.mark.parametrize(
    ("start", "client"),
    [
        (b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 25\r\n", "192.0.2.7"),
        (b"PROXY TCP6 2001:DB8::7 2001:db8::1 4711 25\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", ""),
        (b"PROXY UNKNOWN ffff:f...f:ffff 1 2\r\n", ""),
        (second(0x21, 0x11, V4), "192.0.2.7"),
        (second(0x21, 0x11, V4, b"\x04\x00\x01x"), "192.0.2.7"),
        (second(0x21, 0x21, V6), "2001:db8::7"),
        (second(0x21, 0x31, bytes(216)), ""),
        (second(0x20, 0x00, b""), ""),
        (second(0x20, 0x11, V4), ""),
    ],
)
async def test_who_comes_by_headers_cut_anywhere(tmp_path: Path, start: bytes, client: str) -> None:
    async with opened(tmp_path, proxy_from=HERE) as one:
        for cut in range(0, len(start), 5):
            balancer = await one.client()
            await balancer.send(start[:cut])
            await asyncio.sleep(0.002)
            await balancer.send(start[cut:] + b"EHLO x\r\n")
            assert (await balancer.reply()).startswith("220 ")
            assert [session.client for session in one.door.sessions] == [client]
            assert (await balancer.reply()).startswith("250-")
            balancer.close()
            await one.empty()


@pytest.mark.parametrize(
    "start",
    [
        b"EHLO x\r\n",
        b"PROXY\r\n",
        b"PROXY TCP4 192.0.2.7\r\n",
        b"PROXY TCP4 192.0.2.777 10.0.0.1 1 2\r\n",
        b"PROXY TCP4 x 10.0.0.1 1 2\r\n",
        b"PROXY TCP4 192.0.2.7 10.0.0.1 1 2\n",
        b"PROXY UNKNOWN " + b"x" * 100,
        b"\r\nEHLO",
        second(0x31, 0x11, V4),
        second(0x22, 0x11, V4),
        second(0x21, 0x11, V4[:8]),
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
async def test_what_is_no_header(tmp_path: Path, start: bytes) -> None:
    async with opened(tmp_path, proxy_from=HERE) as one:
        client = await one.client()
        await client.send(start + b"EHLO x\r\n" * 20)
        client.writer.write_eof()
        assert await client.rest() == b""


@pytest.mark.parametrize("start", [b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 25\r\n", second(0x21, 0x11, V4)])
@pytest.mark.parametrize("pieces", [1, 3])
async def test_who_came_through_a_balancer(tmp_path: Path, start: bytes, pieces: int) -> None:
    async with opened(tmp_path, proxy_from=HERE) as one:
        client = await one.client()
        if pieces == 1:
            await client.send(start)
        else:
            for byte in start:
                await client.send(bytes([byte]))
                await asyncio.sleep(0)
        await client.begin()
        await client.send(MAIL + b".\r\n")
        assert await client.reply() == KEPT
    assert one.desk.kept[0][1].client == "192.0.2.7"


@pytest.mark.parametrize("listed", [True, False])
async def test_only_listed_addresses_are_believed_and_those_must_tell(tmp_path: Path, listed: bool) -> None:
    settings: dict[str, Any] = {"proxy_from": HERE} if listed else {"proxy_from": (ipaddress.ip_network("10.0.0.0/8"),)}
    async with opened(tmp_path, **settings) as one:
        client = await one.client()
        if listed:
            await client.send(b"EHLO x\r\n")
            assert await client.rest() == b""
        else:
            assert (await client.reply()).startswith("220 ")
            assert (await client.say("PROXY TCP4 192.0.2.7 10.0.0.1 4711 25")).startswith("500 ")
            assert [session.client for session in one.door.sessions] == ["127.0.0.1"]


async def test_caps_count_clients_and_not_the_balancer(tmp_path: Path) -> None:
    async with opened(tmp_path, proxy_from=HERE, max_sessions_per_client=2) as one:
        for host, answer in [(7, "220 "), (8, "220 "), (7, "220 "), (7, "421 4.7.0 "), (9, "220 ")]:
            client = await one.client()
            await client.send(f"PROXY TCP4 192.0.2.{host} 10.0.0.1 1 2\r\n".encode())
            assert (await client.reply()).startswith(answer)
        for _ in range(4):
            probe = await one.client()
            await probe.send(b"PROXY UNKNOWN\r\n")
            assert (await probe.reply()).startswith("220 ")


async def test_a_balancer_that_says_nothing_is_cut_off(tmp_path: Path) -> None:
    async with opened(tmp_path, proxy_from=HERE, command_timeout=0.1) as one:
        client = await one.client()
        assert b"220" not in await client.rest()
        await one.empty()


@pytest.mark.parametrize("in_one_breath", [True, False])
async def test_tls_begins_behind_the_header(
    tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext, in_one_breath: bool
) -> None:
    """Header and the first words of the handshake may come in one packet."""
    start = b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 25\r\n"
    async with opened(tmp_path, tls_first=True, tls=tls, proxy_from=HERE) as one:
        reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        talk = trusting.wrap_bio(incoming, outgoing, server_hostname="mx.example.com")
        if not in_one_breath:
            writer.write(start)
            await asyncio.sleep(0.02)
            start = b""
        greeting = b""
        while not greeting:
            try:
                talk.do_handshake()
                greeting = talk.read(1000)
            except ssl.SSLWantReadError:
                writer.write(start + outgoing.read())
                start = b""
                incoming.write(await reader.read(65536))
        writer.write(outgoing.read())
        assert greeting.startswith(b"220 ")
        assert [session.client for session in one.door.sessions] == ["192.0.2.7"]
        writer.close()


async def test_tls_from_the_first_byte(tmp_path: Path, tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async with opened(tmp_path, tls_first=True, tls=tls) as one:
        client = await one.client(ssl=trusting)
        assert (await client.reply()).startswith("220 ")
        assert "STARTTLS" not in await client.say("EHLO x")
        assert (await client.say("STARTTLS")).startswith("502 ")
        await client.again()
        await client.send(MAIL + b".\r\n")
        assert await client.reply() == KEPT
    assert one.desk.mails == [MAIL]


@pytest.mark.parametrize("first", [b"EHLO x\r\n", b"\x16\x03\x01\x00\x05hello", b""])
async def test_who_does_not_speak_tls_there_is_told_nothing(tmp_path: Path, tls: ssl.SSLContext, first: bytes) -> None:
    async with opened(tmp_path, tls_first=True, tls=tls, command_timeout=0.2) as one:
        client = await one.client()
        await client.send(first)
        assert not (await client.rest()).startswith((b"220", b"421"))
        await asyncio.wait_for(one.empty(), 10)


async def test_stopping_in_the_middle_of_a_handshake(tmp_path: Path, tls: ssl.SSLContext) -> None:
    async with opened(tmp_path, tls_first=True, tls=tls) as one:
        await one.client()
        while not one.door.sessions:
            await asyncio.sleep(0.005)
        await asyncio.wait_for(one.door.stop(30), 10)  # it ends by itself; nobody waits for the grace
        assert not one.door.sessions
