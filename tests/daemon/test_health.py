"""`sitmail status` on broken desks of real processes: it says what is wrong and since when, with exit code 1."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import Connection, insert, select, update

from sitmail.store import schema
from tests import program
from tests.running_desk import Desk, free_port, mail, wait_for

pytestmark = pytest.mark.slow

SINCE = r"since 20\d\d-\d\d-\d\d \d\d:\d\dZ"
LINE = re.compile(r"ts=20\S+Z level=(debug|info|warning|error|critical) event=[a-z-]+( |\Z)")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.stop()


def test_a_daemon_that_does_not_run(desk: Desk) -> None:
    desk.told("The daemon does not run: no mail is received")
    desk.start()
    assert desk.is_well()
    desk.stop()
    desk.told("The daemon does not run: no mail is received")


def test_a_relay_that_is_dead(desk: Desk) -> None:
    desk.configure(relay=f"smtp://127.0.0.1:{free_port()}")
    desk.start()
    assert desk.is_well()
    mail(desk)
    desk.told(rf"The relay has taken no letters {SINCE}: .*127\.0\.0\.1")
    lines = (desk.folder / "log").read_text().splitlines()
    assert len(lines) > 4
    assert [line for line in lines if not LINE.match(line)] == []


def test_a_mailbox_that_cannot_be_fetched(desk: Desk) -> None:
    (desk.folder / "secret").write_text("secret\n")
    row = f'host = "127.0.0.1"\nport = {free_port()}\nsecurity = "none"\nuser = "support"\npassword_file = "secret"'
    desk.configure(more=f"[[imap]]\n{row}")
    desk.start()
    desk.told(rf"The mailbox support@127\.0\.0\.1 \(INBOX\) could not be fetched {SINCE}: .")


def test_a_database_that_cannot_be_read(desk: Desk) -> None:
    desk.start()
    desk.stop()
    (desk.folder / "sitmail.db").write_bytes(b"not a database" * 1000)
    desk.told("The database cannot be read: .*file is not a database")


def test_a_database_that_fails_under_a_running_daemon(desk: Desk) -> None:
    """The daemon keeps its connections; new ones, and pages that are read again, meet what is on the disk now."""
    desk.start()
    for path in desk.folder.glob("sitmail.db*"):
        path.rename(path.with_name(f"lost-{path.name}"))
    (desk.folder / "sitmail.db").write_bytes(b"not a database" * 1000)
    desk.told("The database cannot be read|The watch loop fails|The daemon does not run")


def test_an_incident_that_is_late(desk: Desk) -> None:
    desk.start()
    mail(desk)
    wait_for(lambda: "EX-1" in desk.sitmail("incident", "1").stdout)
    desk.stop()
    desk.write(lambda connection: connection.execute(update(schema.incident).values(late=True)))
    desk.told("1 incident is late: sitmail incidents")


def test_a_mail_that_is_held_for_long(desk: Desk) -> None:
    desk.start()
    mail(desk)
    wait_for(lambda: "EX-1" in desk.sitmail("incident", "1").stdout)
    desk.stop()
    before = datetime.now(UTC) - timedelta(days=2)
    row = {"id": 1, "inbox": 1, "reason": "triage", "since": before}
    desk.write(lambda connection: connection.execute(insert(schema.held).values(row)))
    desk.start()
    desk.told(f"A mail has been held for a decision {SINCE}: sitmail held")


def test_a_configuration_that_was_refused(desk: Desk) -> None:
    desk.start()
    desk.configure(more="[desks]\nname = 1")
    assert desk.daemon is not None
    desk.daemon.send_signal(signal.SIGHUP)
    desk.told(r"The changed configuration was refused at 20.*Z, so the former one is still used: config\.toml: desks")
    assert desk.sitmail("check").returncode == os.EX_CONFIG  # what `systemctl reload` asks first (ExecReload)
    desk.configure()
    desk.daemon.send_signal(signal.SIGHUP)
    wait_for(desk.is_well)


def test_a_letter_that_limits_hold_back(desk: Desk) -> None:
    desk.start()
    mail(desk)
    wait_for(lambda: "EX-1" in desk.sitmail("incident", "1").stdout)
    desk.stop()

    def hold_back(connection: Connection) -> None:
        now = datetime.now(UTC)
        connection.execute(update(schema.person).values(known=True))
        stranger = connection.execute(select(schema.person.c.id).where(schema.person.c.kind == "stranger")).scalar_one()
        connection.execute(
            insert(schema.notice).values(
                id=999_999,
                key="held back",
                person=stranger,
                leg="public",
                purpose="acknowledgement",
                updates=[],
                detail={},
                made=now - timedelta(minutes=10),
                not_before=now + timedelta(hours=1),
            )
        )

    desk.write(hold_back)
    desk.start()
    desk.told(f"The limits on automatic mail have held back a letter to a known person {SINCE}")


def test_content_that_is_missing(desk: Desk) -> None:
    desk.start()
    desk.stop()
    row = {"sha256": "ab" * 32, "size": 300_000, "content": None}
    desk.write(lambda connection: connection.execute(insert(schema.blob).values(row)))
    desk.start()
    desk.told(r"Content of a mail is missing: .*/abab\w+ cannot be read: No such file or directory")


def test_a_disk_that_is_nearly_full(desk: Desk) -> None:
    """The size is larger than any disk's free space."""
    desk.configure(size=f"{shutil.disk_usage(desk.folder).total} B")
    desk.start()
    desk.told("is nearly full: .* MB are free, and mail is refused below")


