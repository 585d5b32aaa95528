"""A report from the mail that asks for it, or the moment at which it is due, to its letter.

The row of a run is written with what caused it.  A thread of its own claims it, reads by a reading connection, and
hands the finished letter to the writer, so that mail waits for no report.  A run that nobody finished within `LEASE` is
made again; its letter leaves once, since it is written in the transaction that finishes the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection

from sitmail.domain.authority import Counted, counted_for
from sitmail.domain.effects import Tell
from sitmail.domain.figures.catalogue import REPORTS, Question, question
from sitmail.domain.figures.tables import Figures
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence
from sitmail.services import notifications
from sitmail.services.desk import Desk, staff
from sitmail.services.figures.asking import Asking
from sitmail.services.figures.files import files_of
from sitmail.services.figures.incident_report import NoFigures
from sitmail.services.figures.reports import make
from sitmail.services.unit_of_work import UnitOfWork
from sitmail.store import blobs, directory_lookup, report_runs
from sitmail.store.report_runs import Run

PURPOSES = frozenset({NoticePurpose.REPORT, NoticePurpose.REPORT_DUE})
LEASE = timedelta(minutes=2)  # of who makes a report
TRIES = 3
EVERYTHING = Counted(everything=True)


def is_run(tell: Tell) -> bool:
    """Whether it is a report that has to be made first."""
    return tell.purpose in PURPOSES and "question" in tell.detail


def ask(unit: UnitOfWork, tell: Tell) -> None:
    """A row for what a mail asks for; the same line twice in one mail is one report."""
    row = row_of(tell, unit.key("report_run"), unit.now)
    if all(row["key"] != other["key"] for other in unit.rows["report_run"]):
        unit.put("report_run", row)


def row_of(tell: Tell, number: int, now: datetime) -> dict[str, Any]:
    detail = {**tell.detail, "purpose": str(tell.purpose), "cause": tell.cause}
    key = notifications.notice_key(tell)
    return {
        "id": number,
        "key": key,
        "person": tell.person.id,
        "detail": detail,
        "asked": now,
        "not_before": now,
        "attempts": 0,
        "done": None,
    }


# --- jobs of the writer


def claim(connection: Connection, items: list[datetime]) -> list[Run | None]:
    """The next report to be made, which nobody else makes meanwhile."""
    found: list[Run | None] = []
    for now in items:
        run = report_runs.due(connection, now)
        if run is not None:
            report_runs.postpone(connection, run.id, now + LEASE, run.attempts + 1)
        found.append(run)
    return found


class Delivery(NamedTuple):
    """A report that was made: `made` is the detail of its letter, with the files that go with it."""

    desk: Desk
    run: Run
    made: dict[str, Any]
    files: tuple[blobs.BlobRow, ...]
    now: datetime


def deliver(connection: Connection, items: list[Delivery]) -> list[Sequence[Outgoing]]:
    """The letters of these reports; none where somebody else delivered it."""
    return [_deliver(connection, one) for one in items]


def _deliver(connection: Connection, one: Delivery) -> list[Outgoing]:
    if not report_runs.finish(connection, one.run.id, one.now):
        return []
    person = directory_lookup.persons(connection, [one.run.person])[one.run.person]
    if person.key not in staff(connection, one.desk):  # who has left reads no figures
        return []
    blobs.insert(connection, one.files)
    kept = one.run.detail
    detail = {name: value for name, value in kept.items() if name not in ("question", "purpose", "cause")} | one.made
    language = kept.get("language") or person.language
    reader = replace(person, language=language) if language != person.language else person
    tell = Tell(reader, NoticePurpose(kept["purpose"]), None, detail=detail, cause=kept["cause"])
    return notifications.tell(connection, one.desk, [tell], one.now)


# --- by a reading connection


def prepare(connection: Connection, desk: Desk, run: Run, now: datetime) -> Delivery:
    """Makes the report; whatever fails is raised, and tried again by who calls."""
    person = directory_lookup.persons(connection, [run.person])[run.person]
    engineer = desk.policy.engineers.get(person.key)
    if engineer is None:
        return Delivery(desk, run, {}, (), now)
    zone = run.detail.get("zone") or engineer.timezone or desk.policy.timezone
    try:
        asked = question(run.detail["question"], run.asked, zone)
        made = figures(connection, desk.policy, asked, person.key, now, zone)
    except (NoFigures, ValueError) as why:  # a report that the configuration names no more
        says = why.args[0] if why.args else ""
        return Delivery(desk, run, {"failed": says if isinstance(says, Sentence) else str(why)}, (), now)
    language = run.detail.get("language") or person.language or desk.policy.language
    detail, files = files_of(made, desk, language, csv=run.detail.get("csv", True))
    return Delivery(desk, run, {**made.detail(), **detail}, files, now)


def given_up(desk: Desk, run: Run, now: datetime) -> Delivery | None:
    """What is said of a report that failed again and again; None while it is tried."""
    if run.attempts + 1 < TRIES:
        return None
    says = Sentence("It could not be made. The desk's log says why; an admin can read it.")
    return Delivery(desk, run, {"failed": says}, (), now)


def figures(
    connection: Connection, policy: Policy, asked: Question, engineer: str, now: datetime, zone: str
) -> Figures:
    """What an engineer may read; "" is who sits at the terminal of the desk's machine."""
    reader = policy.engineers.get(engineer)
    who = counted_for(reader, policy, team_wide=REPORTS[asked.report].team_wide) if reader else EVERYTHING
    return make(Asking(connection, policy, asked, who, now, zone))
