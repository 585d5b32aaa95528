"""The desk's policy: the admin's configuration as plain values, checked before they get here (see `config`).

A policy is one immutable snapshot; each mail is decided under exactly one, whose `digest` is stored with it.
Durations are seconds of wall time unless they are a `Span`, which a calendar turns into working time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType

from sitmail.domain.article_review import KnowledgeBase
from sitmail.domain.dictionary import Dictionary
from sitmail.domain.engineers import Engineer, Team
from sitmail.domain.expression import Expression
from sitmail.domain.feedback import Feedback
from sitmail.domain.figures.schedules import ScheduledReport
from sitmail.domain.hours import ROUND_THE_CLOCK, Calendar, Span
from sitmail.domain.people import Kind
from sitmail.domain.prepaid import Prepaid
from sitmail.domain.priorities import Priority
from sitmail.domain.queues import BUILT_IN, Queue
from sitmail.domain.record import record
from sitmail.domain.service_level import Chase, Closing, Escalation, ServiceLevel
from sitmail.domain.standard_answers import StandardAnswer

NOTHING: Mapping[str, object] = MappingProxyType({})


@record
class Mailbox:
    """One address customers write to; the first is the desk's own.  `reply` holds one `{}` for the signed part."""

    address: str
    name: str = ""
    team: str = ""
    owner: str = ""
    product: str = ""
    request_type: str = ""
    cc: str = "same-site"  # same-site none any
    assign: str = "auto"  # auto queue
    assign_on_first_reply: bool = True  # who answers first owns what nobody owns
    intake: str = "open"  # open triage strict
    channel: str = ""  # how what comes here came, "" by email
    reply: str = ""


@record
class Partner:
    """Somebody outside who works on incidents with us, on a leg of their own: a vendor, a tracker or an order desk.

    `reference` finds in their mail the number by which they call an incident.  `steps` of a tracker: what becomes of a
    bug without steps to reproduce (ask, require, warn).  `types` of an order desk: what it takes, such as rma.
    """

    kind: Kind
    id: str
    name: str
    addresses: tuple[str, ...]
    default: bool = False
    reference: Expression | None = None
    fixed: Expression | None = None  # what a tracker's mail says when a bug is fixed
    steps: str = "ask"
    types: tuple[str, ...] = ()


@record
class Trust:
    """What counts as proof (behaviour 7)."""

    authserv_id: str = ""
    authserv_hops: tuple[int, ...] = (0,)
    authserv_strips: bool = False
    commands: str = "proof"  # proof both confirm
    customers: str = "from"  # from proof
    unknown_sender: str = "open"  # open hold reject
    free_mail: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  # addresses and @domains whose gateways stamp marks on what people write

    def is_person(self, address: str) -> bool:
        """Whether marks of mailing lists and the like mean nothing in mail from there."""
        return bool(self.people) and (address in self.people or "@" + address.rpartition("@")[2] in self.people)


@record
class Limits:
    """Bounds on letters to people outside the desk, and where digests begin for those inside."""

    acks_per_sender_hour: int = 4
    automatic_per_address_day: int = 40
    automatic_per_incident_day: int = 20
    automatic_per_minute: int = 60
    reads_per_sender_hour: int = 20
    digest_above: int = 10
    fold_within: int = 300


@record
class Route:
    """First match wins; an empty criterion matches everything."""

    mailbox: str = ""
    product: str = ""
    language: str = ""
    territory: str = ""
    reason: str = ""
    item: str = ""
    request_type: str = ""
    words: tuple[Expression, ...] = ()
    owner: str = ""
    team: str = ""


@record
class Group:
    """People who get a service level where no contract, and not their site, names one."""

    id: str
    name: str
    service_level: str
    addresses: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    def holds(self, addresses: tuple[str, ...], site: str) -> bool:
        """Whether somebody with these addresses (lower case), of that site, belongs to it."""
        return (bool(site) and site in self.sites) or any(
            one in self.addresses or one.rpartition("@")[2] in self.domains for one in addresses
        )


@record
class Monitor:
    """Addresses from which a machine may open incidents (behaviour 3).  `answer`: it gets the answers of engineers.

    `header` names a field of the head, or of structured text; `recovery` finds that what it reported is over.
    """

    addresses: tuple[str, ...]
    header: str = ""
    pattern: Expression | None = None
    answer: bool = False
    recovery: Expression | None = None
    recovery_closes: bool = False


@record
class Form:
    """A web form that sends what was filled in by mail: the label of each field by its meaning (`domain/forms`).

    `hosts`: networks whose mail is believed without a signature.  `priority_at_most` "": the usual priority.
    """

    addresses: tuple[str, ...]
    fields: Mapping[str, str]
    id: str = ""
    hosts: tuple[IPv4Network | IPv6Network, ...] = ()
    priority_at_most: str = ""


