"""What an engineer should know of who reads an answer, before he sends it: who is new, and who is from outside (S2-22).

New is who joined after the last words that staff said in public, or after the incident was opened if none were said.
Outside is who is not of the contact's site (`domain/trust.same_site`).  The first line of letters to staff says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from sitmail.domain.incident import Incident
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import same_site
from sitmail.services.desk import Desk, sites
from sitmail.services.letter_plan import PlannedLetter
from sitmail.store.incidents import Participant
from sitmail.store.joined_since import joined_since_our_words


def reader_marks(
    connection: Connection,
    desk: Desk,
    letters: Sequence[PlannedLetter],
    incidents: Mapping[int, Incident],
    participants: Mapping[int, Sequence[Participant]],
    persons: Mapping[int, Person],
) -> Mapping[tuple[int, int], str]:
    """Of the incidents of letters to staff that more than the contact may read; of all others nothing is looked up."""
    about = {one.incident for one in letters if one.person.staff and one.incident is not None}
    outside = {n: [row for row in participants.get(n, ()) if row.role in ("contact", "participant")] for n in about}
    several = [number for number, rows in outside.items() if len(rows) > 1]
    if not several:
        return {}
    domains = sites(connection, desk, {incidents[number].site for number in several} - {""})
    new = joined_since_our_words(connection, several)
    found = {}
    for number in several:
        incident = incidents[number]
        site = domains.get(incident.site)
        contact = persons.get(incident.contact)
        for row in outside[number]:
            person = persons[row.person]
            from_outside = contact is not None and not _of_the_site(
                person, contact, site.domains if site else (), desk.policy
            )
            where = (site.name or site.id) if site else contact.address.rpartition("@")[2] if contact else ""
            if mark := _mark((number, row.person) in new, where if from_outside else ""):
                found[number, row.person] = mark
    return found


def _of_the_site(person: Person, contact: Person, domains: Sequence[str], policy: Policy) -> bool:
    if person.id == contact.id or (contact.site and person.site == contact.site):
        return True
    return same_site(person.address, contact.address, domains, policy.trust.free_mail)


def _mark(new: bool, outside: str) -> str:
    if outside and new:
        return Sentence("new, from outside %(site)s", site=outside)
    return Sentence("from outside %(site)s", site=outside) if outside else Sentence("new") if new else ""
