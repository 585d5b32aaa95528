"""Roundup as a peer: another issue tracker in Python that works by mail; from its package, with SQLite.

The settings favour it: its users are known, no process is started for each mail, and only one letter is sent for each,
to the author.  A reply's subject names its issue the way Roundup writes it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.feeding import Phase
from bench.mails import Mail
from bench.wire import Sink

VERSION = "2.6.0"
SETTINGS = {
    "web": "http://127.0.0.1/",
    "email": "support",
    "domain": "example.com",
    "host": "127.0.0.1",
    "messages_to_author": "yes",
    "local_hostname": "mx.example.com",  # without it, every letter causes a DNS lookup
}


class Roundup:
    """`cache` keeps its environment between runs, `folder` a tracker for one run."""

    def __init__(self, cache: Path, folder: Path) -> None:
        self.bin = cache / f"roundup-{VERSION}" / "bin"
        self.home = folder / "tracker"

    def prepare(self, sink: int) -> None:
        if not (self.bin / "roundup-admin").exists():
            subprocess.run([sys.executable, "-m", "venv", self.bin.parent], check=True)
            quiet = ["--quiet", "--disable-pip-version-check"]
            subprocess.run(
                [self.bin / "pip", "install", *quiet, f"roundup=={VERSION}"], check=True, capture_output=True
            )
        self.home.parent.mkdir(parents=True, exist_ok=True)
        self._admin("install", "classic", "sqlite")
        path = self.home / "config.ini"
        text = path.read_text()
        for name, value in SETTINGS.items():
            text = re.sub(rf"(?m)^#?{name} = .*$", f"{name} = {value}", text)
        mail = text.index("\n[mail]\n")
        text = text[:mail] + re.sub(r"(?m)^port = .*$", f"port = {sink}", text[mail:], count=1)
        path.write_text(text)
        self._admin("initialise", "secret")

    async def measure(self, sink: Sink, contacts: int, phases: Sequence[Sequence[Mail]]) -> list[Phase]:
        """Lets Roundup handle the mails of every phase, and checks that each led to a letter in the sink."""
        sink.letters.clear()
        data = json.dumps([[(m.case, base64.b64encode(m.content).decode()) for m in mails] for mails in phases])
        script = Path(__file__).with_name("roundup_inside.py")
        process = await asyncio.create_subprocess_exec(
            self.bin / "python", script, self.home, str(contacts), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        out, _ = await process.communicate(data.encode())
        told = json.loads(out)
        total = sum(map(len, phases))
        if len(sink.letters) != total or told["messages"] != total:
            raise RuntimeError(f"roundup: {total} mails, {told['messages']} messages, {len(sink.letters)} letters")
        return [Phase(len(mails), *times) for mails, times in zip(phases, told["measured"], strict=True)]

    def discard(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    def _admin(self, *words: str) -> None:
        subprocess.run([self.bin / "roundup-admin", "-i", self.home, *words], check=True, capture_output=True)
