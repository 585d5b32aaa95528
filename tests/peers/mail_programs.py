"""Mail programs that people use, at a person's desk: each writes a new mail, and answers the newest letter.

mutt and s-nail read the letter in the person's mailbox on Dovecot and answer with their own reply function, so that
recipients, thread and quotation are the program's. swaks reads nothing: its answer is written as such programs do.
"""

from __future__ import annotations

import os
import pty
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.peers.real_dovecot import PASSWORD

LIMIT = 180  # seconds one call of a program may take
SCREEN_LIMIT, HUNG = 60, 124  # seconds of one with a screen, and what `timeout` says then
NAMES = {"carol": "Carol Carter", "ann": "Ann Archer"}


@dataclass
class Person:
    """Somebody with a mailbox, a way to send, and a folder for the program's settings."""

    user: str
    address: str
    home: Path
    smtp: int
    imap: int

    @property
    def name(self) -> str:
        return NAMES[self.user]

    @property
    def mailbox(self) -> str:
        return f"imap://{self.user}:{PASSWORD}@127.0.0.1:{self.imap}/INBOX"

    @property
    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm"}

    def run(self, command: list[str], text: str) -> str:
        done = subprocess.run(
            command,
            input=text,
            env=self.environment,
            cwd=self.home,
            text=True,
            timeout=LIMIT,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


class Mutt:
    """Works on a screen: its keys are pushed to it, and its editor is a script that writes above the quotation."""

    def write(self, person: Person, to: str, subject: str, text: str) -> None:
        person.run([*self._command(person), "-s", subject, "--", to], text)

    def reply(self, person: Person, letter: EmailMessage, text: str) -> None:
        (person.home / "words").write_text(text + "\n")
        editor = person.home / "editor"
        editor.write_text('#!/bin/sh\ncat "$HOME/words" "$1" >"$HOME/whole" && cat "$HOME/whole" >"$1"\n')
        editor.chmod(0o755)
        keys = "<last-entry><reply><send-message><quit>"
        command = [*self._command(person), "-f", person.mailbox, "-e", f'push "{keys}"']
        _on_a_screen(command, person)

    def _command(self, person: Person) -> list[str]:
        settings = {
            "smtp_url": f"smtp://127.0.0.1:{person.smtp}/",
            "from": person.address,
            "realname": person.name,
            "folder": str(person.home),
            "editor": f"{person.home}/editor",
            "header_cache": "",
            "sort": "mailbox-order",
            "quit": "yes",
            "include": "yes",
            **dict.fromkeys(("fast_reply", "autoedit", "reply_to"), "yes"),
            **dict.fromkeys(("copy", "move", "delete", "ssl_force_tls", "ssl_starttls", "use_domain"), "no"),
        }
        lines = "".join(f'set {key}="{value}"\n' for key, value in settings.items())
        (person.home / "muttrc").write_text(lines)
        return [_program("mutt"), "-n", "-F", str(person.home / "muttrc")]


class Snail:
    """Works line by line: the quotation comes first, marked by tabs, and the answer stands below it."""

    def write(self, person: Person, to: str, subject: str, text: str) -> None:
        person.run([*self._command(person), "-s", subject, to], text + "\n")

    def reply(self, person: Person, letter: EmailMessage, text: str) -> None:
        options = ["-Squote", "-Sreply-to-honour=yes", "-f", person.mailbox]
        person.run([*self._command(person), "-#", *options], f"reply $\n{text}\n~.\nexit\n")

    def _command(self, person: Person) -> list[str]:
        settings = {
            "v15-compat": "yes",
            "mta": f"smtp://127.0.0.1:{person.smtp}",
            "smtp-auth": "none",
            "imap-auth": "login",
            "from": f"{person.name} <{person.address}>",
            "sendcharsets": "utf-8",
        }
        return [_program("s-nail"), "-:/", *(f"-S{key}={value}" for key, value in settings.items())]


def text_of(letter: EmailMessage) -> str:
    """The text part of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


class Swaks:
    """Sends what it is given."""

    def write(self, person: Person, to: str, subject: str, text: str) -> None:
        self._send(person, to, subject, text)

    def reply(self, person: Person, letter: EmailMessage, text: str) -> None:
        quoted = "".join(f"> {line}\n" for line in text_of(letter).splitlines())
        said = f"{text}\n\nOn {letter['Date']}, {letter['From']} wrote:\n{quoted}"
        seen = letter["Message-ID"]
        threads = (f"In-Reply-To: {seen}", f"References: {letter.get('References', '')} {seen}".replace("  ", " "))
        subject = str(letter["Subject"])
        to = letter["Reply-To"].addresses[0].addr_spec
        self._send(person, to, subject if subject.startswith("Re:") else f"Re: {subject}", said, *threads)

    def _send(self, person: Person, to: str, subject: str, text: str, *fields: str) -> None:
        heads = (f"Subject: {subject}", f"From: {person.name} <{person.address}>", *fields)
        command = [_program("swaks"), "--server", f"127.0.0.1:{person.smtp}", "--from", person.address, "--to", to]
        person.run([*command, *(part for head in heads for part in ("--header", head)), "--body", "-"], text + "\n")


Program = Mutt | Snail | Swaks
PROGRAMS: dict[str, Program] = {"mutt": Mutt(), "s-nail": Snail(), "swaks": Swaks()}


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"needs {name} (make peers)"
    return found


def _on_a_screen(command: list[str], person: Person) -> None:
    """Runs a program that wants a terminal, and fails with what it showed.

    On a busy machine mutt loses keys that are pushed while its editor ends, and then waits for ever with nothing sent.
    """
    for _ in range(3):
        code, shown = _shown(command, person)
        if code != HUNG:
            break
    assert code == 0, shown


def _shown(command: list[str], person: Person) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            ["timeout", str(SCREEN_LIMIT), "sh", "-c", f"stty rows 40 cols 120; exec {shlex.join(command)}"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=person.environment,
            cwd=person.home,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            shown = bytearray()
            try:
                while seen := os.read(ours, 4096):
                    shown += seen
            except OSError:  # the other end is closed (EIO)
                pass
        return process.returncode, shown.decode(errors="replace")
    finally:
        os.close(ours)
