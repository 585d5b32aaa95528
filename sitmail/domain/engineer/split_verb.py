"""`/split`: what a customer wrote becomes an incident of its own, with its files (behaviour 3.5).

`/split` alone means the customer's last words in the letter that is answered; `/split #5`, `/split 12#5` name others.
Words behind it are the new title.  Only customers' words can be split off, and never those that opened an incident.
"""

from __future__ import annotations

import re
from typing import Any

from sitmail.domain import pools, subject
from sitmail.domain.contract import cover
from sitmail.domain.customer.notices import tell_customers
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Enrol, Log, Open
from sitmail.domain.engineer.request import Request
from sitmail.domain.incident import Incident, Status
from sitmail.domain.link_effects import AddLink
from sitmail.domain.links import LinkKind
from sitmail.domain.merging import with_merged
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import NEW, calendar_name, day_of
from sitmail.domain.promising import promised
from sitmail.domain.sentence import Sentence
from sitmail.domain.staff_readers import told_with_a_part
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening
from sitmail.domain.written import Written

VERB = "split"
_UPDATE = re.compile(r"(?:\[?(?:[A-Za-z]{2,10}-)?([0-9]{1,9})\]?)?#([0-9]{1,9})(?!\w)\s*(.*)\Z", re.ASCII | re.DOTALL)
WHICH = Sentence("which update? write its number behind the verb, as in /split 12#5; every letter names them")
ONE = Sentence("one update in one mail: write another mail for the next")
CUSTOMERS_ONLY = Sentence("there is no such update of a customer's; only those can be split off")
FIRST = Sentence("that is what it was opened with, and stays")
TITLE = 200  # characters of it


def incident_named(argument: str) -> int:
    """The incident whose update a line `/split 12#5` names; 0 where it names none."""
    found = _UPDATE.match(argument.strip())
    return int(found[1]) if found and found[1] else 0


def split(request: Request, argument: str) -> str:
    """`/split [[N]#K] [TITLE]`."""
    request.need_open()
    if request.split is not None:
        raise ValueError(ONE)
    written, title = _meant(request, argument.strip())
    if written.number == 1:
        raise ValueError(FIRST)
    number = request.case.incident.number
    before = next((one for one in request.case.links if one.kind is LinkKind.SPLIT and one.detail == written.id), None)
    if before is not None:
        name = request.policy.reference(before.other_end(number))
        raise ValueError(Sentence("%(update)s is %(incident)s already", update=written.id, incident=name))
    request.split, request.split_title = written, title[:TITLE]
    return _said(written)


def _meant(request: Request, argument: str) -> tuple[Written, str]:
    """The update that is meant, and the title.  Raises ValueError with a sentence."""
    found, number = _UPDATE.match(argument), request.case.incident.number
    mine = with_merged(number, request.facts.cases)
    if found is None:
        answered = request.facts.splittable.answered
        if answered is None or answered.incident not in mine:
            raise ValueError(WHICH)
        return answered, argument
    incident = int(found[1] or number)
    if incident not in mine:
        name = f"{incident}#{found[2]}"
        raise ValueError(Sentence("%(update)s is no update of this number", update=name))
    written = request.facts.splittable.named.get((incident, int(found[2])))
    if written is None:
        raise ValueError(CUSTOMERS_ONLY)
    return written, found[3]


def _said(written: Written) -> str:
    return Sentence("%(update)s has a number of its own from now on", update=written.id)


# --- what it does


def carry_out_split(builder: DecisionBuilder, request: Request) -> None:
    """Opens the incident, with a trace in both logs; its author is told once, and so is who owns it."""
    written = request.split
    if written is None:
        return
    number, actor, policy = request.case.incident.number, request.actor, request.policy
    incident = _opened(builder, request, written)
    builder.do(Open(incident, written.author), Enrol(NEW, written.author, "contact"))
    builder.do(*pools.drawn(incident.contract, incident.site, free=incident.free))
    first = builder.log(_first_entry(incident, written))
    builder.do(*promised(incident, builder.policy))
    builder.do(AddLink(NEW, LinkKind.SPLIT, other=number, detail=written.id, by=request.engineer.id))
    builder.log(_trace(builder, request, NEW, f"split from {policy.reference(number)}: {written.id}"))
    last = builder.log(_trace(builder, request, number, f"split off {policy.reference(NEW)}: {written.id}"))
    told: dict[str, Any] = {"split_from": policy.reference(number)}
    tell_customers(builder, [written.author], Happening.OPENED, incident, first, **told)
    owner = builder.facts.staff.get(incident.owner)
    builder.tell(owner, NoticePurpose.ASSIGNED, NEW, first, by=actor.name, **told)
    readers = told_with_a_part(Happening.STATUS_CHANGED, request.incident, request.case, builder.facts, policy)
    for person, purpose in readers:
        if person.id not in (actor.id, owner.id if owner else 0):
            builder.tell(person, purpose, number, last, by=actor.name, before={}, links=[_said(written)])


def _opened(builder: DecisionBuilder, request: Request, written: Written) -> Incident:
    """Of the same mailbox, team and owner; what covers it is asked for anew.

    It was asked when the words came, and what is promised is promised now.
    """
    policy, before, author, site = builder.policy, request.case.incident, written.author, request.case.site
    mine = site if site is not None and author.site == site.id else builder.facts.sites.get(author.site)
    found = cover(builder.facts.contracts, (), mine, author, before.product, policy, day_of(builder, mine))
    contract = found.contract
    own = subject.base(written.origin.subject, policy.tag).strip()[:TITLE]
    return Incident(
        number=NEW,
        mailbox=before.mailbox,
        title=request.split_title or own or before.title,
        status=Status.ACTIVE,
        priority=policy.priority,
        opened=min(written.origin.received, builder.now),
        updated=builder.now,
        owner=before.owner or request.engineer.id,
        team=before.team,
        contact=author.id,
        site=author.site,
        contract=contract.id if contract else "",
        free=found.free and contract is None,
        product=before.product,
        service_level=found.service_level,
        calendar=calendar_name(policy, found.service_level, contract, mine),
        cycle_opened=builder.now,
        logged_by=request.engineer.id,
    )


def _trace(builder: DecisionBuilder, request: Request, at: int, text: str) -> Log:
    proof = builder.facts.proof.label
    return Log(at, LegKind.INTERNAL, Event.LINKED, Direction.NONE, request.actor, text=text, proof=proof)


def _first_entry(incident: Incident, written: Written) -> Log:
    return Log(
        NEW,
        LegKind.PUBLIC,
        Event.OPENED,
        Direction.IN,
        written.author,
        text=written.text,
        quoted=written.quoted,
        signature=written.signature,
        doubtful=written.doubtful,
        change={"status": (None, str(incident.status)), "owner": (None, incident.owner)},
        attachments=written.files,
        proof=written.proof,
        origin=written.origin,
    )
