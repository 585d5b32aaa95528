"""Has mails parsed in a second process: if that runs out of time or memory the daemon goes on, and because it has a GIL
of its own one batch is parsed while another is decided.

The process is kept between mails, gets nothing but mails and settings, and ends when its parent ends or when it uses
too much memory.  Parsing is linear and capped anyhow; the process is a second protection.  A mail at which the
process fails is read here if it is of usual size and shape (`unusual` looks at the bytes alone, never at who claims to
have sent them), else it is known by its header only.

A mail that is a file is not read on this side: the process is told where it stands, and leaves large attachments as
files in the spool.  So a large mail is in memory once, there, and of what is attached a window at a time.
"""

from __future__ import annotations

import io
import logging
import os
import pickle
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from sitmail.domain.mail import Envelope, Mail
from sitmail.domain.record import record
from sitmail.reading import parser_process
from sitmail.reading.own_addresses import told_apart
from sitmail.reading.parse import READING, Asked, Reading, outside, parse
from sitmail.reading.parser_process import LENGTH, SECOND, STAYS, TROUBLE, unpacked

log = logging.getLogger("sitmail.reader")

LARGE, HEADERS, PARTS, HTML = 256_000, 64_000, 50, 100_000
MEMORY = 512 * 1024 * 1024  # bytes of address space
CPU, WALL = 2, 5.0  # seconds for one mail
MESSAGE = 256_000  # bytes of mails sent at a time, but for one that is larger by itself
REST = 60  # seconds in which usual mails are read here, after the process failed at one
GROWN = 256 * 1024  # KiB it may have used at its peak before it is replaced
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "1000000", "MALLOC_TRIM_THRESHOLD_": "1000000"}  # what is free is given back
_KNOWN = frozenset(("Address", "Attachment", "Bounce", "FailedRecipient", "Forwarded"))


def unusual(raw: bytes) -> bool:
    """Over 256 KB, 64 KB of headers, 50 parts, or HTML over 100 KB."""
    if len(raw) > LARGE:
        return True
    if len(raw) > HEADERS and raw.find(b"\n\n", 0, HEADERS) < 0 and raw.find(b"\n\r\n", 0, HEADERS) < 0:
        return True
    if raw.count(b"\n--") > PARTS:
        return True
    return len(raw) > HTML and b"text/html" in raw.lower()


class _Failed(Exception):
    """The process did not answer, or nothing that makes sense."""


@record
class _Question:
    """A mail, and what the process is told of it: where it stands if it is a file, and how its own files are named."""

    raw: bytes | Path
    envelope: Envelope | None
    files: str
    size: int

    def told(self) -> tuple[bytes, str, str, Envelope | None]:
        if isinstance(self.raw, bytes):
            return self.raw, "", self.files, self.envelope
        return b"", str(self.raw.absolute()), self.files, self.envelope


