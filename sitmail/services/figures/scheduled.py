"""The reports of `[[report]]` whose time has come: a run for each reader, once, however many daemons look.

A row without an end says when each was last due.  What is new in the configuration begins from now on; what was due
while the desk was down is due once, and about the period of its own time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain.effects import Tell
from sitmail.domain.figures.schedules import ScheduledReport
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.services.desk import Desk, staff
from sitmail.services.figures.runs import row_of
from sitmail.store import ids, report_runs


def due(connection: Connection, desk: Desk, now: datetime) -> None:
    """Writes the runs that are due; nearly always there are none, and nothing is asked."""
    policy = desk.policy
    known = desk.memory.reports
    if known is not None and known[0] is policy and known[1] <= now and (known[2] is None or now < known[2]):
        return
    people = staff(connection, desk)
    told = report_runs.last_due(connection, [one.key for one in policy.reports])
    for one in policy.reports:
        _due(connection, one, people, told.get(one.key), now)
    moments = [one.schedule.next(now, one.zone) for one in policy.reports]
    desk.memory.reports = policy, now, min(moments, default=None)


def next_due(desk: Desk) -> datetime | None:
    """When the next is due, as `due` found it."""
    return desk.memory.reports[2] if desk.memory.reports else None


def _due(
    connection: Connection, one: ScheduledReport, people: Mapping[str, Person], told: datetime | None, now: datetime
) -> None:
    readers = [people[who] for who in one.to if who in people]
    at = one.schedule.last(now, one.zone)
    if not readers or (told is not None and at <= told):
        return
    if told is None:
        begun = {"person": readers[0].id, "detail": {}, "attempts": 0, "done": now}
        report_runs.add_once(
            connection, {"id": _key(connection), "key": one.key, "asked": at, "not_before": at, **begun}
        )
        return
    for person in readers:
        tell = Tell(person, NoticePurpose.REPORT_DUE, detail=_detail(one), cause=f"report:{one.id}:{at.isoformat()}")
        row = row_of(tell, _key(connection), now)
        report_runs.add_once(connection, {**row, "asked": at})
    report_runs.was_due(connection, one.key, at)


def _key(connection: Connection) -> int:
    return ids.of(connection).take(connection, "report_run", 1).start


def _detail(one: ScheduledReport) -> dict[str, object]:
    kept = {"question": one.question, "query": one.question, "sent_as": one.name, "zone": one.zone}
    return {**kept, "language": one.language, "csv": one.csv}
