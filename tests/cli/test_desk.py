"""Verbs that ask a desk give the same answers alone and through a running daemon."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import shutil
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from sitmail.cli.main import run
from sitmail.cli.table import STEERING
from sitmail.daemon.control import Control, Handler
from sitmail.services.reports import VERBS, AnswerContext, DaemonState, answer, writing
from sitmail.store import schema
from sitmail.store.blobs import BlobStore
from sitmail.store.database import Database, open_database
from tests import program
from tests.desk_rows import ANSWER, FIRST, MORNING, POLICY, fill

CONFIG = """\
[desk]
name = "Example Desk"
address = "support@example.com"
tag = "EX"
[[engineer]]
id = "ana"
name = "Ana Lind"
addresses = ["ana@example.com"]
[[engineer]]
id = "anton"
name = "Anton Berg"
addresses = ["anton@example.com"]
"""
READING = (
    "incidents --all",
    "incidents --owner ana",
    "incident 1",
    "incident [EX-1] --raw 2",
    "incident 1 --mbox",
    "inbox",
    "inbox 4",
    "inbox 4 --raw",
    "outbox --all",
    "outbox --limit 1",
    "outbox 2",
    "inbox --since 2026-03-02T09:02:00Z",
    "held",
    "held 1",
    "report",
    "report site --period 2026-03",
    "report site --period 2026-03 --csv",
)
SECONDS_OF_CPU = 0.3


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with its store, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "config.toml").write_text(CONFIG)
    with closing(open_database(f"sqlite:///{folder}/sitmail.db", data=folder)) as database:
        database.write(rows, None).result()
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filled, tmp_path / "desk")


def rows(connection: Connection, items: list[None]) -> list[None]:
    fill(connection)
    return items


def sitmail(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C", **env}
    return program.sitmail(*words, cwd=folder, environ=environ)


def started(folder: Path, *words: str, path: str = "") -> subprocess.CompletedProcess[bytes]:
    """The same with all of its start; `path`: where Python looks for modules first."""
    path = f"{path}:{Path(__file__).parents[2]}"
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": path.strip(":"), "LC_ALL": "C"}
    return subprocess.run(
        [sys.executable, "-m", "sitmail", *words], cwd=folder, env=environ, capture_output=True, timeout=60, check=False
    )


def value(done: subprocess.CompletedProcess[bytes]) -> Any:
    assert done.returncode in (0, 1), done.stderr.decode()
    return json.loads(done.stdout)


class Daemon:
    """The part of a daemon that answers: the real store, socket and answers in this process."""

    def __init__(self, folder: Path) -> None:
        self.database: Database = open_database(f"sqlite:///{folder}/sitmail.db", data=folder)
        self.decided: list[tuple[str, int, int, str]] = []
        blobs = BlobStore(None, folder / "spool")
        desk = AnswerContext(
            policy=POLICY,
            now=MORNING,
            read=self.database.read,
            blob=blobs.read,
            write=writing(self.database),
            decide=self.decide,
            daemon=DaemonState(MORNING),
        )

        def handler(verb: str) -> Handler:
            async def handle(args: dict[str, Any]) -> object:
                return await asyncio.to_thread(answer, verb, args, desk)

            return handle

        self.control = Control(folder / "control.sock", {verb: handler(verb) for verb in VERBS})

    def decide(self, action: str, held: int, number: int, actor: str, why: str) -> dict[str, Any]:
        assert actor
        self.decided.append((action, held, number, why))
        return {"id": held, "decision": action}

    async def __aenter__(self) -> Daemon:
        await self.control.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.control.stop()
        self.database.close()


async def test_the_daemon_and_the_program_alone_give_the_same_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(folder)
    alone = [(run([*words.split(), "--json"]), json.loads(capfdbinary.readouterr().out)) for words in READING]
    async with Daemon(folder):
        asked = [await asyncio.to_thread(sitmail, folder, "--json", *words.split()) for words in READING]
    assert alone == [(done.returncode, value(done)) for done in asked]


async def test_asking_a_running_daemon_is_cheap(folder: Path) -> None:
    def cpu(*words: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        value(started(folder, *words, "--json"))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    async with Daemon(folder):
        costs = [await asyncio.to_thread(cpu, verb, *more) for verb, *more in (["incidents"], ["incident", "1"]) * 2]
    assert min(costs) < SECONDS_OF_CPU


def test_lists_are_arrays_with_what_the_contract_names(folder: Path) -> None:
    found = value(sitmail(folder, "incidents", "--json"))
    assert [row["number"] for row in found] == [1, 3]
    wanted = {"number", "title", "status", "closing_status", "priority", "owner", "late"}
    assert all(wanted <= set(row) for row in found)


def test_the_configuration_is_found_wherever_it_is_named(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away")
    config = str(folder / "config.toml")
    assert sitmail(away, "incidents").returncode == os.EX_CONFIG
    assert value(sitmail(away, "--config", config, "incidents", "--json"))
    assert value(sitmail(away, "incidents", "--json", SITMAIL_CONFIG=config))
    other = sitmail(folder, "incidents", "--json", SITMAIL_STORE__URL="sqlite:///elsewhere.db")
    assert other.returncode == os.EX_UNAVAILABLE


def test_raw_mail_is_printed_as_it_came(folder: Path) -> None:
    assert sitmail(folder, "incident", "1", "--raw", "1#2").stdout == ANSWER
    assert sitmail(folder, "inbox", "1", "--raw").stdout == FIRST
    coded = value(sitmail(folder, "inbox", "1", "--raw", "--json"))
    assert base64.b64decode(coded["base64"]) == FIRST


async def test_people_read_plain_text_that_cannot_steer_their_terminal(folder: Path) -> None:
    async with Daemon(folder):
        for words in ("incidents", "incident 1", "incident 3", "inbox", "inbox 3", "outbox", "held", "status"):
            done = await asyncio.to_thread(sitmail, folder, *words.split(), LC_ALL="C.UTF-8")
            assert done.stderr == b""
            assert done.stdout.endswith(b"\n")
            assert not STEERING.search(done.stdout.decode().replace("\n", ""))


def test_an_incident_reads_well(folder: Path) -> None:
    shown = sitmail(folder, "incident", "1", LC_ALL="C.UTF-8").stdout.decode()
    assert shown.startswith("[EX-1] Printer  LATE\n")
    assert "contact:" in shown
    assert "Carla <carla@example.org>" in shown
    assert "1#1  2026-03-02 09:01Z  opened  public  Carla <carla@example.org>\n    It burns.\n    \\x07bell" in shown


async def test_status_is_1_when_something_needs_a_human(folder: Path) -> None:
    done = sitmail(folder, "status", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["healthy"] is False
    assert b"A letter has been waiting to be sent since 2026-03-02T09:02:00Z" in done.stderr
    with closing(open_database(f"sqlite:///{folder}/sitmail.db", data=folder)) as database:
        database.write(emptied, None).result()
    async with Daemon(folder):
        done = await asyncio.to_thread(sitmail, folder, "status")
    assert (done.returncode, done.stdout.decode().splitlines()[-1]) == (0, "All is well.")


def emptied(connection: Connection, items: list[None]) -> list[None]:
    connection.execute(schema.incident.update().values(late=False))
    for table in (schema.held, schema.notice, schema.outbox, schema.update_text, schema.attachment, schema.inbox):
        connection.execute(table.delete())
    return items


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ("incident 99", os.EX_NOINPUT, "There is no incident 99."),
        ("incident 1 --raw 3", os.EX_NOINPUT, "did not come by mail"),
        ("incidents --status bogus", os.EX_USAGE, "There is no status 'bogus'"),
        ("incidents --search ownr:ana", os.EX_USAGE, "did you mean 'owner='?"),
        ("inbox retry 1", os.EX_DATAERR, "Mail 1 ended as new"),
        ("outbox retry 1", os.EX_DATAERR, "Letter 1 is sent"),
        ("outbox 99", os.EX_NOINPUT, "There is no letter 99"),
        ("inbox --since soon", os.EX_USAGE, "'soon' is no time; write 2d, 3h or 2026-12-24"),
        ("inbox --limit x", os.EX_USAGE, "invalid int value: 'x'"),
        ("held acept 1", os.EX_USAGE, "did you mean accept?"),
        ("inbox --raw", os.EX_USAGE, "--raw needs the ID"),
        ("wat", os.EX_USAGE, "no verb 'wat'"),
        ("backup here", os.EX_USAGE, "comes later"),
        ("", os.EX_USAGE, "usage: sitmail"),
    ],
)
def test_failures_are_one_sentence_and_a_code(folder: Path, words: str, code: int, sentence: str) -> None:
    done = sitmail(folder, *words.split())
    assert (done.returncode, done.stdout) == (code, b"")
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr


async def test_failures_are_the_same_through_the_daemon(folder: Path) -> None:
    async with Daemon(folder):
        done = await asyncio.to_thread(sitmail, folder, "inbox", "retry", "1")
    assert done.returncode == os.EX_DATAERR
    assert b"Mail 1 ended as new" in done.stderr


def ending(connection: Connection) -> str:
    return str(connection.execute(select(schema.inbox.c.ending).where(schema.inbox.c.id == 4)).scalar_one())


async def test_changes_go_through_the_daemon(folder: Path) -> None:
    async with Daemon(folder) as daemon:
        retried = value(await asyncio.to_thread(sitmail, folder, "inbox", "retry", "4", "--json"))
        assert (retried["id"], retried["ending"]) == (4, "waiting")
        with daemon.database.read() as connection:
            assert ending(connection) == "waiting"
        await asyncio.to_thread(sitmail, folder, "held", "attach", "12", "1")
        await asyncio.to_thread(sitmail, folder, "held", "reject", "1", "We serve", "Acme.")
        assert daemon.decided == [("attach", 1, 12, ""), ("reject", 1, 0, "We serve Acme.")]
        assert value(await asyncio.to_thread(sitmail, folder, "outbox", "retry", "all", "--json")) == {"retried": 1}
        letter = value(await asyncio.to_thread(sitmail, folder, "outbox", "retry", "4", "--json"))
        assert (letter["id"], letter["state"]) == (4, "queued")


def test_without_a_daemon_changes_are_made_here(folder: Path) -> None:
    assert value(sitmail(folder, "inbox", "retry", "4", "--json"))["ending"] == "waiting"
    assert value(sitmail(folder, "inbox", "4", "--json"))["ending"] == "waiting"


def test_another_process_that_holds_the_store_is_left_alone(folder: Path) -> None:
    with closing(open_database(f"sqlite:///{folder}/sitmail.db", data=folder)):
        done = sitmail(folder, "inbox", "retry", "4")
    assert done.returncode == os.EX_TEMPFAIL
    assert value(sitmail(folder, "inbox", "4", "--json"))["ending"] == "quarantined"


def test_mistakes_of_the_configuration_are_a_line_each(folder: Path) -> None:
    (folder / "config.toml").write_text(CONFIG + 'nme = "x"\n[smpt]\n')
    done = sitmail(folder, "incidents")
    assert done.returncode == os.EX_CONFIG
    assert [line.split(":")[0] for line in done.stderr.decode().splitlines()] == ["config.toml", "config.toml"]


def test_a_reader_that_leaves_is_no_mishap(folder: Path) -> None:
    command = f"{sys.executable} -m sitmail incidents --all | true; exit ${{PIPESTATUS[0]}}"
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environ, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (141, b"")


def test_the_unexpected_is_one_sentence_with_a_reference(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("import sitmail.cli.desk as d\nd.find = lambda *a: 1 / 0\n")
    done = started(folder, "incidents", path=str(folder))
    assert done.returncode == os.EX_SOFTWARE
    assert len(done.stderr.splitlines()) == 1
    assert b"(reference " in done.stderr
    assert b"Traceback" in started(folder, "incidents", "--debug", path=str(folder)).stderr


@pytest.mark.parametrize("words", ["--version", "--help", "help", "incident --help", "help incident"])
def test_help_is_no_mistake(folder: Path, words: str) -> None:
    done = sitmail(folder, *words.split())
    assert done.returncode == 0
    assert b"sitmail" in done.stdout


@pytest.mark.parametrize("verb", ["run", "check"])
def test_a_lost_key_beside_a_full_store_is_never_made_anew(folder: Path, verb: str) -> None:
    with (folder / "config.toml").open("a") as file:
        file.write('[relay]\nurl = "maildir:outgoing"\n[smtp]\nlisten = []\n[lmtp]\nlisten = []\n')
    done = sitmail(folder, verb)
    assert done.returncode == os.EX_CONFIG
    assert b"the key file is missing, but the store holds letters" in done.stdout + done.stderr
    assert not (folder / "sitmail.key").exists()


def test_lists_show_the_newest_last(folder: Path) -> None:
    everything = value(sitmail(folder, "inbox", "--json"))
    assert [row["id"] for row in everything] == sorted(row["id"] for row in everything)
    assert value(sitmail(folder, "inbox", "--json", "--limit", "2")) == everything[-2:]
    later = value(sitmail(folder, "inbox", "--json", "--since", everything[1]["received"]))
    assert later == [row for row in everything if row["received"] >= everything[1]["received"]] != everything
    assert value(sitmail(folder, "inbox", "--json", "--since", "1h")) == []
    shown = sitmail(folder, "inbox", "--limit", "1")
    assert shown.stderr == b"The newest 1 are shown; --limit 0 shows all.\n"
    assert len(shown.stdout.splitlines()) == 2  # the heads, and one row
    assert len(sitmail(folder, "inbox", "--limit", "0").stdout.splitlines()) == 1 + len(everything)


def test_one_letter_and_one_held_mail_show_their_words(folder: Path) -> None:
    letter = sitmail(folder, "outbox", "1").stdout.decode()
    assert "carla@example.org" in letter
    one = value(sitmail(folder, "held", "1", "--json"))
    shown = sitmail(folder, "held", "1").stdout.decode()
    assert one["words"].strip()
    assert all("    " + line.rstrip() in shown or not line.strip() for line in one["words"].splitlines())


def test_raw_mail_on_a_terminal_cannot_steer_it(folder: Path) -> None:
    """Into a pipe or a file it goes as it came."""

    def hostile(connection: Connection, items: list[None]) -> list[None]:
        connection.execute(schema.blob.update().values(content=b"Subject: \x1b[2J\x07lamp\r\n\r\n\x9b\r\n"))
        return items

    with closing(open_database(f"sqlite:///{folder}/sitmail.db", data=folder)) as database:
        database.write(hostile, None).result()
    parent, child = os.openpty()
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8"}
    words = [sys.executable, "-m", "sitmail", "inbox", "1", "--raw"]
    process = subprocess.Popen(words, cwd=folder, env=environ, stdout=child, stderr=child)
    os.close(child)
    shown = b""
    with suppress(OSError):  # a terminal that is closed
        while piece := os.read(parent, 4096):
            shown += piece
    process.wait(60)
    os.close(parent)
    assert b"Subject:" in shown
    assert b"lamp" in shown
    assert not STEERING.search(shown.decode().replace("\r\n", ""))
