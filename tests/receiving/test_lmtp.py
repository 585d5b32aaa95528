"""The LMTP door over a real socket: one reply for every accepted recipient, whatever happens (RFC 2033)."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail.receiving.fingerprint import fingerprint
from sitmail.receiving.lmtp import lmtp_door
from tests.receiving.doorstep import KEPT, Desk, opened

MAIL = b"Subject: printer\r\n\r\nIt is grey.\r\n"
THREE = ("a@example.com", "b@example.com", "a@example.com")


async def test_lhlo_is_the_only_hello(tmp_path: Path) -> None:
    async with opened(tmp_path, lmtp_door) as one:
        mta = await one.client()
        assert await mta.reply() == "220 mx.example.com LMTP sitmail"
        for hello in ("HELO x", "EHLO x"):
            assert (await mta.say(hello)).startswith("500 5.5.2")
        offers = (await mta.say("LHLO x")).split("\n")
        assert {"250-PIPELINING", "250 ENHANCEDSTATUSCODES"} <= set(offers)


@pytest.mark.parametrize(
    ("desk", "data", "reply"),
    [
        (Desk(), MAIL, KEPT),
        (Desk(reply="452 4.3.1 later"), MAIL, "452 4.3.1 later"),
        (Desk(error=RuntimeError("x")), MAIL, "451 4.3.0 "),
        (Desk(), b"x\r\n" * 1000, "552 5.3.4 "),
        (Desk(), b"x" * 600 + b"\r\n", "554 5.6.0 "),
        (Desk(), b"Received: x\r\n" * 60, "554 5.4.6 "),
        (Desk(reply="421 4.3.2 going down"), MAIL, "421 4.3.2 "),
        (Desk(reply="nonsense"), MAIL, "451 4.3.0 "),
    ],
)
async def test_a_reply_for_each(tmp_path: Path, desk: Desk, data: bytes, reply: str) -> None:
    async with opened(tmp_path, lmtp_door, desk, max_message_size=2000, line_limit=500) as one:
        mta = await one.client()
        await mta.begin(*THREE, hello="LHLO")
        await mta.send(data + b".\r\nNOOP\r\nQUIT\r\n")
        answers = [await mta.reply() for _ in range(3)]
        assert all(answer.startswith(reply) for answer in answers)
        assert len(set(answers)) == 1
        if not reply.startswith("421"):
            assert (await mta.reply()).startswith("250 2.0.0")
            assert (await mta.reply()).startswith("221 ")
        assert await mta.reply() == ""


@pytest.mark.parametrize("ends", [b"\r\n", b"\r", b"\n", b"\r\r\n"])
async def test_whatever_ends_its_lines_has_the_fingerprint_of_its_bytes(tmp_path: Path, ends: bytes) -> None:
    mail = b"Subject: x" + ends + b"To: y\r\n\r\nHello" + ends + b"there\r\n"
    async with opened(tmp_path, lmtp_door) as one:
        mta = await one.client()
        await mta.begin("a@example.com", hello="LHLO")
        await mta.send(mail + b".\r\nQUIT\r\n")
        while await mta.reply():
            pass
    (spooled,) = one.desk.spooled
    assert spooled.fingerprint == fingerprint(mail)


async def test_refused_recipients_get_no_second_reply(tmp_path: Path) -> None:
    async with opened(tmp_path, lmtp_door) as one:
        mta = await one.client()
        await mta.reply()
        await mta.say("LHLO x")
        await mta.send(
            b"MAIL FROM:<>\r\nRCPT TO:<no@example.org>\r\nRCPT TO:<a@example.com>\r\n"
            b"RCPT TO:<broken@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
        )
        assert [(await mta.reply())[:3] for _ in range(6)] == ["250", "550", "250", "451", "250", "354"]
        await mta.send(MAIL + b".\r\nQUIT\r\n")
        assert [(await mta.reply())[:3] for _ in range(3)] == ["250", "250", "221"]
    assert one.desk.kept[0][1].recipients == ("a@example.com", "b@example.com")
    assert one.desk.kept[0][1].door == "lmtp"


async def test_data_without_recipients_is_refused_once(tmp_path: Path) -> None:
    async with opened(tmp_path, lmtp_door) as one:
        mta = await one.client()
        await mta.reply()
        await mta.say("LHLO x")
        await mta.say("MAIL FROM:<>")
        assert (await mta.say("DATA")).startswith("503 ")
        assert (await mta.say("NOOP")).startswith("250 ")


async def test_lone_cr_and_lf_are_kept_but_end_nothing(tmp_path: Path) -> None:
    """The MTA has accepted the mail: a refusal here would only bounce it."""
    async with opened(tmp_path, lmtp_door) as one:
        mta = await one.client()
        await mta.begin(hello="LHLO")
        text = b"Subject: x\n\na\rb\n.\nMAIL FROM:<evil@example.net>\n.\r\n"
        await mta.send(text + b"\r\n.\r\n")
        assert await mta.reply() == KEPT
    assert one.desk.mails == [text + b"\r\n"]
