"""What letters there are: one table.  Purpose -> leg of a plain reply, who reads it, whether a machine wrote.

A purpose's letter is the template of the same name.  Words of people are told at once; automatic notices to one reader
about one incident are folded, and those to people outside the desk are counted (contract sections 3 and 5).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sitmail.domain.record import record
from sitmail.domain.update import LegKind


@record
class Purpose:
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
PURPOSES: dict[str, Purpose] = {
    # to customers
    "acknowledgement": Purpose(PUBLIC, outside=True, asked=True, acknowledges=True),
    "acknowledgement_stranger": Purpose(PUBLIC, outside=True, asked=True, acknowledges=True),
    "answer": Purpose(PUBLIC, outside=True, automatic=False, words=True),
    "words": Purpose(PUBLIC, outside=True, automatic=False, words=True),
    "changed": Purpose(PUBLIC, outside=True),
    "joined": Purpose(PUBLIC, outside=True),
    "closure_noted": Purpose(PUBLIC, outside=True, asked=True),
    "closure_reason": Purpose(PUBLIC, outside=True, asked=True),
    "customer_closed": Purpose(PUBLIC, outside=True),
    "customer_refused": Purpose(PUBLIC, outside=True, asked=True),
    "customer_help": Purpose(PUBLIC, outside=True, asked=True),
    # to staff, a plain reply is public
    "assigned": Purpose(PUBLIC, brief=True),
    "unowned": Purpose(PUBLIC, brief=True),
    "customer_wrote": Purpose(PUBLIC, automatic=False, words=True),
    "closure_requested": Purpose(PUBLIC, words=True),
    "answer_copy": Purpose(PUBLIC, automatic=False, words=True),
    # to staff, a plain reply is internal
    "note": Purpose(INTERNAL, automatic=False, words=True),
    "changed_staff": Purpose(INTERNAL),
    "machine_wrote": Purpose(INTERNAL),
    "verdict": Purpose(INTERNAL, asked=True),
    "show": Purpose(INTERNAL, asked=True),
    "staff_help": Purpose(INTERNAL, asked=True),
    "sla_warning": Purpose(INTERNAL),
    "sla_late": Purpose(INTERNAL),
    "delivery_failed": Purpose(INTERNAL),
    "held": Purpose(INTERNAL, kind="h"),
    "token_misused": Purpose(INTERNAL),
    "token_misused_customer": Purpose(PUBLIC, outside=True),
    "confirm": Purpose(INTERNAL, kind="c", asked=True),
    "quarantined": Purpose(INTERNAL),
    "digest": Purpose(INTERNAL, kind="d"),
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


@record
class Gate:
    """The limits that all automatic mail passes (contract section 8, promise 6)."""

    acks_per_sender_hour: int
    per_address_day: int
    per_incident_day: int
    per_minute: int
    digest_above: int
    fold_within: int  # seconds


def leaves_at(purpose: Purpose, outside: bool, sent: Sent, gate: Gate, now: datetime) -> datetime:
    """When a notice may become a letter.  It may wait; it is never dropped."""
    if purpose.words or not purpose.automatic:
        return now
    if not outside:
        if purpose.asked:  # who asks gets the answer itself, never a line of a digest
            return now
        if sent.staff_folding >= gate.digest_above:
            return now + timedelta(seconds=gate.fold_within)
        return _folded(purpose, sent, gate, now)
    if purpose.acknowledges and sent.acks_hour >= gate.acks_per_sender_hour:
        return now + timedelta(hours=1)
    if sent.outside_minute >= gate.per_minute:
        return now + timedelta(minutes=1)
    if sent.to_person_day >= gate.per_address_day or sent.about_incident_day >= gate.per_incident_day:
        return now + timedelta(hours=1)
    return _folded(purpose, sent, gate, now)


def _folded(purpose: Purpose, sent: Sent, gate: Gate, now: datetime) -> datetime:
    last = sent.to_person_about_incident
    if purpose.asked or last is None:
        return now
    return max(now, last + timedelta(seconds=gate.fold_within))
