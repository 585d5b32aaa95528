"""Priorities, and when an incident of one is expected to be looked at again: its levels follow-up, warning and late.

Levels are what the desk expects of itself (S4-09): no customer is promised one, and they need no service level.  When
an incident of a priority gets its levels is decided in `promising`, who hears of them in `time_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from sitmail.domain.hours import ROUND_THE_CLOCK, Calendar, Span
from sitmail.domain.record import record
from sitmail.domain.sla import TimedTarget

ALL, BUSINESS, CONTRACT = BASES = ("all", "business", "contract")  # what the time of a level is counted by
# By their names in the configuration, in the order of their gravity.
LEVELS = {
    "followup": TimedTarget.FOLLOWUP,
    "warning": TimedTarget.WARNING,
    "late": TimedTarget.LATE,
}


@record
class Priority:
    """`levels` are spans by target, counted from the opening by `basis`: round the clock, or by a calendar."""

    id: str
    name: str
    levels: Mapping[TimedTarget, Span] = field(default_factory=dict)
    basis: str = ALL


def counted_by(basis: str, contract: Calendar, desk: Calendar) -> Calendar:
    """The calendar that a basis means; `contract` is the one of the incident's contract, site or service level."""
    return {ALL: ROUND_THE_CLOCK, BUSINESS: desk, CONTRACT: contract}[basis]


def level_seconds(span: Span, basis: str, calendar: Calendar) -> int:
    """How long a level is, in seconds of its calendar's open time; round the clock a day has 24 hours."""
    return span.wall() if basis == ALL else calendar.working(span)
