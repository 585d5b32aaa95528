"""How the promises of incidents stand after something happened, and when to look at them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain.deadlines import Outlook, outlook
from sitmail.domain.incident import Incident
from sitmail.domain.policy import Policy
from sitmail.store import incidents


def outlooks(connection: Connection, policy: Policy, numbers: Collection[int], now: datetime) -> Mapping[int, Outlook]:
    """The outlook of every one of these incidents that has promises."""
    terms = incidents.terms(connection, numbers)
    if not terms:
        return {}
    logs = incidents.entries(connection, terms)
    said = incidents.said(connection, terms)
    return {
        number: outlook(found, logs.get(number, []), policy.calendars, frozenset(said.get(number, ())), now)
        for number, found in terms.items()
    }


def wind(connection: Connection, policy: Policy, numbers: Collection[int], now: datetime) -> None:
    """Computes the clocks of incidents again from their logs and writes the summary: states, late, next deadline."""
    if not numbers:
        return
    found = outlooks(connection, policy, numbers, now)
    rows = incidents.incidents(connection, numbers)
    for look in found.values():
        incidents.clocks(connection, [(term, *state) for term, state in look.states.items()])
    changed = {number: _summary(row, found.get(number)) for number, row in rows.items()}
    incidents.summarise(connection, {number: values for number, values in changed.items() if values})


def _summary(row: Incident, look: Outlook | None) -> dict[str, object]:
    """A warning that is due already is looked at without delay."""
    moments = [row.next_action_at] if row.next_action_at and row.open else []
    late = False
    if look is not None:
        late = look.late
        moments += [look.next_deadline] if look.next_deadline else []
        moments += [row.updated] if look.warnings else []
    deadline = min(moments, default=None)
    return {} if (late, deadline) == (row.late, row.next_deadline) else {"late": late, "next_deadline": deadline}
