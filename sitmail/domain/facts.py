"""What a decision may look at besides the mail and the policy.  Gathered in one place (`services.gather`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import IntEnum
from typing import Any

from sitmail.domain.article_facts import NO_ARTICLES, ArticleFacts
from sitmail.domain.chosen import Chosen
from sitmail.domain.feedback import Asked
from sitmail.domain.incident import Incident
from sitmail.domain.later_updates import Later, Returned
from sitmail.domain.links import Link
from sitmail.domain.mail import Address
from sitmail.domain.memory import NOTHING_SAID, Said
from sitmail.domain.paper_replies import Lines
from sitmail.domain.people import Person
from sitmail.domain.policy import Mailbox
from sitmail.domain.prepaid import Service
from sitmail.domain.presence import EVERYBODY_HERE, Presence
from sitmail.domain.recall_values import NOTHING_WAITS, Recallable
from sitmail.domain.record import record
from sitmail.domain.shareable import Shareable
from sitmail.domain.similar import OpenIncident
from sitmail.domain.sla_outlook import Stands
from sitmail.domain.solved import Solved
from sitmail.domain.storm import NO_STORM, StormFacts
from sitmail.domain.undoing import Deed
from sitmail.domain.update import LegKind
from sitmail.domain.watch import NO_WATCH, Watches, WatchFacts
from sitmail.domain.written import NOTHING, Splittable


class Proof(IntEnum):
    """How sure we are that From is who it says (behaviour 7)."""

    NONE = 0
    TOKEN = 1
    AUTHENTICATED = 2
    BOTH = 3  # token and authenticated together
    LOGIN = 4
    CONFIRMED = 5

    @property
    def label(self) -> str:
        return "token+authenticated" if self is Proof.BOTH else self.name.lower()


@record
class Route:
    """Which of our addresses decides where a mail goes: a kind of behaviour 2, or mailbox, or cmd.

    `beside`: it came to the command address and to a mailbox at once, and is for both.
    """

    kind: str  # i n v h c k d b cmd mailbox
    mailbox: Mailbox
    number: int = 0
    token: str = ""
    beside: bool = False


@record
class Party:
    """Somebody on a leg of an incident: contact, participant, watcher or partner."""

    person: Person
    role: str
    leg: LegKind = LegKind.PUBLIC
    level: str = "all"
    reference: str = ""  # how a partner calls the incident
    leg_id: int = 0
    watches: str = ""  # a watcher by what of it: site, contact or contract; he is in no row of this incident


@record
class Contract:
    """An agreement of a site, as the directory has it.

    `contacts`: which of the addresses that were asked about it names.  Days are ISO dates, included, "" is open;
    `last_day` is the day it expires, or was ended before.  `incidents` None: any number of them is covered.
    """

    id: str
    site: str
    product: str = ""
    service_level: str = ""
    calendar: str = ""
    everybody: bool = True
    contacts: tuple[str, ...] = ()
    starts: str = ""
    last_day: str = ""
    incidents: int | None = None
    used: int = 0
    prepaid: tuple[Service, ...] = ()  # where nothing may be overdrawn: it covers no more than that


@record
class Unit:
    """A thing with a serial number, as the directory has it; `key` is that number as it is compared."""

    key: str
    serial: str
    item: str = ""
    site: str = ""
    contract: str = ""
    warranty_until: str = ""  # the last day, ISO


@record
class Site:
    id: str
    name: str = ""
    domains: tuple[str, ...] = ()
    account_manager: str = ""
    territory: str = ""
    calendar: str = ""
    timezone: str = ""
    language: str = ""
    internal: bool = False
    notes: str = ""
    service_level: str = ""
    free_incidents: int = 0
    free_used: int = 0


@record
class SiteContract:
    """A contract as a site's admin contact changes it; `contacts` are all whom it names, `last_day` ISO or ""."""

    id: str
    everybody: bool
    contacts: tuple[str, ...]
    named_max: int | None
    visibility: str
    last_day: str


@record
class OwnSite:
    """What a site's admin contact may see and change.

    `contacts` are the first of its people, `more` how many others; `former`: contacts before that the mail names.
    """

    site: Site
    contacts: tuple[Person, ...] = ()
    more: int = 0
    contracts: tuple[SiteContract, ...] = ()
    former: Mapping[str, Person] = field(default_factory=dict)


