"""The tables that stand many times in the file, one row each: mailboxes, calendars, people, dictionaries.

Rows know nothing of each other here; what they refer to is checked in `references`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, SecretStr

from sitmail.config import patterns
from sitmail.config import values as v
from sitmail.config.absence_rows import AbsenceStretch
from sitmail.config.duty import Duty
from sitmail.config.hour_of_day import OwnHour
from sitmail.config.quiet_hours import QuietHours
from sitmail.config.tables import Count, Table, key

Addresses = Annotated[list[v.Address], Field(min_length=1)]
Recovery = Annotated[patterns.Compiled | None, PlainValidator(patterns.compiled_or_none)]
Fingerprint = Annotated[str | patterns.Compiled, PlainValidator(patterns.fingerprint)]
Words = list[Annotated[patterns.Compiled, PlainValidator(patterns.words)]]
OFFICE = ["09:00-17:00"]


class Entry(Table):
    """A row of a dictionary: its name in commands, and its name in letters."""

    id: v.Ident = key(..., "its name in commands", example="example")
    name: v.Line = key("", "its name in letters; empty: the id")


class Mailbox(Table):
    """One more address that customers write to; with the desk's own address: more about the desk's mailbox."""

    address: v.Address = key(..., "where customers write to", example="sales@example.com")
    name: v.Line = key("", "name in the From of its letters; empty: the desk's name")
    team: v.Line = key("", "team of its incidents; empty: the desk's team")
    owner: v.Line = key("", "engineer who owns its incidents; empty: whoever of the team has the fewest")
    product: v.Line = key("", "product of its incidents")
    request_type: v.Line = key("", "request type of its incidents")
    cc: Literal["same-site", "none", "any"] = key("same-site", "which people in Cc become participants")
    assign: Literal["auto", "queue"] = key(
        "auto", "auto: an owner is chosen; queue: nobody owns an incident until somebody takes it"
    )
    assign_on_first_reply: bool | None = key(
        None, "who answers first owns an incident that nobody owns; absent: as [desk] says", example=True
    )
    intake: Literal["open", "triage", "strict"] = key(
        "open", "open: everybody; strict: only with a contract; triage: all mail is held first"
    )
    channel: v.Line = key("", "how what comes here came first, such as a forum; empty: by email", example="forum")


class Week(Table):
    """Opening hours of each day."""

    mon: v.Intervals = key([], "Monday", example=OFFICE)
    tue: v.Intervals = key([], "Tuesday", example=OFFICE)
    wed: v.Intervals = key([], "Wednesday", example=OFFICE)
    thu: v.Intervals = key([], "Thursday", example=OFFICE)
    fri: v.Intervals = key([], "Friday", example=OFFICE)
    sat: v.Intervals = key([], "Saturday")
    sun: v.Intervals = key([], "Sunday")


WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), OFFICE)


class Calendar(Table):
    """Working time; the first one is the desk's.  Built in: office, Monday to Friday 09:00-17:00."""

    name: v.Ident = key(..., "its name in service levels", example="office")
    timezone: v.Zone = key("", "empty: the desk's")
    week: Week = key(WEEK, "opening hours")
    day: v.HoursOnly | None = key(None, "how long 1d is; absent: the most common length of an open day", example="8h")
    holidays: list[v.Day] = key([], "days that are closed", example=["2026-12-25"])
    holidays_of: v.Country = key("", "country, or part of one, whose public holidays are closed", example="GB-SCT")
    exceptions: dict[v.Day, v.Intervals] = key(
        {}, "hours of single days, holidays or not; [] is closed", example={"2026-12-24": ["09:00-12:00"]}
    )


