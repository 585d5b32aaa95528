"""One line a mail event, in logfmt: fixed verbs and ids, never a body, never a secret.

    event=applied id=17 incident=1234 rule=customer-update from=jane@example.com

Everything that came from outside goes through one escaper, so that no mail can write lines of its own (security T21).
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO

LONGEST = 200  # characters of one value
QUIET = ("mail.log", "aioimaplib", "asyncio", "alembic")  # they log whole mails, every connection, or their own steps

_log = logging.getLogger("sitmail")
_root = logging.getLogger()
_LEVELS = {level: name.lower() for level, name in logging._levelToName.items()}
_ODD = re.compile(r"[^!#-<>-\[\]-~]")  # what must be quoted: all but printable ASCII, and of that space " = \


class _Logfmt(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = record.getMessage()
        if record.exc_info:
            line += " " + escaped("trace", self.formatException(record.exc_info), 4000)
        return f"level={record.levelname.lower()} {line}"


class _Lines(logging.StreamHandler[TextIO]):
    """Where all lines go.  Events, several a mail, come here as they are: a LogRecord costs more than the line."""

    def say(self, line: str) -> None:
        """A whole line.  What cannot be written is told as logging tells it, and stops nobody."""
        self.acquire()
        try:
            self.stream.write(line)
            self.stream.flush()
        except Exception:
            self.handleError(logging.makeLogRecord({"msg": line}))
        finally:
            self.release()


def start(level: int = logging.INFO) -> None:
    """Everything to stderr, where systemd's journal (which has the time) picks it up."""
    handler = _Lines(sys.stderr)
    handler.setFormatter(_Logfmt())
    _root.handlers[:] = [handler]
    _root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def event(verb: str, *, level: int = logging.INFO, **values: Any) -> None:
    """One event.  Values that are empty are left out."""
    if not _log.isEnabledFor(level):
        return
    text = _line(verb, values)
    listeners = [*_log.handlers, *_root.handlers]
    if len(listeners) == 1 and isinstance(listeners[0], _Lines):
        listeners[0].say(f"level={_LEVELS[level]} {text}\n")
    else:
        _log.log(level, "%s", text)


def _line(verb: str, values: dict[str, Any]) -> str:
    """All values are looked at together; only where one has to be escaped or cut, each goes through the escaper."""
    line, together = f"event={verb}", ""
    for name, value in values.items():
        if value is not None and value != "":
            text = value if type(value) is str else str(value)
            together += text
            line += f" {name.rstrip('_')}={text}"
    if len(together) <= LONGEST and not _ODD.search(together):
        return line
    shown = {name.rstrip("_"): value for name, value in values.items() if value not in ("", None)}
    return " ".join((f"event={verb}", *(escaped(name, value) for name, value in shown.items())))


def escaped(name: str, value: object, longest: int = LONGEST) -> str:
    """`name=value`, quoted where needed; controls, separators and bidi marks as \\u escapes."""
    text = str(value)[:longest]
    if not _ODD.search(text):
        return f"{name}={text}"
    shown = "".join(_shown(c) for c in text)
    return f'{name}="{shown}"'


def _shown(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\u{ord(character):04x}"
