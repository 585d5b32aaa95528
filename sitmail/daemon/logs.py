"""One line a mail event, in logfmt: fixed verbs and ids, never a body, never a secret.

    event=applied id=17 incident=1234 rule=customer-update from=jane@example.com

Everything that came from outside goes through one escaper, so that no mail can write lines of its own (security T21).
"""

from __future__ import annotations

import logging
import sys
from typing import Any

LONGEST = 200  # characters of one value
QUIET = ("mail.log", "aioimaplib", "asyncio", "alembic")  # they log whole mails, every connection, or their own steps

_log = logging.getLogger("sitmail")


class _Logfmt(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = record.getMessage()
        if record.exc_info:
            line += " " + escaped("trace", self.formatException(record.exc_info), 4000)
        return f"level={record.levelname.lower()} {line}"


def start(level: int = logging.INFO) -> None:
    """Everything to stderr, where systemd's journal (which has the time) picks it up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Logfmt())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def event(verb: str, *, level: int = logging.INFO, **values: Any) -> None:
    """One event.  Values that are empty are left out."""
    pairs = [escaped(name.rstrip("_"), value) for name, value in values.items() if value not in ("", None)]
    _log.log(level, "%s", " ".join((f"event={verb}", *pairs)))


def escaped(name: str, value: object, longest: int = LONGEST) -> str:
    """`name=value`, quoted where needed; controls, separators and bidi marks as \\u escapes."""
    text = str(value)[:longest]
    if text.isascii() and text.isprintable() and not set(' "=\\') & set(text):
        return f"{name}={text}"
    shown = "".join(_shown(c) for c in text)
    return f'{name}="{shown}"'


def _shown(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\u{ord(character):04x}"
