"""The desk that is measured: the real daemon in a process of its own, with a folder of its own.

Its configuration is the default except for the limits: they hold back automatic letters, and the benchmark waits for
every letter.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from bench.mails import DESK, SITE_SIZE, Shape, contact
from bench.processes import Usage, port, usage, wait_for_port

CHECKOUT = Path(__file__).parents[1]
ENGINEERS = 10
LIMITS = "acks_per_sender_hour automatic_per_address_day automatic_per_incident_day automatic_per_minute digest_above"
CONFIG = """
[desk]
name = "Example Support"
address = "{desk}"
tag = "EX"
team = "first"
[smtp]
listen = ["127.0.0.1:{port}"]
hostname = "mx.example.com"
[lmtp]
listen = []
[store]
url = "{store}"
[relay]
url = "smtp://127.0.0.1:{sink}"
[limits]
{limits}
[directory]
files = ["directory.toml"]
[[team]]
id = "first"
name = "First line"
"""
PROMISES = """
[[service_level]]
name = "standard"
default = true
[[service_level.target]]
priority = "medium"
first_response = "4h"
resolution = "3d"
warn_at = [0.75, 0.9]
"""

TEXT_ALONE = """
[letters]
html = false
"""


class Desk:
    """A daemon on loopback, run from the source in `checkout`."""

    def __init__(
        self,
        folder: Path,
        sink: int,
        shape: Shape,
        *,
        store: str = "",
        promises: bool = False,
        pages: bool = True,
        checkout: Path = CHECKOUT,
        imported: bool = False,
    ) -> None:
        self.folder, self.port, self.checkout = folder, port(), checkout
        self.store = store or f"sqlite:///{folder}/sitmail.db"
        folder.mkdir(parents=True, exist_ok=True)
        limits = "\n".join(f"{name} = 1000000" for name in LIMITS.split())
        config = CONFIG.format(desk=DESK, port=self.port, store=self.store, sink=sink, limits=limits)
        (folder / "config.toml").write_text(config + settings(promises, pages) + engineers())
        (folder / "directory.toml").write_text(directory(0 if imported else shape.contacts))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str] | None = None, profile: Path | None = None) -> None:
        command = [sys.executable]
        if profile is not None:
            command += ["-m", "bench.profiled", str(profile)]
        else:
            command += ["-m", "sitmail"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "run", "--config", str(self.folder / "config.toml")],
                cwd=self.checkout,
                env={**os.environ, "PYTHONPATH": str(self.checkout), **(environment or {})},
                stdout=log,
                stderr=log,
            )
        process = self._process
        try:
            wait_for_port(self.port, 300, lambda: process.poll() is None)
        except TimeoutError:
            raise RuntimeError(f"the desk did not start:\n{(self.folder / 'log').read_text()[-2000:]}") from None

    def bring(self, contacts: int) -> None:
        """Imports contacts and their sites into the running daemon."""
        file = self.folder / "import.toml"
        file.write_text(directory(contacts))
        command = [sys.executable, "-m", "sitmail", "directory", "import", str(file)]
        subprocess.run([*command, "--config", str(self.folder / "config.toml")], cwd=self.checkout, check=True)

    def usage(self) -> Usage:
        assert self._process is not None
        return usage(self._process.pid)

    def cpu(self) -> float:
        return self.usage().cpu

    def wal(self) -> int:
        """The size of the write-ahead log in bytes, 0 if there is none."""
        path = self.folder / "sitmail.db-wal"
        return path.stat().st_size if path.exists() else 0

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        if self._process.wait(120) != 0:
            raise RuntimeError(f"the desk ended badly:\n{(self.folder / 'log').read_text()[-2000:]}")
        self._process = None

    def discard(self) -> None:
        """Stops the daemon in whatever state, and removes its folder.  The output of one that failed is kept."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            shutil.copy(self.folder / "log", self.folder.parents[1] / "log")
        shutil.rmtree(self.folder, ignore_errors=True)

    def counts(self) -> dict[str, int]:
        """Counts from the store after a run: mails by ending, incidents, letters not sent.  Works for any version."""
        url = make_url(self.store)
        engine = create_engine(url if url.drivername == "sqlite" else url.set(drivername="postgresql+psycopg"))
        try:
            with engine.connect() as connection:
                endings = connection.execute(text("SELECT ending, count(*) FROM inbox GROUP BY ending"))
                found = {str(ending): int(number) for ending, number in endings}
                for name, query in _COUNTS.items():
                    found[name] = int(connection.execute(text(query)).scalar_one())
                return found
        finally:
            engine.dispose()


_COUNTS = {
    "incidents": "SELECT count(*) FROM incident",
    "updates": "SELECT coalesce(sum(updates), 0) FROM incident",
    "logged": 'SELECT count(*) FROM "update"',
    "unsent": "SELECT count(*) FROM outbox WHERE state <> 'sent'",
}


def settings(promises: bool, pages: bool) -> str:
    """What differs from the default: a service level with targets, letters without pages."""
    return (PROMISES if promises else "") + ("" if pages else TEXT_ALONE)


def engineers() -> str:
    return "".join(
        f'[[engineer]]\nid = "eng{n}"\nname = "Engineer {n}"\naddresses = ["eng{n}@example.com"]\nteams = ["first"]\n'
        for n in range(ENGINEERS)
    )


def directory(contacts: int) -> str:
    """The text of a directory file: sites with a few contacts each."""
    lines = []
    for number in range(contacts):
        site = number // SITE_SIZE
        if number % SITE_SIZE == 0:
            lines.append(f'[[site]]\nid = "site{site}"\nname = "Site {site}"\ndomains = ["site{site}.example.org"]')
        who = f'addresses = ["{contact(number)}"]\nname = "Person {number}"\nsite = "site{site}"'
        lines.append(f"[[contact]]\n{who}")
    return "\n".join(lines) + "\n"
