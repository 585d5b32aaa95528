"""Events for the calendars of engineers (RFC 5545), as a request or a cancellation that travels in a letter (RFC 6047).

METHOD:REQUEST, for only that makes mail programs put an event in, move it and take it out again; RSVP=FALSE, for nobody
waits for an answer.  The desk is the organizer, by its plain address: a calendar may be shared, so nothing that is
signed for the reader stands in it.  The event ends at the moment that was promised, and nobody looks busy because
of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

LENGTH = timedelta(minutes=15)  # a shorter event can hardly be read in a calendar
REQUEST, CANCEL = "REQUEST", "CANCEL"


class Invite(NamedTuple):
    """`due` is None for a cancellation."""

    uid: str
    sequence: int
    summary: str
    due: datetime | None
    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str
    made: datetime


def written(invite: Invite) -> str:
    """The iCalendar object, its lines ended by LF; `compose.wire` ends them as mail wants it."""
    from icalendar import Calendar, Event, vCalAddress, vText  # noqa: PLC0415  (few desks use it)

    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//sitmail//EN")
    calendar.add("version", "2.0")
    calendar.add("method", REQUEST if invite.due else CANCEL)
    event.add("uid", invite.uid)
    event.add("sequence", invite.sequence)
    event.add("dtstamp", invite.made)
    end = invite.due or invite.made  # RFC 5546 section 3.2.5 wants a start of a cancellation, too
    event.add("dtstart", end - LENGTH)
    event.add("dtend", end)
    event.add("summary", invite.summary)
    event.add("status", "CONFIRMED" if invite.due else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    organizer = vCalAddress(f"mailto:{invite.organizer}")
    organizer.params["cn"] = vText(invite.organizer_name)
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{invite.attendee}")
    attendee.params["cn"] = vText(invite.attendee_name or invite.attendee)
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("NEEDS-ACTION")
    attendee.params["rsvp"] = vText("FALSE")
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    lines: str = calendar.to_ical().decode()
    return lines.replace("\r\n", "\n")


def method(text: str) -> str:
    """Of a written invite: the parameter that the field of its part repeats (RFC 6047 section 2.4)."""
    return CANCEL if f"\nMETHOD:{CANCEL}\n" in text else REQUEST
