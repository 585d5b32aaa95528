"""Until when a delayed letter is still being tried, as its delivery report tells.

By the field of RFC 3464 (section 2.3.9) or in the words that mail systems use.  What cannot be reckoned is left open:
nobody is told a moment that is a guess.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sitmail.reading import header_fields

_OLD = re.compile(
    r"until (?:it|(?:the |your |this )?message) is (\d{1,3}(?:\.\d{1,3})?) (day|hour)(?:s|\(s\))? old", re.IGNORECASE
)
_MORE = re.compile(
    r"(?:retry|try|tried|attempts?|deliver)\b[^.\n]{0,60}? for (?:another |up to )?(\d{1,3}) (?:more )?(day|hour)s?\b",
    re.IGNORECASE,
)


def until(field: str, words: str, arrived: str, written: str) -> datetime | None:
    """When the mail system gives up.

    `field` is Will-Retry-Until; `words` the report's own; `arrived` its Arrival-Date, when the letter came to it;
    `written` the date of the report itself.
    """
    if moment := header_fields.date(field):
        return moment
    spoken = " ".join(words.split())
    for pattern, since in ((_OLD, arrived), (_MORE, written)):
        if (found := pattern.search(spoken)) and (start := header_fields.date(since)):
            length = timedelta(**{f"{found[2].lower()}s": float(found[1])})
            return start + length
    return None
