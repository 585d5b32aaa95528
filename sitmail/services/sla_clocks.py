"""Computes the SLA clocks of incidents anew after something happened, and when they must be computed next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain.escalation import Turn, turns
from sitmail.domain.incident import Incident
from sitmail.domain.policy import Policy
from sitmail.domain.sla import Term
from sitmail.domain.sla_outlook import Outlook, calendar_of, outlook
from sitmail.services.transaction_cache import TransactionCache
from sitmail.store import incidents, sla_terms


def outlooks(
    connection: Connection,
    policy: Policy,
    numbers: Collection[int],
    now: datetime,
    known: TransactionCache | None = None,
) -> Mapping[int, Outlook]:
    """The outlook of every one of these incidents that has promises."""
    terms = sla_terms.terms(connection, numbers)
    if not terms:
        return {}
    if policy.escalations or policy.unowned_every:
        terms = _with_steps(connection, policy, terms, known or TransactionCache())
    every = [term for found in terms.values() for term in found]
    anew = [term for term in every if not _followed_by(term, policy)]
    logs = sla_terms.entries(connection, [term for term in every if term not in anew])
    logs |= sla_terms.entries(connection, anew, whole=True)
    said = sla_terms.said(connection, terms)
    return {
        number: outlook(found, logs, policy.calendars, frozenset(said.get(number, ())), now)
        for number, found in terms.items()
    }


def _with_steps(
    connection: Connection, policy: Policy, terms: Mapping[int, list[Term]], known: TransactionCache
) -> dict[int, list[Term]]:
    """The terms with the parts at which something escalates, as the configuration and the priority are now."""
    missing = terms.keys() - known.incidents.keys()
    rows = known.incidents | (incidents.incidents(connection, missing) if missing else {})
    return {
        number: [replace(one, steps=tuple(_turns(one, rows[number].priority, policy))) for one in several]
        for number, several in terms.items()
    }


def _turns(term: Term, priority: str, policy: Policy) -> Mapping[float, Sequence[Turn]]:
    return turns(policy, priority, term.target, term.seconds, calendar_of(term, policy.calendars))


def _followed_by(term: Term, policy: Policy) -> bool:
    """Whether its clock was followed by the calendar as it is now; a holiday that was added moves what runs."""
    return term.progress is not None and term.progress.calendar == calendar_of(term, policy.calendars).digest


def refresh(
    connection: Connection,
    policy: Policy,
    numbers: Collection[int],
    now: datetime,
    known: TransactionCache | None = None,
) -> None:
    """Computes the clocks of incidents again from their logs and writes the summary: states, late, next deadline.

    What it finds is noted in `known`.
    """
    if not numbers:
        return
    known = known or TransactionCache()
    found = outlooks(connection, policy, set(numbers) - known.untimed, now, known)
    known.untimed.update(set(numbers) - found.keys())
    known.incidents.update(incidents.incidents(connection, set(numbers) - known.incidents.keys()))
    for look in found.values():
        sla_terms.clocks(connection, look.states)
    rows = {number: known.incidents[number] for number in numbers if number in known.incidents}
    changed = {number: values for number, row in rows.items() if (values := _summary(row, found.get(number)))}
    incidents.summarise(connection, changed)
    known.incidents.update({number: replace(rows[number], **values) for number, values in changed.items()})


def _summary(row: Incident, look: Outlook | None) -> dict[str, Any]:
    """The columns that change: whether it is late, and the next deadline, which is at once where a warning is due."""
    moments = [at for at in (row.next_action_at, row.follow_up_at) if at is not None and row.open]
    moments += [row.answer_at] if row.answer_at else []
    moments += [row.hold_until] if row.hold_until and row.holds else []
    late = False
    if look is not None:
        late = look.late
        moments += [look.next_deadline] if look.next_deadline else []
        moments += [row.updated] if look.warnings or look.steps or look.breaches else []
    deadline = min(moments, default=None)
    return {} if (late, deadline) == (row.late, row.next_deadline) else {"late": late, "next_deadline": deadline}