class ParserClient:
    """Parses batches of mails, called from any thread; `close` ends the process.

    `spool`: the folder for large attachments of mails that are files, where the caller takes and removes them.
    """

    def __init__(
        self, memory: int = MEMORY, cpu: int = CPU, wall: float = WALL, grown: int = GROWN, spool: Path | None = None
    ) -> None:
        self._limits = memory, cpu, grown
        self._wall = wall
        self._spool = spool.absolute() if spool else None
        self._rests_until = float("-inf")
        self._process: subprocess.Popen[bytes] | None = None
        self._line: _Line | None = None
        self._lock = threading.Lock()

    def __call__(self, mails: Sequence[Asked], reading: Reading = READING) -> list[Mail | OSError]:
        """`parse` of each, in the other process.  Never raises; a mail that costs too much is `unreadable`.

        OSError stands for a mail whose file cannot be read, an attachment of which cannot be written, or which is
        unusual while no process is to be had.
        """
        read: list[Mail | OSError] = []
        with self._lock:
            while len(read) < len(mails):
                raw, envelope = mails[len(read)]
                if monotonic() < self._rests_until and isinstance(raw, bytes) and not unusual(raw):
                    read.append(parse(raw, envelope, reading))
                else:
                    read += self._some(mails[len(read) :], reading)
        return read

    def start(self) -> None:
        """Starts the process, so that the first mail need not wait for it.  OSError if it cannot be had."""
        with self._lock:
            self._started()

    @property
    def process(self) -> int:
        """The number of the other process, 0 while there is none."""
        return self._process.pid if self._process else 0

    def close(self) -> None:
        with self._lock:
            self._end()

    def _some(self, mails: Sequence[Asked], reading: Reading) -> list[Mail | OSError]:
        """As many of the first as are one message, or up to one at which the process failed."""
        read: list[Mail | OSError] = []
        questions: list[_Question] = []
        try:
            questions = self._questions(mails)
            self._ask(questions, reading)
            for question in questions:
                read.append(self._answer(question, reading))
        except (_Failed, OSError) as error:
            self._end()
            raw, envelope = mails[len(read)]
            if isinstance(raw, bytes) and not unusual(raw):  # so it is no fault of the mail
                log.warning("reader-failed error=%r rests=%d", str(error) or "no answer", REST)
                self._rests_until = monotonic() + REST
                read.append(parse(raw, envelope, reading))
            elif isinstance(error, OSError):  # a file is not there, the disk is full, or no process can be started
                read.append(error)
            else:
                read.append(_header_of(raw, envelope, reading))
        finally:
            for question, mail in zip(questions, [*read, *[None] * len(questions)], strict=False):
                if question.files:
                    _forget(question.files, mail if isinstance(mail, Mail) else None)
        return read

    def _questions(self, mails: Sequence[Asked]) -> list[_Question]:
        """OSError if the first is a file that is not there."""
        questions: list[_Question] = []
        room = MESSAGE
        for raw, envelope in mails:
            stands = isinstance(raw, Path)
            if questions and stands:
                break
            size = raw.stat().st_size if isinstance(raw, Path) else len(raw)
            if questions and size > room:
                break
            files = f"{self._spool}/in-{secrets.token_hex(8)}-" if self._spool and stands else ""
            questions.append(_Question(raw, envelope, files, size))
            room -= size
        return questions

    def _ask(self, questions: Sequence[_Question], reading: Reading) -> None:
        """Sends the questions; starts the process again if it was killed.  OSError if none can be started."""
        message = pickle.dumps((reading.caps, [question.told() for question in questions]))
        for _ in range(2):
            line = self._started()
            with suppress(OSError):
                line.send(message, self._time(len(message)))
                return
            self._end()
        raise _Failed

    def _answer(self, question: _Question, reading: Reading) -> Mail:
        """What the process makes of a mail.  Raises _Failed, or OSError if the disk failed."""
        if self._line is None:  # it said before that it goes
            raise _Failed
        try:
            answer = self._line.take(self._time(question.size))
        except (OSError, EOFError):
            raise _Failed from None
        if answer[:1] == TROUBLE:
            raise OSError(answer[1:].decode("utf-8", "replace"))
        mail = _mail(answer)
        if not _sound(mail, question.files):
            raise _Failed
        if answer[:1] != STAYS:
            self._end()
        return told_apart(mail, reading.is_own)  # a question that stays on this side

    def _time(self, size: int) -> float:
        return self._wall + size / SECOND

    def _started(self) -> _Line:
        if self._process is None or self._line is None or self._process.poll() is not None:
            self._end()
            home = str(Path(__file__).resolve().parents[2])
            ours, theirs = socket.socketpair()
            self._line = _Line(ours)
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  (ourselves)
                    [sys.executable, "-P", "-m", parser_process.__name__, *map(str, self._limits)],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    # nothing of ours, passwords least
                    env={"PYTHONPATH": home, "PATH": os.defpath, "LC_ALL": "C.UTF-8", **ALLOCATOR},
                )
        return self._line

    def _end(self) -> None:
        process, self._process = self._process, None
        line, self._line = self._line, None
        if line is not None:
            line.close()
        if process is not None:
            process.kill()
            process.wait()


class _Line:
    """Messages over a socket: a length, then so many bytes."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._rest = bytearray()

    def send(self, message: bytes, seconds: float) -> None:
        """Raises OSError, also when it takes longer (wall time)."""
        self._socket.settimeout(max(seconds, 0.001))
        self._socket.sendall(LENGTH.pack(len(message)) + message)

    def take(self, seconds: float) -> bytes:
        """Raises OSError, also when it takes longer, or EOFError if nothing more can come."""
        until = monotonic() + seconds
        (size,) = LENGTH.unpack(self._exactly(LENGTH.size, until))
        if size > MEMORY:
            raise EOFError
        return self._exactly(size, until)

    def _exactly(self, size: int, until: float) -> bytes:
        while len(self._rest) < size:
            left = until - monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            piece = self._socket.recv(1 << 18)
            if not piece:
                raise EOFError
            self._rest += piece
        taken = bytes(memoryview(self._rest)[:size])
        del self._rest[:size]
        return taken

    def close(self) -> None:
        self._socket.close()


def _header_of(raw: bytes | Path, envelope: Envelope | None, reading: Reading) -> Mail | OSError:
    """All that is known of a mail at which the process failed; OSError for a file that cannot be read."""
    try:
        return outside(raw if isinstance(raw, bytes) else _head(raw, reading), envelope, reading)
    except OSError as error:
        return error


class _Answer(pickle.Unpickler):
    """Unpickles only what a `Mail` consists of: a hostile mail may have taken control of the other process."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "sitmail.domain.mail" and name in _KNOWN:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def _head(path: Path, reading: Reading) -> bytes:
    """As much of a mail as `outside` looks at."""
    with path.open("rb") as file:
        return file.read(reading.caps.header_block)


def _mail(answer: bytes) -> Mail:
    """Raises _Failed if that is none."""
    stream = io.BytesIO(answer)  # which copies nothing
    stream.seek(1)
    try:
        return unpacked(_Answer(stream).load())
    except (EOFError, pickle.UnpicklingError, TypeError, AttributeError, ValueError, IndexError, KeyError):
        raise _Failed from None


def _sound(mail: Mail, files: str) -> bool:
    """Whether it names no files but those that were asked for."""
    allowed = {f"{files}{number}" for number in range(1, len(mail.attachments) + 1)} if files else set()
    return all(file.path in allowed for file in mail.attachments if file.path)


def _forget(files: str, mail: Mail | None) -> None:
    """Removes files that nobody will take: of a reader that was stopped in the middle."""
    taken = {file.path for file in mail.attachments} if mail else set()
    place = Path(files)
    for path in place.parent.glob(f"{place.name}*"):
        if str(path) not in taken:
            path.unlink(missing_ok=True)
