"""Who may be let in on an incident: the rules that engineers' and customers' `/cc` and Cc have in common."""

from __future__ import annotations

from sitmail.domain.facts import Case
from sitmail.domain.partner_kinds import PARTNER_KINDS
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.role_addresses import mailing_list, role
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import same_site

MOST = 5  # addresses that one mail lets in


def no_reader(address: str, person: Person | None, policy: Policy) -> str:
    """Why nobody there may be let in; "" if somebody may be.  `person`: whose address it is, if that is known."""
    partner = policy.partner_at(address) or (person if person is not None and person.partner else None)
    if partner is not None:
        return PARTNER_KINDS[partner.kind].one
    if mailing_list(address):
        return Sentence("a mailing list")
    if role(address) or _is(person, Kind.ROBOT) or any(address in one.addresses for one in policy.monitors):
        return Sentence("a machine")
    return Sentence("our own address") if policy.is_own(address) else ""


def of_the_site(address: str, person: Person | None, case: Case, policy: Policy) -> bool:
    """Whether somebody is of the same site as the contact of this incident."""
    contact = next((p.person for p in case.parties if p.role == "contact"), None)
    if contact is None:
        return False
    if person is not None and contact.site and person.site == contact.site:
        return True
    domains = case.site.domains if case.site else ()
    return same_site(address, contact.address, domains, policy.trust.free_mail)


def _is(person: Person | None, kind: Kind) -> bool:
    return person is not None and person.kind is kind