@record
class Case:
    """An incident with everything about it that a decision may need."""

    incident: Incident
    parties: tuple[Party, ...] = ()
    site: Site | None = None
    links: tuple[Link, ...] = ()  # that have not ended, whichever end it is

    def party(self, person: Person | None) -> Party | None:
        if person is not None:
            wanted = person.id
            for party in self.parties:
                if party.person.id == wanted:
                    return party
        return None

    def partners(self) -> tuple[Party, ...]:
        """Each on a leg of its own."""
        return tuple([party for party in self.parties if party.leg is LegKind.VENDOR])


@record
class Release:
    """A held mail comes again with a decision: confirmed by its author, or one of staff (`held_decisions.ACTIONS`).

    `send`: it had come back to the engineer who wrote it, and leaves as it is.  `proved`: its author confirmed that he
    wrote it.  `accepted`: one of staff took it as it is, which says nothing about who wrote it;
    `remember`: and who wrote is known from now on.  `approved`: somebody who was asked agrees to what the mail wants.
    """

    how: str  # confirmed accept approve attach reject spam send later delayed recalled
    by: str
    number: int = 0
    held: int = 0
    proved: bool = False
    accepted: bool = False
    remember: bool = False
    approved: bool = False
    why: str = ""  # it was rejected
    numbers: tuple[int, ...] = ()  # incidents that it is about, if it was recalled
    waited: int = 0  # it is an answer that waited for its time, on this incident


@record
class AskedBill:
    """What a closing came to, about which a manager was asked; its state as in `prepaid`."""

    id: int
    state: str


@record
class HeldMail:
    """A mail that waits, or waited, for a decision, which is "" while it waits; `became` is the incident it is part of.

    `decided_by` is an engineer's id, or who sat at the command line.  `approvers`: it waits for the yes of one of these
    engineers, not for somebody to take it up.
    """

    id: int
    inbox: int
    attach_only: bool
    decision: str
    decided_by: str
    became: int = 0
    approvers: tuple[str, ...] = ()


@record
class Confirmation:
    """A question whether mails were really written by that person; `mails` are the numbers of the held ones.

    `changes`: it asks instead whether the directory is to be changed: the fields of each `effects.ChangeDirectory`.
    """

    id: int
    person: int
    mails: tuple[int, ...]
    issued: datetime
    expires: datetime
    answered: bool = False
    changes: tuple[tuple[str, str, str, Any, str], ...] = ()
    storm: int | None = None  # it asks the lead of that storm
    absence: int | None = None  # it asks whether that one counts


@record
class Mismatch:
    """What a mail answers, where that is not the incident and leg of the reply address it came to (behaviour 2.4).

    `incident` is the letter's, None if it was about none.  `leg` None: the other incident is all that is known.
    `by_subject`: it answers no letter that we know, and its subject names that incident alone.
    """

    incident: Incident | None
    leg: LegKind | None = None
    by_subject: bool = False