@record
class Policy:
    """Everything `rules.decide` and `time_rules.decide` may know of the configuration."""

    name: str
    mailboxes: tuple[Mailbox, ...]
    tag: str = "SIT"
    timezone: str = "UTC"
    language: str = "en"
    noun: str = "incident"  # what letters call an incident
    former_tags: tuple[Expression, ...] = ()
    former_offset: int = 0
    plus: bool = True
    team: str = ""
    default_owner: str = ""
    references: Mapping[str, Expression] = field(default_factory=dict)  # by site: finds the customer's own numbers
    familiar: bool = False  # who owned a contact's last incident owns the next
    corrections: bool = False  # contacts are asked to correct what the directory knows of them
    send_delay: int = 0
    unowned_every: Span | None = None  # how often those on duty hear again of what nobody owns
    morning: str = ""  # the hour of the morning paper, "08:00"; "": none
    waiting_too_long: Span = Span(days=3)  # from when on the paper lists what waits for somebody
    escalations: tuple[Escalation, ...] = ()
    chases: tuple[Chase, ...] = ()
    held_reminder: Span = Span(4 * 3600)
    crossed: str = "return"  # return send: what becomes of an answer to a letter that is older than newer words
    airlock: str = "return"  # return send: what becomes of an answer that may be a slip
    closing: Closing = Closing()
    prepaid: Prepaid = Prepaid()
    feedback: Feedback = Feedback()
    kb: KnowledgeBase = KnowledgeBase()
    storm_count: int = 20  # people who write about the same thing, 0: no storms
    storm_within: int = 600  # seconds
    trust: Trust = Trust()
    limits: Limits = Limits()
    relay_max: int = 10_000_000  # bytes of attachments that travel with a relayed answer
    message_max: int = 50_000_000  # bytes of a mail that is taken
    virus_header: str = ""
    spam_header: str = ""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    calendar_versions: Mapping[str, int] = field(
        default_factory=dict
    )  # by what present ones are known in later promises
    calendar: str = ""  # name of the desk's calendar
    service_levels: Mapping[str, ServiceLevel] = field(default_factory=dict)
    service_level: str = ""  # without a contract; "" = nothing is timed
    priorities: tuple[Priority, ...] = ()  # lowest first
    priority: str = "medium"
    teams: Mapping[str, Team] = field(default_factory=dict)
    engineers: Mapping[str, Engineer] = field(default_factory=dict)
    partners: tuple[Partner, ...] = ()
    dictionary: Dictionary = Dictionary()
    routes: tuple[Route, ...] = ()
    groups: tuple[Group, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    forms: tuple[Form, ...] = ()
    queues: tuple[Queue, ...] = BUILT_IN
    answers: tuple[StandardAnswer, ...] = ()
    reports: tuple[ScheduledReport, ...] = ()
    blocks: tuple[str, ...] = ()  # addresses and @domains that are ended as ignored
    tell: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # whom else, by role (`domain/who_is_told`)
    digest: str = ""  # of the configuration text, stored with every decision

    @property
    def other_languages(self) -> frozenset[str]:
        """The languages, beside the desk's own, that somebody of staff reads."""
        return frozenset(one.language for one in self.engineers.values()) - {"", self.language}

    @property
    def desk(self) -> Mailbox:
        return self.mailboxes[0]

    def mailbox(self, address: str) -> Mailbox:
        """The mailbox of that address, else the desk's own (one may have been removed since)."""
        for box in self.mailboxes:
            if box.address == address:
                return box
        return self.desk

    def is_own(self, address: str) -> bool:
        """Whether it is an address of the desk, with a plus part or without; `address` in lower case."""
        local, _, domain = address.rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in {box.address for box in self.mailboxes}

    def monitor_of(self, address: str) -> Monitor | None:
        """The monitor whose address it is; `address` in lower case."""
        return next((one for one in self.monitors if address in one.addresses), None)

    def partners_of(self, kind: Kind) -> tuple[Partner, ...]:
        return tuple([one for one in self.partners if one.kind is kind])

    def partner_at(self, address: str) -> Partner | None:
        """Whose address it is; `address` in lower case."""
        return next((one for one in self.partners if address in one.addresses), None)

    def calendar_named(self, name: str) -> Calendar:
        """What working time is counted by; "" is the desk's calendar."""
        return self.calendars.get(name or self.calendar, ROUND_THE_CLOCK)

    def priority_named(self, id_: str) -> Priority:
        """The priority of that id; one that is no longer configured has no levels."""
        return next((one for one in self.priorities if one.id == id_), Priority(id_, id_))

    def usual_priority(self, level: str) -> str:
        """What new incidents under a service level get."""
        known = self.service_levels.get(level)
        return known.priority if known and known.priority else self.priority

    def priority_within(self, level: str, wished: str) -> str:
        """A customer's wish, as far as the service level goes: up to the highest for which it promises anything."""
        known, order = self.service_levels.get(level), [one.id for one in self.priorities]
        if known is None or wished not in order:
            return wished
        ends = [known.priority_at_most] if known.priority_at_most else known.targets
        most = max((order.index(one) for one in ends if one in order), default=len(order))
        return order[min(order.index(wished), most)]

    def reference(self, number: int) -> str:
        return f"[{self.tag}-{number}]"

    def team_of(self, team: str) -> tuple[Engineer, ...]:
        """The engineers of a team; without a team all of them."""
        return tuple([e for e in self.engineers.values() if not team or team in e.teams])
