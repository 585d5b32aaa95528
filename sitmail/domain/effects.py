"""Effects: what a decision wants to happen, as values.  `services.apply` has one small function for each.

`incident` 0 means the one that the same decision opens; a `Person` with id 0 the one it meets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from sitmail.domain.absence_effects import AbsenceEffect
from sitmail.domain.article_effects import ArticleEffect
from sitmail.domain.directory_effects import ChangeDirectory, MergeContacts, NameContact, Propose
from sitmail.domain.endings import Ending, HeldReason, Rule
from sitmail.domain.feedback_effects import FeedbackEffect
from sitmail.domain.incident import Incident
from sitmail.domain.link_effects import AddLink, BugFixed, EndLink
from sitmail.domain.mail import Attachment
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.question_effects import Answered, Ask, AskAgain, AskNext
from sitmail.domain.recall_values import Delay, Recall
from sitmail.domain.record import record
from sitmail.domain.storm_effects import StormEffect
from sitmail.domain.undoing import KeepDeed, RenewLink, Undone
from sitmail.domain.update import Direction, LegKind, Origin
from sitmail.domain.watch import SetWatch


@record
class Meet:
    """Store somebody who wrote for the first time, as a contact without site."""

    address: str
    name: str
    known: bool = False


@record
class Know:
    """A served stranger gave his first proof, and is a known contact from now on."""

    person: Person


@record
class Open:
    """A new incident, whose number and contact's id are not known yet.  It has its owner before anybody is told."""

    incident: Incident
    contact: Person | None  # None: nobody outside wrote it


@record
class Log:
    """An entry of the updates log, and the change of the incident's summary that it brings: {field: (old, new)}."""

    incident: int
    leg: LegKind
    event: str  # an `Event`, or the id of an event type
    direction: Direction
    author: Person | None = None
    actor: str = ""
    text: str = ""
    quoted: str = ""
    signature: str = ""
    doubtful: str = ""  # words that may be quoted or his own: staff see them under a line of their own
    change: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    proof: str = "none"
    duration: int | None = None  # minutes that its author spent, or (below 0) took back
    partner: Person | None = None  # whose leg it stands on
    met: tuple[str, ...] = ()  # SLA targets that it says are met
    origin: Origin | None = None  # it is a copy: then its files are here already


@record
class Enrol:
    """Put somebody on a leg of an incident.  `reference` is how a partner calls it."""

    incident: int
    person: Person
    role: str
    leg: LegKind = LegKind.PUBLIC
    reference: str = ""


@record
class Refer:
    """A partner who is on a leg already calls the incident so from now on."""

    incident: int
    partner: Person
    reference: str


@record
class Withdraw:
    incident: int
    person: Person


@record
class PutRight:
    """Somebody else is the contact of an incident; who was it before, if anybody, stays as a participant."""

    incident: int
    person: Person
    former: Person | None = None


@record
class Promise:
    """An SLA target begins to run: so much working time of that calendar, from `started`, or when `after` is met.

    It is not made where a pinned promise of that target stands.
    """

    incident: int
    target: str
    seconds: int
    calendar: str
    warn_at: tuple[float, ...]
    started: datetime
    cycle: int = 1
    after: str = ""
    pinned: bool = False


@record
class Draw:
    """An incident is drawn from the pool of a contract, or ("") from the free incidents of a site; -1 gives it back.

    `again`: what it gave back before, even if others took it meanwhile.
    """

    contract: str
    site: str
    by: int = 1
    again: bool = False


@record
class DecideBill:
    """A manager said yes or no to what a closing came to; `words` are those of his no."""

    bill: int
    incident: int
    by: Person
    yes: bool
    words: str = ""


@record
class Retract:
    """The running SLA targets end, or one of them; others replace them (a priority changed, an incident was reopened).

    `pinned_too`: those, too, that another priority leaves as they are.
    """

    incident: int
    target: str = ""
    pinned_too: bool = False


@record
class Tell:
    """A notice for one person; `detail` goes to the letter.

    `updates` are places among the `Log`s of the decision, until `services.apply` puts the numbers of the updates there,
    and the stored person and incident.  `cause` makes the notice once-only; "" stands for the mail that caused it.
    `number` goes to the reply address where that is no incident's: a held mail's, a question's.
    """

    person: Person
    purpose: NoticePurpose
    incident: int | None = None
    updates: tuple[int, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    cycle: int = 1
    expires: datetime | None = None
    number: int = 0
    quotes: tuple[int, ...] = ()  # older updates that the letter shows, by their numbers


@record
class Hold:
    """The mail waits for somebody's decision.  `attach_only`: nobody is known for whom it could be accepted.

    `told`: those on duty heard of it, and hear of it again while nobody decides.  `approvers`: ids of engineers, one of
    whom says yes or no to what the mail wants.
    """

    reason: HeldReason
    text: str
    incident: int = 0
    person: Person | None = None
    attach_only: bool = False
    told: bool = False
    approvers: tuple[str, ...] = ()


@record
class Settle:
    """A held mail was decided about."""

    held: int
    decision: str
    by: str


@record
class Resend:
    """A mail of an engineer that came back to him (its number in the inbox) is processed again, and leaves."""

    mail: int
    by: str


@record
class Depart:
    """An answer that waited on this incident is processed again: it leaves, or comes back to its author."""

    incident: int


@record
class Void:
    """A token of this person for this incident was used by another, and proves nothing from now on."""

    person: Person
    incident: int


@record
class Block:
    """Mail from that address, or `@domain`, is ignored from now on; `undo`: no more."""

    address: str
    by: str
    undo: bool = False


@record
class Remember:
    """Who wrote from an address that nobody knew (`key` of a stranger) is known from now on, and of that site."""

    key: str
    site: str


@record
class Returned:
    """A letter to this person came back, and is counted on the address."""

    person: Person


@record
class Warned:
    """A threshold was warned of, or skipped because a higher one was: it is not warned of again in this cycle."""

    incident: int
    target: str
    threshold: float
    cycle: int


@record
class LookAgain:
    """Nothing is done yet; whether the customer has answered is looked at then, or (None) not any more."""

    incident: int
    at: datetime | None


Effect = (
    Meet
    | Know
    | Open
    | Log
    | Enrol
    | Refer
    | Withdraw
    | PutRight
    | Promise
    | Draw
    | DecideBill
    | Retract
    | SetWatch
    | Tell
    | Hold
    | Ask
    | Answered
    | AskAgain
    | AskNext
    | Settle
    | Resend
    | Depart
    | Void
    | Block
    | Remember
    | ChangeDirectory
    | NameContact
    | MergeContacts
    | Propose
    | AddLink
    | EndLink
    | BugFixed
    | KeepDeed
    | Undone
    | RenewLink
    | Delay
    | Recall
    | AbsenceEffect
    | ArticleEffect
    | Returned
    | Warned
    | LookAgain
    | StormEffect
    | FeedbackEffect
)


@record
class Decision:
    """What is done with one mail, or at one tick, and why; `reason` is a sentence for `/why` and `sitmail inbox`."""

    rule: Rule
    ending: Ending
    reason: str = ""
    effects: tuple[Effect, ...] = ()
    incident: int = 0
