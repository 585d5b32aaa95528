"""What a database can hold of a text that came from outside: no NUL (PostgreSQL), no lone surrogates (both)."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text with what no database takes written as an escape; all other texts come back unchanged."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
