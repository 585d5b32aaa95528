"""Two desks on which a case is played: the functions themselves with a clock of ours, and the daemon behind its doors.

Both leave their traces in the same tables, so what happened is read from there by `tables`; only the letters are taken
from where they go: from the outbox, or from the relay to which the daemon hands them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from sitmail import config
from sitmail.cli.ask import ask
from sitmail.cli.incident_import import take
from sitmail.cli.incident_rows import Options
from sitmail.config import Config
from sitmail.daemon import watch_loop
from sitmail.daemon.control_handlers import answer_context
from sitmail.daemon.intake_loop import Offer
from sitmail.daemon.run import run
from sitmail.daemon.runtime import Runtime
from sitmail.domain.mail import Envelope
from sitmail.domain.outgoing import Outcome, Outgoing
from sitmail.sending.compose import wire
from sitmail.services import held_mail_commands, process_mail
from sitmail.services.process_tick import Ticked
from sitmail.services.reports import answer
from sitmail.store import inbox, outbox, schema
from sitmail.store.database import open_reader
from tests.by_hand import all_that_is_due, all_that_waits, files_of
from tests.letters.script import Case, document
from tests.letters.writing import Letter, Mail, write
from tests.wire import Sink, send

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday morning
PATIENCE = 60.0  # seconds for what takes some hundredths


class Desk(Protocol):
    """A desk to play on.  `letters` are all that left so far."""

    settings: Config
    letters: list[Letter]

    def receive(self, mails: Sequence[Mail]) -> None: ...

    def decide(self, action: str, held: int, number: int, why: str) -> None: ...

    def pass_time(self, span: timedelta, *, asleep: bool) -> None: ...

    def close(self) -> None: ...


def furnish(folder: Path, case: Case, store: str, relay: int = 25) -> Config:
    """Configuration and directory of a case, written to a folder.  `store`: the address of an empty store."""
    doors = {
        "store": {"url": store},
        "smtp": {"listen": ["127.0.0.1:0"], "hostname": "localhost"},
        "lmtp": {"listen": []},
        "relay": {"url": f"smtp://127.0.0.1:{relay}"},
        "directory": {"files": ["people.toml"], **case.config.get("directory", {})},
    }
    (folder / "people.toml").write_text(document(case.people), "utf-8")
    (folder / "config.toml").write_text(document({**case.config, **doors}), "utf-8")
    return config.load(folder / "config.toml")


def sqlite_store(folder: Path, template: Path) -> str:
    """The address of an empty store in that folder."""
    shutil.copy(template, folder / "sitmail.db")
    return f"sqlite:///{folder}/sitmail.db"


class DirectDesk:
    """The functions of the desk, one transaction after the other; nothing moves by itself."""

    def __init__(self, folder: Path, case: Case, store: str) -> None:
        self.case, self.letters, self.now = case, list[Letter](), START
        self.settings = furnish(folder, case, store)
        self.runtime = Runtime(self.settings)

    def reload(self, case: Case) -> None:
        """Other files, read by the running desk."""
        folder = self.settings.path.parent if self.settings.path else Path()
        self.case, self.settings = case, furnish(folder, case, self.settings.store.url)
        asyncio.run(self.runtime.reload())
        self._look()

    def bring(self, text: str) -> None:
        """Old incidents out of a file, as `sitmail import` takes them."""
        file = (self.settings.path or Path()).parent / "old"
        file.write_text(text, "utf-8")
        context = answer_context(self.settings, self.runtime.database, self.runtime.blobs, self.now)
        take(
            [file],
            Options(self.runtime.desk.policy, self.now),
            lambda args, body=b"": answer("import", {**args, "body": body}, context),
        )
        self.runtime.desk.memory.forget()
        self._look()

    def receive(self, mails: Sequence[Mail]) -> None:
        for mail in mails:
            self.now += timedelta(seconds=1)
            writer = self.runtime.spool.writer()
            writer.write(mail.raw)
            envelope = Envelope(mail.sender, mail.recipients, self.now)
            kept = process_mail.to_keep(self.runtime.desk, writer.finish(), envelope)
            self.runtime.database.write(inbox.keep, kept).result()
        self._read()
        self._look()

    def decide(self, action: str, held: int, number: int, why: str) -> None:
        self.now += timedelta(seconds=1)
        order = held_mail_commands.Order(action, held, number, "tester", self.now, self.runtime.desk.policy, why)
        self.runtime.database.write(held_mail_commands.decide, order).result()
        self._read()

    def pass_time(self, span: timedelta, *, asleep: bool) -> None:
        until = self.now + span
        while not asleep and (moment := self._look()) is not None and moment <= until:
            self.now = max(self.now + timedelta(seconds=1), moment)
        self.now = max(self.now, until)
        self._look()

    def close(self) -> None:
        self.runtime.database.close()

    def _read(self) -> None:
        for done in all_that_waits(self.runtime, self.now):
            self._left(done.letters)

    def _look(self) -> datetime | None:
        """When to look again."""
        letters, later = all_that_is_due(self.runtime, self.now)
        self._left(letters)
        return later

    def _left(self, rows: Iterable[Outgoing]) -> None:
        """They leave at once, as by a relay that takes everything."""
        rows = list(rows)
        sent = [Outcome(id=row.id, state="sent", at=self.now, attempts=1) for row in rows]
        for done in [self.runtime.database.write(outbox.mark, one) for one in sent]:
            done.result()
        for row in rows:
            self.letters.append(
                Letter(
                    row.sender,
                    row.recipient,
                    wire(row.head, row.body, row.page, files_of(self.runtime, row), row.invite),
                )
            )


def fork_daemons(case: Case, template: Path) -> None:
    """Forks a daemon for each folder named on stdin, and prints its process id.

    What a first mail makes every program do (imports above all) is done once before, on a desk that is thrown away.
    """
    with tempfile.TemporaryDirectory() as name:
        desk = DirectDesk(Path(name), case, sqlite_store(Path(name), template))
        desk.receive([write(case.steps[0], case.names, (), 1)])
        desk.close()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        folder = Path(line.rstrip("\n"))
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for place, name in ((1, "out"), (2, "log")):
                os.dup2(os.open(folder / name, os.O_CREAT | os.O_WRONLY, 0o600), place)
            _note_looks(folder / "looked")
            os._exit(run(folder / "config.toml"))
        print(pid, flush=True)


def _note_looks(place: Path) -> None:
    """The watch loop writes down when its last look began; it rests little, as a case waits for it after each mail."""
    work = watch_loop.work

    async def noted(runtime: Runtime, offer: Offer) -> Ticked:
        begun = time.monotonic()
        done = await work(runtime, offer)
        place.write_text(str(begun))
        return done

    watch_loop.work, watch_loop.SHORTEST_SLEEP = noted, 0.005


class DaemonForker:
    """Starts daemons by forking one process that has imported everything: a tenth of the time a new program takes."""

    def __init__(self, case: str, template: Path) -> None:
        code = "import sys, pathlib; from tests.letters import script, desks; "
        code += "desks.fork_daemons(script.read(sys.argv[1]), pathlib.Path(sys.argv[2]))"
        command = [sys.executable, "-c", code, case, str(template)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )

    def start(self, folder: Path) -> tuple[int, int]:
        """Process and port of a daemon for the configuration in that folder."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            words = (folder / "out").read_text().split() if (folder / "out").exists() else []
            if words[:1] == ["ready"] and "smtp" in words:
                return pid, int(words[words.index("smtp") + 1].rpartition(":")[2])
            time.sleep(0.005)
        raise AssertionError(f"the daemon did not start: {(folder / 'log').read_text()}")

    def close(self) -> None:
        self._process.communicate("")


