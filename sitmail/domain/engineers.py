"""Who works at the desk, as the configuration says it: engineers, teams, and whose turn it is when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from sitmail.domain.record import record


@record
class Engineer:
    id: str
    name: str
    addresses: tuple[str, ...]
    role: str = "engineer"  # engineer manager admin
    teams: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    substitute: str = ""
    substitutes: Mapping[str, str] = field(default_factory=dict)  # by skill, before the one for everything
    manager: str = ""
    language: str = ""
    timezone: str = ""
    signature: str = ""
    asks_leave: bool = False  # an absence counts when the manager says yes
    absences: tuple[tuple[datetime, datetime], ...] = ()  # that the configuration declares, from when until when
    invites: bool = False  # whether letters to them carry events for their calendar
    quiet: tuple[tuple[int, int], ...] = ()  # hours without automatic letters (`quiet_hours`)
    takes: bool = True  # whether load gives them incidents; a route, a mailbox or a command may at any time
    morning: str = ""  # the hour of the morning paper, "07:30"; "": the desk's, "off": none
    every_incident: str = ""  # all digest exceptions none: what an admin hears of all incidents; "": as his role has it


@record
class Shift:
    """Who is on duty together: always, in the open hours of a calendar, or in the week of that number of every `of`."""

    engineers: tuple[str, ...]
    calendar: str = ""
    week: int = 0
    of: int = 0


@record
class Team:
    id: str
    name: str
    on_duty: tuple[Shift, ...] = ()
