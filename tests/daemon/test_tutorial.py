"""The tutorial, played: its lines are typed as they stand on the page, to a real daemon.

Only what cannot be the same here is exchanged: the ports, the address that a reader copies from a letter, and, in step
4, four minutes by seconds.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

import pytest

from tests.running_desk import CHECKOUT, PATIENCE, Desk, free_port

TUTORIAL = CHECKOUT / "docs" / "tutorial"
PROMISED = "20s"  # instead of 4m
Letters = list[Message]


class Reader:
    """Somebody who types what the page says, in a folder as a checkout is after `make run`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ports = folder, {"8025": str(free_port()), "8024": str(free_port())}
        (folder / ".play").mkdir()
        self.desk = Desk(folder / ".play")
        for name in ("config.toml", "directory.toml"):
            (folder / ".play" / name).write_text(self.here((TUTORIAL / name).read_text()))
        program = folder / ".venv" / "bin" / "sitmail"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m sitmail "$@"\n')
        program.chmod(0o755)
        (program.parent / "python3").symlink_to(sys.executable)

    def here(self, text: str) -> str:
        for old, new in self.ports.items():
            text = text.replace(f"{old})", f"{new})").replace(f':{old}"', f':{new}"')
        return text

    def types(self, lines: str, **exchanged: str) -> str:
        for old, new in exchanged.items():
            assert old in lines
            lines = lines.replace(old, new)
        bin_folder = self.folder / ".venv" / "bin"
        done = subprocess.run(
            ["bash", "-e", "-c", self.here(lines)],
            cwd=self.folder,
            env={**self.desk.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def letters(self, purpose: str, to: str) -> Letters:
        folder = self.folder / ".play" / "outgoing" / "new"
        found = [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*"))]
        return [one for one in found if one["X-Sitmail-Letter"] == purpose and to in one["To"]]

    def gets(self, purpose: str, to: str) -> Letters:
        end = time.monotonic() + PATIENCE
        while not (found := self.letters(purpose, to)):
            assert time.monotonic() < end, f"no {purpose} for {to}"
            time.sleep(0.2)
        return found

    def sees(self, command: str, wanted: Callable[[str], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not wanted(shown := self.types(command)):
            assert time.monotonic() < end, shown
            time.sleep(0.5)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path)
    made.desk.start()
    yield made
    made.desk.stop()


def steps() -> dict[str, list[str]]:
    """The blocks of each step, by the step's title."""
    text = (TUTORIAL / "first-incident.md").read_text()
    parts = re.split(r"^## \d\. (.*)\n", text, flags=re.MULTILINE)[1:]
    return {title: blocks(part) for title, part in zip(parts[::2], parts[1::2], strict=True)}


def blocks(part: str) -> list[str]:
    return [textwrap.dedent(block) for block in re.findall(r"(?:^    .*\n)+", part, re.MULTILINE)]


def reply(to: Message, number: int, body: str, shown: str) -> str:
    """The page's own program for an answer, with another Message-ID and body."""
    address = parseaddr(str(to["Reply-To"]))[1]
    text = shown.replace("PUT THE ADDRESS HERE", address).replace("<2@", f"<{number}@")
    return text.replace("Please press the red button twice.", body.strip().replace("\n", "\\n"))


@pytest.mark.slow
def test_every_step_does_what_the_page_says(reader: Reader) -> None:
    page = steps()
    write, look = page["Carol writes"]
    answer, commands = page["The owner answers"]
    (note,) = page["Hand over, with a note"]
    ask, close = page["Close"]

    reader.types(write)
    (first,) = reader.gets("assigned", "ann@example.com")
    reader.gets("acknowledgement", "carol@example.org")
    shown = reader.types(look)
    assert "PUBLIC: " in shown
    assert "[EX-1]" in shown

    reader.types(reply(first, 2, "Please press the red button twice.", answer))
    (words,) = reader.gets("answer", "carol@example.org")
    assert "Please press the red button twice." in words.as_string()
    listed, told = map(reader.types, commands.splitlines())
    assert "Awaiting customer" in listed
    assert "Please press the red button twice." in told

    reader.types(reply(first, 3, note, answer))
    (brief,) = reader.gets("assigned", "bob@example.com")
    assert "The brake was replaced in May." in brief.as_string()
    assert "brake" not in "".join(one.as_string() for one in reader.letters("answer", "carol@example.org"))

    reader.desk.stop()
    config = reader.folder / ".play" / "config.toml"
    assert config.read_text().count('"4m"') == 1
    config.write_text(config.read_text().replace('"4m"', f'"{PROMISED}"'))
    reader.desk.start()
    reader.types(write.replace("<1@", "<4@").replace("Crane stuck", "Lamp is dark"))
    reader.gets("sla_warning", "example.com")
    reader.desk.stop()
    reader.desk.start()
    (late,) = reader.gets("sla_late", "mia@example.com")
    assert "[EX-2]" in late["Subject"]
    assert len(reader.letters("sla_warning", "example.com")) <= 2

    (mine, *_) = reader.letters("answer", "carol@example.org")
    as_carol = reply(
        mine, 5, ask, answer.replace("ann@example.com", "carol@example.org").replace("Ann Archer", "Carol")
    )
    reader.types(as_carol)
    (asked_for,) = reader.gets("closure_requested", "bob@example.com")
    as_bob = answer.replace("ann@example.com", "bob@example.com").replace("Ann Archer", "Bob Baker")
    reader.types(reply(asked_for, 6, close, as_bob))
    reader.sees(commands.splitlines()[0], lambda shown: "Crane stuck" not in shown)
    endings = reader.types(re.search(r"^`(sitmail inbox .*?)`", (TUTORIAL / "first-incident.md").read_text(), re.M)[1])  # type: ignore[index]
    assert endings.count("applied") == 4
    assert endings.count("new") == 2
