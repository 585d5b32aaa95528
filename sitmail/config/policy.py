"""Checked settings become the policy that decisions see: defaults filled in, names looked up, lists made fast to use.

Everything was checked before; nothing is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from sitmail.config import rows
from sitmail.config.settings import Settings
from sitmail.config.tables import Table
from sitmail.domain.hours import Calendar, Span
from sitmail.domain.incident import CLOSING_STATUSES
from sitmail.domain.policy import (
    Closing,
    Engineer,
    Limits,
    Mailbox,
    Monitor,
    Named,
    Policy,
    Route,
    ServiceLevel,
    Target,
    Team,
    Trust,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The policy's name of a promise, and its key; the order is that of the chain.
PROMISES = {
    "first_response": "first_response",
    "problem": "problem",
    "action_plan": "action_plan",
    "resolution": "resolution",
    "update": "update_every",
    "review": "review_every",
}
PRIORITIES = tuple(Named(name, name.capitalize()) for name in ("low", "medium", "high", "critical"))
RESOLUTIONS = tuple(Named(status, status.replace("-", " ").capitalize()) for status in CLOSING_STATUSES)


def policy_of(settings: Settings, digest: str) -> Policy:
    """The policy; `digest` tells it from every other one."""
    desk = settings.desk
    priorities = named(settings.priority) or PRIORITIES
    calendars = calendars_of(settings)
    levels = settings.service_level
    return Policy(
        name=desk.name or "Support",
        mailboxes=mailboxes(settings),
        tag=desk.tag,
        timezone=desk.timezone or "UTC",
        language=desk.language or "en",
        former_tags=tuple(desk.former_tags),
        former_offset=desk.former_offset,
        plus=desk.plus,
        team=desk.team,
        default_owner=desk.default_owner,
        send_delay=desk.send_delay,
        closing=Closing(**plain(settings.closing, but={"require"})),
        trust=Trust(**plain(settings.trust)),
        limits=Limits(**plain(settings.limits)),
        relay_max=settings.attachments.relay_max,
        virus_header=settings.attachments.virus_header,
        calendars=calendars,
        calendar=next(iter(calendars)),
        service_levels={level.name: service_level(level) for level in levels},
        service_level=next((x.name for x in levels if x.default), levels[0].name if levels else ""),
        priorities=priorities,
        priority=priority_of(settings, priorities),
        teams={team.id: Team(team.id, team.name or team.id, tuple(team.on_duty)) for team in settings.team},
        engineers={engineer.id: engineer_of(engineer) for engineer in settings.engineer},
        vendors={vendor.id: vendor for vendor in named(settings.vendor)},
        resolutions=named(settings.resolution) or RESOLUTIONS,
        request_types=named(settings.request_type),
        routes=tuple(route_of(route) for route in settings.route),
        monitors=tuple(monitor_of(monitor) for monitor in settings.monitor),
        blocks=tuple(address for block in settings.block for address in block.addresses),
        digest=digest,
    )


def plain(table: Table, but: Container[str] = ()) -> dict[str, Any]:
    """A table's values by key, as they are (pydantic's own dump would take spans apart)."""
    return {name: value for name, value in table if name not in but}


def named(entries: Any) -> tuple[Named, ...]:
    return tuple(Named(e.id, e.name or e.id, tuple(getattr(e, "addresses", ()))) for e in entries)


def mailboxes(settings: Settings) -> tuple[Mailbox, ...]:
    """The desk's own first, refined by a [[mailbox]] with its address, then the others as they stand."""
    own = settings.desk.address
    declared = {box.address: box for box in settings.mailbox}
    boxes = [declared.pop(own, rows.Mailbox(address=own)), *declared.values()]
    return tuple(
        Mailbox(
            **plain(box, but={"name", "team"}),
            name=box.name or settings.desk.name or "Support",
            team=box.team or settings.desk.team,
            reply=reply_of(settings, box.address),
        )
        for box in boxes
    )


def reply_of(settings: Settings, address: str) -> str:
    """The pattern of signed addresses; "" where the desk has none and Message-IDs must do (behaviour 2)."""
    if settings.desk.reply_address:
        return settings.desk.reply_address
    local, _, domain = address.rpartition("@")
    return f"{local}+{{}}@{domain}" if settings.desk.plus else ""


def calendars_of(settings: Settings) -> dict[str, Calendar]:
    """By name, the desk's first; without any the office hours of `rows.WEEK`."""
    declared = settings.calendar or [rows.Calendar(name="office")]
    return {
        calendar.name: Calendar(
            name=calendar.name,
            timezone=calendar.timezone or settings.desk.timezone or "UTC",
            week={n: tuple(open_) for n, day in enumerate(DAYS) if (open_ := getattr(calendar.week, day))},
            holidays=frozenset(calendar.holidays),
            day=calendar.day or 0,
        )
        for calendar in declared
    }


def service_level(level: rows.ServiceLevel) -> ServiceLevel:
    return ServiceLevel(
        name=level.name,
        calendar=level.calendar,
        reopen=level.reopen,
        reopen_days=level.reopen_days,
        presume_after=level.presume_after,
        attempts=level.attempts,
        targets={target.priority: Target(target.priority, spans(target), target.warn_at) for target in level.target},
    )


def spans(target: rows.Target) -> dict[str, Span]:
    return {name: span for name, key in PROMISES.items() if (span := getattr(target, key)) is not None}


def priority_of(settings: Settings, priorities: tuple[Named, ...]) -> str:
    """What new incidents get: the one marked as default, else medium, else the first."""
    marked = next((priority.id for priority in settings.priority if priority.default), "")
    ids = [priority.id for priority in priorities]
    return marked or ("medium" if "medium" in ids else ids[0])


def engineer_of(engineer: rows.Engineer) -> Engineer:
    return Engineer(
        id=engineer.id,
        name=engineer.name or engineer.id,
        addresses=tuple(engineer.addresses),
        role=engineer.role,
        teams=tuple(engineer.teams),
        skills=tuple(engineer.skills),
        substitute=engineer.substitute,
        manager=engineer.manager,
        language=engineer.language,
        timezone=engineer.timezone,
        signature=engineer.signature,
    )


def route_of(route: rows.Route) -> Route:
    return Route(
        mailbox=route.mailbox.lower(),
        product=route.product,
        language=route.language,
        territory=route.territory,
        reason=route.reason,
        item=route.item,
        words=tuple(route.words),
        owner=route.owner,
        team=route.team,
    )


def monitor_of(monitor: rows.Monitor) -> Monitor:
    found = monitor.fingerprint
    return Monitor(
        addresses=tuple(monitor.addresses),
        header=found if isinstance(found, str) else "",
        pattern=found if isinstance(found, re.Pattern) else None,
    )
