"""Reading a Maildir: all of its mail is seen, only plain files are read, and handled mail is removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sitmail.receiving.maildir import Maildir


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for part in ("tmp", "new", "cur"):
        (tmp_path / "box" / part).mkdir(parents=True)
    return tmp_path / "box"


def put(box: Path, name: str, content: bytes = b"Subject: x\n\nHelp\n", at: int = 0) -> None:
    (box / name).write_bytes(content)
    os.utime(box / name, (at, at))


def test_new_mails_and_those_that_somebody_read_oldest_first(box: Path) -> None:
    put(box, "new/2", at=20)
    put(box, "cur/1:2,S", at=10)
    put(box, "cur/3:2,", at=30)
    put(box, "tmp/4", at=1)  # still being written
    put(box, "new/.hidden", at=2)
    assert Maildir(box).waiting() == ["cur/1:2,S", "new/2", "cur/3:2,"]


def test_reading(box: Path) -> None:
    content = os.urandom(600_000)
    put(box, "new/1", content)
    pieces: list[bytes] = []
    assert Maildir(box).read("new/1", pieces.append, 600_000) == ""
    assert b"".join(pieces) == content
    assert len(pieces) > 1
    assert "larger than 599999" in Maildir(box).read("new/1", pieces.append, 599_999)


def test_what_is_no_mail(box: Path) -> None:
    put(box, "new/empty", b"")
    (box / "new" / "folder").mkdir()
    os.mkfifo(box / "new" / "pipe")
    (box / "new" / "link").symlink_to("/etc/passwd")
    taken: list[bytes] = []
    one = Maildir(box)
    assert one.read("new/empty", taken.append, 10) == "it is empty"
    for name in ("folder", "pipe"):
        assert one.read(f"new/{name}", taken.append, 10) == "it is not a plain file"
    with pytest.raises(OSError, match="symbolic"):
        one.read("new/link", taken.append, 10)
    with pytest.raises(FileNotFoundError):
        one.read("new/gone", taken.append, 10)
    assert taken == []


def test_what_is_done_is_removed(box: Path) -> None:
    put(box, "new/1")
    one = Maildir(box)
    one.finish("new/1")
    one.finish("new/1")  # again, after a crash
    assert one.waiting() == []
    assert list(box.rglob("1*")) == []


def test_or_moved_to_a_folder_in_it(box: Path) -> None:
    put(box, "new/1")
    put(box, "cur/2:2,F")
    one = Maildir(box, "Done")
    for name in ("new/1", "cur/2:2,F", "new/1"):
        one.finish(name)
    assert one.waiting() == []
    assert sorted(path.name for path in (box / ".Done" / "cur").iterdir()) == ["1:2,S", "2:2,F"]


def test_what_is_no_maildir(tmp_path: Path, box: Path) -> None:
    assert Maildir(box).probe() == ""
    assert "there is no folder new" in Maildir(tmp_path).probe()
    with pytest.raises(FileNotFoundError):
        Maildir(tmp_path / "nowhere").waiting()