class Target(Table):
    """What a service level promises for one priority, in working time; an absent key promises nothing."""

    priority: v.Line = key(..., "id of the priority", example="medium")
    first_response: v.Promise | None = key(None, "until a person's first public answer", example="4h")
    problem: v.Promise | None = key(None, "until the problem is understood (`/met problem`)", example="1d")
    action_plan: v.Promise | None = key(None, "until a plan is made (`/met action-plan`)", example="2d")
    resolution: v.Promise | None = key(None, "until the incident is resolved", example="5d")
    update_every: v.Promise | None = key(None, "between two messages to the customer", example="2d")
    review_every: v.Promise | None = key(None, "between two reviews, in wall time", example="4w")
    warn_at: v.Fractions = key([0.75, 0.9], "fractions of the promised time at which to warn")


class ServiceLevel(Table):
    """What is promised.  Without a contract the default one applies; without any service level nothing is promised."""

    name: v.Ident = key(..., "its name in contracts", example="standard")
    default: bool = key(False, "applies where there is no contract; if none is marked, the first one applies")
    calendar: v.Line = key("", "name of the calendar whose working time is used; empty: the desk's")
    summary: str = key("", "what is agreed, as customers read it in acknowledgements", example="Gold: day and night.")
    priority: v.Line = key("", "id of the priority of its new incidents; empty: the usual one", example="medium")
    priority_at_most: v.Line = key(
        "", "highest that a customer may wish; empty: the highest that has a target", example="medium"
    )
    owner: v.Line = key("", "engineer who gets its incidents, unless a route or request type says", example="alice")
    team: v.Line = key("", "team that gets them", example="support")
    counted: Literal["opening", "chain"] = key(
        "opening", "chain: problem, action plan and resolution each begin when the target before them is met"
    )
    reopen: bool = key(True, "its customers may reopen")
    reopen_days: Count | None = key(None, "replaces the value of [closing]", example=30)
    presume_after: v.WorkingTime | None = key(None, "replaces the value of [closing]", example="1d")
    attempts: Count | None = key(None, "replaces the value of [closing]", example=1)
    engineer_period: v.Minutes | None = key(None, "replaces the value of [prepaid]", example="15m")
    customer_period: v.Minutes | None = key(None, "replaces the value of [prepaid]", example="15m")
    target: list[Target] = key([], "what is promised, a row for each priority")


Timed = Literal[
    "",
    "first_response",
    "problem",
    "action_plan",
    "resolution",
    "update",
    "review",
    "followup",
    "warning",
    "late",
    "unowned",
]


class Escalation(Table):
    """What else happens when so much of a promised time is used, beside the warnings of the service level."""

    id: v.Line = key("", "its name in the log", example="critical-half")
    name: v.Line = key("", "the same")
    priority: v.Line = key("", "id of the priority; empty: all", example="medium")
    target: Timed = key(
        "",
        "empty: every one that is promised; followup, warning, late: of [[priority]]; unowned: [desk] unowned_every",
    )
    at: v.Share = key(1.0, "part of the promised time: 0.5 is half, 1.0 all, 1.5 half as much again")
    to: list[v.Line] = key(
        [],
        "who is told: owner, temporary-owner, team, on-duty, manager, account-manager, contact, or ids of engineers",
        example=["manager"],
    )
    set_priority: v.Line = key("", "id of the priority that it gets", example="medium")
    set_status: Literal["", "active", "research", "awaiting-colleague", "awaiting-vendor"] = key(
        "", "the status that it gets"
    )
    set_owner: v.Line = key("", "id of the engineer who gets it", example="alice")
    event: v.Line = key("", "what the log says, for staff", example="the customer was rung")
    repeat: v.Every | None = key(None, "working time after which those in `to` are told again", example="1h")
    times: Count = key(3, "how often again, at most")
    even_when_quiet: bool = key(False, "true: it does not wait for the end of its readers' quiet hours")


