"""What a notice says at the moment it leaves: as things are then, or nothing.

A notice may have waited for others, for a limit, or for a relay's courier that was stopped.  Meanwhile a promise was
kept, a status changed back, somebody left.  Pure: whoever writes letters gives the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sitmail.domain.dictionary import Dictionary
from sitmail.domain.effects import Tell
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.shown_changes import described, plain_values
from sitmail.domain.sla import TIMINGS


class Dropped(StrEnum):
    """Why a notice never became a letter; kept with it."""

    EXPIRED = "expired"
    READER_LEFT = "its reader is not here any more"
    CLOSED = "the incident is closed"
    REOPENED = "the incident is open again"
    KEPT = "the promise was kept or is no longer in force"
    PAUSED = "the clock stands still"
    LATE_BY_NOW = "it is late by now, which was said"
    CHANGED_BACK = "nothing has changed in the end"
    OWNED = "somebody else owns the incident"
    NOTHING = "there was nothing to say"
    MONITOR = "monitors get no automatic letters, and answers only if their row says so"


@record
class Promised:
    """How a promise stands; `state` as in `sla_outlook.Standing`."""

    state: str
    due: datetime | None


@record
class Now:
    """What is so at the moment of leaving.

    `parties`: persons who take part in the incident outside; `asked`: the last public words are ours.
    """

    incident: Incident
    promises: Mapping[str, Promised]  # by target
    parties: frozenset[int]
    policy: Policy
    asked: bool


def as_it_is(tell: Tell, now: Now) -> Tell | Dropped:
    """The notice with what is so now, or why it is dropped."""
    check = _CHECKS.get(tell.purpose)
    return tell if check is None else check(tell, now)


def label_for_customers(status: Status, asked: bool, dictionary: Dictionary) -> str:
    """A status by its name for customers.  Whom nothing was asked is not told that his response is awaited."""
    if status is Status.AWAITING_CUSTOMER and not asked:
        status = Status.ACTIVE
    return dictionary.label(status).customer


def _promise(tell: Tell, now: Now) -> Tell | Dropped:
    promised = now.promises.get(str(tell.detail.get("target")))
    if not now.incident.open:
        return Dropped.CLOSED
    if promised is None or promised.due is None or promised.state in ("met", "off"):
        return Dropped.PAUSED if promised is not None and promised.state == "paused" else Dropped.KEPT
    if promised.state == "paused":
        return Dropped.PAUSED
    if promised.state != "late" and tell.purpose in (NoticePurpose.SLA_LATE, NoticePurpose.LEVEL_REACHED):
        return Dropped.KEPT  # its time began anew, or ends later
    if promised.state == "running" and TIMINGS[tell.detail["target"]].met_by.again:
        return Dropped.KEPT
    if promised.state == "late" and tell.purpose is NoticePurpose.SLA_WARNING:
        return Dropped.LATE_BY_NOW
    return replace(tell, detail={**tell.detail, "due": promised.due.isoformat()})


def _delayed(tell: Tell, now: Now) -> Tell | Dropped:
    return _promise(tell, now) if tell.person.id in now.parties else Dropped.READER_LEFT


def _changed(tell: Tell, now: Now) -> Tell | Dropped:
    before = tell.detail.get("before")
    if tell.person.id not in now.parties:
        return Dropped.READER_LEFT
    if before is None:
        return tell
    seen: dict[str, Any] = {"before": before}
    if "status" in before:
        dictionary = now.policy.dictionary
        label = label_for_customers(now.incident.status, now.asked, dictionary)
        if label != label_for_customers(Status(before["status"]), True, dictionary):
            seen["status"] = label
    if "hold" in before and now.incident.holds and now.incident.hold_until is not None:
        until = now.incident.hold_until.isoformat()
        seen |= {"hold": until} if until != before["hold"] else {}
    if "owner" in before and now.incident.owner != before["owner"] and now.incident.owner in now.policy.engineers:
        seen["owner"] = now.policy.engineers[now.incident.owner].name
    return replace(tell, detail=seen) if len(seen) > 1 else Dropped.CHANGED_BACK


def _changed_staff(tell: Tell, now: Now) -> Tell | Dropped:
    before = tell.detail.get("before")
    if "woke" in tell.detail:
        return tell if now.incident.open else Dropped.CLOSED
    if before is None:
        return tell
    changed = [*described(before, plain_values(now.incident), now.policy), *tell.detail.get("links", ())]
    return replace(tell, detail={**tell.detail, "changed": changed}) if changed else Dropped.CHANGED_BACK


def _closed(tell: Tell, now: Now) -> Tell | Dropped:
    if now.incident.open:
        return Dropped.REOPENED
    return tell if tell.person.id in now.parties else Dropped.READER_LEFT


def _resolved(tell: Tell, now: Now) -> Tell | Dropped:
    if now.incident.status is not Status.AWAITING_CLOSURE:
        return Dropped.CHANGED_BACK
    return tell if tell.person.id in now.parties else Dropped.READER_LEFT


def _chased(tell: Tell, now: Now) -> Tell | Dropped:
    """He has answered meanwhile, or the question is another one."""
    wanted = Status.AWAITING_CLOSURE if tell.detail["confirm"] else Status.AWAITING_CUSTOMER
    if now.incident.status is not wanted:
        return Dropped.CHANGED_BACK
    return tell if tell.person.id in now.parties else Dropped.READER_LEFT


def _unanswered(tell: Tell, now: Now) -> Tell | Dropped:
    """Whoever asks its reader to do something wants it only as long as nobody did."""
    closed = not now.incident.open
    if tell.detail["why"] in ("call", "unsent"):
        waits = now.incident.status in (Status.AWAITING_CUSTOMER, Status.AWAITING_CLOSURE)
        return tell if waits else Dropped.CHANGED_BACK
    if tell.detail.get("closed"):
        return tell if closed else Dropped.REOPENED
    return Dropped.CLOSED if closed else tell


def _joined(tell: Tell, now: Now) -> Tell | Dropped:
    return tell if tell.person.id in now.parties else Dropped.READER_LEFT


def _assigned(tell: Tell, now: Now) -> Tell | Dropped:
    owners = (now.incident.owner, now.incident.temporary_owner)
    return tell if tell.person.key in owners else Dropped.OWNED


def _unowned(tell: Tell, now: Now) -> Tell | Dropped:
    return Dropped.OWNED if now.incident.owner else tell


def _machine_reports(tell: Tell, now: Now) -> Tell | Dropped:
    """What went on and off in the meantime."""
    over = now.incident.recovered is not None
    if ("over" in tell.detail and not over) or ("back" in tell.detail and over):
        return Dropped.CHANGED_BACK
    return tell


_CHECKS: Mapping[NoticePurpose, Callable[[Tell, Now], Tell | Dropped]] = {
    NoticePurpose.SLA_WARNING: _promise,
    NoticePurpose.SLA_LATE: _promise,
    NoticePurpose.LEVEL_REACHED: _promise,
    NoticePurpose.ESCALATED: _promise,
    NoticePurpose.DELAYED: _delayed,
    NoticePurpose.CHANGED: _changed,
    NoticePurpose.CHANGED_STAFF: _changed_staff,
    NoticePurpose.CUSTOMER_CLOSED: _closed,
    NoticePurpose.FEEDBACK_ASKED: _closed,
    NoticePurpose.RESOLVED: _resolved,
    NoticePurpose.CHASED: _chased,
    NoticePurpose.UNANSWERED: _unanswered,
    NoticePurpose.JOINED: _joined,
    NoticePurpose.BUG_FIXED: _joined,
    NoticePurpose.ASSIGNED: _assigned,
    NoticePurpose.UNOWNED: _unowned,
    NoticePurpose.MACHINE_REPORTS: _machine_reports,
}
CHECKED = frozenset(_CHECKS)
