"""Small mails stay in memory, large ones go to a file, and no file is left over."""

from __future__ import annotations

import hashlib
import resource
from pathlib import Path

import pytest

from sitmail.domain.mail import INLINE
from sitmail.receiving.fingerprint import fingerprint
from sitmail.receiving.spool import Spool


def test_a_small_mail_never_touches_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    writer = spool.writer()
    writer.write(b"Subject: x\r\n")
    writer.write(b"\r\n" + b"y" * (INLINE - 14))
    mail = writer.finish()
    raw = b"Subject: x\r\n\r\n" + b"y" * (INLINE - 14)
    assert (mail.content, mail.path, mail.size) == (raw, None, INLINE)
    assert mail.sha256 == hashlib.sha256(raw).hexdigest()
    assert mail.fingerprint == fingerprint(raw)
    assert not list(spool.folder.iterdir())


def test_a_large_mail_is_a_file_of_ours_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    writer = spool.writer()
    raw = b"Received: a\r\nSubject: x\r\n\r\n" + bytes(range(256)) * 2000
    for start in range(0, len(raw), 1000):
        writer.write(raw[start : start + 1000])
    mail = writer.finish()
    assert mail.content is None
    assert mail.path is not None
    assert mail.path.read_bytes() == raw
    assert mail.path.stat().st_mode & 0o777 == 0o600
    assert spool.folder.stat().st_mode & 0o777 == 0o700
    assert (mail.size, mail.sha256, mail.hops) == (len(raw), hashlib.sha256(raw).hexdigest(), 1)
    assert mail.fingerprint == fingerprint(raw)
    writer.discard()
    assert not list(spool.folder.iterdir())


def test_discard_in_the_middle_and_twice_and_after_a_move(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    writer = spool.writer()
    writer.write(b"x" * (INLINE + 1))
    writer.discard()
    writer.discard()
    assert not list(spool.folder.iterdir())
    moved = spool.writer()
    moved.write(b"x" * (INLINE + 1))
    path = moved.finish().path
    assert path is not None
    path.rename(tmp_path / "kept")
    moved.discard()
    assert (tmp_path / "kept").stat().st_size == INLINE + 1


def test_clear_removes_what_a_crash_left(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    (tmp_path / "other").touch()
    writer = spool.writer()
    writer.write(b"x" * (INLINE + 1))
    assert spool.clear() == 1
    writer.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_disk_that_takes_a_part_has_not_taken_the_mail(tmp_path: Path) -> None:
    writer = Spool(tmp_path).writer()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (INLINE + 100, before[1]))
    try:
        with pytest.raises(OSError, match="large"):
            writer.write(b"x" * (INLINE + 200))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    writer.discard()
    assert not list(tmp_path.iterdir())
