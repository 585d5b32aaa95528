"""Content stored by its hash: small content in the row, large content in a file that is on disk before the row."""

import errno
import hashlib
import os
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from sitmail.domain.mail import INLINE
from sitmail.store import blobs
from sitmail.store.blobs import BlobMissing, BlobRow, BlobStore
from sitmail.store.database import Database
from sitmail.store.schema import blob

SMALL = b"Subject: small\r\n\r\n\0\xff text"
BIG = b"big\n" * (INLINE // 4) + b"!"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def insert(connection: Connection, rows: list[BlobRow]) -> list[BlobRow]:
    blobs.insert(connection, rows)
    return rows


@pytest.fixture(params=["files", "database"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs" if request.param == "files" else None, tmp_path / "spool")


@pytest.mark.parametrize("content", [b"", SMALL, b"x" * INLINE, BIG], ids=["empty", "small", "limit", "big"])
@pytest.mark.parametrize("source", ["memory", "file"])
def test_what_goes_in_comes_out(content, source, store, each_database: Database, tmp_path: Path):
    path = tmp_path / "mail"
    path.write_bytes(content)
    row = store.prepare(content if source == "memory" else path, digest(content), len(content))
    path.unlink()
    each_database.write(insert, row).result()
    with each_database.read() as connection:
        assert store.read(connection, digest(content)) == content


def test_big_content_is_a_private_file_before_the_row(tmp_path: Path):
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    name = digest(BIG)
    assert store.prepare(BIG, name, len(BIG)) == BlobRow(name, len(BIG), None)
    place = tmp_path / "blobs" / name[:2] / name[2:4] / name
    assert place.read_bytes() == BIG
    assert place.stat().st_mode & 0o777 == 0o600
    for folder in (place.parent, place.parent.parent, tmp_path / "blobs", tmp_path / "spool"):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_file_and_the_folders_that_name_it_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced, really = [], os.fsync

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        really(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    name = digest(BIG)
    store.prepare(BIG, name, len(BIG))
    place = tmp_path / "blobs" / name[:2] / name[2:4] / name
    assert synced[0].parent == tmp_path / "spool"
    assert set(synced[1:]) == {place.parent, place.parent.parent, tmp_path / "blobs"}
    store.prepare(BIG, name, len(BIG))  # another thread may have renamed it and not synced the folder yet
    assert place.parent in synced[4:]


def test_a_file_is_taken_over_without_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    path, name = tmp_path / "mail", digest(BIG)
    path.write_bytes(BIG)
    number = path.stat().st_ino
    store.prepare(path, name, len(BIG))
    path.unlink()
    place = tmp_path / "blobs" / name[:2] / name[2:4] / name
    assert (place.read_bytes(), place.stat().st_ino, place.stat().st_mode & 0o777) == (BIG, number, 0o600)
    assert synced[0] == number  # before it has the name by which rows know it
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_file_of_another_file_system_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def link(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", link)
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    path, name = tmp_path / "mail", digest(BIG)
    path.write_bytes(BIG)
    store.prepare(path, name, len(BIG))
    place = tmp_path / "blobs" / name[:2] / name[2:4] / name
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (BIG, 0o600)


def test_small_content_makes_no_file(tmp_path: Path):
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    assert store.prepare(SMALL, digest(SMALL), len(SMALL)).content == SMALL
    assert list((tmp_path / "blobs").iterdir()) == []


def test_the_same_content_is_kept_once(each_database: Database, tmp_path: Path):
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    for content in (SMALL, SMALL, BIG, BIG):
        each_database.write(insert, store.prepare(content, digest(content), len(content))).result()
    with each_database.read() as connection:
        assert connection.execute(select(func.count()).select_from(blob)).scalar() == 2


def test_a_half_written_file_is_written_anew(tmp_path: Path):
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    name = digest(BIG)
    store.prepare(BIG, name, len(BIG))
    place = tmp_path / "blobs" / name[:2] / name[2:4] / name
    place.write_bytes(BIG[:100])
    store.prepare(BIG, name, len(BIG))
    assert place.read_bytes() == BIG


@pytest.mark.parametrize("harm", ["gone", "short", "folder unset", "never known"])
def test_missing_content_is_told(harm: str, database: Database, tmp_path: Path):
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    name = digest(BIG)
    if harm != "never known":
        database.write(insert, store.prepare(BIG, name, len(BIG))).result()
    place = tmp_path / "blobs" / name[:2] / name[2:4] / name
    if harm == "gone":
        place.unlink()
    elif harm == "short":
        place.write_bytes(BIG[:-1])
    elif harm == "folder unset":
        store = BlobStore(None, tmp_path / "spool")
    told = {"gone": "No such file", "short": f"{len(BIG) - 1} of {len(BIG)} bytes", "folder unset": "store.blobs"}
    with database.read() as connection, pytest.raises(BlobMissing, match=told.get(harm, "no content")):
        store.read(connection, name)


def test_a_file_that_is_not_whole_is_not_taken(tmp_path: Path):
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    (tmp_path / "mail").write_bytes(BIG[:-1])
    with pytest.raises(OSError, match=f"{len(BIG) - 1} of {len(BIG)} bytes"):
        store.prepare(tmp_path / "mail", digest(BIG), len(BIG))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "mail"]


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path):
    store = BlobStore(tmp_path / "blobs", tmp_path / "spool")
    with pytest.raises(FileNotFoundError):
        store.prepare(tmp_path / "missing", digest(BIG), len(BIG))
    assert list((tmp_path / "spool").iterdir()) == []
