"""What letters there are: one table.  Purpose -> leg of a plain reply, who reads it, whether a machine wrote.

A purpose's letter is the template of the same name.  Words of people are told at once; automatic notices to one reader
about one incident are folded, and those to people outside the desk are counted (behaviour 3 and 5).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sitmail.domain.record import record
from sitmail.domain.update import LegKind


class NoticePurpose(StrEnum):
    """Why somebody is told something.  Each has a template of the same name; the store keeps it as text."""

    ACKNOWLEDGEMENT = "acknowledgement"
    ACKNOWLEDGEMENT_STRANGER = "acknowledgement_stranger"
    ANSWER = "answer"
    WORDS = "words"
    CHANGED = "changed"
    JOINED = "joined"
    CLOSURE_NOTED = "closure_noted"
    CLOSURE_REASON = "closure_reason"
    CUSTOMER_CLOSED = "customer_closed"
    CUSTOMER_REFUSED = "customer_refused"
    CUSTOMER_HELP = "customer_help"
    ASSIGNED = "assigned"
    UNOWNED = "unowned"
    CUSTOMER_WROTE = "customer_wrote"
    CLOSURE_REQUESTED = "closure_requested"
    ANSWER_COPY = "answer_copy"
    NOTE = "note"
    CHANGED_STAFF = "changed_staff"
    MACHINE_WROTE = "machine_wrote"
    VERDICT = "verdict"
    SHOW = "show"
    STAFF_HELP = "staff_help"
    SLA_WARNING = "sla_warning"
    SLA_LATE = "sla_late"
    DELIVERY_FAILED = "delivery_failed"
    HELD = "held"
    TOKEN_MISUSED = "token_misused"  # noqa: S105 -- no password
    TOKEN_MISUSED_CUSTOMER = "token_misused_customer"  # noqa: S105
    CONFIRM = "confirm"
    CONFIRM_WAITS = "confirm_waits"
    QUARANTINED = "quarantined"
    TROUBLE = "trouble"
    DIGEST = "digest"


@record
class NoticeTraits:
    """`automatic`: nobody wrote it, so it bears Auto-Submitted; `words`: it carries somebody's, so it never folds.

    `asked`: an answer to what its reader just asked for, told at once although automatic.
    """

    leg: LegKind
    outside: bool = False
    automatic: bool = True
    words: bool = False
    asked: bool = False
    kind: str = ""  # of the reply address, where the leg does not tell
    acknowledges: bool = False
    brief: bool = False  # tells a colleague all he needs, files included (S3-16)

    @property
    def carries_files(self) -> bool:
        return self.words or self.brief


PUBLIC, INTERNAL = LegKind.PUBLIC, LegKind.INTERNAL
PURPOSES: dict[NoticePurpose, NoticeTraits] = {
    # to customers
    NoticePurpose.ACKNOWLEDGEMENT: NoticeTraits(PUBLIC, outside=True, asked=True, acknowledges=True),
    NoticePurpose.ACKNOWLEDGEMENT_STRANGER: NoticeTraits(PUBLIC, outside=True, asked=True, acknowledges=True),
    NoticePurpose.ANSWER: NoticeTraits(PUBLIC, outside=True, automatic=False, words=True),
    NoticePurpose.WORDS: NoticeTraits(PUBLIC, outside=True, automatic=False, words=True),
    NoticePurpose.CHANGED: NoticeTraits(PUBLIC, outside=True),
    NoticePurpose.JOINED: NoticeTraits(PUBLIC, outside=True),
    NoticePurpose.CLOSURE_NOTED: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CLOSURE_REASON: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CUSTOMER_CLOSED: NoticeTraits(PUBLIC, outside=True),
    NoticePurpose.CUSTOMER_REFUSED: NoticeTraits(PUBLIC, outside=True, asked=True),
    NoticePurpose.CUSTOMER_HELP: NoticeTraits(PUBLIC, outside=True, asked=True),
    # to staff, a plain reply is public
    NoticePurpose.ASSIGNED: NoticeTraits(PUBLIC, brief=True),
    NoticePurpose.UNOWNED: NoticeTraits(PUBLIC, brief=True),
    NoticePurpose.CUSTOMER_WROTE: NoticeTraits(PUBLIC, automatic=False, words=True),
    NoticePurpose.CLOSURE_REQUESTED: NoticeTraits(PUBLIC, words=True),
    NoticePurpose.ANSWER_COPY: NoticeTraits(PUBLIC, automatic=False, words=True),
    # to staff, a plain reply is internal
    NoticePurpose.NOTE: NoticeTraits(INTERNAL, automatic=False, words=True),
    NoticePurpose.CHANGED_STAFF: NoticeTraits(INTERNAL),
    NoticePurpose.MACHINE_WROTE: NoticeTraits(INTERNAL),
    NoticePurpose.VERDICT: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.SHOW: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.STAFF_HELP: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.SLA_WARNING: NoticeTraits(INTERNAL),
    NoticePurpose.SLA_LATE: NoticeTraits(INTERNAL),
    NoticePurpose.DELIVERY_FAILED: NoticeTraits(INTERNAL),
    NoticePurpose.HELD: NoticeTraits(INTERNAL, kind="h"),
    NoticePurpose.TOKEN_MISUSED: NoticeTraits(INTERNAL),
    NoticePurpose.TOKEN_MISUSED_CUSTOMER: NoticeTraits(PUBLIC, outside=True),
    NoticePurpose.CONFIRM: NoticeTraits(INTERNAL, kind="c", asked=True),
    NoticePurpose.CONFIRM_WAITS: NoticeTraits(INTERNAL, asked=True),
    NoticePurpose.QUARANTINED: NoticeTraits(INTERNAL),
    NoticePurpose.TROUBLE: NoticeTraits(INTERNAL),
    NoticePurpose.DIGEST: NoticeTraits(INTERNAL, kind="d"),
}


@record
class Sent:
    """How many automatic letters went where, of late; what the gate looks at."""

    to_person_about_incident: datetime | None = None  # the last one
    to_person_day: int = 0
    about_incident_day: int = 0
    outside_minute: int = 0
    staff_folding: int = 0  # to this engineer within `fold_within`
    acks_hour: int = 0  # acknowledgements to this person
    marked_hour: int = 0  # to this person, if `[trust] people` names him


@record
class Gate:
    """The limits that all automatic mail passes (behaviour 8, promise 6)."""

    acks_per_sender_hour: int
    per_address_day: int
    per_incident_day: int
    per_minute: int
    digest_above: int
    fold_within: int  # seconds


def leaves_at(traits: NoticeTraits, outside: bool, sent: Sent, gate: Gate, now: datetime) -> datetime:
    """When a notice may become a letter.  It may wait; it is never dropped."""
    if traits.words or not traits.automatic:
        return now
    if not outside:
        if traits.asked:  # who asks gets the answer itself, never a line of a digest
            return now
        if sent.staff_folding >= gate.digest_above:
            return now + timedelta(seconds=gate.fold_within)
        return _folded(traits, sent, gate, now)
    if sent.marked_hour:  # what asked for no answer may be a machine after all: a loop turns once an hour
        return now + timedelta(hours=1)
    if traits.acknowledges and sent.acks_hour >= gate.acks_per_sender_hour:
        return now + timedelta(hours=1)
    if sent.outside_minute >= gate.per_minute:
        return now + timedelta(minutes=1)
    if sent.to_person_day >= gate.per_address_day or sent.about_incident_day >= gate.per_incident_day:
        return now + timedelta(hours=1)
    return _folded(traits, sent, gate, now)


def _folded(traits: NoticeTraits, sent: Sent, gate: Gate, now: datetime) -> datetime:
    last = sent.to_person_about_incident
    if traits.asked or last is None:
        return now
    return max(now, last + timedelta(seconds=gate.fold_within))
