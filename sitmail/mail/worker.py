"""A second process that reads mails of unusual size or shape: it may run out of time or memory, and the desk goes on.

`unusual` looks at the bytes alone, never at who claims to have sent them.  The process is kept between mails, is given
nothing but the mail, and ends by itself when its parent does or when it has grown.  What is read elsewhere is linear
and capped; this is the second fence (security, parser isolation).

A mail that is a file is not read on this side: the process is told where it stands, and leaves large attachments as
files in the spool.  So a large mail is in memory once, there, and of what is attached a window at a time.
"""

from __future__ import annotations

import io
import os
import pickle
import resource
import secrets
import signal
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from sitmail.domain.mail import Envelope, Mail
from sitmail.mail.filing import Filing
from sitmail.mail.parse import READING, Reading, outside, parse

LARGE, HEADERS, PARTS, HTML = 256_000, 64_000, 50, 100_000
MEMORY = 512 * 1024 * 1024  # bytes of address space
CPU, WALL = 2, 5.0  # seconds for one mail
SECOND = 10_000_000  # bytes for which a mail is given one more
GROWN = 256 * 1024  # KiB it may have used at its peak before it is replaced
STAYS, GOES = b"+", b"-"  # before an answer: is the process ready for another mail?
TROUBLE = b"!"  # before a sentence: a file could not be read or written, which is no fault of the mail
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "1000000", "MALLOC_TRIM_THRESHOLD_": "1000000"}  # what is free is given back
_LENGTH = struct.Struct("!Q")
_KNOWN = frozenset(("Address", "Attachment", "Bounce", "FailedRecipient", "Forwarded", "Mail"))
_TIMES = frozenset(("datetime", "timezone", "timedelta"))


def unusual(raw: bytes) -> bool:
    """Over 256 KB, 64 KB of headers, 50 parts, or HTML over 100 KB."""
    if len(raw) > LARGE:
        return True
    if len(raw) > HEADERS and raw.find(b"\n\n", 0, HEADERS) < 0 and raw.find(b"\n\r\n", 0, HEADERS) < 0:
        return True
    if raw.count(b"\n--") > PARTS:
        return True
    return len(raw) > HTML and b"text/html" in raw.lower()


