"""Mails of unusual size or form are parsed in another process."""

import base64
import hashlib
import os
import pickle
import resource
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytest import MonkeyPatch

from sitmail.domain.leak_guard import SCANNED
from sitmail.domain.mail import INLINE, Mail
from sitmail.reading import parser_process
from sitmail.reading.header_fields import CAPS
from sitmail.reading.parse import READING, Reading, parse
from sitmail.reading.parser_client import ParserClient, _Line, unusual
from sitmail.reading.parser_process import LENGTH, packed

HEAD = b"From: Anna <anna@example.org>\r\nTo: support@example.com\r\nSubject: disk\r\nMessage-ID: <a@example.org>\r\n"
SMALL = HEAD + b"\r\nThe disk is full.\r\n"
LARGE = HEAD + b"\r\n" + b"The disk is full.\r\n" * 20_000
pytestmark = pytest.mark.slow


MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the files.\r\n'
SMALL_FILE, LARGE_FILE, HUGE_FILE = b"log\n" * 10, bytes(range(256)) * (INLINE // 256 + 1), os.urandom(SCANNED + 99)


def carrying(*files: bytes, coding: str = "base64") -> bytes:
    parts = b"".join(
        b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n"
        % (coding.encode(), base64.encodebytes(file).replace(b"\n", b"\r\n") if coding == "base64" else file)
        for file in files
    )
    return MIXED + parts + b"--b--\r\n"


def ask(worker: ParserClient, raw: bytes | Path, reading: Reading = READING) -> Mail:
    """One mail, read."""
    [mail] = worker([(raw, None)], reading)
    if isinstance(mail, OSError):
        raise mail
    return mail


@pytest.fixture
def worker() -> Iterator[ParserClient]:
    with closing(ParserClient()) as one:
        yield one


@pytest.mark.parametrize(
    "raw",
    [
        LARGE,
        HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\nx",
        HEAD + b"\r\n" + b"\r\n--b\r\n\r\nx" * 51,
        HEAD + b"Content-Type: TEXT/HTML\r\n\r\n" + b"<p>x" * 30_000,
    ],
)
def test_size_and_shape_decide(raw: bytes, worker: ParserClient) -> None:
    assert unusual(raw)
    assert not unusual(SMALL)
    assert ask(worker, raw) == parse(raw)


@pytest.mark.parametrize("date", ["", "Sat, 21 Nov 2026 10:00:00 +0530", "Sat, 21 Nov 2026 10:00:00 -0000", "never"])
def test_a_mail_comes_back_as_it_was(date: str, worker: ParserClient) -> None:
    head = f"Received: by a\r\nReceived: by b\r\nReceived: by c\r\nDate: {date}\r\nCc: B <b@x.example>, c@d.example\r\n"
    raw = head.encode() + carrying(SMALL_FILE)
    mail = ask(worker, raw)
    assert mail == parse(raw)
    assert (mail.headers["received"], len(mail.cc)) == (("by a", "by b", "by c"), 2)
    assert list(mail.headers) == list(parse(raw).headers)
    assert ask(worker, raw.replace(b"From: ", b"X-From: ")) == parse(raw.replace(b"From: ", b"X-From: "))


def test_one_process_reads_many(worker: ParserClient) -> None:
    ask(worker, LARGE)
    first = worker.process
    ask(worker, LARGE)
    assert worker.process == first
    assert first > 0


def test_a_large_desk_has_a_small_reader(worker: ParserClient) -> None:
    """The kernel's highest mark of a process begins with its parent's."""
    ballast = b"x" * 300_000_000
    ask(worker, LARGE)
    assert worker.process > 0
    del ballast


def test_our_own_letters_are_known_on_this_side(worker: ParserClient) -> None:
    reading = Reading(is_own=lambda address: address == "anna@example.org")
    assert ask(worker, LARGE, reading).in_our_name == "anna@example.org"


def test_what_takes_too_long_is_kept_with_its_header() -> None:
    with closing(ParserClient(wall=0.0)) as worker:
        mail = ask(worker, LARGE)
    assert (mail.kind, mail.subject, mail.identity) == ("unreadable", "disk", "anna@example.org")
    assert mail.message_id == "<a@example.org>"
    assert "could not be read" in mail.text
    assert (mail.new_text, mail.attachments) == ("", ())
    assert "reader-stopped" in mail.defects


def test_what_takes_too_much_memory_is_kept_and_the_next_mail_is_read() -> None:
    with closing(ParserClient(memory=96 * 1024 * 1024)) as worker:
        assert ask(worker, HEAD + b"\r\n" + b"x" * 80_000_000).kind == "unreadable"
        assert ask(worker, LARGE).kind == "new"


def test_a_process_that_was_killed_is_started_anew(worker: ParserClient) -> None:
    ask(worker, LARGE)
    assert worker.process > 0  # 0 would be ourselves
    os.kill(worker.process, signal.SIGKILL)
    os.waitid(os.P_PID, worker.process, os.WEXITED | os.WNOWAIT)
    assert ask(worker, LARGE) == parse(LARGE)


def test_a_process_that_has_grown_is_replaced() -> None:
    with closing(ParserClient(grown=1)) as worker:
        assert ask(worker, LARGE) == parse(LARGE)
        assert worker.process == 0
        assert ask(worker, LARGE) == parse(LARGE)


def test_it_says_nothing_when_the_desk_is_killed() -> None:
    """With an answer that nobody took, or before a mail was whole."""
    for rest in (b"", LENGTH.pack(100) + b"x"):
        ours, theirs = socket.socketpair()
        with subprocess.Popen(
            [sys.executable, "-m", parser_process.__name__, "500000000", "2", "500000"],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.PIPE,
        ) as process:
            theirs.close()
            message = pickle.dumps((("", CAPS), [(SMALL, "", "", None)]))
            ours.sendall(LENGTH.pack(len(message)) + message)
            assert ours.recv(1)  # an answer has come
            ours.sendall(rest)
            ours.close()
            _, said = process.communicate(timeout=30)
        assert said == b""


def test_nothing_is_left_behind() -> None:
    with closing(ParserClient()) as worker:
        ask(worker, LARGE)
        number = worker.process
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


# --- batches


OTHER = HEAD + b"\r\n" + b"Another matter.\r\n"
BOMB = HEAD + b"\r\n" + b"x" * 80_000_000


def test_a_batch_is_read_in_its_order(worker: ParserClient) -> None:
    mails = [SMALL, LARGE, OTHER, SMALL, carrying(SMALL_FILE), LARGE]
    assert worker([(raw, None) for raw in mails]) == [parse(raw) for raw in mails]


def test_one_mail_costs_only_itself() -> None:
    with closing(ParserClient(memory=96 * 1024 * 1024)) as worker:
        read = worker([(raw, None) for raw in (SMALL, BOMB, OTHER, SMALL)])
    assert read[0] == read[3] == parse(SMALL)
    assert read[1].kind == "unreadable"  # type: ignore[union-attr]
    assert read[2] == parse(OTHER)


@pytest.mark.parametrize("killed", [0, 1, 2])
def test_a_usual_mail_is_read_here_if_the_process_dies(
    killed: int, worker: ParserClient, monkeypatch: MonkeyPatch
) -> None:
    """Whoever killed it: the mail may be innocent, and reading it is safe."""
    answers = iter(range(3))
    answer = ParserClient._answer

    def fatal(self: ParserClient, *args: Any) -> Mail:
        if next(answers) == killed:
            assert self.process > 0  # 0 would be ourselves
            os.kill(self.process, signal.SIGSTOP)
            self._wall = -9.0
        return answer(self, *args)

    monkeypatch.setattr(ParserClient, "_answer", fatal)
    assert worker([(SMALL, None), (OTHER, None), (SMALL, None)]) == [parse(SMALL), parse(OTHER), parse(SMALL)]


def test_without_a_process_usual_mails_are_read_here_and_others_wait(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    with closing(ParserClient()) as worker:
        first, large, last = worker([(SMALL, None), (LARGE, None), (OTHER, None)])
    assert (first, last) == (parse(SMALL), parse(OTHER))
    assert isinstance(large, OSError)


def test_a_process_that_always_dies_is_not_tried_for_each_mail(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    """But for mails that nobody else may read."""
    starts, program = tmp_path / "starts", tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho >> {starts}\n")
    program.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(program))

    def started(raw: bytes) -> int:
        before = starts.read_text().count("\n") if starts.exists() else 0
        assert ask(worker, raw).kind == ("unreadable" if unusual(raw) else "new")
        return starts.read_text().count("\n") - before

    with closing(ParserClient()) as worker:
        assert started(SMALL) >= 1
        assert (started(OTHER), started(SMALL)) == (0, 0)
        assert started(LARGE) >= 1
        monkeypatch.undo()
        worker._rests_until = 0.0
        assert ask(worker, SMALL) == parse(SMALL)
        assert worker.process > 0


def test_a_process_that_goes_before_all_is_read(worker: ParserClient, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(_Line, "take", lambda self, seconds: b"-" + pickle.dumps(packed(parse(SMALL))))
    assert worker([(SMALL, None), (OTHER, None)]) == [parse(SMALL), parse(OTHER)]


NO_MAIL = [b"", b"+", b"+\x80\x05K\x01.", b"+" + pickle.dumps(os.getcwd), b"+garbage"]


@pytest.mark.parametrize("answer", NO_MAIL)
def test_an_answer_that_is_no_mail(answer: bytes, worker: ParserClient, monkeypatch: MonkeyPatch) -> None:
    """The other process may have been taken over."""
    monkeypatch.setattr(_Line, "take", lambda self, seconds: answer)
    assert worker([(SMALL, None), (OTHER, None)]) == [parse(SMALL), parse(OTHER)]
    assert ask(worker, LARGE).kind == "unreadable"


def test_an_answer_without_an_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(LENGTH.pack(1 << 60) + b"x" * 1000)
        with pytest.raises(EOFError):
            _Line(ours).take(5.0)


# --- mails that are files


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def filer(spool: Path) -> Iterator[ParserClient]:
    with closing(ParserClient(spool=spool)) as one:
        yield one


def stored(tmp_path: Path, raw: bytes) -> Path:
    path = tmp_path / "mail"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("raw", [SMALL, LARGE, carrying(SMALL_FILE, LARGE_FILE), carrying(LARGE_FILE, coding="8bit")])
def test_a_file_is_read_like_its_bytes(raw: bytes, filer: ParserClient, tmp_path: Path) -> None:
    mail = ask(filer, stored(tmp_path, raw))
    assert mail == parse(raw)
    assert mail.attachments == parse(raw).attachments
    for file, whole in zip(mail.attachments, parse(raw).attachments, strict=True):
        assert file.content == whole.content[:SCANNED]


def test_large_attachments_become_files_of_ours_alone(filer: ParserClient, spool: Path, tmp_path: Path) -> None:
    mail = ask(filer, stored(tmp_path, carrying(SMALL_FILE, LARGE_FILE, HUGE_FILE, LARGE_FILE)))
    small, *large = mail.attachments
    assert (small.path, small.content) == ("", SMALL_FILE)
    assert {file.path for file in large} == set(map(str, spool.iterdir()))
    for file, whole in zip(large, (LARGE_FILE, HUGE_FILE, LARGE_FILE), strict=True):
        path = Path(file.path)
        assert path.read_bytes() == whole
        assert path.name.startswith("in-")  # the spool forgets it after a crash
        assert path.stat().st_mode & 0o777 == 0o600
        assert (file.size, file.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
        assert file.content == whole[:SCANNED]


def test_a_file_that_took_too_long_is_kept_with_its_header(spool: Path, tmp_path: Path) -> None:
    with closing(ParserClient(wall=-9.0, spool=spool)) as worker:
        mail = ask(worker, stored(tmp_path, carrying(*[HUGE_FILE] * 3)))
    assert (mail.kind, mail.subject, mail.identity) == ("unreadable", "disk", "anna@example.org")
    assert "reader-stopped" in mail.defects
    assert list(spool.iterdir()) == []


def test_a_disk_that_fails_is_no_fault_of_the_mail(tmp_path: Path) -> None:
    path = stored(tmp_path, carrying(SMALL_FILE, LARGE_FILE))
    with closing(ParserClient(spool=tmp_path / "missing")) as worker, pytest.raises(OSError, match="No such file"):
        ask(worker, path)
    with closing(ParserClient(spool=tmp_path)) as worker:
        assert ask(worker, path) == parse(path.read_bytes())
        path.unlink()
        with pytest.raises(OSError, match="No such file"):
            ask(worker, path)


def test_a_disk_that_is_full_leaves_no_files(spool: Path, tmp_path: Path) -> None:
    path = stored(tmp_path, carrying(LARGE_FILE, HUGE_FILE))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))  # the reader inherits it
    try:
        with closing(ParserClient(spool=spool)) as worker, pytest.raises(OSError, match="large"):
            ask(worker, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(spool.iterdir()) == []


def mark_of(process: int) -> int:
    """The most memory it ever had, in bytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def winmail(file: bytes) -> bytes:
    """A winmail.dat with one file, as an attachment."""
    things = ((0x9002, 6, b"\0" * 14), (0x8010, 1, b"a.bin\0"), (0x800F, 6, file))
    data = b"".join(struct.pack("<BHHI", 2, name, kind, len(said)) + said + b"\0\0" for name, kind, said in things)
    return carrying(b"\x78\x9f\x3e\x22\1\0" + data).replace(b"application/pdf", b"application/ms-tnef")


HUGE = os.urandom(18_000_000)
MAKES = {
    "one file": (lambda: carrying(HUGE), 1.3),
    "files that rules look into": (lambda: carrying(*[HUGE[:SCANNED]] * 9), 2.0),  # their beginnings are handed on
    "a winmail.dat": (lambda: winmail(HUGE), 2.7),
}


@pytest.mark.parametrize("shape", MAKES)
def test_a_huge_mail_is_in_memory_once(shape: str, filer: ParserClient, tmp_path: Path) -> None:
    ask(filer, stored(tmp_path, carrying(LARGE_FILE)))
    before = mark_of(filer.process)
    make, times = MAKES[shape]
    raw = make()
    mail = ask(filer, stored(tmp_path, raw))
    assert sum(file.size for file in mail.attachments) == len(HUGE)
    assert mark_of(filer.process) - before < times * len(raw) + 5_000_000
