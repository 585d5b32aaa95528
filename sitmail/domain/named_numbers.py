"""Numbers of incidents that stand in words: `[SIT-12]`, `sit-12`, "ticket 12".  Whose they are is asked elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache

from sitmail.domain.nouns import NAMES, NOUNS
from sitmail.domain.subject import DIGITS

# Words that stand before a number in other sentences, too ("in case 2 of them fail"), count where the desk uses them.
EVERYDAY = frozenset({"case", "request", "Fall", "Anfrage"})
MOST = 20  # numbers that are looked up
_SIGN = r"(?:(?:no\.?|nr\.?|n°|number|nummer|numéro)\s*)?#?\s*"


@lru_cache(maxsize=8)
def _pattern(tag: str, noun: str) -> re.Pattern[str]:
    at = NOUNS.index(noun)
    names = {name for every in NAMES.values() for name in every if name not in EVERYDAY or name == every[at]}
    number = rf"([0-9]{{1,{DIGITS}}})(?![\w]|[.,:/-][0-9])"
    spaced = r"\s?".join(re.escape(char) for char in tag)
    return re.compile(rf"(?<![\w-])(?:{spaced}\s?-\s?|(?:{'|'.join(sorted(names))})\s+{_SIGN}){number}", re.IGNORECASE)


def numbers_in(words: str, tag: str, noun: str) -> dict[int, str]:
    """Each number, and how it was written.  `noun`: what letters of the desk call an incident."""
    found: dict[int, str] = {}
    for one in _pattern(tag, noun).finditer(words):
        if int(one[1]) and len(found) < MOST:
            found.setdefault(int(one[1]), " ".join(one[0].split()))
    return found
