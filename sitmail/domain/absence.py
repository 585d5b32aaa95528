"""An absence: who is away, or takes no new work, from when until when, and whether that counts.

Who is here by them is decided in `presence`, what happens to incidents in `absences`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from sitmail.domain.record import record

OPEN_END = datetime(2900, 1, 1, tzinfo=UTC)  # until somebody ends it


class AbsenceKind(StrEnum):
    AWAY = "away"
    WORK = "work"  # here, but without new work


class AbsenceState(StrEnum):
    """Only what is granted counts; who needs no leave has it at once."""

    GRANTED = "granted"
    ASKED = "asked"  # the manager has not answered
    PROPOSED = "proposed"  # the mail program of its engineer says so, and nobody has confirmed it
    REFUSED = "refused"


@record
class Absence:
    """`origin` is what the configuration says, "" for what it does not.

    `handed`: its incidents were handed over; of one that nobody answered in time, that its engineer heard so.
    """

    id: int
    engineer: str
    since: datetime
    until: datetime
    kind: AbsenceKind = AbsenceKind.AWAY
    state: AbsenceState = AbsenceState.GRANTED
    origin: str = ""
    handed: datetime | None = None

    @property
    def away(self) -> bool:
        return self.kind is AbsenceKind.AWAY

    @property
    def granted(self) -> bool:
        return self.state is AbsenceState.GRANTED

    @property
    def endless(self) -> bool:
        return self.until >= OPEN_END

    @property
    def unanswered(self) -> bool:
        """Whether the manager was asked, and its engineer did not hear yet that nothing came."""
        return self.state is AbsenceState.ASKED and self.handed is None

    def covers(self, at: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.granted and self.since <= at < self.until


@record
class Handover:
    """An incident that a stand-in has for who is away."""

    absence: int
    incident: int
    engineer: str
    substitute: str
    at: datetime


def end_of(absences: Iterable[Absence], engineer: str, at: datetime) -> datetime | None:
    """Until when he is away without a gap; None if he is here."""
    theirs = [one for one in absences if one.engineer == engineer and one.away and one.granted]
    end: datetime | None = None
    while later := max((one.until for one in theirs if one.covers(end or at)), default=None):
        end = later
    return end
