"""Effects on absences (`domain/absence`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from sitmail.domain.absence import AbsenceKind, AbsenceState
from sitmail.domain.people import Person
from sitmail.domain.record import record


@record
class Away:
    """An engineer (by id) is away, or takes no new work, in that time.

    `replaces` are absences of his by id: those that have begun get the new end, those to come are taken back.  `asks`
    are told of it, and their yes grants it; `detail` is what their letter shows.
    """

    engineer: str
    since: datetime
    until: datetime
    kind: AbsenceKind = AbsenceKind.AWAY
    state: AbsenceState = AbsenceState.GRANTED
    replaces: tuple[int, ...] = ()
    asks: tuple[Person, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


@record
class Back:
    """These absences are over: what has begun ends now, what was to come is taken back."""

    absences: tuple[int, ...]


@record
class DecideAbsence:
    """Somebody who was asked said yes (it counts from now on) or no."""

    absence: int
    state: AbsenceState


AbsenceEffect = Away | Back | DecideAbsence
