"""Turns checked settings into the policy that decisions use: fills in defaults, looks up names, builds fast look-ups.

Everything was checked before; nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sitmail.config import partner_rows, patterns, report_rows, rows
from sitmail.config.dictionary import dictionary_of
from sitmail.config.public_holidays import PublicHolidays
from sitmail.config.record_values import shared
from sitmail.config.settings import Settings
from sitmail.config.tables import Desk
from sitmail.domain.address import comparable
from sitmail.domain.article_review import KnowledgeBase
from sitmail.domain.engineers import Engineer, Team
from sitmail.domain.feedback import Feedback
from sitmail.domain.hours import Calendar, Span
from sitmail.domain.people import Kind
from sitmail.domain.policy import Form, Group, Limits, Mailbox, Monitor, Partner, Policy, Route, Trust
from sitmail.domain.prepaid import Prepaid
from sitmail.domain.priorities import LEVELS, Priority
from sitmail.domain.queues import Queue, with_built_in
from sitmail.domain.service_level import Chase, Closing, Escalation, ServiceLevel, Target
from sitmail.domain.standard_answers import StandardAnswer

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# The policy's name of each target, and its key; the order is that of the chain.
PROMISES = {
    "first_response": "first_response",
    "problem": "problem",
    "action_plan": "action_plan",
    "resolution": "resolution",
    "update": "update_every",
    "review": "review_every",
}
PRIORITIES = tuple(Priority(name, name.capitalize()) for name in ("low", "medium", "high", "critical"))


def policy_of(settings: Settings, digest: str) -> Policy:
    """The policy; `digest` identifies the configuration it was made from."""
    desk = settings.desk
    priorities = tuple(map(priority, settings.priority)) or PRIORITIES
    calendars = calendars_of(settings)
    levels = settings.service_level
    return Policy(
        **shared(desk, Policy)
        | {"name": desk.name or "Support", "timezone": desk.timezone or "UTC", "language": desk.language or "en"},
        **shared(settings.attachments, Policy),
        corrections=settings.directory.corrections,
        message_max=settings.smtp.max_message_size,
        mailboxes=mailboxes(settings),
        closing=Closing(**shared(settings.closing, Closing) | {"require": required(settings)}),
        prepaid=Prepaid(**shared(settings.prepaid, Prepaid)),
        tell={role: tuple(what) for role, what in settings.tell.model_dump().items()},
        feedback=Feedback(**shared(settings.feedback, Feedback)),
        kb=KnowledgeBase(settings.kb.review, tuple(settings.kb.reviewers), settings.kb.stale_days),
        storm_count=settings.storm.count,
        storm_within=settings.storm.within,
        trust=Trust(**shared(settings.trust, Trust)),
        limits=Limits(**shared(settings.limits, Limits)),
        calendars=calendars,
        calendar=next(iter(calendars)),
        service_levels={level.name: service_level(level) for level in levels},
        service_level=next((x.name for x in levels if x.default), levels[0].name if levels else ""),
        priorities=priorities,
        priority=priority_of(settings, priorities),
        teams={team.id: Team(team.id, team.name or team.id, team.on_duty) for team in settings.team},
        engineers={engineer.id: engineer_of(engineer, desk) for engineer in settings.engineer},
        partners=tuple(partners_of(settings)),
        dictionary=dictionary_of(settings),
        routes=tuple(route_of(route) for route in settings.route),
        groups=tuple(Group(**shared(one, Group) | {"name": one.name or one.id}) for one in settings.group),
        monitors=tuple(monitor_of(monitor) for monitor in settings.monitor),
        escalations=tuple(escalation(one) for one in settings.escalation),
        chases=tuple(Chase(**shared(one, Chase) | {"to": tuple(one.to)}) for one in settings.chase),
        forms=tuple(Form(**shared(form, Form)) for form in settings.form),
        answers=tuple(StandardAnswer(one.id, one.name or one.id, one.text, one.texts) for one in settings.answer),
        queues=with_built_in(tuple(Queue(one.name, one.search) for one in settings.queue)),
        reports=report_rows.scheduled(settings),
        blocks=tuple(address for block in settings.block for address in block.addresses),
        digest=digest,
    )


def required(settings: Settings) -> tuple[str, ...]:
    """What an incident needs before it is resolved: a request type, where there are any, unless others are named."""
    written = settings.closing.require
    return ("request_type",) * bool(settings.request_type) if written is None else tuple(written)


def priority(declared: rows.Priority) -> Priority:
    levels = {target: span for key, target in LEVELS.items() if (span := getattr(declared, key)) is not None}
    return Priority(**shared(declared, Priority) | {"name": declared.name or declared.id, "levels": levels})


def partners_of(settings: Settings) -> Iterator[Partner]:
    """Vendors, trackers and order desks, in the order of the file."""
    tables: tuple[tuple[Kind, Sequence[partner_rows.Partner]], ...] = (
        (Kind.VENDOR, settings.vendor),
        (Kind.TRACKER, settings.tracker),
        (Kind.ORDER_DESK, settings.order_desk),
    )
    for kind, declared in tables:
        for one in declared:
            yield Partner(kind=kind, **shared(one, Partner) | {"name": one.name or one.id})


def mailboxes(settings: Settings) -> tuple[Mailbox, ...]:
    """The desk's own mailbox first, with the settings of a [[mailbox]] of its address, then the others in order."""
    own = settings.desk.address
    declared = {box.address: box for box in settings.mailbox}
    boxes = [declared.pop(own, rows.Mailbox(address=own)), *declared.values()]
    return tuple(
        Mailbox(
            **shared(box, Mailbox)
            | {
                "name": box.name or settings.desk.name or "Support",
                "team": box.team or settings.desk.team,
                "reply": reply_of(settings, box.address),
                "assign_on_first_reply": settings.desk.assign_on_first_reply
                if box.assign_on_first_reply is None
                else box.assign_on_first_reply,
            }
        )
        for box in boxes
    )


