"""What one engineer's mail does to one incident, while it is being worked out: each verb is one small function.

A handler changes the `Work` and returns the sentence that the verdict letter prints beside the line; it raises
ValueError with a sentence where the line cannot be carried out.  Nothing is applied here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sitmail.domain import when
from sitmail.domain.address import addr_spec
from sitmail.domain.commands import Choice, named
from sitmail.domain.facts import Case, Facts
from sitmail.domain.hours import ROUND_THE_CLOCK
from sitmail.domain.incident import CLOSING_STATUSES, LABELS, SETTABLE_TO, Incident, Move, Status, moved
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import least_loaded
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Engineer, Policy
from sitmail.domain.trust import Power, same_site
from sitmail.domain.update import LegKind


@dataclass
class Work:
    """`incident` is as changed so far; `case.incident` as it was."""

    case: Case
    actor: Person
    engineer: Engineer
    facts: Facts
    policy: Policy
    now: datetime
    incident: Incident
    public: bool | None = None  # /public or /note said where the words go
    keep: bool = False
    status_named: bool = False
    powers: set[Power] = field(default_factory=set)
    joins: list[tuple[Person, str, LegKind]] = field(default_factory=list)
    leaves: list[Person] = field(default_factory=list)
    letters: list[tuple[NoticePurpose, dict[str, Any]]] = field(default_factory=list)  # (purpose, detail) for the actor

    def need_open(self) -> None:
        if not self.incident.open:
            raise ValueError("it is closed, and read-only but for notes; /reopen comes first")

    def zone(self) -> str:
        return self.engineer.timezone or self.policy.timezone

    def move(self, move: Move, to: Status | None = None) -> Status:
        status = moved(self.incident.status, move, to)
        if status is None:
            raise ValueError(f"from {LABELS[self.incident.status].internal!r} that is not possible")
        return status


def start(case: Case, actor: Person, engineer: Engineer, facts: Facts, policy: Policy, now: datetime) -> Work:
    return Work(case, actor, engineer, facts, policy, now, case.incident)


def may_act(work: Work) -> bool:
    """Engineers act on incidents of own teams and on what they own, managers on their teams', admins on all."""
    before, engineer = work.case.incident, work.engineer
    if engineer.role == "admin" or not before.team or before.team in engineer.teams:
        return True
    return engineer.id in (before.owner, before.temporary_owner, work.incident.owner)


# --- the verbs


def take(work: Work, _argument: str) -> str:
    work.need_open()
    _give(work, work.engineer.id)
    return "you are the owner"


def assign(work: Work, argument: str) -> str:
    work.need_open()
    if not argument:
        raise ValueError("to whom? write an engineer, a team, me or account-manager")
    word = argument.strip().lower().lstrip("@")
    if word == "me":
        return take(work, "")
    if word in ("account-manager", "account manager"):
        manager = work.case.site.account_manager if work.case.site else ""
        if manager not in work.policy.engineers:
            raise ValueError("the site of this incident has no account manager")
        _give(work, manager)
        return f"{work.policy.engineers[manager].name} is the owner"
    by_address = next((e.id for e in work.policy.engineers.values() if word in e.addresses), "")
    people = [Choice(e.id, e.name) for e in work.policy.engineers.values()]
    teams = [Choice(t.id, t.name) for t in work.policy.teams.values()]
    who = by_address or named(argument.lstrip("@"), "engineer or team", [*people, *teams])
    if who in work.policy.engineers:
        _give(work, who)
        return f"{work.policy.engineers[who].name} is the owner"
    barred = {a for p in work.case.parties if p.role == "contact" for a in p.person.addresses}
    owner = least_loaded(work.facts, work.policy, who, barred)
    if not owner:
        raise ValueError(f"nobody in the team {work.policy.teams[who].name!r} can take it")
    _give(work, owner)
    work.incident = replace(work.incident, team=who)
    return f"{work.policy.engineers[owner].name} of {work.policy.teams[who].name} is the owner"


def _give(work: Work, engineer: str) -> None:
    status = work.move(Move.TAKEN)
    work.incident = replace(work.incident, owner=engineer, temporary_owner="", status=status)


def status(work: Work, argument: str) -> str:
    work.need_open()
    word = argument.strip().lower()
    if word in ("closed", "close"):
        raise ValueError("write /close and a closing status, such as /close solved")
    to = Status(named(argument, "status", [Choice(s, LABELS[s].internal) for s in Status if s in SETTABLE_TO]))
    return _set(work, to)


def research(work: Work, _argument: str) -> str:
    work.need_open()
    return _set(work, Status.RESEARCH)


def wait(work: Work, argument: str) -> str:
    work.need_open()
    said = _set(work, Status.AWAITING_CUSTOMER)
    if argument:
        calendar = work.policy.calendars.get(work.incident.calendar or work.policy.calendar, ROUND_THE_CLOCK)
        until = when.until(argument, work.now, work.zone(), calendar)
        work.incident = replace(work.incident, next_action="waits for the customer", next_action_at=until)
        said += f", until {until.isoformat(timespec='minutes')}"
    return said


def _set(work: Work, to: Status) -> str:
    work.incident = replace(
        work.incident, status=work.move(Move.SET, to), next_action="", next_action_at=None, customer_hold=False
    )
    work.status_named = True
    return f"status is {LABELS[to].internal!r}"


def priority(work: Work, argument: str) -> str:
    work.need_open()
    to = named(argument, "priority", [Choice(p.id, p.name) for p in work.policy.priorities])
    work.incident = replace(work.incident, priority=to)
    return f"priority is {to!r}"


def title(work: Work, argument: str) -> str:
    work.need_open()
    if not argument:
        raise ValueError("what title? write it behind the command")
    work.incident = replace(work.incident, title=argument[:200])
    return f"the title is {argument[:200]!r}"


