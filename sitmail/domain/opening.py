"""A new incident: who gets it, what is promised, who is told (S0-14, S3-13, behaviour 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sitmail.domain import corrections, subject
from sitmail.domain.article_offers import explained
from sitmail.domain.assignment import assign
from sitmail.domain.classification import classify, customer_reference
from sitmail.domain.contract import COVERING, Cover, cover
from sitmail.domain.customer.notices import answer_writer
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.dictionary import entry
from sitmail.domain.effects import Enrol, Know, Log, Meet, Open
from sitmail.domain.facts import Case, Contract, Site
from sitmail.domain.forms import sorted_by_form
from sitmail.domain.incident import Incident, Status
from sitmail.domain.link_effects import AddLink
from sitmail.domain.links import LinkKind
from sitmail.domain.mail import Mail
from sitmail.domain.mismatch import about_another
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opened_for_staff import solved_before, tell_staff
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.pools import drawn
from sitmail.domain.promising import promised
from sitmail.domain.questions import missing, with_answers
from sitmail.domain.record import changed
from sitmail.domain.similar import OpenIncident, looks_like
from sitmail.domain.storm_joining import join_storm, storm_of
from sitmail.domain.trust import Power, customer_may
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening, Role, purpose_of
from sitmail.domain.written_language import offer

NEW = 0  # the number by which effects name the incident that their decision opens


def open_incident(
    builder: DecisionBuilder,
    contact: Person,
    *,
    stranger: bool,
    prior: int = 0,
    logged_by: str = "",
    by: str = "",
    channel: str = "",
    moved: bool = False,
) -> Incident:
    """Decides everything about a new incident, and returns it as it will be, with the number NEW.

    `stranger`: the acknowledgement repeats nothing of theirs.  `prior`: a closed incident this one follows.
    `logged_by`: the id of the engineer who passed the mail on, `by` his name; `channel`: how it reached him;
    `moved`: he forwarded what the contact wrote there.
    """
    found = cover_of(builder, contact)
    incident = _incident(builder, contact, logged_by, found, channel)
    wanted = missing(incident, builder.policy.dictionary)
    _enter(builder, incident, contact)
    builder.do(*drawn(incident.contract, contact.site, free=incident.free))
    builder.cover = found
    log = builder.log(_first_entry(builder, incident, contact, prior))
    if prior:
        builder.do(AddLink(NEW, LinkKind.PRIOR, other=prior))
    storm = None if prior else storm_of(builder, incident)
    joins = storm is not None and not stranger and not builder.mail.in_our_name
    if storm is not None and joins:
        join_storm(builder, incident, storm)
    outsiders = enrol_copied(builder, NEW, (), contact, builder.facts.sites.get(contact.site))
    _tell_copied(builder)
    builder.do(*promised(incident, builder.policy))
    passed_on = {"passed_on": by, "unheard": bool(builder.mail.unanswerable)} if by else {}
    passed_on |= {"channel": channel} if channel not in ("", "email") else {}
    passed_on |= {"moved": builder.policy.dictionary.shown("channel", channel)} if moved else {}
    passed_on |= {"known_problem": True} if joins else {}
    detail: dict[str, object] = {
        "prior": builder.policy.reference(prior) if prior else "",
        "offer": offer(builder, contact),
        **passed_on,
        **wanted.detail,
    }
    if builder.policy.corrections and contact.known and not stranger:
        detail["known"] = corrections.known(contact)
    _acknowledge(builder, contact, log, stranger or bool(builder.mail.in_our_name), detail)
    parent = OpenIncident(storm.parent, storm.title) if storm is not None and not joins else None
    alike = None if prior else parent or looks_like(incident.title, builder.facts.similar)
    if alike is not None:
        detail["alike"] = f"{builder.policy.reference(alike.number)} {alike.title}"
        detail["alike_number"] = alike.number
    detail |= solved_before(builder, incident)
    claimed = builder.policy.reference(builder.facts.claimed) if builder.facts.claimed else ""
    tell_staff(builder, incident, log, {"outsiders": outsiders, "claimed": claimed, **detail})
    return incident


def begin_incident(builder: DecisionBuilder, contact: Person, engineer: Person, note: str) -> list[int]:
    """A new incident that begins with the words of its owner to the contact; returns the places of its log entries.

    It draws nothing from a contract, and nobody is told by this.
    """
    incident = _incident(builder, contact, engineer.key, _no_cover(builder, contact), "")
    incident = replace(incident, owner=engineer.key, status=Status.AWAITING_CUSTOMER)
    builder.given = ""
    _enter(builder, incident, contact)
    said = replace(_first_entry(builder, incident, contact, 0), author=engineer, direction=Direction.OUT)
    logs = [builder.log(said)]
    builder.do(*promised(incident, builder.policy))
    if note:
        kept = Log(NEW, LegKind.INTERNAL, Event.NOTE, Direction.NONE, engineer, text=note)
        logs.append(builder.log(replace(kept, proof=builder.facts.proof.label)))
    return logs


def _enter(builder: DecisionBuilder, incident: Incident, contact: Person) -> None:
    if contact.id == 0:
        builder.do(Meet(contact.key, contact.name, known=contact.known))
    builder.do(Open(incident, contact), Enrol(NEW, contact, "contact"))


def _no_cover(builder: DecisionBuilder, contact: Person) -> Cover:
    return cover((), (), None, contact, "", builder.policy, "")


def cover_of(builder: DecisionBuilder, contact: Person) -> Cover:
    """What covers an incident that this mail opens for somebody, on the day the mail arrived.

    A monitor's report is nobody's incident, and draws nothing from a contract.
    """
    facts, policy = builder.facts, builder.policy
    if facts.monitor_key:
        return _no_cover(builder, contact)
    site = facts.sites.get(contact.site)
    day = day_of(builder, site)
    return cover(facts.contracts, facts.units, site, contact, facts.route.mailbox.product, policy, day)


def why_covered(builder: DecisionBuilder, reason: str) -> str:
    """The reason of a decision that opened an incident, with what covers it: `/why` shows it."""
    covered = builder.cover.says if builder.cover else ""
    return "; ".join(filter(None, (reason, covered, explained(builder.offered))))


def day_of(builder: DecisionBuilder, site: Site | None) -> str:
    """The day on which the mail arrived, where its writer is."""
    arrived = min(builder.facts.arrived or builder.now, builder.now)
    return arrived.astimezone(ZoneInfo((site and site.timezone) or builder.policy.timezone)).date().isoformat()


def _incident(builder: DecisionBuilder, contact: Person, logged_by: str, found: Cover, channel: str) -> Incident:
    facts, policy, box = builder.facts, builder.policy, builder.facts.route.mailbox
    site, contract = facts.sites.get(contact.site), found.contract
    item = found.unit.item if found.unit else ""
    sorted_as = classify(builder.mail, box, policy, contract.product if contract else "", item)
    level = _level(policy, found, sorted_as.request_type)
    given = assign(facts, policy, sorted_as, site, contact, level)
    builder.given = "; ".join(filter(None, (sorted_as.says, f"assigned by {given.says}")))
    opened = min(facts.arrived or builder.now, builder.now)
    incident = Incident(
        number=NEW,
        mailbox=box.address,
        title=title(builder.mail, policy.tag),
        status=Status.ACTIVE if given.owner else Status.NEW,
        priority=policy.usual_priority(level),
        opened=opened,
        updated=builder.now,
        owner=given.owner,
        team=given.team,
        contact=contact.id,
        site=contact.site,
        contract=contract.id if contract else "",
        free=found.free and contract is None,
        product=sorted_as.product,
        request_type=sorted_as.request_type,
        reason=sorted_as.reason,
        unit=found.unit.serial if found.unit else "",
        service_level=level,
        calendar=calendar_name(policy, level, contract, site),
        channel="monitor"
        if facts.monitor_key
        else channel or ("form" if builder.mail.form else box.channel) or "email",
        reports=1 if facts.monitor_key else 0,
        cycle_opened=opened,  # what is promised, is promised from the mail's arrival, held or not
        monitor_key=facts.monitor_key,
        logged_by=logged_by,
        customer_reference=customer_reference(policy, contact.site, builder.mail),
    )
    answered = with_answers(incident, policy.dictionary, builder.mail.text, builder.mail.attachments)
    wished = sorted_by_form(answered, builder.mail)
    if wished.priority == answered.priority:
        return wished
    return wished.having(priority=policy.priority_within(level, wished.priority))


def _words(mail: Mail, prior: int) -> dict[str, Any]:
    """All that a fresh mail says; of an answer to a closed incident only what is new, for it quotes our old letter."""
    if not prior or not (mail.own_words or mail.quoted_text):
        return {"text": mail.text}
    return {
        "text": mail.own_words,
        "quoted": mail.quoted_text,
        "signature": mail.signature,
        "doubtful": mail.doubtful_text,
    }


def _first_entry(builder: DecisionBuilder, incident: Incident, contact: Person, prior: int) -> Log:
    entry = Log(
        NEW,
        LegKind.PUBLIC,
        Event.OPENED,
        Direction.IN,
        contact,
        change={"status": (None, str(incident.status)), "owner": (None, incident.owner)},
        attachments=builder.mail.attachments,
        proof=builder.facts.proof.label,
    )
    return changed(entry, _words(builder.mail, prior))


def _acknowledge(
    builder: DecisionBuilder, contact: Person, log: int, stranger: bool, detail: Mapping[str, Any]
) -> None:
    if not builder.mail.machine and not builder.facts.monitor_key:
        purpose = NoticePurpose.ACKNOWLEDGEMENT_STRANGER if stranger else NoticePurpose.ACKNOWLEDGEMENT
        if not stranger and contact.known and builder.facts.articles.offers:
            builder.offered = builder.facts.articles.offers
            detail = {**detail, "articles": [[one.number, one.title, one.about] for one in builder.offered]}
        answer_writer(builder, contact, purpose, NEW, log, **detail)


def _tell_copied(builder: DecisionBuilder) -> None:
    """Those in copy, who have the mail itself, where the configuration wants it."""
    copied = [one.person for one in builder.effects if type(one) is Enrol and one.role == "participant"]
    for person in copied if builder.policy.tell.get(Role.PARTICIPANT) else ():
        purpose = purpose_of(Happening.OPENED, Role.PARTICIPANT, person, builder.policy.tell)
        if purpose is not None and not builder.facts.monitor_key:
            answer_writer(builder, person, purpose, NEW)


def title(mail: Mail, tag: str) -> str:
    """The subject without reply marks and references (S0-09)."""
    return subject.base(mail.subject, tag).strip()[:200] or "(no subject)"


def _level(policy: Policy, found: Cover, request_type: str) -> str:
    """What covers it says the service level, else its request type, else what all others get."""
    kind = entry(policy.dictionary.request_types, request_type)
    of_type = kind.service_level if kind and found.source not in COVERING else ""
    return of_type or found.service_level


def calendar_name(policy: Policy, level_name: str, contract: Contract | None, site: Site | None) -> str:
    """Contract's, site's, service level's, desk's: the first that is there."""
    level = policy.service_levels.get(level_name)
    names = (contract and contract.calendar, site and site.calendar, level and level.calendar, policy.calendar)
    return next((name for name in names if name and name in policy.calendars), "")


def enrol_copied(
    builder: DecisionBuilder, number: int, present: tuple[int, ...], author: Person, site: Site | None
) -> list[str]:
    """Cc'd contacts of the same site become participants; the addresses of others are returned, and get nothing.

    What opens an incident is its writer's own, unless it was sent in our name.  Into one that exists From alone lets
    nobody: whoever is let in reads what is answered there, so that the mail needs the proof that relaying words needs,
    and an address that agrees with the letter it answers.
    """
    facts, box = builder.facts, builder.facts.route.mailbox
    may_let_in = number == NEW or customer_may(Power.RELAY, facts.proof, builder.policy.trust)
    may_let_in = may_let_in and not builder.mail.in_our_name and about_another(facts) is None
    open_to_any = box.cc == "any" and may_let_in
    open_to_site = box.cc != "none" and may_let_in
    outsiders = []
    seen = {*present, author.id}
    for copied in facts.copied:
        person = facts.known.get(copied.address.lower())
        if person is None and not open_to_any:
            outsiders.append(copied.address)
        elif person is None:
            stranger = Person(0, Kind.CONTACT, copied.address.lower(), copied.name, (copied.address.lower(),))
            builder.do(Meet(stranger.key, stranger.name), Enrol(number, stranger, "participant"))
        elif person.id in seen or person.staff:
            continue
        elif open_to_any or (open_to_site and site is not None and person.site == site.id):
            seen.add(person.id)
            builder.do(Enrol(number, person, "participant"))
        else:
            outsiders.append(copied.address)
    return outsiders


def served_contact(builder: DecisionBuilder) -> tuple[Person, bool]:
    """Who a new incident is for, and whether he is a stranger.  The first proof of his own makes a stranger known."""
    facts, mail = builder.facts, builder.mail
    person = facts.contact
    proved = customer_may(Power.RELAY, facts.proof, builder.policy.trust)
    remembered = facts.release is not None and facts.release.remember
    home = facts.home.id if remembered and facts.home else ""
    if person is None:
        name = mail.sender.name if mail.sender else ""
        known = facts.engineer is not None or proved or remembered
        return Person(0, Kind.CONTACT, mail.identity, name, (mail.identity,), home, known=known), not known
    if remembered and not person.known:
        return replace(person, known=True, site=home), False
    if not person.known and proved:
        builder.do(Know(person))
        return replace(person, known=True), False
    return person, not person.known


def may_reopen(case: Case, policy: Policy, builder: DecisionBuilder) -> bool:
    """Whether words of a party open a closed incident again, or begin a new one that follows it."""
    level = policy.service_levels.get(case.incident.service_level)
    allowed = policy.closing.reopen and (level is None or level.reopen)
    days = policy.closing.reopen_days if level is None or level.reopen_days is None else level.reopen_days
    closed = case.incident.closed
    return allowed and closed is not None and builder.now - closed <= timedelta(days=days)
