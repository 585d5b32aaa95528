"""Rows of `[[report]]`: reports that are sent at a time; and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from sitmail.config import values as v
from sitmail.config.mistakes import mistake, quoted, suggestion
from sitmail.config.tables import Table, key
from sitmail.domain.address import comparable
from sitmail.domain.figures.catalogue import question
from sitmail.domain.figures.periods import period
from sitmail.domain.figures.schedules import Schedule, ScheduledReport

if TYPE_CHECKING:
    from sitmail.config.settings import Settings
    from sitmail.domain.policy import Policy


SERVICE, ADMIN_CONTACTS = "service", ["admin-contacts"]


def _at(value: str) -> str:
    Schedule.parse(value)
    return " ".join(value.lower().split())


class Report(Table):
    """A report that is sent at a time, to each reader about what he may read; /report answers the same questions."""

    id: v.Ident = key(..., "its name", example="monday")
    name: v.Line = key("", "what its letter calls it; empty: the id", example="Monday figures")
    report: v.Line = key(
        ..., 'what is asked, as behind /report; "service": each site\'s service report', example="time by owner"
    )
    period: v.Line = key("lastweek", "the time it is about, as behind /report, when it is due", example="lastweek")
    to: list[v.Line] = key(
        ..., 'who gets it: ids or addresses of engineers; of "service": ["admin-contacts"]', example=["alice"]
    )
    at: Annotated[v.Line, AfterValidator(_at)] = key(
        ...,
        "when: 08:00, mon 08:00, mon-fri 08:00, 1st 07:30, last 18:00 (the last day of a month)",
        example="mon 08:00",
    )
    timezone: v.Zone = key("", "the zone of that time and of its days; empty: the desk's", example="Europe/Berlin")
    language: v.Language = key("", "its language; empty: each reader's", example="de")
    csv: bool = key(True, "false: without the files")


def scheduled(settings: Settings) -> tuple[ScheduledReport, ...]:
    """What the policy has of them."""
    named = {one.id: one.id for one in settings.engineer}
    named |= {comparable(address): one.id for one in settings.engineer for address in one.addresses}
    return tuple(
        ScheduledReport(
            id=one.id,
            name=one.name or one.id,
            question=one.period if one.report == SERVICE else f"{one.report} {one.period}",
            to=tuple(dict.fromkeys(named[found] for who in one.to if (found := _called(who, named)))),
            at=one.at,
            zone=one.timezone or settings.desk.timezone or "UTC",
            language=one.language,
            csv=one.csv,
            sites=one.report == SERVICE,
        )
        for one in settings.report
    )


def _called(who: str, named: dict[str, str]) -> str:
    return who if who in named else comparable(who) if comparable(who) in named else ""


def mistakes(file: str, settings: Settings, policy: Policy, now: datetime) -> Iterator[str]:
    """A line for each report that nobody could make, and for each reader who is no engineer."""
    for i, (row, one) in enumerate(zip(settings.report, policy.reports, strict=True)):
        try:
            (period if one.sites else question)(one.question, now, one.zone)
        except ValueError as why:
            yield mistake(file, ("report", i, "report"), str(why))
        if one.sites:
            if row.to != ADMIN_CONTACTS:
                yield mistake(file, ("report", i, "to"), 'the service report goes to ["admin-contacts"] alone')
            continue
        known = {each.id for each in settings.engineer} | {a for each in settings.engineer for a in each.addresses}
        for who in row.to:
            if who not in known and comparable(who) not in known:
                hint = suggestion(who, sorted(known))
                yield mistake(
                    file, ("report", i, "to"), f"{quoted(who)} is no engineer{hint}; figures go to staff alone"
                )
        if not row.to:
            yield mistake(file, ("report", i, "to"), "nobody would get it; name an engineer")
