"""An entry of the updates log as letters show it: who did what, the words, and for staff what changed by which rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sitmail.domain.endings import meaning
from sitmail.domain.event_types import BY_HAND
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.shown_changes import described
from sitmail.domain.update import Event, LegKind
from sitmail.services.partner_views import beside
from sitmail.services.views import UpdateView, called, file_views, one_line
from sitmail.store.updates_log import Entered, File

EVENTS = {
    "opened": "wrote",
    "email-in": "wrote",
    "email-out": "answered",
    "vendor": "wrote",
    "note": "noted",
    "time": "noted time",
    "prepaid": "counted what is prepaid",
    "later": "wrote what leaves later",
    "changed": "changed",
    "assigned": "assigned",
    "closure-requested": "asked for closure",
    "closed": "closed it",
    "reopened": "opened it again",
    "refused": "sent a mail that was refused",
    "recalled": "took back before it left",
    "auto": "automatic mail",
    "bounce": "delivery report",
    "target-met": "met the target",
    "sla-warning": "warning",
    "sla-late": "late",
    "chased": "asked again",
    "unsent": "was waiting for a letter to leave",
    "call-asked": "asked to ring",
    "feedback-asked": "asked how we did",
    "feedback": "said how we did",
    "escalated": "escalated it",
    "delivery-failed": "delivery failed",
    "joined": "added",
    "left": "removed",
    "linked": "linked it",
    "bug-fixed": "said that it is fixed",
    "unlinked": "took a link off",
}
_PUBLIC = str(LegKind.PUBLIC)


def update_view(
    entry: Entered,
    author: Person | None,
    policy: Policy,
    files: Sequence[File],
    *,
    staff: bool,
    partner: Person | None = None,
) -> UpdateView:
    """`staff` False leaves out everything a customer need not know of how it came about.

    `partner`: on whose leg it stands, for staff to read.
    """
    name = one_line(author.name) or author.address if author else entry.actor or policy.name
    unverified = staff and unproved(entry, policy)
    logged = _logged(entry, author, policy)
    return UpdateView(
        id=f"{entry.incident}#{entry.number}",
        number=entry.number,
        author=name,
        at=entry.received,
        did=logged or _did(entry.event, author),
        public=entry.leg == _PUBLIC,
        text=entry.text,
        unverified=unverified,
        files=file_views(files),
        changed=tuple(_changed(entry.change, policy)) if staff and entry.change else (),
        rule=entry.rule if staff else "",
        reason=entry.reason or meaning(entry.rule) if staff else "",
        doubtful=entry.doubtful if staff else "",
        html=entry.page,
        event=logged,
        signature=_signature(author, policy) if entry.direction == "out" and not logged else "",
        beside=beside(partner, called(partner)) if partner else "",
    )


def unproved(entry: Entered, policy: Policy) -> bool:
    """Whether words came to us without the proof that they could have had.

    What opens an incident answers no letter of ours: only a mail server's results could prove it.
    """
    provable = bool(policy.trust.authserv_id) or entry.event != Event.OPENED
    return provable and entry.proof == "none" and entry.direction == "in"


def _signature(author: Person | None, policy: Policy) -> str:
    engineer = policy.engineers.get(author.key) if author is not None and author.staff else None
    return engineer.signature.strip() if engineer else ""


def _logged(entry: Entered, author: Person | None, policy: Policy) -> str:
    """The name of the event type that an engineer logged; "" for what the desk logs itself."""
    if author is None or not author.staff:
        return ""
    itself = entry.event in BY_HAND and (entry.event == Event.NOTE or entry.leg == _PUBLIC)
    return "" if itself else policy.dictionary.event_name(entry.event)


def _did(event: str, author: Person | None) -> str:
    """Of a customer's mail only lines are refused, never his words."""
    if event == "refused" and author is not None and not author.staff:
        return "wrote what could not be carried out"
    return EVENTS.get(event, event)


def _changed(change: Mapping[str, Any], policy: Policy) -> list[str]:
    known = {name: pair for name, pair in change.items() if pair[0] is not None}  # a new incident has no before
    before, after = ({name: pair[at] for name, pair in known.items()} for at in (0, 1))
    return described(before, after, policy, nobody="-")
