"""What stands at the end of a note and is no secret: its author's signature, and what a gateway adds to every mail.

The same lines stand below answers to customers, where they must not be taken for words that only staff were told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_LINES = 12  # at the end of a text, in which a signature or a footer may begin
_NAME_LINE = 48  # characters of a line that is a name
_RULE = re.compile(r"\s{0,3}[-_=*~#+]{3,90}\s{0,3}$")


def without_footers(notes: Sequence[tuple[str, str]]) -> list[str]:
    """The texts of notes, given with the names of their authors, as far as they say something."""
    bodies = [_without_signature(text.rstrip().split("\n"), author) for author, text in notes]
    added = Counter(line for body in bodies for line in {line.strip() for line in body[-_LINES:]} if line)
    return ["\n".join(_without(body, added)) for body in bodies]


def _without_signature(lines: list[str], author: str) -> list[str]:
    """Less what stands below a ruled line, or from the author's name on, near the end."""
    names = {word.casefold() for word in author.split()}
    for at in range(max(1, len(lines) - _LINES), len(lines)):
        line = lines[at].strip()
        if _RULE.match(line) or (len(line) <= _NAME_LINE and _begins_with_name(line, names)):
            return lines[:at]
    return lines


def _begins_with_name(line: str, names: set[str]) -> bool:
    words = re.findall(r"[^\W\d_]+", line)[:3]
    return bool(words) and words[0].casefold() in names and (len(words) == 1 or words[1].casefold() in names)


def _without(lines: list[str], added: Counter[str]) -> list[str]:
    """Less the lines at the end that end other notes, too."""
    end = len(lines)
    while end > 1 and len(lines) - end < _LINES and (not lines[end - 1].strip() or added[lines[end - 1].strip()] > 1):
        end -= 1
    return lines[:end]
