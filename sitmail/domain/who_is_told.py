"""WHO IS TOLD WHAT: one table.  What happened -> who, in which role -> whether he is told, and by which letter.

Everybody who tells somebody of an incident asks here: a cell that is changed changes the letters.  Who has a role at an
incident is said in `domain/staff_readers` and `domain/customer/notices`; how letters fold, wait and are counted,
elsewhere.  Who did it himself is told only as confirmation (`Role.WRITER`), or, an engineer, what came of his lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from sitmail.domain.notice_purposes import NoticePurpose as P
from sitmail.domain.people import Person
from sitmail.domain.record import record


class Role(StrEnum):
    """What somebody is to an incident, a site or the desk."""

    WRITER = "writer"  # a customer whose own mail did it
    CONTACT = "contact"
    PARTICIPANT = "participant"
    OWNER = "owner"  # while he is away: who stands in for him
    TEMPORARY_OWNER = "temporary_owner"
    FORMER_OWNER = "former_owner"  # until this moment, for good or for a while
    WATCHER = "watcher"
    ON_DUTY = "on_duty"  # where nobody owns it, in the owner's place
    MANAGER = "manager"  # of the owner
    ACCOUNT_MANAGER = "account_manager"  # of the site
    ADMIN = "admin"
    VENDOR = "vendor"


class Happening(StrEnum):
    """What may be told of."""

    OPENED = "opened"
    CRITICAL = "critical"  # it has the highest priority from now on
    OWNER_CHANGED = "owner-changed"
    ANSWERED = "answered"
    VISIBLE_EVENT = "visible-event"  # of an event type that customers see
    NOTED = "noted"
    WROTE = "wrote"
    STATUS_CHANGED = "status-changed"
    CHASED = "chased"
    UNRESPONSIVE = "unresponsive"  # after the last time that the customer was asked
    WARNING = "warning"
    LATE = "late"
    LEVEL_REACHED = "level-reached"
    REVIEW_DUE = "review-due"
    FOLLOW_UP_DUE = "follow-up-due"
    CLOSURE_REQUESTED = "closure-requested"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    FEEDBACK_ASKED = "feedback-asked"  # after closing
    FEEDBACK = "feedback"  # words beside a number, or a number that does not count
    FEEDBACK_LOW = "feedback-low"
    VENDOR_ASKED = "vendor-asked"
    VENDOR_WROTE = "vendor-wrote"
    BUG_FIXED = "bug-fixed"
    JOINED = "joined"
    HELD = "held"
    REFUSED = "refused"
    CONTRACT_LOW = "contract-low"
    CONTRACT_ENDS = "contract-ends"
    AWAY = "away"
    UNPLACED = "unplaced"  # nobody stands in for who is away
    BACK = "back"
    NOT_DELIVERED = "not-delivered"
    TROUBLE = "trouble"


class Level(StrEnum):
    """How much a contact wants to hear.  `REPLIES`: people's words, and the question whether it is solved."""

    ALL = "all"
    IMPORTANT = "important"
    REPLIES = "replies"


LEVELS = tuple(Level)  # from the most letters to the fewest


class When(StrEnum):
    ALWAYS = "always"
    LEVEL = "by the reader's level"
    CONFIGURED = "where [tell] says so"
    ESCALATION = "where [[escalation]] says so"
    WISH = "as every_incident of the admin says"  # a letter, or a line of the morning paper


@record
class Cell:
    """`level`: who wants to hear that little is still told."""

    when: When
    purpose: P
    level: Level = Level.REPLIES


def _at(level: Level, purpose: P) -> Cell:
    return Cell(When.LEVEL, purpose, level)


def _if_configured(purpose: P) -> Cell:
    return Cell(When.CONFIGURED, purpose)


def _always(purpose: P, *roles: Role) -> dict[Role, Cell]:
    return dict.fromkeys(roles, Cell(When.ALWAYS, purpose))


