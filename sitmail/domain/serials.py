"""Serial numbers: how they are compared, and which words of a mail may be one.

People write the number of one unit as SN-1001, sn 1001 or SN1001; what is compared has capitals, hyphens, points,
slashes and blanks taken away.  Which words are the number of a unit, only the directory knows.
"""

from __future__ import annotations

import re

SHORTEST = 3  # letters and figures of a serial number
LONGEST = 40
JOINED = 4  # letters of a word that may be the beginning of a serial number
READ = 20_000  # characters of a mail in which serial numbers are looked for
MOST = 300  # candidates of one mail
_APART = re.compile(r"[\s._/\\\-\u2010-\u2015]+")
_WORD = re.compile(r"[^\W_](?:[\w./\\\-\u2010-\u2015]{0,60}\w)?")


def serial_key(written: str) -> str:
    """The serial number as it is compared."""
    return _APART.sub("", written).replace("_", "").casefold()


def searchable(written: str) -> bool:
    """Whether a unit of that serial number can be found by it."""
    key = serial_key(written)
    return SHORTEST <= len(key) <= LONGEST and key.isalnum() and any(letter.isdigit() for letter in key)


def candidates(text: str) -> tuple[str, ...]:
    """What may be serial numbers, as they are compared, in the order of the text: words that hold a figure.

    Two words also count together where the first is short ("SN 1001").
    """
    found: dict[str, None] = {}
    before = ""
    for word in _WORD.findall(text[:READ]):
        if any(letter.isdigit() for letter in word):
            for one in (f"{before} {word}", word) if 0 < len(before) <= JOINED else (word,):
                if searchable(one):
                    found[serial_key(one)] = None
            if len(found) >= MOST:
                break
        before = word
    return tuple(found)[:MOST]