class Priority(Entry):
    """From lowest to highest.  Built in: low, medium, high, critical."""

    id: v.Ident = key(..., "its name in commands", example="medium")
    default: bool = key(False, "true: new incidents get it; if none is marked: medium, else the first")
    followup: v.Promise | None = key(None, "time after the opening when its owner is asked to follow up", example="1d")
    warning: v.Promise | None = key(None, "time after the opening when its owner is warned", example="2d")
    late: v.Promise | None = key(None, "time after the opening when it is late, which managers hear, too", example="3d")
    basis: Literal["all", "business", "contract"] = key(
        "all",
        "what counts: all hours, the desk's calendar, or that of contract, site or service level",
    )


class Queue(Table):
    """A list of incidents that engineers ask for by its name; mine, unowned, late and open are there without it."""

    name: v.Ident = key(..., "what stands behind /queue", example="waiting")
    search: v.Line = key(..., "what is listed, as behind /search", example="owner:none open")


class Team(Entry):
    """Engineers who work together."""

    id: v.Ident = key(..., "its name in commands", example="support")
    on_duty: Duty = key(
        [],
        "who is told of new incidents and held mail; empty: the team; groups take turns by week",
        example=["alice"],
    )


class Engineer(Entry):
    """The people of the desk."""

    id: v.Ident = key(..., "their name in commands", example="alice")
    name: v.Line = key("", "the name that customers read; empty: the id", example="Alice Archer")
    addresses: Addresses = key(..., "we write to the first one", example=["alice@example.com"])
    role: Literal["engineer", "manager", "admin"] = key("engineer", "what they may do")
    teams: list[v.Line] = key([], "ids of teams", example=["support"])
    manager: v.Line = key("", "engineer who is told when something is late")
    language: v.Language = key("", "language of letters to them; empty: the desk's")
    timezone: v.Zone = key("", "time zone of the times they write and read; empty: the desk's")
    takes: bool | None = key(None, "whether load gives them incidents; absent: yes, but not to managers", example=False)
    invites: bool = key(
        False, "whether letters keep an event in their calendar for the next promise of each incident that they own"
    )
    signature: str = key("", "text under their answers to customers", example="Alice Archer, Example Ltd")
    skills: list[v.Line] = key([], "ids of skills")
    substitute: v.Line = key("", "who stands in while they are away, and gets their incidents when they have left")
    substitutes: dict[v.Line, v.Line] = key({}, 'by skill, before the one for everything, such as { networks = "bob" }')
    absences: list[AbsenceStretch] = key(
        [],
        "when they are away, in their time zone; a day alone counts whole",
        example=["2026-12-24 to 2027-01-02", "2026-12-23 13:00 to 2026-12-23 18:00"],
    )
    leave: Literal["free", "granted"] | None = key(None, "as [desk] leave; absent: the desk's", example="granted")
    morning: OwnHour = key(
        "", "hour of their morning paper, by their own clock; off: none; empty: the desk's", example="07:30"
    )
    every_incident: Literal["", "all", "digest", "exceptions", "none"] = key(
        "",
        "what an admin hears of every incident: all, digest (in the morning paper), exceptions, none",
        example="none",
    )
    quiet: QuietHours = key(
        [], "hours without automatic letters, in their zone; several as a list", example="22:00-07:00"
    )


class Group(Entry):
    """People who get a service level without a contract that names one.  The first group that fits counts."""

    id: v.Ident = key(..., "its name", example="partners")
    addresses: list[v.Address] = key([], "addresses of its people", example=["pat@example.net"])
    domains: list[v.Domain] = key([], "mail domains of its people", example=["partner.example"])
    sites: list[v.Line] = key([], "ids of sites", example=["acme"])
    service_level: v.Line = key(..., "name of their service level", example="standard")


class Route(Table):
    """Who gets a new incident.  The first row whose conditions all fit is used; an absent condition fits everything."""

    id: v.Line = key("", "for your own use")
    name: v.Line = key("", "for your own use")
    mailbox: v.Line = key("", "address it came to")
    product: v.Line = key("", "id of its product")
    language: v.Language = key("", "language of the contact")
    territory: v.Line = key("", "territory of the site")
    words: Words = key([], "one of these regular expressions stands in subject or text", example=["invoice"])
    request_type: v.Line = key("", "id of its request type")
    reason: v.Line = key("", "id of its reason, or general/specific; also once /reason gives it one")
    item: v.Line = key("", "item of its unit")
    owner: v.Line = key("", "engineer who gets it", example="alice")
    team: v.Line = key("", "team that gets it")


