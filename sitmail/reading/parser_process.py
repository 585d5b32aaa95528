"""The process that parses mails for the daemon, and the messages between the two.  `parser_client` starts it.

A message is a length and that many bytes.  The daemon sends settings and a list of mails; the answer about each mail
goes back as soon as it is read, so that the daemon knows at which mail the process failed.
"""

from __future__ import annotations

import pickle
import resource
import signal
import struct
import sys
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import IO, Any, Final

from sitmail.domain.mail import Address, Envelope, Mail
from sitmail.reading.attachment_files import AttachmentFiles
from sitmail.reading.parse import Reading, by_name, parse

LENGTH = struct.Struct("!Q")
SECOND = 10_000_000  # bytes for which a mail is given one more, of CPU and of wall time
STAYS, GOES = b"+", b"-"  # before an answer: is the process ready for other mails?
TROUBLE = b"!"  # before a sentence: a file could not be read or written, which is no fault of the mail
_NAMES = [one.name for one in fields(Mail)]
_SENDER, _DATE, _HEADERS, _ORDER = (_NAMES.index(name) for name in ("sender", "date", "headers", "header_order"))
_PEOPLE = [_NAMES.index(name) for name in ("to", "cc", "reply_to", "originals")]
_values: Final = attrgetter(*_NAMES)


def packed(mail: Mail) -> list[Any]:
    """The values of a mail, people and dates as plain tuples and texts: pickling classes takes three times as long."""
    values = list(_values(mail))
    values[_SENDER] = mail.sender and (mail.sender.name, mail.sender.address)
    for at in _PEOPLE:
        values[at] = [(one.name, one.address) for one in values[at]]
    values[_DATE] = mail.date and mail.date.isoformat()
    values[_HEADERS] = None  # they are the same as header_order
    return values


def unpacked(values: list[Any]) -> Mail:
    """The mail that was packed.  Raises TypeError, ValueError, AttributeError or IndexError if it was none."""
    sender, date = values[_SENDER], values[_DATE]
    values[_SENDER] = sender and Address(*sender)
    for at in _PEOPLE:
        values[at] = tuple([Address(*one) for one in values[at]])
    values[_DATE] = date and datetime.fromisoformat(date)
    values[_HEADERS] = by_name(values[_ORDER])
    return Mail(*values)


def main(memory: int, cpu: int, most: int) -> None:
    """Mails in, a `Mail` out for each, until there are no more.

    `memory`: bytes of address space; `cpu`: seconds for one mail; `most`: KiB resident, then it is replaced.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Control-C is for the desk
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a desk that was killed wants no answer, and no traceback in its log
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while message := _read(sys.stdin.buffer):
        caps, mails = pickle.loads(message)  # noqa: S301  (the desk wrote it)
        del message
        reading = Reading(caps=caps)
        while mails:
            raw, stands, files, envelope = mails.pop(0)
            answer = _answered(raw, stands, files, envelope, reading, cpu)
            last = not mails and _highest() > most
            _write(sys.stdout.buffer, answer if answer[:1] == TROUBLE else (GOES if last else STAYS) + answer)
            if last or answer[:1] == TROUBLE:
                return
            del answer  # nothing of a mail stays while we wait for the next


def _answered(raw: bytes, stands: str, files: str, envelope: Envelope | None, reading: Reading, cpu: int) -> bytes:
    """One mail, read: the values of its `Mail`, or TROUBLE and a sentence."""
    filing = AttachmentFiles(files) if files else None
    try:
        raw = Path(stands).read_bytes() if stands else raw
    except OSError as error:
        return TROUBLE + str(error).encode()
    used = resource.getrusage(resource.RUSAGE_SELF)
    last = int(used.ru_utime + used.ru_stime) + 1 + cpu + len(raw) // SECOND
    resource.setrlimit(resource.RLIMIT_CPU, (last, resource.RLIM_INFINITY))
    mail = parse(raw, envelope, replace(reading, filing=filing) if filing else reading)
    del raw  # it has been read, and the answer may be large too
    if filing and filing.trouble:
        return TROUBLE + str(filing.trouble).encode()
    return pickle.dumps(packed(mail), 5)


def _read(pipe: IO[bytes]) -> bytes:
    """One message, b"" at the end."""
    try:
        head = pipe.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return b""
        (size,) = LENGTH.unpack(head)
        data = pipe.read(size)
    except ConnectionError:  # so ends a desk that was killed before it took all answers
        return b""
    return data if len(data) == size else b""


def _write(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


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
