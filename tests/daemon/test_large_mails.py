"""A large mail from the spool to the log: its bytes stay in files, and no temporary file is left."""

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
from sitmail.daemon import intake_loop
from sitmail.daemon.runtime import Runtime, now
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
def runtime(tmp_path: Path, sqlite_template: Path) -> Iterator[Runtime]:
    shutil.copy(sqlite_template, tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "directory.toml").write_text(DIRECTORY)
    runtime = Runtime(config.load(tmp_path / "config.toml", {}))
    yield runtime
    runtime.reader.close()
    runtime.database.close()


async def keep(runtime: Runtime, raw: bytes) -> None:
    """As a door does it."""
    writer = runtime.spool.writer()
    for at in range(0, len(raw), 100_000):
        writer.write(raw[at : at + 100_000])
    await intake_loop.keep(runtime, writer.finish(), Envelope("anna@example.org", ("support@example.com",), now()))
    writer.discard()


def in_memory(runtime: Runtime) -> list[bool]:
    with runtime.database.read() as connection:
        return [row.data is not None for row in inbox.waiting(connection, 10, now())]


async def test_its_files_reach_the_log(runtime: Runtime) -> None:
    raw = mail(*FILES)
    await keep(runtime, raw)
    assert in_memory(runtime) == [False]
    assert await intake_loop.work(runtime, lambda _: None) == 1
    table = schema.attachment
    with runtime.database.read() as connection:
        rows = connection.execute(select(table.c.size, table.c.sha256).order_by(table.c.place)).all()
        assert [tuple(row) for row in rows] == [(len(file), hashlib.sha256(file).hexdigest()) for file in FILES]
        assert [runtime.blobs.read(connection, row.sha256) for row in rows] == FILES
        assert runtime.blobs.read(connection, hashlib.sha256(raw).hexdigest()) == raw
    assert list(runtime.spool.folder.iterdir()) == []


async def test_a_mail_whose_file_is_gone_fails_alone(runtime: Runtime) -> None:
    raw = mail(*FILES)
    await keep(runtime, raw)
    await keep(runtime, mail(FILES[0]))
    name = hashlib.sha256(raw).hexdigest()
    next(Path(runtime.settings.store.blobs or "").rglob(name)).unlink()
    assert await intake_loop.work(runtime, lambda _: None) == 1
    with runtime.database.read() as connection:
        attempts = connection.execute(select(schema.inbox.c.raw, schema.inbox.c.attempts)).all()
    assert {row.attempts for row in attempts if row.raw == name} == {1}
    assert list(runtime.spool.folder.iterdir()) == []
