"""One line a mail event, in logfmt: fixed verbs and ids, never a body, never a secret.

    event=applied id=17 incident=1234 rule=customer-update from=jane@example.com

Everything that came from outside goes through one escaper, so that no mail can write lines of its own.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TextIO

LONGEST = 200  # characters of one value
# They log whole mails, every connection, or their own steps.  aiosmtpd (mail.log) warns of each unknown command.
QUIET = {
    "mail.log": logging.ERROR,
    "aioimaplib": logging.WARNING,
    "asyncio": logging.WARNING,
    "alembic": logging.WARNING,
}

_log = logging.getLogger("sitmail")
_root = logging.getLogger()
_LEVELS = {level: name.lower() for level, name in logging._levelToName.items()}
_ODD = re.compile(r"[^!#-<>-\[\]-~]")  # what must be quoted: all but printable ASCII, and of that space " = \
_USUAL = bytes(code for code in range(0x21, 0x7F) if code not in b'"\\=')


class _Logfmt(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = record.getMessage()
        if record.exc_info:
            line += " " + escaped("trace", self.formatException(record.exc_info), 4000)
        return f"level={record.levelname.lower()} {line}"


class _Lines(logging.StreamHandler[TextIO]):
    """Where all lines go.  Events, several a mail, come here as they are: a LogRecord costs more than the line."""

    def say(self, lines: str) -> None:
        """Whole lines.  What cannot be written is told as logging tells it, and stops nobody."""
        assert self.lock is not None
        with self.lock:
            try:
                self.stream.write(lines)
                self.stream.flush()
            except Exception:
                self.handleError(logging.makeLogRecord({"msg": lines}))


def start(level: int = logging.INFO) -> None:
    """Everything to stderr, where systemd's journal (which has the time) picks it up."""
    handler = _Lines(sys.stderr)
    handler.setFormatter(_Logfmt())
    _root.handlers[:] = [handler]
    _root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)


def event(verb: str, *, level: int = logging.INFO, **values: Any) -> None:
    """One event.  Values that are empty are left out."""
    if _log.isEnabledFor(level):
        text = _line(verb, values)
        if lines := _alone():
            lines.say(f"level={_LEVELS[level]} {text}\n")
        else:
            _log.log(level, "%s", text)


def events(those: Sequence[tuple[int, str, dict[str, Any]]]) -> None:
    """Several events, each its level, verb and values: lines that are written at once."""
    those = [each for each in those if _log.isEnabledFor(each[0])]
    if those and (lines := _alone()):
        lines.say("".join([f"level={_LEVELS[level]} {_line(verb, values)}\n" for level, verb, values in those]))
    else:
        for level, verb, values in those:
            event(verb, level=level, **values)


def _alone() -> _Lines | None:
    """Where lines go, if nobody else listens."""
    listeners = _root.handlers
    only = listeners[0] if len(listeners) == 1 and not _log.handlers else None
    return only if isinstance(only, _Lines) else None


def _line(verb: str, values: dict[str, Any]) -> str:
    """All at once if each value is there and needs no escaping; else each goes through the escaper."""
    template, signs = _template(verb, tuple(values))
    line = template % tuple(values.values())
    gaps = "= " in line or "=None" in line or line[-1] == "="  # values that are left out
    usual = not gaps and line.isascii() and line.encode().translate(None, _USUAL) == signs
    if usual and (len(line) <= LONGEST or max(len(str(value)) for value in values.values()) <= LONGEST):
        return line
    apart = {name.rstrip("_"): value for name, value in values.items() if value not in ("", None)}
    return " ".join((f"event={verb}", *(escaped(name, value) for name, value in apart.items())))


@lru_cache(maxsize=256)
def _template(verb: str, names: tuple[str, ...]) -> tuple[str, bytes]:
    """A line for values of these names, and the signs in it that no value may hold as it is."""
    return " ".join((f"event={verb}", *(f"{name.rstrip('_')}=%s" for name in names))), b"= " * len(names) + b"="


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
