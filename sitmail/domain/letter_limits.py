"""When a notice may become a letter: folding, digests, and the limits that all automatic mail passes.

A notice may wait; none is dropped here.  How many letters left is counted by `services/rate_limits`, which asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sitmail.domain.notice_purposes import NoticePurpose, NoticeTraits
from sitmail.domain.record import record


class CountedAs(StrEnum):
    """What a letter is counted as.  Letters of one kind never use up what is there for another."""

    NOTHING = ""  # words of people, what an engineer asked for, a person's new incident
    STAFF = "staff"  # other automatic notices to an engineer
    MACHINES = "machines"  # notices to an engineer about what machines reported
    LATE = "late"  # what a clock of ours says that cannot wait, to an engineer: broken promises, levels, escalation
    KNOWN = "known"  # automatic letters to people outside whom the desk knows
    STRANGERS = "strangers"  # automatic letters to others


FOLDING = frozenset({CountedAs.STAFF, CountedAs.MACHINES, CountedAs.KNOWN, CountedAs.STRANGERS})
TOLD_BY_THE_CLOCK = frozenset({NoticePurpose.SLA_LATE, NoticePurpose.LEVEL_REACHED, NoticePurpose.ESCALATED})
STRANGERS_PART = 2  # strangers get at most half of what may leave in a minute, so that they starve nobody
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def counted_as(
    purpose: NoticePurpose, traits: NoticeTraits, *, staff: bool, known: bool, monitored: bool, clock: bool = False
) -> CountedAs:
    """`staff` and `known` are the reader's, `monitored` says that the incident is a machine's report, `clock` that
    nobody did anything, but a moment came.

    Whom we write to first gets it within the limits, so that no engineer, nor who stole his name, floods anybody.
    """
    if (traits.words or not traits.automatic) and not traits.first:
        return CountedAs.NOTHING
    if not staff:
        return CountedAs.KNOWN if known else CountedAs.STRANGERS
    if traits.asked:
        return CountedAs.NOTHING
    if purpose in TOLD_BY_THE_CLOCK or (clock and purpose is NoticePurpose.UNOWNED):
        return CountedAs.LATE
    if monitored or purpose is NoticePurpose.MACHINE_WROTE:
        return CountedAs.MACHINES
    return CountedAs.NOTHING if traits.at_once else CountedAs.STAFF


@record
class Sent:
    """How many automatic letters left of late."""

    to_person_about_incident: datetime | None = None  # the last one
    to_person_day: int = 0
    about_incident_day: int = 0
    outside_minute: int = 0  # to people outside
    strangers_minute: int = 0  # to strangers among them
    staff_folding: int = 0  # to this engineer within `fold_within`, counted as this notice is
    acks_hour: int = 0  # acknowledgements to this person
    marked_hour: int = 0  # to this person, if `[trust] people` names him
    waited: bool = False  # the notice has waited for others already


@record
class Gate:
    """The limits that all automatic mail passes (behaviour 8, promise 6)."""

    acks_per_sender_hour: int
    per_address_day: int
    per_incident_day: int
    per_minute: int
    digest_above: int
    fold_within: int  # seconds


def leaves_at(
    traits: NoticeTraits, counted: CountedAs, sent: Sent, gate: Gate, now: datetime, due: datetime | None = None
) -> datetime:
    """When a notice may become a letter.  `due`: when the promise ends that it warns of."""
    if counted in (CountedAs.NOTHING, CountedAs.LATE):
        return now
    if counted in (CountedAs.STAFF, CountedAs.MACHINES):
        at = _to_staff(traits, sent, gate, now)
        return at if due is None else max(now, min(at, now + (due - now) / 2))
    if sent.marked_hour:  # what asked for no answer may be a machine after all: a loop turns once an hour
        return now + HOUR
    if traits.acknowledges and sent.acks_hour >= gate.acks_per_sender_hour:
        return now + HOUR
    strangers = max(1, gate.per_minute // STRANGERS_PART) if gate.per_minute else 0
    if sent.outside_minute >= gate.per_minute:
        return now + MINUTE
    if counted is CountedAs.STRANGERS and sent.strangers_minute >= strangers:
        return now + MINUTE
    if sent.to_person_day >= gate.per_address_day or sent.about_incident_day >= gate.per_incident_day:
        return now + HOUR
    return now if traits.asked or traits.words else _folded(sent, gate, now)


def _to_staff(traits: NoticeTraits, sent: Sent, gate: Gate, now: datetime) -> datetime:
    if sent.waited:
        return now
    if sent.staff_folding >= gate.digest_above:  # until there is a digest
        return now + timedelta(seconds=gate.fold_within)
    return now if traits.at_once else _folded(sent, gate, now)


def _folded(sent: Sent, gate: Gate, now: datetime) -> datetime:
    """The first of a reader's notices about an incident leaves at once, later ones gather for `fold_within`."""
    last = sent.to_person_about_incident
    if last is None or sent.waited:
        return now
    # A clock that was set back has not reached the last one: the others do not wait until it does.
    return max(now, min(last, now) + timedelta(seconds=gate.fold_within))
