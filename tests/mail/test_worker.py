"""Mails of unusual size or shape are read at arm's length."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest

from sitmail.mail.parse import Reading, parse
from sitmail.mail.worker import Worker, unusual

HEAD = b"From: Anna <anna@example.org>\r\nTo: support@example.com\r\nSubject: disk\r\nMessage-ID: <a@example.org>\r\n"
SMALL = HEAD + b"\r\nThe disk is full.\r\n"
LARGE = HEAD + b"\r\n" + b"The disk is full.\r\n" * 20_000


@pytest.fixture
def worker() -> Iterator[Worker]:
    with closing(Worker()) as one:
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
def test_size_and_shape_decide(raw: bytes, worker: Worker) -> None:
    assert unusual(raw)
    assert not unusual(SMALL)
    assert worker(raw) == parse(raw)


def test_one_process_reads_many(worker: Worker) -> None:
    worker(LARGE)
    first = worker.process
    worker(LARGE)
    assert worker.process == first
    assert first > 0


def test_a_large_desk_has_a_small_reader(worker: Worker) -> None:
    """The kernel's highest mark of a process begins with its parent's."""
    ballast = b"x" * 300_000_000
    worker(LARGE)
    assert worker.process > 0
    del ballast


def test_our_own_letters_are_known_on_this_side(worker: Worker) -> None:
    reading = Reading(is_own=lambda address: address == "anna@example.org")
    assert worker(LARGE, None, reading).kind == "own"


def test_what_takes_too_long_is_kept_with_its_header() -> None:
    with closing(Worker(wall=0.0)) as worker:
        mail = worker(LARGE)
    assert (mail.kind, mail.subject, mail.identity) == ("unreadable", "disk", "anna@example.org")
    assert mail.message_id == "<a@example.org>"
    assert "could not be read" in mail.text
    assert (mail.new_text, mail.attachments) == ("", ())
    assert "reader-stopped" in mail.defects


def test_what_takes_too_much_memory_is_kept_and_the_next_mail_is_read() -> None:
    with closing(Worker(memory=96 * 1024 * 1024)) as worker:
        assert worker(HEAD + b"\r\n" + b"x" * 80_000_000).kind == "unreadable"
        assert worker(LARGE).kind == "new"


def test_a_process_that_was_killed_is_started_anew(worker: Worker) -> None:
    worker(LARGE)
    assert worker.process > 0  # 0 would be ourselves
    os.kill(worker.process, signal.SIGKILL)
    os.waitid(os.P_PID, worker.process, os.WEXITED | os.WNOWAIT)
    assert worker(LARGE) == parse(LARGE)


def test_a_process_that_has_grown_is_replaced() -> None:
    with closing(Worker(grown=1)) as worker:
        assert worker(LARGE) == parse(LARGE)
        assert worker.process == 0
        assert worker(LARGE) == parse(LARGE)


def test_nothing_is_left_behind() -> None:
    with closing(Worker()) as worker:
        worker(LARGE)
        number = worker.process
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
