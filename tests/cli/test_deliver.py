"""`sitmail deliver` as its own process, against the real LMTP door: exit codes are all that a mail server looks at."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sitmail.daemon.listeners import open_listeners
from sitmail.domain.mail import UNKNOWN_SENDER, Envelope
from sitmail.receiving.door import DoorSettings
from sitmail.receiving.lmtp import lmtp_door
from sitmail.receiving.smtp import smtp_door
from sitmail.receiving.spool import Spool, Spooled

RUN = [sys.executable, "-c", "import sys; from sitmail.cli.deliver import deliver; sys.exit(deliver(sys.argv[1:]))"]
ROOT = Path(__file__).parents[2]
MAIL = b"From: jane@example.net\nTo: support@example.com\nSubject: printer\n\nIt is grey.\n"


@dataclass
class Desk:
    reply: str = "250 2.0.0 kept"
    kept: list[tuple[bytes, Envelope]] = field(default_factory=list)
    address: str = ""

    def accepts(self, recipient: str) -> str:
        refusals = {"later@example.com": "451 4.2.0 later", "closed@example.com": "550 5.7.1 closed"}
        if recipient in refusals:
            return refusals[recipient]
        return "" if recipient.endswith("@example.com") else "550 5.1.1 no such address here"

    async def deliver(self, spooled: Spooled, envelope: Envelope) -> str:
        assert spooled.content is not None
        self.kept.append((spooled.content, envelope))
        return self.reply


@asynccontextmanager
async def desk_at(folder: Path, listen: str = "unix:lmtp.sock", reply: str = "250 2.0.0 kept") -> AsyncIterator[Desk]:
    desk = Desk(reply)
    door = lmtp_door(
        DoorSettings("mx.example.com", max_message_size=100_000), Spool(folder / "spool"), desk.accepts, desk.deliver
    )
    [listener] = await open_listeners("lmtp", [listen], door, base=folder)
    desk.address = listener.address.removeprefix("unix:")
    try:
        yield desk
    finally:
        await listener.close()
        await door.stop(5)


async def run(*argv: str, mail: bytes = MAIL, **environ: str) -> tuple[int, str]:
    child = await asyncio.create_subprocess_exec(
        *RUN, *argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT, env={"PATH": os.environ["PATH"], **environ}
    )
    out, err = await asyncio.wait_for(child.communicate(mail), 30)
    assert out == b""
    assert child.returncode is not None
    return child.returncode, err.decode()


async def test_kept(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as desk:
        code = await run("-f", "jane@example.net", "--socket", desk.address, "support@example.com")
        assert code == (0, "")
    [(content, envelope)] = desk.kept
    assert content == MAIL.replace(b"\n", b"\r\n")
    assert (envelope.sender, envelope.recipients, envelope.door) == (
        "jane@example.net",
        ("support@example.com",),
        "lmtp",
    )


@pytest.mark.parametrize(
    "argv",
    [
        ["--sender", "jane@example.net", "--recipient", "support@example.com"],
        ["--sender=<jane@example.net>", "--recipient=support@example.com", "--json", "--config", "x.toml"],
        ["-fjane@example.net", "--", "support@example.com"],
    ],
)
async def test_other_ways_to_say_it(tmp_path: Path, argv: list[str]) -> None:
    async with desk_at(tmp_path) as desk:
        assert await run(*argv, SITMAIL_SOCKET=desk.address) == (0, "")
    assert (desk.kept[0][1].sender, desk.kept[0][1].recipients) == ("jane@example.net", ("support@example.com",))


async def test_over_tcp(tmp_path: Path) -> None:
    async with desk_at(tmp_path, "127.0.0.1:0") as desk:
        assert (await run("--socket", desk.address, "support@example.com"))[0] == 0


@pytest.mark.parametrize(
    ("argv", "header", "sender"),
    [
        ([], b"Return-Path: <jane@example.net>\n", "jane@example.net"),
        ([], b"Return-Path: <>\n", ""),
        ([], b"Return-Path: < >\n", ""),
        ([], b"Return-Path: <not an address>\n", UNKNOWN_SENDER),
        ([], b"Return-Path: \n", UNKNOWN_SENDER),
        ([], b"Return-Path: <j\xc3\xb6rg@example.net>\n", UNKNOWN_SENDER),
        ([], b"Return-Path: <" + b"a" * 300 + b"@example.net>\n", UNKNOWN_SENDER),
        ([], b"", UNKNOWN_SENDER),
        (["-f", ""], b"Return-Path: <jane@example.net>\n", ""),
        (["-f", "<>"], b"Return-Path: <jane@example.net>\n", ""),
        (["-f", "bob@example.net"], b"Return-Path: <jane@example.net>\n", "bob@example.net"),
        ([], b"From jane@example.net Sat Nov 21 10:00:00 2026\nReturn-Path: <bob@example.net>\n", "bob@example.net"),
    ],
)
async def test_the_sender(tmp_path: Path, argv: list[str], header: bytes, sender: str) -> None:
    async with desk_at(tmp_path) as desk:
        code, _ = await run(*argv, "--socket", desk.address, "support@example.com", mail=header + MAIL)
        assert code == 0
    content, envelope = desk.kept[0]
    assert envelope.sender == sender
    assert not content.startswith(b"From jane")


@pytest.mark.parametrize(
    ("header", "environ", "recipients"),
    [
        (b"", {}, ("support@example.com",)),
        (b"Cc: x@example.org,\n Help <help@example.com>\n", {}, ("support@example.com", "help@example.com")),
        (b"Delivered-To: sales@example.com\n", {}, ("sales@example.com",)),
        (b"Delivered-To: a@example.com\nX-Original-To: b@example.com\n", {}, ("b@example.com",)),
        (b"X-Original-To: a@example.com\nX-Original-To: b@example.com\n", {}, ("a@example.com",)),
        (b"X-Original-To: a@example.org\nDelivered-To: c@example.com\n", {}, ("c@example.com",)),
        (
            b"Delivered-To: a@example.com\n",
            {"ORIGINAL_RECIPIENT": "support+i1.k@example.com"},
            ("support+i1.k@example.com",),
        ),
        (b"Delivered-To: a@example.com\n", {"RECIPIENT": "root@localhost.example.org"}, ("a@example.com",)),
    ],
)
async def test_whom_a_mail_is_for_when_nobody_says(
    tmp_path: Path, header: bytes, environ: dict[str, str], recipients: tuple[str, ...]
) -> None:
    async with desk_at(tmp_path) as desk:
        assert await run("--socket", desk.address, mail=header + MAIL, **environ) == (0, "")
    assert desk.kept[0][1].recipients == recipients


@pytest.mark.parametrize(
    ("recipients", "code", "kept"),
    [
        (["a@example.com", "b@example.com"], 0, ("a@example.com", "b@example.com")),
        (["nobody@example.org"], 67, ()),
        (["closed@example.com"], 65, ()),
        (["closed@example.com", "nobody@example.org"], 65, ()),
        (["a@example.com", "nobody@example.org"], 67, ("a@example.com",)),
        (["a@example.com", "later@example.com"], 75, ("a@example.com",)),
        (["nobody@example.org", "later@example.com"], 75, ()),
        (["a%b@example.com"], 65, ()),
    ],
)
async def test_only_zero_means_kept_for_all(
    tmp_path: Path, recipients: list[str], code: int, kept: tuple[str, ...]
) -> None:
    async with desk_at(tmp_path) as desk:
        got, line = await run("--socket", desk.address, *recipients)
    assert got == code
    assert line.count("\n") == (code != 0)
    assert "@" not in line
    assert "/" not in line
    assert tuple(r for _, envelope in desk.kept for r in envelope.recipients) == kept


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("452 4.3.1 full", 75),
        ("421 4.3.2 going", 75),
        ("554 5.6.0 no", 65),
        ("550 5.1.1 gone meanwhile", 67),
        ("broken", 75),
    ],
)
async def test_replies_after_the_mail(tmp_path: Path, reply: str, code: int) -> None:
    async with desk_at(tmp_path, reply=reply) as desk:
        assert (await run("--socket", desk.address, "a@example.com", "b@example.com"))[0] == code


async def test_too_large(tmp_path: Path) -> None:
    async with desk_at(tmp_path) as desk:
        code, line = await run("--socket", desk.address, "a@example.com", mail=MAIL + b"x\n" * 50_000)
    assert (code, desk.kept) == (65, [])
    assert "552 5.3.4" in line


@pytest.mark.parametrize(
    ("raw", "wire"),
    [
        (b"A: b\n\n.\n..\n.x\n", b"A: b\r\n\r\n.\r\n..\r\n.x\r\n"),
        (b".\r\n\r\nx", b".\r\n\r\nx\r\n"),
        (b"A: b\r\n\r\nx\ry\n.\nz\r\n", b"A: b\r\n\r\nx y\r\n.\r\nz\r\n"),
        (b">From x\nA: b\n\nFrom y\n", b"A: b\r\n\r\nFrom y\r\n"),
        (b"A: b\n\n\n.\nMAIL FROM:<x@example.net>\n.\n", b"A: b\r\n\r\n\r\n.\r\nMAIL FROM:<x@example.net>\r\n.\r\n"),
        (b"\xff\0\n", b"\xff\0\r\n"),
    ],
)
async def test_what_arrives(tmp_path: Path, raw: bytes, wire: bytes) -> None:
    async with desk_at(tmp_path) as desk:
        assert (await run("--socket", desk.address, "a@example.com", mail=raw))[0] == 0
    assert [content for content, _ in desk.kept] == [wire]


@pytest.mark.parametrize(
    "argv",
    [
        ["--bogus"],
        ["-x"],
        ["--help"],
        ["-f"],
        ["--socket"],
        ["-f", "a\nRCPT TO:<b@example.com>", "a@example.com"],
        ["a@example.com>\r\nDATA"],
        ["-f", "\udcff", "a@example.com"],
    ],
)
async def test_wrong_usage_is_try_again(tmp_path: Path, argv: list[str]) -> None:
    async with desk_at(tmp_path) as desk:
        code, line = await run(*argv, SITMAIL_SOCKET=desk.address)
    assert (code, desk.kept, line.count("\n")) == (75, [], 1)


async def test_no_daemon_no_mail_no_recipient(tmp_path: Path) -> None:
    assert (await run("--socket", str(tmp_path / "none"), "a@example.com"))[0] == 75
    assert (await run("--socket", "127.0.0.1:1", "a@example.com"))[0] == 75
    async with desk_at(tmp_path) as desk:
        assert (await run("--socket", desk.address, "a@example.com", mail=b""))[0] == 75
        assert (await run("--socket", desk.address, mail=b"Subject: x\n\nx\n"))[0] == 75
        assert (await run("--socket", desk.address, mail=b"To: x@example.org\n\nx\n"))[0] == 67
    assert not desk.kept


async def test_a_door_that_speaks_smtp_is_a_mistake_not_a_refusal(tmp_path: Path) -> None:
    desk = Desk()
    door = smtp_door(DoorSettings("mx.example.com"), Spool(tmp_path / "spool"), desk.accepts, desk.deliver)
    [listener] = await open_listeners("smtp", ["127.0.0.1:0"], door, base=tmp_path)
    assert (await run("--socket", listener.address, "a@example.com"))[0] == 75
    await listener.close()
    await door.stop(5)


@pytest.mark.parametrize(
    "script",
    [
        b"",
        b"nonsense\r\n",
        b"220 x\r\n",
        b"220 x\r\n250 x\r\n250 x\r\n250 x\r\n",
        b"220 x\r\n250 x\r\n250 x\r\n250 x\r\n354 x\r\n",
        b"220 x\r\n250 x\r\n250 x\r\n250 x\r\n250 x\r\n354 x\r\n250 x\r\n",  # one reply for two recipients
        b"220 x\r\n250 x\r\n250 x\r\n250 x\r\n250 x\r\n354 x\r\n250 x\r\n250 cut",
        b"220 x\r\n250-x\r\n250 x\r\n250 x\r\n503 what\r\n",
    ],
)
async def test_a_daemon_that_hangs_up_anywhere(tmp_path: Path, script: bytes) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(script)
        writer.write_eof()
        while await reader.read(1000):
            pass
        writer.close()

    server = await asyncio.start_unix_server(hang_up, tmp_path / "s")
    code, _ = await run("--socket", str(tmp_path / "s"), "a@example.com", "b@example.com")
    assert code == 75
    server.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_is_try_again(tmp_path: Path, number: signal.Signals) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        child = await asyncio.create_subprocess_exec(
            *RUN, "--socket", str(tmp_path / "s"), "a@example.com", stdin=PIPE, stderr=PIPE, cwd=ROOT
        )
        assert child.stdin
        child.stdin.write(MAIL)
        child.stdin.close()
        peer, _ = await asyncio.to_thread(silent.accept)
        child.send_signal(number)
        _, err = await child.communicate()
        peer.close()
        assert child.returncode == 75
        assert err.count(b"\n") == 1


async def test_nobody_reads_our_line(tmp_path: Path) -> None:
    """A closed or broken standard error changes no exit code; nor does a closed standard input or output."""
    for redirect in ("2>&-", "2>/dev/full", ">&- 2>&-", "<&-"):
        shell = await asyncio.create_subprocess_shell(
            f'"$0" -c "$1" --socket /nowhere a@example.com {redirect}'.replace("$0", RUN[0]).replace("$1", RUN[2]),
            stdin=PIPE,
            stderr=PIPE,
            cwd=ROOT,
        )
        await shell.communicate(MAIL)
        assert shell.returncode == 75


async def test_nothing_else_of_sitmail_is_loaded() -> None:
    """A pipe pays for its imports with every mail."""
    code = (
        "import sys; import sitmail.cli.deliver; "
        "print([m for m in sys.modules if m.startswith('sitmail.') and not m.startswith('sitmail.cli')],"
        " 'email' in sys.modules, 'asyncio' in sys.modules, 'argparse' in sys.modules)"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=PIPE, cwd=ROOT)
    out, _ = await child.communicate()
    assert out.decode() == "[] False False False\n"
