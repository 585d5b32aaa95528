"""What a mail is compared with: what was said and sent to its writer before.  It is read for few mails only.

What every mail needs is read in `gather`, which calls this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sitmail.domain import own_words
from sitmail.domain.authority import administers
from sitmail.domain.command_lines import holds_slash
from sitmail.domain.engineer import promises
from sitmail.domain.facts import Facts, Proof
from sitmail.domain.machines import ignored_today
from sitmail.domain.mail import Mail
from sitmail.domain.merging import about, surviving, with_merged
from sitmail.domain.mismatch import about_another
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.numbered_commands import TIME, Mentions
from sitmail.domain.record import changed
from sitmail.services import notifications, own_site, prepaid_questions, recalling, staff_text
from sitmail.services.blocking import blocked, is_blocked
from sitmail.services.desk import Desk
from sitmail.services.gather_storms import children_of_storm
from sitmail.services.hints import Arrival
from sitmail.services.staff_text import Asked, Before
from sitmail.services.watching import with_watchable
from sitmail.store import directory_lookup, merged_contacts, outbox, report_runs, sla_terms, time_spent, updates_log

NUMBERED = frozenset({"cmd", "d", "h"})  # kinds of addresses to which lines begin with the number of an incident
READING = frozenset(
    {NoticePurpose.SHOW, NoticePurpose.STAFF_HELP, NoticePurpose.REPORT, NoticePurpose.ARTICLE}
    | {NoticePurpose.CUSTOMER_HELP, NoticePurpose.CUSTOMER_SHOW, NoticePurpose.SITE_CONTACTS}
)


def asked(facts: Facts, mail: Mail, named: Mentions) -> Asked | None:
    """With what was said before his mail is to be compared; None where it holds nothing of that."""
    if facts.engineer is not None and (mail.text or mail.attachments):
        if facts.case and facts.route.kind not in NUMBERED:
            numbers = with_merged(facts.number, facts.cases)
        else:
            claimed = (facts.claimed,) if mail.forwarded else ()  # what he passes on may quote letters about that
            searched = [number for one in facts.chosen.values() for number in one.numbers]
            every = (*named.numbers, *searched, *claimed)
            known = [surviving(number, facts.cases) for number in every if number in facts.cases]
            numbers = tuple(dict.fromkeys(one for number in known for one in with_merged(number, facts.cases)))
        numbers += tuple(child for number in numbers for child in children_of_storm(facts, number))
        other = about_another(facts)
        return Asked(facts.engineer, numbers, other.incident.number if other and other.incident else 0)
    writer = facts.partner if facts.case and facts.case.party(facts.partner) else facts.contact
    if writer and facts.case and own_words.may_repeat(mail):
        return Asked(writer, with_merged(facts.number, facts.cases))
    return None


def with_history(
    connection: Connection,
    desk: Desk,
    facts: Facts,
    arrival: Arrival,
    compared: Asked | None,
    before: Before,
    now: datetime,
) -> Facts:
    """Adds the facts that are read for few mails only: letters that may be quoted, words of others, limits."""
    mail, named = arrival.mail, arrival.named
    if arrival.lines:
        facts = replace(facts, lines=arrival.lines)
    if compared is not None and compared.reader.staff:
        names = {one.id: one.name for one in facts.staff.values()}
        told = staff_text.to_staff(before, compared, facts.cases, names)
        commanding = facts.route.kind in NUMBERED or holds_slash(mail.new_text)
        others = [
            staff_text.by_others(before, facts.cases[number], names.keys())
            for number in (compared.numbers if commanding else ())
        ]
        storms = replace(facts.storms, said=staff_text.apart(before, compared.numbers, facts.number, names.keys()))
        facts = changed(facts, {"said": told, "said_by_others": "\n".join(others), "storms": storms})
        if facts.case and (partners := facts.case.partners()):
            facts = replace(
                facts, said_to_partners=staff_text.beside_partners(before, compared, facts, partners, names)
            )
    elif compared is not None:
        facts = changed(facts, {"said": staff_text.to_customer(before, compared)})
    if facts.engineer is not None and facts.case is None and (facts.route.kind == "mailbox" or facts.route.beside):
        facts = replace(facts, internal=directory_lookup.internal_site(connection))
    if facts.release is not None and facts.release.remember:
        home = mail.identity.rpartition("@")[2]
        found = directory_lookup.site_by_domain(connection, [home]).get(home)
        sites = {**facts.sites, found.id: found} if found else facts.sites
        facts = replace(facts, home=found, sites=sites)
    if facts.engineer is not None and facts.case is None and "new" in named.verbs and named.addresses:
        facts = _with_addressed(connection, desk, facts, named.addresses)
    if facts.engineer is not None and facts.case is not None and prepaid_questions.may_answer(mail.new_text):
        facts = replace(facts, bill=prepaid_questions.answered(connection, facts, arrival))
    if facts.engineer is not None and named.verbs:
        facts = _for_commands(connection, facts, named, now)
    if named.administers and facts.contact is not None and administers(facts.contact):
        facts = replace(facts, own_site=own_site.read(connection, facts.contact, named.addresses))
    writer = facts.engineer or facts.contact
    if mail.attachments and writer and facts.case and any(file.type.startswith("image/") for file in mail.attachments):
        facts = replace(facts, pictures=updates_log.pictures_of(connection, writer.id, facts.number))
    if mail.machine and facts.contact and facts.contact.known:
        cause = ignored_today(facts.contact, now)
        ignored_told = notifications.was_told(connection, facts.staff.values(), NoticePurpose.MACHINE_IGNORED, cause)
        facts = replace(facts, ignored_told=ignored_told)
    if facts.bounced is not None:
        facts = replace(facts, bounces=directory_lookup.bounces(connection, facts.bounced.id, facts.bounced.address))
    if facts.engineer is not None and facts.proof is Proof.NONE:
        came_back = outbox.automatic_to(
            connection, [facts.engineer.id], now - timedelta(hours=1), {NoticePurpose.VERDICT}
        )
        facts = replace(facts, returned_last_hour=came_back.get(facts.engineer.id, 0))
    person = facts.engineer or facts.contact
    asks = named.reads or (named.asks and facts.engineer is None)
    if person is not None and (facts.route.kind in NUMBERED or asks):
        read = outbox.automatic_to(connection, [person.id], now - timedelta(hours=1), READING)
        waiting = report_runs.waiting_of(connection, person.id) if facts.engineer is not None else 0
        facts = replace(facts, reads_last_hour=read.get(person.id, 0) + waiting)
    return facts


def _for_commands(connection: Connection, facts: Facts, named: Mentions, now: datetime) -> Facts:
    """What single verbs of engineers ask about: time spent, promises, where records of contacts come from."""
    numbers = about(facts.number, named.numbers, facts.cases)
    if TIME in named.verbs or facts.deed is not None:
        about_deed = numbers | set(facts.deed.incidents if facts.deed is not None else ())
        facts = replace(facts, spent=time_spent.spent(connection, about_deed))
    if numbers and not named.verbs.isdisjoint(promises.VERBS):
        facts = replace(facts, targets=sla_terms.standing(connection, numbers))
    if "recall" in named.verbs:
        facts = replace(facts, recallable=recalling.recallable(connection, numbers, now))
    facts = with_watchable(connection, facts, named)
    if "contact" in named.verbs and len(facts.known) > 1:
        people = [person.id for person in facts.known.values()]
        facts = replace(facts, origins={number: merged_contacts.origin_of(connection, number) for number in people})
    return facts


def _with_addressed(connection: Connection, desk: Desk, facts: Facts, addresses: Sequence[str]) -> Facts:
    """What is known of somebody to whom nobody wrote before."""
    domain = addresses[0].rpartition("@")[2]
    home = directory_lookup.site_by_domain(connection, [domain]).get(domain)
    among = blocked(connection, desk) | frozenset(desk.policy.blocks)
    return replace(facts, home=home, blocked_named=frozenset(one for one in addresses if is_blocked(one, among)))