class Worker:
    """Reads mails one after the other, from whatever thread; `close` ends it.

    `spool`: the folder for large attachments of mails that are files, where the caller takes and removes them.
    """

    def __init__(
        self, memory: int = MEMORY, cpu: int = CPU, wall: float = WALL, grown: int = GROWN, spool: Path | None = None
    ) -> None:
        self._limits = memory, cpu, grown
        self._wall = wall
        self._spool = spool.absolute() if spool else None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __call__(self, raw: bytes | Path, envelope: Envelope | None = None, reading: Reading = READING) -> Mail:
        """`parse`, here or in the other process.  A mail that costs too much is `unreadable`.

        `raw` may be a file; then OSError if it cannot be read or an attachment cannot be written.  Else never raises.
        """
        if isinstance(raw, bytes) and not unusual(raw):
            return parse(raw, envelope, reading)
        with self._lock:
            mail = self._ask(raw, envelope, reading)
        if mail is None:
            return outside(raw if isinstance(raw, bytes) else _head(raw, reading), envelope, reading)
        ours = mail.identity and reading.is_own(mail.identity)  # a question that stays on this side
        return replace(mail, kind="own") if ours and mail.kind not in ("unreadable", "bounce") else mail

    @property
    def process(self) -> int:
        """The number of the other process, 0 while there is none."""
        return self._process.pid if self._process else 0

    def close(self) -> None:
        with self._lock:
            self._end()

    def _ask(self, raw: bytes | Path, envelope: Envelope | None, reading: Reading) -> Mail | None:
        files = f"{self._spool}/in-{secrets.token_hex(8)}-" if self._spool and isinstance(raw, Path) else ""
        mail: Mail | None = None
        try:
            mail = self._answer(raw, files, (envelope, reading.own_addresses, reading.virus_header, reading.caps))
            return mail
        finally:
            if files:
                _forget(files, mail)

    def _answer(self, raw: bytes | Path, files: str, known: tuple[Any, ...]) -> Mail | None:
        """What the other process makes of a mail; None if it fails at it.  OSError if the disk does."""
        stands = "" if isinstance(raw, bytes) else str(raw.absolute())
        size = len(raw) if isinstance(raw, bytes) else raw.stat().st_size
        process = self._ready(pickle.dumps((stands, files, *known)))
        assert process.stdin and process.stdout
        watch = threading.Timer(self._wall + size / SECOND, process.kill)
        watch.start()
        answer = b""
        try:
            if isinstance(raw, bytes):
                _write(process.stdin, raw)
            answer = _read(process.stdout)
            mail = _mail(answer) if answer and answer[:1] != TROUBLE else None
            mail = mail if isinstance(mail, Mail) and _sound(mail, files) else None
        except (OSError, EOFError, pickle.UnpicklingError, TypeError, AttributeError):  # or an answer that is no Mail
            mail = None
        finally:
            watch.cancel()
            if process.poll() is not None or answer[:1] != STAYS:
                self._end()
        if answer[:1] == TROUBLE:
            raise OSError(answer[1:].decode("utf-8", "replace"))
        return mail

    def _ready(self, known: bytes) -> subprocess.Popen[bytes]:
        """A process that has taken what is known; one that somebody killed in between is no fault of this mail."""
        for _ in range(2):
            process = self._started()
            with suppress(OSError):
                if process.stdin:
                    _write(process.stdin, known)
                    return process
            self._end()
        return self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            home = str(Path(__file__).resolve().parents[2])
            self._process = subprocess.Popen(  # noqa: S603  (ourselves)
                [sys.executable, "-P", "-m", __name__, *map(str, self._limits)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # nothing of ours, passwords least
                env={"PYTHONPATH": home, "PATH": os.defpath, "LC_ALL": "C.UTF-8", **ALLOCATOR},
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what was still to be written is lost with it
                if pipe:
                    pipe.close()


class _Answer(pickle.Unpickler):
    """Only what a `Mail` is made of: the other process may have been taken over by the mail it read."""

    def find_class(self, module: str, name: str) -> Any:
        if (module == "sitmail.domain.mail" and name in _KNOWN) or (module == "datetime" and name in _TIMES):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def _write(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    """One message, b"" at the end."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return b""
    (size,) = _LENGTH.unpack(head)
    data = pipe.read(size)
    return data if len(data) == size else b""


def _head(path: Path, reading: Reading) -> bytes:
    """As much of a mail as `outside` looks at."""
    with path.open("rb") as file:
        return file.read(reading.caps.header_block)


def _mail(answer: bytes) -> Any:
    stream = io.BytesIO(answer)  # which copies nothing
    stream.seek(1)
    return _Answer(stream).load()


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


def main(memory: int, cpu: int, most: int) -> None:
    """The other process: a mail in, a `Mail` out, until there is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Control-C is for the desk
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a desk that was killed wants no answer, and no traceback in its log
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while known := _read(sys.stdin.buffer):
        answer = _answered(known, cpu)
        grown = _highest() > most
        _write(sys.stdout.buffer, answer if answer[:1] == TROUBLE else (GOES if grown else STAYS) + answer)
        if grown or answer[:1] == TROUBLE:
            return
        del answer  # nothing of a mail stays while we wait for the next


def _answered(known: bytes, cpu: int) -> bytes:
    """One mail, read: its `Mail`, or TROUBLE and a sentence."""
    stands, files, envelope, own, virus, caps = pickle.loads(known)  # noqa: S301  (the desk wrote it)
    filing = Filing(files) if files else None
    reading = Reading(own_addresses=own, virus_header=virus, caps=caps, filing=filing)
    try:
        raw = Path(stands).read_bytes() if stands else _read(sys.stdin.buffer)
    except OSError as error:
        return TROUBLE + str(error).encode()
    used = resource.getrusage(resource.RUSAGE_SELF)
    last = int(used.ru_utime + used.ru_stime) + 1 + cpu + len(raw) // SECOND
    resource.setrlimit(resource.RLIMIT_CPU, (last, resource.RLIM_INFINITY))
    mail = parse(raw, envelope, reading)
    del raw  # it has been read, and the answer may be large too
    if filing and filing.trouble:
        return TROUBLE + str(filing.trouble).encode()
    return pickle.dumps(mail)


def _highest() -> int:
    """The most memory this process ever had resident, in KB.

    Not `ru_maxrss`: that of a process begins with what its parent had when it was forked, exec or not.
    """
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