@record
class Facts:
    """Facts about one mail.  `engineer`, `contact` and `partner` are the persons whose address is the From, or several.

    `proof` is about From.  `token_owner` is the person a valid token was issued to, if that is not From.
    `cases` holds every incident the mail may touch, by number; `number` is the one it is routed to (0 = none), and
    `evidence` says how it was found (token, signed id, foreign id, subject); `claimed` was named without a right to it.
    """

    route: Route
    engineer: Person | None = None
    contact: Person | None = None
    partner: Person | None = None
    proof: Proof = Proof.NONE
    answered_leg: LegKind | None = None  # of the letter to From that this answers
    answered_as: Person | None = None  # to which of the persons in From that letter was written
    token_kind: str = ""  # the kind of that letter, if its token or id proved
    answers_digest: bool = False  # that letter was a digest of many incidents, and its token or id proved
    lines: Lines = Lines()  # of the morning paper that it answers
    token_owner: Person | None = None
    token_number: int = 0  # and what for: as `trust.counted_as` has it
    number: int = 0
    evidence: str = ""
    claimed: int = 0
    ambiguous: tuple[int, ...] = ()  # others that its subject names with the same right
    mismatch: Mismatch | None = None
    cases: Mapping[int, Case] = field(default_factory=dict)
    staff: Mapping[str, Person] = field(default_factory=dict)  # every engineer by id
    known: Mapping[str, Person] = field(default_factory=dict)  # contacts by address: of Cc, and named in commands
    copied: tuple[Address, ...] = ()  # To and Cc, less our own addresses
    blind: bool = False  # it came to a reply address, and To and Cc name others alone
    sites: Mapping[str, Site] = field(default_factory=dict)
    internal: Site | None = None  # our own company's, where an engineer writes a fresh mail
    contracts: tuple[Contract, ...] = ()  # of the sites that matter
    units: tuple[Unit, ...] = ()  # whose serial numbers the mail may name, in the order of the mail
    unit_choices: tuple[Unit, ...] = ()  # those that `/unit` may name
    site_admins: tuple[Person, ...] = ()  # of the contact's site, where a refusal may name them
    presence: Presence = EVERYBODY_HERE
    familiar: str = ""  # who owned the contact's last incident
    load: Mapping[str, int] = field(default_factory=dict)  # open incidents by engineer's id
    targets: Mapping[int, tuple[Stands, ...]] = field(default_factory=dict)  # by incident, where a line is about them
    spent: Mapping[int, int] = field(default_factory=dict)  # minutes by incident, where a line of the mail notes some
    steps_asked: bool = False  # the last bug of its writer came back to him without steps, and none went since
    answered_partner: int = 0  # on whose leg the letter stands that an engineer answers: the id of a person
    partners: tuple[Person, ...] = ()  # every vendor, tracker and order desk, where a mail may name one
    said: Said = NOTHING_SAID  # to the one in From, and in public
    said_to_partners: Mapping[int, Said] = field(default_factory=dict)  # the same, beside what was said on their legs
    said_by_others: str = ""  # all that people outside wrote about the incident, where his mail may hold commands
    pictures: frozenset[str] = frozenset()  # sums of those that its writer sent about the incident before
    later: Mapping[int, tuple[Later, ...]] = field(default_factory=dict)  # by incident: after the letter he answers
    mentioned: Mapping[int, Case] = field(default_factory=dict)  # incidents whose numbers stand in an engineer's words
    returned: Returned | None = None  # what the letter brought back that he answers with `send`
    recallable: Recallable = NOTHING_WAITS  # where an engineer wants to recall something
    deed: Deed | None = None  # the last command mail of an engineer who wants it undone
    splittable: Splittable = NOTHING  # what an engineer's mail may split off
    shareable: Mapping[tuple[int, int], Shareable] = field(default_factory=dict)  # what it may make public
    ignored_told: bool = False  # staff heard today that automatic mail of this contact is ignored
    blocked: bool = False  # an engineer blocked its writer by mail
    origins: Mapping[int, str] = field(default_factory=dict)  # where those are declared who may be merged, by person
    own_site: OwnSite | None = None  # of its writer, where an admin contact writes about it
    home: Site | None = None  # of the domain of whom it makes known: its writer, or whom `/new to` names
    blocked_named: frozenset[str] = frozenset()  # addresses that its commands name, and from which mail is blocked
    chosen: Mapping[str, Chosen] = field(default_factory=dict)  # by left side: what searches before commands found
    similar: tuple[OpenIncident, ...] = ()  # open incidents of who writes afresh
    feedback: Asked | None = None  # what its writer was asked about the incident it is routed to, which is closed
    watches: Watches = field(default_factory=dict)  # who watches which site, contact or contract
    about_watch: WatchFacts = NO_WATCH  # what its `/watch` may mean
    solved: tuple[Solved, ...] = ()  # that his new incident may be like
    storms: StormFacts = NO_STORM
    articles: ArticleFacts = NO_ARTICLES
    own: bool = False  # its Message-ID is one of ours: our own letter came back
    reads_last_hour: int = 0
    returned_last_hour: int = 0  # verdicts he was sent, where his mail has no proof
    release: Release | None = None
    bill: AskedBill | None = None  # the one that the engineer's mail may decide about
    held: HeldMail | None = None  # the one a mail to an h address answers
    confirmation: Confirmation | None = None  # the one a mail to a c address answers
    open_questions: Mapping[int, int] = field(default_factory=dict)  # numbers of those that are open, by person's id
    duplicate_of: int = 0
    arrived: datetime | None = None  # when the mail came to us, which may have waited since
    head_only: bool = False  # the mail is too large, and stays in its mailbox
    bounced: Person | None = None  # whose letter a bounce reports on, if its return path is a valid one of ours
    bounces: int = 0  # how many letters came back from there before
    monitor_key: str = ""  # the fingerprint of a machine's report
    monitor_number: int = 0  # the incident of the same fingerprint: the last that is open, else the last

    @property
    def staff_proof(self) -> Proof:
        """What powers of an engineer's mail are judged by: a colleague who accepts it lets it do what it asks for."""
        return Proof.CONFIRMED if self.release and self.release.accepted else self.proof

    @property
    def case(self) -> Case | None:
        return self.cases.get(self.number)
