"""Sentences for mistakes: where, what was found (quoted), what was expected, and what was perhaps meant.

Places are written as admins see them: `engineer[2].teams`; rows are counted from 0.  Nothing is checked here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

Place = tuple[str | int, ...]

BARE = re.compile(r"[A-Za-z0-9_-]+")
LOGIN = re.compile(r"//.*@")  # a password may hold any character


class ConfigError(Exception):
    """The configuration cannot be used.  `lines`: every mistake found, one sentence each."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


def spell(place: Place) -> str:
    """`("engineer", 2, "teams")` as `engineer[2].teams`."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if BARE.fullmatch(step) else quoted(step))
    return text


def quoted(value: object) -> str:
    """The value that was found, shortened to one line, without a login's password."""
    if isinstance(value, int) and value.bit_length() > 200:
        return "a huge number"  # Python may refuse to write it in decimal
    text = LOGIN.sub("//***@", value) if isinstance(value, str) else str(value)
    if len(text) > 60:
        text = text[:57] + "..."
    shown = ascii(text) if not text.isprintable() else f"'{text}'"
    return shown if isinstance(value, str) else text.encode("unicode_escape").decode("ascii")


def shown(value: object) -> str:
    """The value that was found, for a sentence: quoted; a list with its first values, a table by its kind only."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
        return "a list"
    if isinstance(value, list):
        return f"[{', '.join(shown(part) for part in value[:3])}{', ...' if len(value) > 3 else ''}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value)


def suggestion(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'support'?)`, or "" if no known word is similar."""
    by_case = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word[:100].casefold(), by_case, n=1, cutoff=0.6)
    return f" (did you mean '{by_case[near[0]]}'?)" if near else ""


def idle(file: str, place: Place) -> str:
    """The warning about a key that is accepted but has no effect."""
    return mistake(file, place, "known, but has no effect in this version")


def mistake(file: str, place: Place, sentence: str) -> str:
    """One line: file, place, sentence."""
    return f"{file}: {spell(place)}: {sentence}" if place else f"{file}: {sentence}"