class Monitor(Table):
    """Machines that may open incidents: one incident for each fingerprint; further reports are counted there."""

    id: v.Line = key("", "for your own use")
    name: v.Line = key("", "for your own use")
    addresses: Addresses = key(..., "where its mail comes from", example=["alerts@example.com"])
    fingerprint: Fingerprint = key(
        "",
        "field of head or text, or regular expression, that tells reports apart; empty: sender and subject",
    )
    answer: bool = key(False, "true: engineers' answers to its reports are sent to it")
    recovery: Recovery = key(
        "", "regular expression: a mail of it that matches says that what was reported is over", example="(?i)recovered"
    )
    recovery_closes: bool = key(
        False, "true: such a mail closes the incident, if it is authenticated; false: its owner is asked"
    )


class Form(Table):
    """Web forms that send what was filled in by mail: who filled one in is the customer, and proves nothing by it."""

    id: v.Line = key("", "also the name with which it may log in", example="contact-form")
    name: v.Line = key("", "for your own use")
    addresses: Addresses = key(..., "where its mail comes from", example=["form@www.example.com"])
    fields: dict[v.Line, v.Line] = key(
        ...,
        "label of each field: contact (the address), name, title, text, product, priority, or the id of a [[field]]",
        example={"contact": "E-mail", "text": "Message"},
    )
    hosts: list[v.IpNetwork] = key(
        [], "where it sends from by SMTP; else its mail needs a signature or a login", example=["192.0.2.10"]
    )
    priority_at_most: v.Line = key("", "highest priority it may give; empty: that of new incidents", example="medium")


class Block(Table):
    """Senders whose mail is ignored."""

    id: v.Line = key("", "for your own use")
    name: v.Line = key("", "for your own use")
    addresses: Annotated[list[v.Blocked], Field(min_length=1)] = key(
        ..., 'addresses, or domains as "@example.net"', example=["@spam.example"]
    )


RECIPIENTS = ["Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"]


class Imap(Table):
    """A mailbox on a server; what comes into its folder becomes the desk's mail."""

    host: v.Line = key(..., "name of the server", example="imap.example.com")
    port: Annotated[int, Field(ge=1, le=65_535)] | None = key(None, "absent: 993 with tls, otherwise 143", example=993)
    security: Literal["tls", "starttls", "none"] = key(
        "tls", "how the connection is encrypted; none only for a server on this machine"
    )
    user: v.Line = key(..., "login name", example="support@example.com")
    password: SecretStr = key("", "better in password_file")
    password_file: str = key("", "file that holds the password alone")
    token_command: str = key("", "command that prints an OAuth token (no shell)", example="print-token support")
    folder: v.Line = key("INBOX", "folder from which mail is fetched")
    done_folder: v.Line = key("", "folder for mail that is safely stored; empty: it stays where it is, and is marked")
    first: v.First = key(
        "new", "which mail of before the first start is fetched: new (none), unseen, all, or a date: what came since"
    )
    address: v.Line = key("", "the desk address whose mail this is; empty: user if that is one, else the desk's own")
    recipients: list[v.FieldName] = key(RECIPIENTS, "fields in which the desk's addresses are looked for")


class Maildir(Table):
    """A folder into which another program puts mail; mail is removed from it when it is safely stored."""

    path: v.Line = key(..., "its folder", example="Maildir")
    done_folder: v.Line = key("", "folder in it for mail that is safely stored; empty: such mail is removed")
    address: v.Line = key("", "the desk address whose mail this is; empty: the desk's own")
    recipients: list[v.FieldName] = key(RECIPIENTS, "fields in which the desk's addresses are looked for")
