"""What an engineer's calendar shows of an incident: the next promise, and whether that changed since it was told.

Only who owns an incident sees it there.  How an event is written belongs to `sending/invites`, when it is told to
`services/calendar_invites`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sitmail.domain.departing import Promised
from sitmail.domain.escalation import HIDDEN
from sitmail.domain.record import record

UNKNOWN = "?"  # the target of what was told by a letter that never arrived


@record
class CalendarEvent:
    """As it was told last.  `target` is "" and `due` None once it was cancelled.

    `uid` is the same in all that is told to one person about one incident, `sequence` grows with each change (RFC 5545
    sections 3.8.4.7 and 3.8.7.4).
    """

    uid: str
    sequence: int = -1  # nothing was told yet
    target: str = ""
    due: datetime | None = None


def changed(
    told: CalendarEvent, promises: Mapping[str, Promised], now: datetime, *, owned: bool
) -> CalendarEvent | None:
    """The event as it is to be told now; None where the calendar shows what is so.

    `promises` are those in force, by target; `owned`: the incident is still that person's.  What is late by now stays
    where it stood, in the past, until another promise takes its place, or it is kept.
    """
    known = {name: one for name, one in promises.items() if name not in HIDDEN} if owned else {}
    ahead = [(one.due, name) for name, one in known.items() if one.due and one.due > now and one.state in _RUNNING]
    if ahead:
        due, target = min(ahead)
        if (target, due) == (told.target, told.due):
            return None
        return replace(told, sequence=told.sequence + 1, target=target, due=due)
    past = told.due is None or told.due <= now
    if told.target == "" or (past and any(one.state == "late" for one in known.values())):
        return None
    return replace(told, sequence=told.sequence + 1, target="", due=None)


_RUNNING = frozenset({"running", "warned"})