def _customers(level: Level, purpose: P) -> dict[Role, Cell]:
    return dict.fromkeys((Role.CONTACT, Role.PARTICIPANT), _at(level, purpose))


R, H = Role, Happening
INSIDE = (R.TEMPORARY_OWNER, R.OWNER, R.ON_DUTY, R.WATCHER)
OWNERS = (R.TEMPORARY_OWNER, R.OWNER, R.ON_DUTY)
PART = (R.TEMPORARY_OWNER, R.OWNER, R.WATCHER)  # what staff do themselves brings nobody else in
WISHED = {R.ADMIN: Cell(When.WISH, P.EVERY_INCIDENT)}
ONLOOKER = _if_configured(P.EVERY_INCIDENT)

TABLE: Mapping[Happening, Mapping[Role, Cell]] = {
    H.OPENED: {
        **_always(P.ACKNOWLEDGEMENT, R.CONTACT),
        R.PARTICIPANT: _if_configured(P.JOINED),
        **_always(P.ASSIGNED, R.OWNER),
        **_always(P.UNOWNED, R.ON_DUTY),
        **_always(P.WATCHED, R.WATCHER),
        R.ACCOUNT_MANAGER: ONLOOKER,
        **WISHED,
    },
    H.CRITICAL: {R.MANAGER: ONLOOKER},
    H.OWNER_CHANGED: {
        **_customers(Level.ALL, P.CHANGED),
        **_always(P.ASSIGNED, R.OWNER),
        **_always(P.CHANGED_STAFF, R.TEMPORARY_OWNER, R.FORMER_OWNER, R.WATCHER, R.ON_DUTY),
        **WISHED,
    },
    H.ANSWERED: {
        **_customers(Level.REPLIES, P.ANSWER),
        **_always(P.ANSWER_COPY, *PART),
        **WISHED,
    },
    H.VISIBLE_EVENT: _customers(Level.REPLIES, P.EVENT),
    H.NOTED: _always(P.NOTE, *PART),
    H.WROTE: {
        R.PARTICIPANT: _at(Level.REPLIES, P.WORDS),
        R.CONTACT: _at(Level.REPLIES, P.WORDS),  # of participants; his own words are not confirmed
        **_always(P.CUSTOMER_WROTE, *INSIDE),
        **WISHED,
    },
    H.STATUS_CHANGED: {
        **_customers(Level.ALL, P.CHANGED),  # where its name for customers is another one
        **_always(P.CHANGED_STAFF, *INSIDE),  # of any other change, too
        **WISHED,
    },
    H.CHASED: {
        R.CONTACT: _at(Level.REPLIES, P.CHASED),
        R.PARTICIPANT: _if_configured(P.CHASED),
    },
    H.UNRESPONSIVE: _always(P.UNANSWERED, *INSIDE, R.MANAGER),
    H.WARNING: _always(P.SLA_WARNING, *INSIDE),
    H.LATE: {
        **_always(P.SLA_LATE, *INSIDE, R.MANAGER),
        R.ACCOUNT_MANAGER: Cell(When.ESCALATION, P.ESCALATED),
        R.CONTACT: Cell(When.ESCALATION, P.DELAYED, Level.ALL),
        R.ADMIN: Cell(When.WISH, P.SLA_LATE),
    },
    H.LEVEL_REACHED: _always(P.LEVEL_REACHED, *INSIDE),
    H.REVIEW_DUE: {
        **_always(P.SLA_LATE, *OWNERS, R.MANAGER),
        R.ADMIN: Cell(When.WISH, P.SLA_LATE),
    },
    H.FOLLOW_UP_DUE: _always(P.CHANGED_STAFF, *OWNERS),
    H.CLOSURE_REQUESTED: {
        **_always(P.CLOSURE_NOTED, R.WRITER),
        **_customers(Level.REPLIES, P.WORDS),
        **_always(P.CLOSURE_REQUESTED, *INSIDE),
        **WISHED,
    },
    H.RESOLVED: {
        **_customers(Level.REPLIES, P.RESOLVED),
        **_always(P.CHANGED_STAFF, *PART),
        **WISHED,
    },
    H.CLOSED: {
        **_always(P.CUSTOMER_CLOSED, R.WRITER),
        **_customers(Level.IMPORTANT, P.CUSTOMER_CLOSED),
        **_always(P.CHANGED_STAFF, *PART),
        R.VENDOR: _if_configured(P.VENDOR_CLOSED),
        **WISHED,
    },
    H.REOPENED: {
        **_always(P.CHANGED, R.WRITER),
        **_customers(Level.IMPORTANT, P.CHANGED),
        **_always(P.CHANGED_STAFF, *PART),
        R.MANAGER: ONLOOKER,
        **WISHED,
    },
    H.FEEDBACK_ASKED: {R.CONTACT: _at(Level.ALL, P.FEEDBACK_ASKED)},
    H.FEEDBACK: _always(P.FEEDBACK_GIVEN, *INSIDE),
    H.FEEDBACK_LOW: _always(P.FEEDBACK_GIVEN, *INSIDE, R.MANAGER),
    H.VENDOR_ASKED: {
        **_always(P.VENDOR_ASKED, R.VENDOR),
        **_always(P.NOTE, *PART),
        R.MANAGER: ONLOOKER,
    },
    H.VENDOR_WROTE: {
        **_always(P.VENDOR_WROTE, *INSIDE),
        R.MANAGER: ONLOOKER,
    },
    H.BUG_FIXED: {
        **_always(P.BUG_FIXED, R.CONTACT, R.PARTICIPANT),  # it was promised to them
        **_always(P.CHANGED_STAFF, *INSIDE),
    },
    H.JOINED: _always(P.JOINED, R.CONTACT, R.PARTICIPANT),
    H.HELD: _always(P.HELD, *INSIDE),
    H.REFUSED: {
        **_always(P.NOT_COVERED, R.WRITER),
        **_always(P.HELD, R.ON_DUTY, R.ACCOUNT_MANAGER),
        **WISHED,
    },
    H.CONTRACT_LOW: _always(P.CONTRACT, R.ACCOUNT_MANAGER, R.ADMIN),
    H.CONTRACT_ENDS: _always(P.CONTRACT, R.ACCOUNT_MANAGER, R.ADMIN),
    H.AWAY: _always(P.STANDS_IN, R.TEMPORARY_OWNER),
    H.UNPLACED: _always(P.STANDS_IN, R.MANAGER),
    H.BACK: {**_always(P.WHILE_AWAY, R.OWNER), **_always(P.HANDED_BACK, R.FORMER_OWNER)},
    H.NOT_DELIVERED: {**_always(P.DELIVERY_FAILED, *INSIDE), R.ADMIN: Cell(When.WISH, P.DELIVERY_FAILED)},
    H.TROUBLE: _always(P.TROUBLE, R.ADMIN),
}


def choices(role: Role) -> tuple[Happening, ...]:
    """What `[tell]` may add for a role."""
    return tuple(what for what, row in TABLE.items() if role in row and row[role].when is When.CONFIGURED)


def wants(level: str, least: Level) -> bool:
    """Whether somebody of that level hears what is told to those of level `least`, too.  A word unknown is `all`."""
    order = {str(one): place for place, one in enumerate(LEVELS)}
    return order.get(level, 0) <= order[least]


def purpose_of(
    what: Happening, role: Role, person: Person | None = None, tell: Mapping[str, Collection[str]] | None = None
) -> P | None:
    """The letter by which somebody in that role is told; None if he is not.

    `person`: whose level counts; `tell`: what the configuration adds, by role.
    """
    cell = TABLE[what].get(role)
    if cell is None or cell.when in (When.WISH, When.ESCALATION):
        return None
    if cell.when is When.CONFIGURED and what not in (tell or {}).get(role, ()):
        return None
    if cell.when is When.LEVEL and person is not None and not person.staff and not wants(person.level, cell.level):
        return None
    return cell.purpose
