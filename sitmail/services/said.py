"""What an engineer read in our letters: lines that his answers may hold by mistake, and that must not leave.

Programs quote without marks, or below, or between; but what was written to staff is known, word by word.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from sitmail.store import log

RETURNING = frozenset({"verdict", "confirm"})  # letters that quote what their reader wrote himself
SHORTEST_LINE = 8  # characters: a shorter line of a staff letter may well be written again


def to(connection: Connection, person: int, number: int) -> frozenset[str]:
    """Lines of letters this engineer was sent about the incident, less what was said in public anyway."""
    letters = log.letters_to(connection, person, number)
    found = {line for purpose, text in letters for line in _lines(_of_others(purpose, text))}
    if not found:
        return frozenset()
    public = {line for text in log.public_texts(connection, number) for line in _lines(text)}
    return frozenset(found - public)


def _of_others(purpose: str, text: str) -> str:
    """A letter without its reader's own words, which he may well send again: he was asked to."""
    if purpose not in RETURNING:
        return text
    return "\n".join(line for line in text.split("\n") if not line.startswith(">"))


def _lines(text: str) -> Iterable[str]:
    for line in text.split("\n"):
        bare = " ".join(line.lstrip("> ").split())
        if len(bare) >= SHORTEST_LINE:
            yield bare
