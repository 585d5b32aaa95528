"""A real daemon on a real PostgreSQL that stops, restarts, and for a while accepts no writes."""

from __future__ import annotations

import json
import os
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import program
from tests.postgresql_server import BINARIES, Server

TAKES_NOTHING = "The store takes nothing: cannot execute "
CONFIG = """
[desk]
address = "support@example.com"
[store]
url = "{url}"
[smtp]
listen = ["127.0.0.1:0"]
[lmtp]
listen = []
[relay]
url = "maildir:outgoing"
[[engineer]]
id = "anna"
addresses = ["anna@example.com"]
"""
PATIENCE = 60.0  # seconds until what must come has come


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if not BINARIES:
        pytest.skip("needs postgresql (make peers)")
    made = Server()
    yield made
    made.remove()


@pytest.fixture
def folder(server: Server, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    name = request.node.name.lower()[:60]
    server.create(name)
    (tmp_path / "config.toml").write_text(
        CONFIG.format(url=server.url(name).replace("postgresql://sitmail@/", "postgresql+psycopg://sitmail@/"))
    )
    return tmp_path


def until(holds: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := holds():
            return value
        time.sleep(0.1)
    raise AssertionError("it never came")


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        out, log = folder / "out", folder / "log"
        self.process = program.Running("run", cwd=folder, environ=os.environ, out=out, err=log)
        found = re.search(r"127\.0\.0\.1:(\d+)", ready := program.first_line(self.process, out))
        assert found, (ready, self.log())
        self.port = int(found[1])

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def mail(self, number: int) -> int:
        """The reply's code."""
        text = f"From: jane{number}@example.org\r\nSubject: case {number}\r\n\r\nIt broke.\r\n"
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as door:
                door.sendmail(f"jane{number}@example.org", ["support@example.com"], text)
        except smtplib.SMTPRecipientsRefused as refused:
            return int(next(iter(refused.recipients.values()))[0])
        except smtplib.SMTPResponseException as refused:
            return int(refused.smtp_code)
        return 250

    def ask(self, *words: str) -> tuple[int, Any, str]:
        done = program.sitmail(*words, "--json", cwd=self.folder, environ=os.environ)
        return done.returncode, json.loads(done.stdout or "null"), done.stderr.decode()

    def subjects(self) -> list[str]:
        _, rows, _ = self.ask("inbox")
        return sorted(row["subject"] for row in rows or [] if row["ending"] == "new")


@contextmanager
def running(folder: Path) -> Iterator[Desk]:
    desk = Desk(folder)
    try:
        yield desk
        assert desk.process.poll() is None, desk.log()
        desk.process.terminate()
        assert desk.process.wait(PATIENCE) == 0, desk.log()
    finally:
        desk.process.kill()
        desk.process.wait()


def test_away_at_the_start(server: Server, folder: Path) -> None:
    server.stop()
    with running(folder) as desk:
        assert desk.mail(1) == 451
        code, _, words = desk.ask("status")
        assert code in (1, os.EX_UNAVAILABLE) and "cannot be opened" in words + str(desk.ask("status")[1])
        server.start()
        until(lambda: desk.mail(1) == 250)
        assert until(desk.subjects) == ["case 1"]


def test_told_to_stop_while_it_waits(server: Server, folder: Path) -> None:
    server.stop()
    with running(folder) as desk:
        assert desk.mail(1) == 451
    server.start()


def test_restarted_under_load(server: Server, folder: Path) -> None:
    taken = []
    with running(folder) as desk:
        for number in range(40):
            if number in (10, 25):
                server.stop()
                assert desk.mail(number) == 451
                server.start()
            if until(lambda n=number: (code := desk.mail(n)) != 451 and code) == 250:  # type: ignore[misc]
                taken.append(f"case {number}")
        assert len(taken) == 40
        until(lambda: desk.subjects() == sorted(taken))
        assert not [row for row in desk.ask("inbox")[1] if row["ending"] == "quarantined"]


def test_read_only_for_a_while(server: Server, folder: Path) -> None:
    with running(folder) as desk:
        assert desk.mail(1) == 250
        until(desk.subjects)
        server.stop()
        server.start("-c default_transaction_read_only=on")
        until(lambda: desk.mail(2) == 451)
        until(lambda: any(TAKES_NOTHING in need for need in desk.ask("status")[1]["needs"]))
        code, value, _ = desk.ask("status")
        assert code == 1, (value, desk.log())
        server.stop()
        server.start()
        until(lambda: desk.mail(2) == 250)
        until(lambda: desk.subjects() == ["case 1", "case 2"])
        until(lambda: not any("store" in need for need in desk.ask("status")[1]["needs"]))


def test_read_only_at_the_start(server: Server, folder: Path) -> None:
    with running(folder):
        pass
    server.stop()
    server.start("-c default_transaction_read_only=on")
    with running(folder) as desk:
        assert desk.mail(1) == 451
        code, value, words = desk.ask("status")
        assert code != 0 and "read-only transaction" in f"{value}{words}"
        server.stop()
        server.start()
        until(lambda: desk.mail(1) == 250)
        assert until(desk.subjects) == ["case 1"]


WRONG = {  # what store.url names, and what the server says
    "//keeper:mistaken@/{name}": 'password authentication failed for user "keeper"',
    "//keeper@/{name}": "no password supplied",
    "//nobody@/{name}": 'role "nobody" does not exist',
    "//sitmail@/elsewhere": 'database "elsewhere" does not exist',
    "//locked@/{name}": 'role "locked" is not permitted to log in',
    "//guest@/{name}": "permission denied for schema public",
}


@pytest.fixture(scope="module")
def guarded(server: Server) -> Server:
    """The server with other roles, of which one needs a password."""
    for role in ("keeper LOGIN PASSWORD 'right'", "locked NOLOGIN", "guest LOGIN"):
        server.run_sql(f"CREATE ROLE {role}")
    server.stop()
    server.ask_for_passwords("keeper")
    server.start()
    return server


def test_what_the_server_refuses_is_wrong_configuration(guarded: Server, folder: Path) -> None:
    right = (folder / "config.toml").read_text()
    name = folder_database(right)
    (folder / "config.toml").chmod(0o600)
    for address, words in WRONG.items():
        wrong = right.replace(f"//sitmail@/{name}", address.format(name=name))
        (folder / "config.toml").write_text(wrong)
        done = program.sitmail("run", cwd=folder, environ=os.environ)
        (sentence,) = done.stderr.decode().splitlines()
        assert (done.returncode, done.stdout) == (os.EX_CONFIG, b""), sentence
        assert "cannot be opened: " in sentence and words in sentence
        assert "mistaken" not in sentence


def test_a_running_daemon_waits_until_it_is_let_in_again(guarded: Server, folder: Path) -> None:
    """Somebody changed the role's password; the mail is told to come again until it is what it was."""
    right = (folder / "config.toml").read_text()
    name = folder_database(right)
    guarded.run_sql(f'ALTER DATABASE "{name}" OWNER TO keeper')
    guarded.run_sql("GRANT ALL ON SCHEMA public TO keeper", name)
    (folder / "config.toml").chmod(0o600)
    (folder / "config.toml").write_text(right.replace("//sitmail@/", "//keeper:right@/"))
    with running(folder) as desk:
        assert desk.mail(1) == 250
        guarded.run_sql("ALTER ROLE keeper PASSWORD 'other'")
        guarded.stop()
        guarded.start()
        until(lambda: desk.mail(2) == 451)
        code, value, words = desk.ask("status")
        assert code != 0 and "password authentication failed" in f"{value}{words}"
        guarded.run_sql("ALTER ROLE keeper PASSWORD 'right'")
        until(lambda: desk.mail(2) == 250)
        until(lambda: desk.subjects() == ["case 1", "case 2"])


def folder_database(config: str) -> str:
    found = re.search(r"//sitmail@/(\w+)", config)
    assert found
    return found[1]


def test_a_second_daemon_is_refused(server: Server, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "config.toml").write_text((folder / "config.toml").read_text())
    with running(folder):
        for place in (folder, other):
            done = program.sitmail("run", cwd=place, environ=os.environ)
            assert done.returncode == os.EX_CONFIG, done.stderr
            assert re.search(rb"process \d+ is using|another daemon .* uses the database", done.stderr)
