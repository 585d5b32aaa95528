"""The SMTP door over a real socket: the dialogue, and what becomes of the mail."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.receiving.doorstep import KEPT, Desk, opened

MAIL = b"From: jane@example.net\r\nSubject: printer\r\n\r\nIt is grey.\r\n"


async def test_a_conversation(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    async with opened(tmp_path, max_message_size=5000) as one:
        jane = await one.client()
        assert await jane.reply() == "220 mx.example.com ESMTP sitmail"
        offers = await jane.say("EHLO client.example.net")
        assert offers.split("\n") == [
            "250-mx.example.com",
            "250-PIPELINING",
            "250-SIZE 5000",
            "250-8BITMIME",
            "250-SMTPUTF8",
            "250 ENHANCEDSTATUSCODES",
        ]
        assert (await jane.say("MAIL FROM:<Jane@Example.net> BODY=8BITMIME SIZE=100")).startswith("250 2.1.0")
        assert (await jane.say("RCPT TO:<Support+i1.Kabc@Example.COM>")).startswith("250 2.1.5")
        assert (await jane.say("DATA")).startswith("354")
        await jane.send(MAIL + b".\r\n")
        assert await jane.reply() == KEPT
        assert (await jane.say("QUIT")).startswith("221 2.0.0")
        assert await jane.reply() == ""
    [(content, envelope)] = one.desk.kept
    assert content == MAIL
    assert (envelope.sender, envelope.recipients) == ("Jane@Example.net", ("Support+i1.Kabc@Example.COM",))
    assert (envelope.door, envelope.client) == ("smtp", "127.0.0.1")
    assert before <= envelope.received <= datetime.now(UTC)


async def test_the_null_sender_is_empty(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.say("EHLO x")
        for command in ("MAIL FROM:<>", "RCPT TO:<support@example.com>", "DATA"):
            await client.say(command)
        await client.send(MAIL + b".\r\n")
        assert await client.reply() == KEPT
    assert one.desk.kept[0][1].sender == ""


async def test_the_final_dot_cut_at_every_place(tmp_path: Path) -> None:
    """Two mails in one stream, sent in two pieces; the cut wanders over everything round the first final dot."""
    body = b"Subject: a\r\n\r\n.a\r\n..\r\n"
    one_mail = b"MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
    stream = one_mail + b"Subject: a\r\n\r\n..a\r\n...\r\n.\r\n" + one_mail + b"Subject: b\r\n\r\n.\r\n"
    middle = stream.index(b"\r\n.\r\n")
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.say("EHLO x")
        for cut in range(middle - 12, middle + 12):
            await client.send(stream[:cut])
            await asyncio.sleep(0.002)
            await client.send(stream[cut:])
            codes = [(await client.reply())[:3] for _ in range(8)]
            assert codes == ["250", "250", "354", "250"] * 2
        assert one.desk.mails == [body, b"Subject: b\r\n\r\n"] * 24


SMUGGLED = b"MAIL FROM:<evil@example.net>\r\nRCPT TO:<support@example.com>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n"


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\r.\n",
        b"\n.\r",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
        b"\r\n. \r\n",
        b"\r\n.\r\r\n",
        b"\r\r\n.\r\r\n",
        b"\n\r.\n\r",
    ],
)
async def test_nobody_hides_a_mail_in_a_mail(tmp_path: Path, end: bytes) -> None:
    """CVE-2023-51764 and its kin: only CR LF dot CR LF ends a mail; the rest is its text, or its fault."""
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.begin()
        await client.send(b"Subject: x\r\n\r\nx" + end + SMUGGLED + b".\r\n")
        answer = await client.reply()
        assert (await client.say("NOOP")).startswith("250 2.0.0 ")
        assert len(one.desk.kept) == (1 if answer == KEPT else 0)
        assert answer == KEPT or answer.startswith("550 5.6.11 ")


@pytest.mark.parametrize("text", [b"a\nb\r\n", b"a\rb\r\n", b"\n", b"a\r\r\n"])
async def test_lone_cr_and_lf_are_refused_after_the_dot(tmp_path: Path, text: bytes) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.begin()
        await client.send(b"Subject: x\r\n\r\n" + text)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.readline(), 0.03)
        await client.send(b"\r\n.\r\n")
        assert (await client.reply()).startswith("550 5.6.11 ")
        await client.again()
        await client.send(b"\0nul is kept\r\n.\r\n")
        assert await client.reply() == KEPT
    assert one.desk.mails == [b"\0nul is kept\r\n"]


async def test_pipelined_commands_are_answered_in_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.send(
            b"EHLO x\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<no@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
        )
        assert [(await client.reply())[:3] for _ in range(5)] == ["250", "250", "550", "250", "354"]
        await client.send(MAIL + b".\r\nRSET\r\nMAIL FROM:<a@example.net>\r\nDATA\r\nQUIT\r\n")
        assert [(await client.reply())[:3] for _ in range(5)] == ["250", "250", "250", "503", "221"]
    assert len(one.desk.kept) == 1


async def test_rset_and_ehlo_forget(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.say("EHLO x")
        for command in ("RSET", "EHLO x"):
            await client.say("MAIL FROM:<a@example.net>")
            await client.say("RCPT TO:<b@example.com>")
            assert (await client.say("MAIL FROM:<c@example.net>")).startswith("503 5.5.1")
            assert (await client.say(command)).startswith("250")
            assert (await client.say("DATA")).startswith("503 5.5.1")
        await client.again("late@example.com")
        await client.send(MAIL + b".\r\n")
        assert await client.reply() == KEPT
        assert (await client.say("RCPT TO:<b@example.com>")).startswith("503 5.5.1")
    assert one.desk.kept[0][1].recipients == ("late@example.com",)


@pytest.mark.parametrize(
    ("commands", "reply"),
    [
        (["MAIL FROM:<a@example.net>"], "503 5.5.1"),
        (["EHLO"], "501 5.5.4"),
        (["LHLO x"], "500 5.5.2"),
        (["EHLO x", "MAIL FROM:<a b@example.net>"], "553 5.1.3"),
        (["EHLO x", "MAIL FROM:<a@example.net> SIZE=50000001"], "552 5.3.4"),
        (["EHLO x", "MAIL FROM:<a@example.net> SIZE=-1"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@example.net> BODY=BINARYMIME"], "501 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@example.net> AUTH=<>"], "555 5.5.4"),
        (["EHLO x", "MAIL FROM:<a@example.net>", "RCPT TO:<b@example.com> NOTIFY=NEVER"], "555 5.5.4"),
        (["EHLO x", "RCPT TO:<b@example.com>"], "503 5.5.1"),
        (["EHLO x", "MAIL FROM:<a@example.net>", "DATA"], "503 5.5.1"),
        (["EHLO x", "MAIL FROM:<a@example.net>", "RCPT TO:<b@example.com>", "DATA now"], "501 5.5.4"),
        (["EHLO x", "VRFY b@example.com"], "252 2.5.0"),
        (["EHLO x", "EXPN staff"], "502 5.5.1"),
        (["EHLO x", "HELP"], "250 2.0.0"),
        (["EHLO x", "AUTH PLAIN AGEAYg=="], "502 5.5.1"),
        (["EHLO x", "BDAT 5 LAST"], "500 5.5.2"),
        (["EHLO x", "STARTTLS"], "502 5.5.1"),
        (["EHLO x", ""], "500 5.5.2"),
        (["NOOP " + "x" * 200_000], "500 5.5.2"),
        (["HELO x"], "250 mx.example.com"),
        (["GET / HTTP/1.1"], "421 4.7.0"),
    ],
)
async def test_answers_to_commands(tmp_path: Path, commands: list[str], reply: str) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        for command in commands[:-1]:
            assert (await client.say(command)).startswith("250")
        assert (await client.say(commands[-1])).startswith(reply)


@pytest.mark.parametrize(
    "probe",
    [
        "x@example.org",
        "x%example.org@example.com",
        "example.org!x@example.com",
        "@example.com:x@example.org",
        "@example.com,@example.net:x@example.org",
        '"x@example.org"@example.com',
        '"x%example.org"@example.com',
        '"x"@example.com',
        "x@example.org@example.com",
        "x@[192.0.2.1]",
        "x@example.org%example.com",
        "",
        " ",
        "a b@example.com",
        "x\x01@example.com",
        "x",
    ],
)
async def test_we_relay_for_nobody(tmp_path: Path, probe: str) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.say("EHLO x")
        await client.say("MAIL FROM:<a@example.net>")
        answer = await client.say(f"RCPT TO:<{probe}>")
        assert answer.startswith(("550 5.1.1 ", "550 5.1.3 ", "550 5.7.1 ", "553 5.1.3 "))
        assert (await client.say("DATA")).startswith("503 ")


async def test_a_command_that_is_no_utf8(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        assert (await client.say("EHLO x")).startswith("250")
        for command, reply in (
            (b"EHL\xff x", "500 5.5.2"),
            (b"MAIL FROM:<\xff\xfe@example.net>", "553 5.1.3"),
            (b"MAIL FROM:<a@example.net> SIZE=\xc2\xb2", "553 5.1.3"),
            (b"VRFY \xff\r\xfe", "502 5.5.1"),
        ):
            await client.send(command + b"\r\n")
            assert (await client.reply()).startswith(reply)
        assert (await client.say("MAIL FROM:<grüße@bücher.example> SMTPUTF8")).startswith("250")


async def test_the_end_of_an_overlong_command_is_no_command(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.send(b"x" * 5000)
        await asyncio.sleep(0.05)
        assert (await client.say("QUIT")).startswith("500 5.5.2")
        assert (await client.say("QUIT")).startswith("221 ")


async def test_the_same_recipient_twice_is_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.begin("a@example.com", "b@example.com", "a@example.com")
        await client.send(MAIL + b".\r\n")
        await client.reply()
    assert one.desk.kept[0][1].recipients == ("a@example.com", "b@example.com")


@pytest.mark.parametrize("size", [10_000, 400_000])
async def test_the_size_limit_is_exact_and_told_after_the_dot(tmp_path: Path, size: int) -> None:
    async with opened(tmp_path, max_message_size=size) as one:
        client = await one.client()
        await client.begin()
        mail = (b"." * 98 + b"\r\n") * (size // 100)
        stuffed = mail.replace(b"." * 98, b"." * 99)
        await client.send(stuffed + b".\r\n")
        assert await client.reply() == KEPT
        await client.again()
        await client.send(stuffed + b"x")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.readline(), 0.05)
        await client.send(b"\r\n.\r\n")
        assert (await client.reply()).startswith("552 5.3.4 ")
        assert (await client.say("NOOP")).startswith("250")
    assert one.desk.mails == [mail]


async def test_who_sends_without_end_is_cut_off(tmp_path: Path) -> None:
    async with opened(tmp_path, max_message_size=1000) as one:
        client = await one.client()
        await client.begin()
        await client.send(b"x\r\n" * 1000)
        assert (await client.reply()).startswith("421 4.3.4 ")
        assert await client.reply() == ""
    assert not one.desk.kept


async def test_long_lines_up_to_the_limit(tmp_path: Path) -> None:
    async with opened(tmp_path, line_limit=300_000) as one:
        client = await one.client()
        await client.begin()
        await client.send(b"x" * 300_000 + b"\r\n.\r\n")
        assert await client.reply() == KEPT
        await client.again()
        await client.send(b"x" * 300_001 + b"\r\n.\r\n")
        assert (await client.reply()).startswith("554 5.6.0 ")
    assert [len(mail) for mail in one.desk.mails] == [300_002]
    assert one.desk.spooled[0].path is not None


async def test_a_mail_that_runs_in_a_circle(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.begin()
        await client.send(b"Received: by a\r\n" * 50 + MAIL + b".\r\n")
        assert await client.reply() == KEPT
        await client.again()
        await client.send(b"Received: by a\r\n" * 51 + MAIL + b".\r\n")
        assert (await client.reply()).startswith("554 5.4.6 ")


async def test_a_nearly_full_disk_is_told_early_and_late(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.begin()
        one.desk.full = "452 4.3.1 the disk is nearly full"
        await client.send(MAIL + b".\r\n")
        assert await client.reply() == one.desk.full
        assert await client.say("MAIL FROM:<a@example.net>") == one.desk.full
        one.desk.full = ""
        await client.again()
    assert not one.desk.kept


@pytest.mark.parametrize("reply", ["", "ok", "250 2.0.0 ok\r\n250 twice", "354 more", "250 grün"])
async def test_what_is_no_reply_is_trouble_of_ours(tmp_path: Path, reply: str) -> None:
    async with opened(tmp_path, desk=Desk(reply=reply)) as one:
        client = await one.client()
        await client.begin()
        await client.send(MAIL + b".\r\n")
        assert (await client.reply()).startswith("451 4.3.0 ")


async def test_trouble_of_ours_is_told_without_its_cause(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for error in (RuntimeError("secret of the desk"), ConnectionResetError("database"), EOFError(), KeyError("x")):
        async with opened(tmp_path, desk=Desk(error=error)) as one:
            client = await one.client()
            await client.begin()
            await client.send(MAIL + b".\r\n")
            answer = await client.reply()
            assert answer.startswith("451 4.3.0 ")
            assert str(error) not in answer or not str(error)
            reference = answer.rpartition(" ")[2].rstrip(")")
            [record] = [record for record in caplog.records if reference in record.getMessage()]
            assert record.exc_info is not None
            assert record.exc_info[1] is error
            one.desk.error = None
            await client.again()
            await client.send(MAIL + b".\r\n")
            assert await client.reply() == KEPT


async def test_trouble_at_rcpt_and_at_the_spool(tmp_path: Path) -> None:
    async with opened(tmp_path) as one:
        client = await one.client()
        await client.reply()
        await client.say("EHLO x")
        await client.say("MAIL FROM:<a@example.net>")
        answer = await client.say("RCPT TO:<broken@example.com>")
        assert answer.startswith("451 4.3.0 ")
        assert "secret" not in answer
        await client.say("RSET")
        one.spool.rmdir()
        await client.again()
        await client.send(b"x" * 500_000 + b"\r\n.\r\n")
        assert (await client.reply()).startswith("451 4.3.0 ")
        one.spool.mkdir()
        await client.again()
        await client.send(b"x" * 500_000 + b"\r\n.\r\n")
        assert await client.reply() == KEPT