def note(_work: Work, _argument: str) -> str:
    return "read by staff only"


def public(work: Work, _argument: str) -> str:
    work.need_open()
    work.public = True
    return "your words go to the customer"


def keep(work: Work, _argument: str) -> str:
    work.keep = True
    return "the next step stays with us"


def cc(work: Work, argument: str) -> str:
    work.need_open()
    how, _, rest = argument.partition(" ")
    address = addr_spec(rest.strip().strip("<>"))
    if how.lower() not in ("add", "del") or not address:
        raise ValueError("write /cc add ADDRESS or /cc del ADDRESS, such as /cc add jane@example.com")
    present = next((p.person for p in work.case.parties if address in p.person.addresses), None)
    if how.lower() == "del":
        if present is None:
            raise ValueError(f"{address} is no participant")
        if work.incident.contact == present.id:
            raise ValueError(f"{address} is the contact of this incident, and stays")
        work.leaves.append(present)
        return f"{address} hears no more of it"
    if present is not None:
        return f"{address} is a participant already"
    return _join(work, address)


def _join(work: Work, address: str) -> str:
    colleague = next((e for e in work.policy.engineers.values() if address in e.addresses), None)
    if colleague and colleague.id in work.facts.staff:
        work.joins.append((work.facts.staff[colleague.id], "watcher", LegKind.INTERNAL))
        return f"{colleague.name} watches it"
    if address in {p.address for p, _, _ in work.joins}:
        return f"{address} is a participant from now on"
    local, _, domain = address.rpartition("@")
    if f"{local.partition('+')[0]}@{domain}" in {box.address for box in work.policy.mailboxes}:
        raise ValueError(f"{address} is our own address")
    person = work.facts.known.get(address) or Person(0, Kind.CONTACT, address, "", (address,))
    contact = next((p.person for p in work.case.parties if p.role == "contact"), None)
    domains = work.case.site.domains if work.case.site else ()
    belongs = contact is not None and (
        (bool(contact.site) and person.site == contact.site) or same_site(address, contact.address, domains)
    )
    if not belongs:
        work.powers.add(Power.ADD_OUTSIDER)
    work.joins.append((person, "participant", LegKind.PUBLIC))
    return f"{address} is a participant from now on"


def watch(work: Work, _argument: str) -> str:
    if any(p.person.id == work.actor.id and p.role == "watcher" for p in work.case.parties):
        return "you watch it already"
    work.joins.append((work.actor, "watcher", LegKind.INTERNAL))
    return "you get a copy of everything"


def close(work: Work, argument: str) -> str:
    work.need_open()
    words = argument.split()
    if words and words[-1].lower() == "now":
        words.pop()
    to = named(" ".join(words), "closing status", [Choice(s, s.replace("-", " ")) for s in CLOSING_STATUSES])
    work.incident = replace(
        work.incident,
        status=work.move(Move.CLOSE),
        closing_status=to,
        closed=work.now,
        owner=work.incident.owner or work.engineer.id,
        closure_requested=None,
        next_action="",
        next_action_at=None,
    )
    work.status_named = True
    return f"closed as {to!r}"


def reopen(work: Work, _argument: str) -> str:
    if work.incident.status not in (Status.CLOSED, Status.UNSUPPORTED, Status.AWAITING_CLOSURE):
        raise ValueError("it is open already")
    again = work.incident.status is Status.CLOSED
    work.incident = replace(work.incident, status=work.move(Move.REOPEN), closing_status="", closed=None)
    if again:
        work.incident = replace(work.incident, cycle=work.incident.cycle + 1, cycle_opened=work.now)
    work.status_named = True
    return "open again"


def show(work: Work, argument: str) -> str:
    work.letters.append((NoticePurpose.SHOW, {"what": "log", "number": _named_number(work, argument)}))
    return "the log is in this letter"


def why(work: Work, argument: str) -> str:
    work.letters.append((NoticePurpose.SHOW, {"what": "why", "number": _named_number(work, argument)}))
    return "the rules are in this letter"


def files(work: Work, argument: str) -> str:
    """`/files`, `/files N`, `/files N K`; without N the incident answered, whose file K is `/files - K`."""
    number, _, file = argument.partition(" ")
    at = work.case.incident.number if number in ("", "-") else _named_number(work, number)
    if file and not (file.isascii() and file.isdigit()):
        raise ValueError(f"{file!r} is no number of a file; /files lists them")
    work.letters.append((NoticePurpose.SHOW, {"what": "files", "number": at, "file": int(file) if file else 0}))
    return f"file {file} is attached" if file else "the files are listed in this letter"


def _named_number(work: Work, argument: str) -> int:
    if not argument:
        return work.case.incident.number
    digits = argument.strip().strip("[]").rpartition("-")[2]
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1
    if number not in work.facts.cases:
        raise ValueError(f"there is no incident {argument.strip()!r} that you may read")
    return number


def help_(work: Work, argument: str) -> str:
    work.letters.append((NoticePurpose.STAFF_HELP, {"verb": argument.strip().lstrip("/").lower()}))
    return "help is in this letter"


HANDLERS: Mapping[str, Callable[[Work, str], str]] = {
    "take": take,
    "assign": assign,
    "status": status,
    "research": research,
    "wait": wait,
    "priority": priority,
    "title": title,
    "note": note,
    "public": public,
    "keep": keep,
    "cc": cc,
    "watch": watch,
    "close": close,
    "reopen": reopen,
    "show": show,
    "files": files,
    "why": why,
    "help": help_,
}
# What a mail may ask of an incident that is nobody's team of his
READS = frozenset({"show", "files", "why", "help"})
OPEN_TO_ALL = READS | {"take", "watch"}
