"""Samples of what waits: for a date, for development or a partner, for a yes or a number; and of our next step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sitmail.cli.sample_feedback import FEEDBACK
from sitmail.domain.customer.levels import SAYS
from sitmail.domain.customer.participants import added
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.who_is_told import Level
from sitmail.services.views import LetterContext, TargetView

LATER = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
HOLDS: tuple[dict[str, Any], ...] = ({"customer_hold": True}, {"hold_firm": True}, {"answer_at": LATER})
SHOWING = frozenset(
    {NoticePurpose.ANSWER, NoticePurpose.CHANGED, NoticePurpose.CLOSURE_REQUESTED}
    | {NoticePurpose.CUSTOMER_WROTE, NoticePurpose.WORDS, NoticePurpose.LEVEL_REACHED}
)
WAITING: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    **FEEDBACK,
    NoticePurpose.BUG_FIXED: ({},),
    NoticePurpose.BUG_REPORTED: ({"title": "The lamp burns red"},),
    NoticePurpose.CLOSURE_NOTED: ({"reason": "it works"}, {"reason": ""}),
    NoticePurpose.ORDER_PLACED: ({}, {"destination": "rma"}),
    NoticePurpose.RESOLVED: ({"deferred": True}, {}),
    NoticePurpose.CUSTOMER_DONE: ({"done": [added("dan@example.com")]}, {"done": [SAYS[Level.REPLIES]]}),
    NoticePurpose.VENDOR_CLOSED: ({},),
    NoticePurpose.WORDS: ({}, {"closing_status": "solved"}, {"status": "Active"}),
    NoticePurpose.CHANGED: ({"owner": "Ana Lind", "status": "Active"}, {"status": "Active"}, {"owner": "Ana Lind"}),
}


def waiting(context: LetterContext, purpose: NoticePurpose) -> Iterator[LetterContext]:
    """The letter once more for each way in which its incident may wait, where it says so."""
    incident = context.incident
    if incident is None or purpose not in SHOWING:
        return
    for values in HOLDS:
        yield context._replace(incident=incident._replace(hold_until=LATER, **values))
    targets = tuple([TargetView(name, LATER, "running") for name in ("update", "late_level")])
    yield context._replace(incident=incident._replace(targets=targets))
