"""The calendar events in letters, as mail programs find them; their laws."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from icalendar import Calendar

from tests.letters.replied import Letter


def event(letter: Letter) -> str:
    """ "request 0 Resolution in 2:00:00": method, sequence, what is due, and how long after the letter; "" if none."""
    found = list(_calendars(letter))
    if not found:
        return ""
    calendar = Calendar.from_ical(found[0].get_content())
    (one,) = calendar.events
    said = f"{str(calendar['METHOD']).lower()} {one['SEQUENCE']}"
    if one["STATUS"] == "CANCELLED":
        return said
    ahead = one.end - letter.parsed["Date"].datetime
    return f"{said} {one['SUMMARY'].partition(':')[0]} in {timedelta(minutes=round(ahead / timedelta(minutes=1)))}"


def broken(letter: Letter, uids: dict[str, str]) -> Iterable[str]:
    """Sentences.  `uids`: whose events were seen, and about what."""
    for part in _calendars(letter):
        calendar = Calendar.from_ical(part.get_content())
        method, events = str(calendar["METHOD"]), calendar.events
        if len(events) != 1 or part.get_param("method") != method or method not in ("REQUEST", "CANCEL"):
            yield f"carries {len(events)} events by {method}"
            continue
        one = events[0]
        parent = letter.parsed.get_body(("plain",))
        if parent is None or letter.parsed.get_content_type() not in ("multipart/alternative", "multipart/mixed"):
            yield "carries an event where no mail program looks for one"
        if str(one["ORGANIZER"]) != f"mailto:{letter.parsed['From'].addresses[0].addr_spec}":
            yield f"its event is organized by {one['ORGANIZER']}"
        if str(one["ATTENDEE"]) != f"mailto:{letter.recipient}" or one["ATTENDEE"].params["RSVP"] != "FALSE":
            yield f"its event is for {one['ATTENDEE']}"
        about = f"{letter.recipient} {letter.parsed['X-Sitmail-Incident']}"
        if uids.setdefault(about, str(one["UID"])) != str(one["UID"]) or list(uids.values()).count(one["UID"]) != 1:
            yield "its event is another one than before"
        if any(len(line) > 75 for line in part.get_payload(decode=True).splitlines()):
            yield "its event has long lines (RFC 5545 section 3.1)"


def _calendars(letter: Letter) -> Iterable[Any]:
    if b"text/calendar" in letter.raw:
        yield from (part for part in letter.parsed.walk() if part.get_content_type() == "text/calendar")