class DaemonDesk:
    """The daemon: mail goes in by SMTP, letters come out at a relay of ours; time is the real one."""

    def __init__(self, folder: Path, case: Case, store: str, forker: DaemonForker) -> None:
        self.folder, self.letters = folder, list[Letter]()
        self._sink = Sink().in_thread()
        self.sink = self._sink.__enter__()
        self.settings = furnish(folder, case, store, self.sink.port)
        self.pid, self.port = forker.start(folder)
        self.reader = open_reader(store)

    def receive(self, mails: Sequence[Mail]) -> None:
        for mail in mails:
            replies = send(self.port, mail.sender, mail.recipients, mail.raw)
            assert replies[-2].startswith("250"), replies
        self._settle()

    def decide(self, action: str, held: int, number: int, why: str) -> None:
        asked = {"action": action, "id": held, "number": number, "actor": "tester", "why": why}
        ask(self.folder / "control.sock", "held", asked)
        self._settle()

    def pass_time(self, span: timedelta, *, asleep: bool) -> None:
        raise AssertionError("the real time cannot be passed by")

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.reader.close()
        self._sink.__exit__(None, None, None)

    def _settle(self) -> None:
        """Until every mail has its ending, the watch loop has looked after that, and every letter has left."""
        self._until(self._quiet)
        asked = time.monotonic()
        ask(self.folder / "control.sock", "outbox", {"action": "retry"})  # wakes the loops
        self._until(lambda: self._looked() > asked and self._quiet())
        self.letters[:] = [Letter(m.sender, _only(m.recipients).lower(), m.data) for m in self.sink.messages]

    def _until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"it takes too long: {(self.folder / 'log').read_text()}"
            time.sleep(0.004)

    def _looked(self) -> float:
        """When the last look that has ended began, by the clock that all processes share."""
        place = self.folder / "looked"
        return float((place.read_text() if place.exists() else "") or 0)

    def _quiet(self) -> bool:
        box, out = schema.inbox, schema.outbox
        with self.reader.read() as connection:
            waits = connection.execute(select(box.c.id).where(box.c.ending == "waiting").limit(1)).first()
            states = connection.execute(select(out.c.state)).scalars().all()
            runs = schema.report_run
            waits = waits or connection.execute(select(runs.c.id).where(runs.c.done.is_(None)).limit(1)).first()
        return waits is None and set(states) <= {"sent"} and len(states) == len(self.sink.messages)


def _only(recipients: Sequence[str]) -> str:
    assert len(recipients) == 1, f"a letter to {recipients}: one recipient each"
    return recipients[0]
