"""The time sheets of promises as letters show them: what counted, hour by hour, and what stood still and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from sitmail.domain.escalation import hidden_from
from sitmail.domain.hours import ROUND_THE_CLOCK
from sitmail.domain.policy import Policy
from sitmail.domain.sla_outlook import calendar_of
from sitmail.domain.time_sheet import Spell, TimeSheet, time_sheet
from sitmail.domain.time_spent import shown
from sitmail.store import sla_terms

MOST_HOURS = 40  # open hours, each from beginning to end, that one sheet lists; of more only the sums


class SpellView(NamedTuple):
    """`time` is how long it counted, "" where the clock stood still."""

    begin: datetime
    end: datetime
    status: str
    time: str = ""
    hours: tuple[tuple[datetime, datetime, str], ...] = ()


class TimeSheetView(NamedTuple):
    """`calendar` "" is round the clock; `zone` is the calendar's, in which its hours are written."""

    target: str
    promised: str
    calendar: str
    zone: str
    state: str
    used: str
    started: datetime
    after: str
    due: datetime | None
    met: datetime | None
    missed: datetime | None
    spells: tuple[SpellView, ...]
    short: bool = False  # the hours are left out


def time_sheets(
    connection: Connection, policy: Policy, numbers: Collection[int], now: datetime
) -> Mapping[int, tuple[TimeSheetView, ...]]:
    """Those of the promises in force of these incidents, each followed anew from the whole log."""
    found = sla_terms.terms(connection, numbers)
    logs = sla_terms.entries(connection, [one for several in found.values() for one in several], whole=True)
    return {
        number: tuple(
            _view(time_sheet(one, logs.get(one.id, ()), calendar_of(one, policy.calendars), now), policy)
            for one in several
            if one.target not in hidden_from(staff=True)
        )
        for number, several in found.items()
    }


def _view(sheet: TimeSheet, policy: Policy) -> TimeSheetView:
    term, stand = sheet.term, sheet.clock
    calendar = calendar_of(term, policy.calendars)
    short = sum(len(one.hours) for one in sheet.spells) > MOST_HOURS
    return TimeSheetView(
        target=term.target.replace("_", " "),
        promised=_time(term.seconds),
        calendar="" if calendar is ROUND_THE_CLOCK else calendar.name,
        zone=calendar.timezone,
        state=stand.state,
        used=_time(stand.used),
        started=term.started,
        after=term.after.replace("_", " "),
        due=stand.due,
        met=stand.met_at,
        missed=stand.missed,
        spells=tuple(_spell(one, policy, short) for one in sheet.spells),
        short=short,
    )


def _spell(spell: Spell, policy: Policy, short: bool) -> SpellView:
    told = not short and spell.hours != ((spell.begin, spell.end),)  # else the spell itself says it
    hours = tuple((a, b, _time(int((b - a).total_seconds()))) for a, b in spell.hours) if told else ()
    label = policy.dictionary.label(spell.status).internal
    return SpellView(spell.begin, spell.end, label, _time(spell.seconds) if spell.hours else "", hours)


def _time(seconds: int) -> str:
    return shown(seconds // 60)
