"""`sitmail demo`: a whole conversation through a real daemon on loopback, with every letter shown as the relay got it.

It also tests the daemon: a letter that is missing, extra or out of order ends it with exit code 1.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from smtplib import SMTP

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import Envelope, Session

from sitmail.cli.demo_script import CONFIG, CONVERSATION, DESK, DIRECTORY, WEEK, Step

PATIENCE = 30.0  # seconds that a step may take; it takes one or two
CALM = 1.5  # seconds without a letter after which none is expected any more


@dataclass
class Sink:
    """A relay that keeps the letters it is given, in order."""

    letters: list[tuple[str, Message]] = field(default_factory=list)

    async def handle_DATA(self, _server: Server, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append((envelope.rcpt_tos[0], message_from_bytes(content)))
        return "250 ok"


@dataclass
class Play:
    """The state of the conversation while it runs."""

    sink: Sink
    port: int
    shown: list[dict[str, str]] = field(default_factory=list)
    seen: int = 0
    sent: int = 0

    def step(self, step: Step) -> str:
        """Plays one step; returns "" or a sentence about what went wrong."""
        if step.writer:
            self.send(step)
        came = self.arrivals(len(step.letters))
        wanted = sorted((address(reader), letter) for reader, letter in step.letters)
        found = sorted((reader, str(letter["X-Sitmail-Letter"])) for reader, letter in came)
        self.seen += len(came)
        return "" if wanted == found else f"expected {wanted}, got {found}"

    def send(self, step: Step) -> None:
        """Sends the mail of a step as a mail program would: to Reply-To, with References, the quotation below.

        The mail server before the desk has found that it comes from where it says.
        """
        self.sent += 1
        to, subject, more, quoted = DESK, step.subject, "", ""
        if step.answers:
            letter = self.letter(*step.answers)
            to = str(letter["Reply-To"]).rpartition("<")[2].rstrip(">")
            subject = f"Re: {letter['Subject']}"
            more = f"In-Reply-To: {letter['Message-ID']}\r\nReferences: {letter['Message-ID']}\r\n"
            lines = text_of(letter).splitlines()
            quoted = "\n\nOn Mon, 1 Jan 2026 at 12:00, Example Support wrote:\n" + "\n".join(f"> {x}" for x in lines)
        proved = f"Authentication-Results: mx.example.com; dmarc=pass header.from={step.writer.rpartition('@')[2][:-1]}"
        sent = f"From: {step.writer}\r\nTo: {to}\r\nSubject: {subject}\r\n{more}"
        head = f"{proved}\r\n{sent}Message-ID: <{self.sent}.demo@example.net>"
        raw = f"{head}\r\n\r\n{step.text}{quoted}\n".replace("\r\n", "\n").replace("\n", "\r\n")
        with SMTP("127.0.0.1", self.port) as client:
            client.sendmail(address(step.writer), [to], raw.encode())

    def letter(self, reader: str, kind: str) -> Message:
        mine = [m for who, m in self.sink.letters if who == address(reader) and m["X-Sitmail-Letter"] == kind]
        return mine[-1]

    def arrivals(self, wanted: int) -> list[tuple[str, Message]]:
        """The letters since the last step, after `wanted` have arrived and no other has followed for `CALM` seconds."""
        deadline = time.monotonic() + PATIENCE
        while len(self.sink.letters) < self.seen + wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        quiet = time.monotonic() + CALM
        while time.monotonic() < quiet:
            time.sleep(0.05)
        return self.sink.letters[self.seen :]


def demo(asked: Namespace) -> int:
    """Plays the conversation and prints every letter; returns 0 if exactly the expected letters came, else 1."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=0, server_hostname="sink", ready_timeout=10)
    # With port 0 aiosmtpd's controller would connect to port 0 to see whether it is up, so a port is bound for it.
    controller.port = free_port()
    controller.start()
    try:
        with tempfile.TemporaryDirectory(prefix="sitmail-demo-") as folder:
            return played(asked, sink, Path(folder), controller.port)
    finally:
        controller.stop()


def played(asked: Namespace, sink: Sink, folder: Path, relay: int) -> int:
    (folder / "config.toml").write_text(CONFIG.format(relay=relay, week=WEEK), encoding="utf-8")
    next_year = datetime.now(UTC).date() + timedelta(days=365)
    (folder / "directory.toml").write_text(DIRECTORY.format(day=next_year), encoding="utf-8")
    command = [sys.executable, "-m", "sitmail", "run", "--config", str(folder / "config.toml")]
    with (folder / "log").open("w+b") as log:
        daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)  # noqa: S603 - our own program
        try:
            port = listening(daemon)
            trouble = conversation(asked, Play(sink, port)) if port else "the daemon did not start"
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(PATIENCE)
            if daemon.stdout:
                daemon.stdout.close()
        if trouble:
            log.seek(0)
            print(f"\nThe demo failed: {trouble}\n\nThe daemon's log:\n{log.read().decode()}", file=sys.stderr)
        return 1 if trouble else os.EX_OK


def listening(daemon: subprocess.Popen[bytes]) -> int:
    """The port that the daemon's line `ready smtp 127.0.0.1:PORT` names; 0 if it ended instead."""
    assert daemon.stdout is not None
    words = daemon.stdout.readline().decode().split()
    return int(words[words.index("smtp") + 1].rpartition(":")[2]) if "smtp" in words else 0


def conversation(asked: Namespace, play: Play) -> str:
    for place, step in enumerate(CONVERSATION, 1):
        before = play.seen
        trouble = play.step(step)
        came = play.sink.letters[before : play.seen]
        if asked.json:
            play.shown += [{"step": step.title, **described(letter)} for _, letter in came]
        else:
            print_step(place, step, came)
        if trouble:
            return f"step {place}, {step.title}: {trouble}"
    if asked.json:
        print(json.dumps(play.shown, indent=1))
    else:
        print(f"\nAll {play.seen} letters came, in order, and no other.")
    return ""


def print_step(place: int, step: Step, came: Sequence[tuple[str, Message]]) -> None:
    print(f"\n{'=' * 78}\n{place}. {step.title}\n{'=' * 78}")
    for line in step.text.splitlines() if step.writer else []:
        print(f"   | {line}")
    for reader, letter in came:
        print(f"\n--- letter to {reader} ---")
        print(*(f"{name}: {letter[name]}" for name in ("From", "To", "Reply-To", "Subject")), "", sep="\n")
        print(text_of(letter))


def described(letter: Message) -> dict[str, str]:
    names = ("To", "From", "Subject", "X-Sitmail-Letter")
    return {name.lower(): str(letter[name]) for name in names} | {"text": text_of(letter)}


def text_of(letter: Message) -> str:
    """The text part of a letter; the page beside it says the same."""
    text = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
    content = text.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode("utf-8")


def address(person: str) -> str:
    return person.rpartition("<")[2].rstrip(">")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
