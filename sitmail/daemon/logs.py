"""The log: one line for each event, in logfmt, on stderr.  Fixed verbs and ids; never a body, never a secret.

    ts=2026-03-02T09:00:00.123Z level=info event=applied id=17 incident=1234 rule=customer-update from=jane@example.com

Under systemd the journal has the time; instead of `ts` each line begins with its priority there (`<4>`, sd-daemon(3)).
Texts from outside are escaped, so that no mail can write lines of its own.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

LONGEST = 200  # characters of one value
TRACE_LONGEST = 4000  # characters of a traceback
# They log whole mails, every connection, or their own steps.  aiosmtpd (mail.log) warns of each unknown command.
QUIET = {
    "mail.log": logging.ERROR,
    "aioimaplib": logging.WARNING,
    "asyncio": logging.WARNING,
    "alembic": logging.WARNING,
}
LEVELS = ("debug", "info", "warning", "error", "critical")
# Of syslog(3), as the journal takes them.
PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
Event = tuple[int, str, dict[str, Any]]  # level, verb, values

_log = logging.getLogger("sitmail")
_root = logging.getLogger()
_NAMES = {getattr(logging, name.upper()): name for name in LEVELS}
_ODD = re.compile(r"[^!#-<>-\[\]-~]")  # what must be quoted: all but printable ASCII, and of that space " = \
_CHANGED = re.compile(r'["\\]|[^ -~]')  # what may be written otherwise, inside quotes


class _Lines(logging.StreamHandler[TextIO]):
    """Writes all lines.  Events, several a mail, come here directly: a LogRecord costs more than the line."""

    def __init__(self, stream: TextIO, journal: bool) -> None:
        super().__init__(stream)
        self.journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """A line of a LogRecord: ours begin with their event, others (of libraries) become the event `log`."""
        text = record.getMessage()
        if not text.startswith("event="):
            text = f"event=log {escaped('logger', record.name)} {escaped('text', text)}"
        if record.exc_info:
            text += " " + escaped("trace", logging.Formatter().formatException(record.exc_info), TRACE_LONGEST)
        return self.line(record.levelno, text)

    def line(self, level: int, text: str) -> str:
        named = f"level={_NAMES.get(level, level)} {text}"
        if self.journal:
            return f"<{PRIORITIES.get(level, 6)}>{named}"
        return f"ts={datetime.now(UTC).isoformat(timespec='milliseconds')[:-6]}Z {named}"

    def write(self, lines: str) -> None:
        """Whole lines.  If they cannot be written, logging reports it, and nothing is raised."""
        assert self.lock is not None
        with self.lock:
            try:
                self.stream.write(lines)
                self.stream.flush()
            except Exception:
                self.handleError(logging.makeLogRecord({"msg": lines}))


def start(level: int = logging.INFO, environ: Mapping[str, str] = os.environ) -> None:
    """Sends everything from this level on to stderr."""
    _root.handlers[:] = [_Lines(sys.stderr, to_journal(sys.stderr, environ))]
    _root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(level, least))


def to_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a stream goes to systemd's journal: JOURNAL_STREAM names its device and inode (systemd.exec(5))."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM", "") == f"{found.st_dev}:{found.st_ino}"


def event(verb: str, *, level: int = logging.INFO, **values: Any) -> None:
    """Logs one event.  Empty values are left out; a name may end in `_`, which is not shown."""
    events([(level, verb, values)])


def events(those: Sequence[Event]) -> None:
    """Logs several events with one write."""
    those = [each for each in those if _log.isEnabledFor(each[0])]
    handler = _only_handler()
    if handler is None:
        for level, verb, values in those:
            _log.log(level, "%s", _text(verb, values))
    elif those:
        handler.write("".join([handler.line(level, _text(verb, values)) + "\n" for level, verb, values in those]))


def _only_handler() -> _Lines | None:
    """Our handler, if there is no other."""
    handlers = _root.handlers
    only = handlers[0] if len(handlers) == 1 and not _log.handlers else None
    return only if isinstance(only, _Lines) else None


def _text(verb: str, values: dict[str, Any]) -> str:
    shown = [
        (name.rstrip("_"), str(value)[:LONGEST]) for name, value in values.items() if value is not None and value != ""
    ]
    if _ODD.search("".join([text for _, text in shown])):
        return " ".join([f"event={verb}", *[escaped(name, text) for name, text in shown]])
    return " ".join([f"event={verb}", *[f"{name}={text}" for name, text in shown]])


def escaped(name: str, value: object, longest: int = LONGEST) -> str:
    """`name=value`, quoted where needed; controls, separators and bidi marks as \\u escapes."""
    text = str(value)[:longest]
    if not _ODD.search(text):
        return f"{name}={text}"
    return f'{name}="{_CHANGED.sub(_shown, text)}"'


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\u{ord(character):04x}"
