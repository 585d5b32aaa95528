"""`Label: value`, as forms and programs write it, and JSON: which value stands beside which label.

Labels are compared without case, blanks and signs, an umlaut as its two letters: `E-Mail-Adresse *`, `e mail adresse`
and `E-Mail-` above `Adresse` are one.  It reads what the admin named, and guesses nothing: all stays in the log.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection
from typing import Any

from sitmail.domain.mail import Attachment, Mail

SCANNED = 65_536  # characters or bytes that are looked at
FOLDED_OVER = 3  # lines that one label may take
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LABELLED = re.compile(r"\s*(?:[-*]\s+)?([^:=]{1,120})[:=](.*)", re.DOTALL)
_IN_CELLS = re.compile(r"\s*(\S.{0,118}?)(?:\s{2,}|\t)\s*(\S.*)")  # of a table: the page's text has two blanks between
_ANY_LABEL = re.compile(r"[^\W\d_][^:\n]{0,60}:(?:\s|$)")


def folded(label: str) -> str:
    """A label as it is compared."""
    plain = unicodedata.normalize("NFKC", label).casefold().translate(_UMLAUTS)
    return "".join(letter for letter in plain if letter.isalnum())


def read_values(text: str, labels: Collection[str], open_ended: Collection[str] = ()) -> dict[str, str]:
    """The values of those labels, by the label as it was given; of one that stands twice the first.

    A value goes on in the lines below it, until something that looks like a label; those of `open_ended` until one of
    `labels`, since people write such lines too.
    """
    wanted = {folded(label): label for label in labels}
    lines = text[:SCANNED].split("\n")
    found: dict[str, list[str]] = {}
    current, at = "", 0
    while at < len(lines):
        label, value, taken = _begins(lines, at, wanted)
        if label and label not in found:
            current, found[label] = label, [value]
        elif current and (current in open_ended or _goes_on(lines[at])):
            found[current].append(lines[at])
            taken = 1
        else:
            current, taken = "", 1
        at += taken
    return {label: "\n".join(value).strip() for label, value in found.items()}


def _goes_on(line: str) -> bool:
    """Whether a line belongs to the value above it: it is indented, or does not look like a label."""
    return line[:1] in (" ", "\t") or not _ANY_LABEL.match(line)


def _begins(lines: list[str], at: int, wanted: dict[str, str]) -> tuple[str, str, int]:
    """(label, value, lines taken) where one of the labels begins in that line; else ("", "", 1)."""
    line = lines[at]
    for taken in range(1, FOLDED_OVER + 1):
        written = _LABELLED.match("\n".join(lines[at : at + taken]))
        if written is not None:
            label = wanted.get(folded(written[1]), "")
            return (label, written[2].strip(), taken) if label else _without_colon(line, wanted)
        if not line.strip() or at + taken >= len(lines) or not lines[at + taken].strip():
            break
    return _without_colon(line, wanted)


def _without_colon(line: str, wanted: dict[str, str]) -> tuple[str, str, int]:
    """A row of a table, or a heading with the value below it."""
    cells = _IN_CELLS.match(line)
    if cells is not None and folded(cells[1]) in wanted:
        return wanted[folded(cells[1])], cells[2].strip(), 1
    heading = wanted.get(folded(line), "") if len(line) < 120 and line.strip() else ""
    return heading, "", 1


def named_value(mail: Mail, label: str) -> str:
    """What a program says under that label: in JSON, which is the text or a file, or in a line of the text; else ""."""
    texts = [mail.text] if mail.text.lstrip().startswith("{") else []
    texts += [_text_of(file) for file in mail.attachments if file.type == "application/json"]
    read = [found for text in texts if (found := _json(text)) is not None]
    for values in read:
        for name, value in values.items():
            if folded(name) == folded(label) and isinstance(value, str | int) and str(value).strip():
                return str(value).strip()
    return "" if read else read_values(mail.text, (label,)).get(label, "").partition("\n")[0].strip()


def _json(text: str) -> dict[str, Any] | None:
    """What an object holds; None where it is none."""
    try:
        read = json.loads(text) if len(text) <= SCANNED else None
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _text_of(file: Attachment) -> str:
    return file.content.decode("utf-8", "replace") if file.size <= SCANNED else ""
