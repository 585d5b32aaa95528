"""A long TOML file in parts: its tables are parsed some thousand at a time, so that they need not all be in memory.

A part begins at a line `[[name]]` of one of the tables that are expected.  Such a line can stand elsewhere only within
a text of several lines; a file with such texts is parsed as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sitmail.config.files import parsed, toml_of

LONG = 200_000  # characters of one part
SEVERAL_LINES = ('"""', "'''")


def parts(path: Path, text: str, tables: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The parts of a file, each as plain values; `tables` are the names that are expected.  Raises ConfigError."""
    if len(text) <= LONG or any(mark in text for mark in SEVERAL_LINES):
        yield toml_of(path, text)
        return
    header = re.compile(rf"^[ \t]*\[\[[ \t]*(?:{'|'.join(tables)})[ \t]*\]\]", re.MULTILINE)
    start = 0
    while start < len(text):
        found = header.search(text, start + LONG)
        end = found.start() if found else len(text)
        try:
            part = parsed(text[start:end])
        except (ValueError, RecursionError):
            toml_of(path, text)  # raises, and names the line in the file
            part = toml_of(path, "\n" * text.count("\n", 0, start) + text[start:end])
        yield part
        start = end
