"""The reports of `[[report]]` whose time has come: a run for each reader, once, however many daemons look.

A row without an end says when each was last due.  What is new in the configuration begins from now on; what was due
while the desk was down is due once, and about the period of its own time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain.effects import Tell
from sitmail.domain.figures.periods import period
from sitmail.domain.figures.schedules import ScheduledReport
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outside_readers import hears
from sitmail.domain.people import Person
from sitmail.services.desk import Desk, staff
from sitmail.services.figures.runs import row_of
from sitmail.store import ids, report_runs, site_contacts


def due(connection: Connection, desk: Desk, now: datetime) -> list[Tell]:
    """Writes the runs that are due; nearly always there are none, and nothing is asked.

    Returns what admin contacts of sites are told, whose report is made as its letter is written.
    """
    policy = desk.policy
    known = desk.memory.reports
    if known is not None and known[0] is policy and known[1] <= now and (known[2] is None or now < known[2]):
        return []
    people, tells = staff(connection, desk), list[Tell]()
    told = report_runs.last_due(connection, [one.key for one in policy.reports])
    for one in policy.reports:
        if one.sites:
            tells += _of_sites(connection, desk, one, told.get(one.key), now)
        else:
            _due(connection, one, people, told.get(one.key), now)
    moments = [one.schedule.next(now, one.zone) for one in policy.reports]
    desk.memory.reports = policy, now, min(moments, default=None)
    return tells


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
        _begin(connection, one, readers[0], at, now)
        return
    for person in readers:
        tell = Tell(person, NoticePurpose.REPORT_DUE, detail=_detail(one), cause=f"report:{one.id}:{at.isoformat()}")
        row = row_of(tell, _key(connection), now)
        report_runs.add_once(connection, {**row, "asked": at})
    report_runs.was_due(connection, one.key, at)


def _begin(connection: Connection, one: ScheduledReport, somebody: Person, at: datetime, now: datetime) -> None:
    """It is new: what was due before is not sent."""
    begun = {"person": somebody.id, "detail": {}, "attempts": 0, "done": now}
    report_runs.add_once(connection, {"id": _key(connection), "key": one.key, "asked": at, "not_before": at, **begun})


def _of_sites(
    connection: Connection, desk: Desk, one: ScheduledReport, told: datetime | None, now: datetime
) -> list[Tell]:
    """The service report, for each admin contact about the own site; once, since the notice has a key of its own."""
    at = one.schedule.last(now, one.zone)
    readers = site_contacts.admin_contacts(connection) if told is None or at > told else []
    if not readers:
        return []
    if told is None:
        _begin(connection, one, readers[0], at, now)
        return []
    report_runs.was_due(connection, one.key, at)
    span = period(one.question, at, one.zone)
    detail = {"what": "report", "query": f"{span.first}..{span.last}"}
    cause = f"report:{one.id}:{at.isoformat()}"
    wanted = [each for each in readers if hears(each, NoticePurpose.SITE_REPORT, desk.policy)]
    return [Tell(each, NoticePurpose.SITE_REPORT, detail=detail, cause=cause) for each in wanted]


def _key(connection: Connection) -> int:
    return ids.of(connection).take(connection, "report_run", 1).start


def _detail(one: ScheduledReport) -> dict[str, object]:
    kept = {"question": one.question, "query": one.question, "sent_as": one.name, "zone": one.zone}
    return {**kept, "language": one.language, "csv": one.csv}
