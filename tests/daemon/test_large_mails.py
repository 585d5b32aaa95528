"""A large mail on its way from the spool to the log: its bytes stay in files, and nothing is left beside them."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from sitmail import config
from sitmail.daemon import intake
from sitmail.daemon.office import Office, now
from sitmail.domain.mail import Envelope
from sitmail.store import inbox, schema

CONFIG = """
[desk]
address = "support@example.com"
[directory]
files = ["directory.toml"]
[[engineer]]
id = "eve"
addresses = ["eve@example.com"]
"""
DIRECTORY = """
[[site]]
id = "north"
domains = ["example.org"]
[[contact]]
addresses = ["anna@example.org"]
site = "north"
"""
FILES = [b"log\n", os.urandom(300_000), os.urandom(3_000_000)]


def mail(*files: bytes) -> bytes:
    head = b"From: anna@example.org\r\nTo: support@example.com\r\nSubject: disk\r\nMIME-Version: 1.0\r\n"
    head += b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the files.\r\n'
    about = b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + b"".join(about + base64.encodebytes(file) + b"\r\n" for file in files) + b"--b--\r\n"


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Iterator[Office]:
    shutil.copy(sqlite_template, tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "directory.toml").write_text(DIRECTORY)
    office = Office(config.load(tmp_path / "config.toml", {}))
    yield office
    office.reader.close()
    office.database.close()


async def keep(office: Office, raw: bytes) -> None:
    """As a door does it."""
    writer = office.spool.writer()
    for at in range(0, len(raw), 100_000):
        writer.write(raw[at : at + 100_000])
    await intake.keep(office, writer.finish(), Envelope("anna@example.org", ("support@example.com",), now()))
    writer.discard()


def in_memory(office: Office) -> list[bool]:
    with office.database.read() as connection:
        return [row.data is not None for row in inbox.waiting(connection, 10, now())]


async def test_its_files_reach_the_log(office: Office) -> None:
    raw = mail(*FILES)
    await keep(office, raw)
    assert in_memory(office) == [False]
    assert await intake.work(office, lambda _: None) == 1
    table = schema.attachment
    with office.database.read() as connection:
        rows = connection.execute(select(table.c.size, table.c.sha256).order_by(table.c.place)).all()
        assert [tuple(row) for row in rows] == [(len(file), hashlib.sha256(file).hexdigest()) for file in FILES]
        assert [office.blobs.read(connection, row.sha256) for row in rows] == FILES
        assert office.blobs.read(connection, hashlib.sha256(raw).hexdigest()) == raw
    assert list(office.spool.folder.iterdir()) == []


async def test_a_mail_whose_file_is_gone_fails_alone(office: Office) -> None:
    raw = mail(*FILES)
    await keep(office, raw)
    await keep(office, mail(FILES[0]))
    name = hashlib.sha256(raw).hexdigest()
    next(Path(office.settings.store.blobs or "").rglob(name)).unlink()
    assert await intake.work(office, lambda _: None) == 1
    with office.database.read() as connection:
        attempts = connection.execute(select(schema.inbox.c.raw, schema.inbox.c.attempts)).all()
    assert {row.attempts for row in attempts if row.raw == name} == {1}
    assert list(office.spool.folder.iterdir()) == []
