"""What an answer holds again: our own letters, where nothing marks them as quoted, and the pictures of a signature.

We know what we wrote.  Some programs put the whole letter below, bare.  Only a block at the very end or the very top
counts, and only if it is no accident; a line of ours between the words of an author is his doing, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sitmail.domain.leak_guard import bare
from sitmail.domain.mail import Mail

LINES, CHARACTERS = 3, 80  # so much of a letter of ours is no accident
SHORTEST, LONG, LOOKED_AT = 8, 24, 2_000


def split(text: str, letters: Iterable[str]) -> tuple[str, str]:
    """(new words, lines of our letters).  If no words would remain, all of them are new."""
    known, flat = {""}, []
    for letter in letters:
        known.update(bare(line) for line in letter.split("\n"))
        flat.append(" ".join(letter.split()))
    lines = text.split("\n")
    if not flat or len(lines) > LOOKED_AT:
        return text, ""
    said = [bare(line) for line in lines]

    def ours(at: int) -> bool:
        if said[at] in known:
            return True
        if len(said[at]) >= LONG:
            return _within(said[at], flat)
        # a short one may be the end of a line that a program wrapped anew, or its beginning
        return any(one and _within(pair, flat) for one, pair in _neighbours(said, at))

    end = len(lines)
    while end and ours(end - 1):
        end -= 1
    top = 0
    while top < end and ours(top):
        top += 1
    top = top if _enough(lines[:top]) else 0
    end = end if _enough(lines[end:]) else len(lines)
    new = "\n".join(lines[top:end]).strip("\n")
    if not new.strip():
        return text, ""
    return new, "\n".join([*lines[:top], *lines[end:]]).strip("\n")


def without_pictures(mail: Mail, seen: frozenset[str]) -> Mail:
    """The mail without logos and portraits that its writer's program sent with every letter before."""
    if not seen or not mail.new_text.strip():
        return mail
    kept = tuple(file for file in mail.attachments if not (file.type.startswith("image/") and file.sha256 in seen))
    return replace(mail, attachments=kept)


def _enough(lines: list[str]) -> bool:
    said = [found for line in lines if len(found := bare(line)) >= SHORTEST]
    return len(said) >= LINES and sum(map(len, said)) >= CHARACTERS


def _within(words: str, letters: list[str]) -> bool:
    return any(words in letter for letter in letters)


def _neighbours(said: list[str], at: int) -> Iterable[tuple[str, str]]:
    """The lines above and below, and each joined to this one."""
    if at:
        yield said[at - 1], f"{said[at - 1]} {said[at]}"
    if at + 1 < len(said):
        yield said[at + 1], f"{said[at]} {said[at + 1]}"
