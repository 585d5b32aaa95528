"""Filters for templates: how our letters print quotations, moments, spans and sizes.

Pure functions.  The words round what they print stand in the templates.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping

from sitmail.domain.moments import moment

WIDTH = 76


def quote(text: str) -> str:
    """Each line after "> " (an empty one after ">"), without blank lines at either end."""
    return "\n".join([f"> {line}".rstrip() for line in text.strip("\n").split("\n")])


def wrap(text: str, width: int = WIDTH) -> str:
    """Fill each line that is too long; keep shorter lines, blank ones, quotations, indents and long words."""
    return "\n".join(_filled(line, width) for line in text.split("\n"))


def _filled(line: str, width: int) -> str:
    if len(line) <= width or line.startswith(">"):
        return line
    indent = line[: len(line) - len(line.lstrip(" "))][: width // 2]
    return textwrap.fill(
        line.strip(),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def span(seconds: float, day: float = 0) -> str:
    """Seconds as "2 h 30 min", rounded to minutes, below one minute "45 s".

    Days are only printed if it is said how many seconds one has: a working day has not 24 hours.
    """
    if seconds < 60:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    days, minutes = divmod(minutes, round(day / 60)) if day else (0, minutes)
    hours, minutes = divmod(minutes, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def size(count: int) -> str:
    """Bytes as "1.2 MB" (decimal, as mail programs print them)."""
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    amount, unit = count / 1000, "KB"
    for bigger in ("MB", "GB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, bigger
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"


def indent(text: str, columns: int = 4) -> str:
    """Every line but blank ones moved to the right, the first one too."""
    return textwrap.indent(text, " " * columns)


FILTERS: Mapping[str, Callable[..., str]] = {
    "quote": quote,
    "wrap": wrap,
    "moment": moment,
    "span": span,
    "size": size,
    "indent": indent,
}