def reply_of(settings: Settings, address: str) -> str:
    """The pattern of signed addresses; "" if the desk has none and relies on signed Message-IDs (behaviour 2)."""
    if settings.desk.reply_address:
        return settings.desk.reply_address
    local, _, domain = address.rpartition("@")
    return f"{local}+{{}}@{domain}" if settings.desk.plus else ""


def calendars_of(settings: Settings) -> dict[str, Calendar]:
    """The calendars by name, the desk's first; if none is declared, the office hours of `rows.WEEK`."""
    declared = settings.calendar or [rows.Calendar(name="office")]
    return {
        calendar.name: Calendar(
            name=calendar.name,
            timezone=calendar.timezone or settings.desk.timezone or "UTC",
            week={n: tuple(open_) for n, day in enumerate(DAYS) if (open_ := getattr(calendar.week, day))},
            holidays=frozenset(calendar.holidays),
            public=PublicHolidays(calendar.holidays_of) if calendar.holidays_of else None,
            exceptions={day: tuple(hours) for day, hours in calendar.exceptions.items()},
            day=calendar.day or 0,
        )
        for calendar in declared
    }


def service_level(level: rows.ServiceLevel) -> ServiceLevel:
    targets = {
        target.priority: Target(priority=target.priority, spans=spans(target), warn_at=target.warn_at)
        for target in level.target
    }
    return ServiceLevel(**shared(level, ServiceLevel), targets=targets)


def spans(target: rows.Target) -> dict[str, Span]:
    return {name: span for name, key in PROMISES.items() if (span := getattr(target, key)) is not None}


def escalation(step: rows.Escalation) -> Escalation:
    return Escalation(**shared(step, Escalation) | {"target": LEVELS.get(step.target, step.target)})


def priority_of(settings: Settings, priorities: tuple[Priority, ...]) -> str:
    """The priority of new incidents: the one marked as default, else medium, else the first."""
    marked = next((priority.id for priority in settings.priority if priority.default), "")
    ids = [priority.id for priority in priorities]
    return marked or ("medium" if "medium" in ids else ids[0])


def engineer_of(engineer: rows.Engineer, desk: Desk) -> Engineer:
    takes = engineer.role != "manager" if engineer.takes is None else engineer.takes
    zone = engineer.timezone or desk.timezone or "UTC"
    of_them = {
        "name": engineer.name or engineer.id,
        "takes": takes,
        "asks_leave": (engineer.leave or desk.leave) == "granted",
        "absences": tuple(one.moments(zone) for one in engineer.absences),
    }
    return Engineer(**shared(engineer, Engineer) | of_them)


def route_of(route: rows.Route) -> Route:
    return Route(**shared(route, Route) | {"mailbox": comparable(route.mailbox)})


def monitor_of(monitor: rows.Monitor) -> Monitor:
    found = monitor.fingerprint
    return Monitor(
        addresses=tuple(monitor.addresses),
        header=found if isinstance(found, str) else "",
        pattern=found if isinstance(found, patterns.Compiled) else None,
        answer=monitor.answer,
        recovery=monitor.recovery,
        recovery_closes=monitor.recovery_closes,
    )
