"""The service report that an admin contact of a site asks for: how much there was, what was kept, what is left.

Numbers are of the whole site.  What stands in incidents is read by the same rule as everywhere (`domain/visibility`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, select

from sitmail.domain.escalation import HIDDEN
from sitmail.domain.figures.attainment import Promise, attainment
from sitmail.domain.figures.periods import Period
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence
from sitmail.services.figures import rows
from sitmail.store.schema import incident


class SiteReportView(NamedTuple):
    """Days are ISO.  `promises`: a table as `figures` sets it out; `others`: open ones that its reader may not read."""

    first: str
    last: str
    opened: int
    closed: int
    open: int
    others: int
    promises: list[Any]


def site_report(connection: Connection, policy: Policy, site: str, span: Period, readable: int) -> SiteReportView:
    """`readable`: how many of the open ones its reader may read."""
    opened, closed, left = _counts(connection, site, span.start, span.end)
    return SiteReportView(
        span.first.isoformat(),
        span.last.isoformat(),
        opened,
        closed,
        left,
        max(0, left - readable),
        _promises(connection, policy, site, span),
    )


def _counts(connection: Connection, site: str, start: datetime, end: datetime) -> tuple[int, int, int]:
    """Opened in the time; closed in it, and closed still; open now."""
    count = func.count()
    query = select(
        count.filter(and_(incident.c.opened >= start, incident.c.opened < end)),
        count.filter(and_(incident.c.closed >= start, incident.c.closed < end)),
        count.filter(incident.c.status != rows.CLOSED),
    ).where(incident.c.site == site)
    found = connection.execute(query.prefix_with(rows.LOOKS_AT_ALL)).one()
    return found[0], found[1], found[2]


def _promises(connection: Connection, policy: Policy, site: str, span: Period) -> list[Any]:
    """What customers were promised; [] where nothing was."""
    order = [one.id for one in policy.priorities]

    def called(key: str) -> str:
        return Sentence(policy.priority_named(key).name) if key in order else Sentence(key.replace("_", " "))

    def told() -> Iterator[Promise]:
        found = rows.promises(connection, span.start, span.end, incident.c.site == site)
        yield from (one for one in found if one.target not in HIDDEN)

    table = attainment(told(), order, called)
    first, *others = table.columns
    heads = (replace(first, head=Sentence("what we promised")), *others)
    return replace(table, columns=heads).detail() if table.rows else []
