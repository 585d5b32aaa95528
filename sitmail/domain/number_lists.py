"""Lists and ranges of incidents as people write them before a colon: `12, 14-20, EX-30` (behaviour 3).

A line about more than one incident acts on each; how many one mail may name is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sitmail.domain.sentence import Sentence

MOST = 200  # incidents that one mail acts on
_ONE = r"\[?(?:[A-Za-z]{2,10}-)?[0-9]{1,9}\]?"
_RANGE_MARK = r"\s*(?:[-\u2010-\u2014]|\.\.+|\u2026)\s*"
ITEM = rf"{_ONE}(?:{_RANGE_MARK}{_ONE})?"
LIST = rf"{ITEM}(?:\s*,\s*{ITEM})*"
_EACH = re.compile(
    rf"\[?(?:[A-Za-z]{{2,10}}-)?([0-9]{{1,9}})\]?(?:{_RANGE_MARK}\[?(?:[A-Za-z]{{2,10}}-)?([0-9]{{1,9}})\]?)?", re.ASCII
)
TOO_MANY = Sentence(
    "one email acts on %(most)s incidents at most, and this one names more; send it in parts", most=MOST
)


def expanded(written: str) -> tuple[int, ...]:
    """The incidents of a list, each once, in the order written; one more than `MOST` stands for any number above."""
    found: dict[int, None] = {}
    for first, last in _EACH.findall(written):
        for number in range(int(first), int(last or first) + 1):
            found[number] = None
            if len(found) > MOST:
                return tuple(found)
    return tuple(found)


def holds_range(written: str) -> bool:
    return any(last for _, last in _EACH.findall(written))


def backwards(written: str) -> str:
    """Why a list cannot be read: it has a range from a higher number to a lower one.  "" where it has none."""
    wrong = next(((one, other) for one, other in _EACH.findall(written) if other and int(other) < int(one)), None)
    if wrong is None:
        return ""
    return Sentence("%(first)s to %(last)s is no range; the lower number stands first", first=wrong[0], last=wrong[1])


def too_many(numbers: Iterable[int]) -> bool:
    return len(set(numbers)) > MOST