def test_a_key_file_that_is_lost(desk: Desk) -> None:
    """A running desk goes on with what it has read; it would not start again."""
    desk.start()
    mail(desk)
    wait_for(lambda: "EX-1" in desk.sitmail("incident", "1").stdout)
    (desk.folder / "sitmail.key").unlink()
    desk.told(r"The key file .*/sitmail\.key is missing, and the desk cannot start without it: sitmail check")
    desk.stop()
    desk.told(r"The daemon does not run: .*\nThe key file .* is missing")
    for verb in ("run", "check"):
        done = desk.sitmail(verb)
        assert (done.returncode, done.stderr.count("\n")) == (os.EX_CONFIG, 1)
        assert "Put it back from a backup" in done.stderr


def test_mail_in_quarantine(desk: Desk) -> None:
    desk.start()
    mail(desk)
    wait_for(lambda: "EX-1" in desk.sitmail("incident", "1").stdout)
    desk.stop()
    desk.write(lambda connection: connection.execute(update(schema.inbox).values(ending="quarantined")))
    desk.start()
    desk.told("1 mail is in quarantine: sitmail inbox")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("mode", [0o700, 0o711])
def test_somebody_else_gets_one_sentence(desk: Desk, mode: int, running: bool) -> None:
    desk.start()
    if not running:
        desk.stop()
    config = Path("/tmp") / f"sitmail-{os.getpid()}-{mode:o}-{running}"
    config.mkdir(mode=0o755)
    try:
        url = f'\n[store]\nurl = "sqlite:///{desk.folder}/sitmail.db"\n'
        (config / "config.toml").write_text((desk.folder / "config.toml").read_text() + url)
        (config / "elsewhere.toml").write_text('[desk]\naddress = "support@example.com"\n')
        desk.folder.chmod(mode)
        words = ("status", "--config", str(config / "config.toml"))
        done = program.sitmail(*words, cwd=config, environ=desk.environ, user=program.NOBODY)
    finally:
        shutil.rmtree(config)
    refused(done)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_configuration_that_is_closed_is_one_sentence_too(desk: Desk) -> None:
    (desk.folder / "elsewhere.toml").write_text('[desk]\naddress = "support@example.com"\n')
    words = ("status", "--config", str(desk.folder / "config.toml"))
    refused(program.sitmail(*words, cwd=desk.folder, environ=desk.environ, user=program.NOBODY))


def refused(done: CompletedProcess[bytes]) -> None:
    assert (done.returncode, done.stdout) == (os.EX_NOPERM, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.endswith("is closed to you: ask as its user, or as root.")
