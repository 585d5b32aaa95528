"""A customer's `/cc add ADDRESS`, `/cc del ADDRESS` and `/stop`: who reads what is written about his incident.

A colleague of the same site is let in by a mail that proves itself as one does whose words are relayed; somebody else
only by two proofs together or a login, as where an engineer adds him.  Whoever is not let in is named to staff.
"""

from __future__ import annotations

from sitmail.domain.address import addr_spec
from sitmail.domain.customer.request import FEEDBACK, CustomerRequest, Missing
from sitmail.domain.decision_builder import customers
from sitmail.domain.directory_effects import ChangeDirectory
from sitmail.domain.effects import Enrol, Meet, Withdraw
from sitmail.domain.joining import MOST, no_reader, of_the_site
from sitmail.domain.mismatch import about_another
from sitmail.domain.people import Kind, Person
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import Power, customer_may, staff_may

WHOM = Sentence("whose address? Write it behind the line, such as /cc add jane@example.com")


def stopped(address: str) -> Sentence:
    return Sentence(
        "You get no more emails about it. A reply to this one reaches us all the same. To come back, ask somebody who "
        "still gets them to write /cc add %(address)s on top of a reply.",
        address=address,
    )


HOW = Sentence("write /cc add or /cc del and an address, such as /cc add jane@example.com")
UNPROVEN = Sentence("we cannot be sure that this email is yours; please write the line in a reply to an email of ours")
STAYS = Sentence(
    "this is your own request, so you stay on it; /level replies brings fewer emails, /close and a reason asks us to "
    "end it"
)
ENOUGH = Sentence("one email adds five people at most; please send another one")


NEVER_AGAIN = Sentence("We do not ask you any more how we did. All other emails come as before.")


def added(address: str) -> Sentence:
    return Sentence("%(address)s gets our emails about it from now on.", address=address)


def cc(request: CustomerRequest, argument: str) -> None:
    """Raises ValueError with a sentence for the writer, `Missing` where he has not said whom he means."""
    how, _, rest = argument.partition(" ")
    address = addr_spec(rest.strip().strip("<>"))
    if how.lower() not in ("", "add", "del"):
        raise ValueError(HOW)
    if not rest.strip():
        raise Missing(WHOM)
    if not address:
        raise ValueError(HOW)
    builder = request.builder
    if about_another(builder.facts) is not None or not customer_may(
        Power.RELAY, builder.facts.proof, builder.policy.trust
    ):
        _name_to_staff(request, how, address)
        raise ValueError(UNPROVEN)
    if how.lower() == "add":
        _add(request, address)
    else:
        _remove(request, address)


def _add(request: CustomerRequest, address: str) -> None:
    policy, facts, number = request.builder.policy, request.builder.facts, request.case.incident.number
    there = [*(party.person for party in customers(request.case)), *request.joined]
    present = {one for person in there for one in person.addresses}
    if address in present:
        request.done.append(Sentence("%(address)s gets our emails about it already.", address=address))
        return
    person = facts.known.get(address)
    ours = any(address in one.addresses for one in policy.engineers.values()) or (person is not None and person.staff)
    if ours or no_reader(address, person, policy):
        raise ValueError(Sentence("%(address)s cannot be added", address=address))
    if len(request.joined) == MOST:
        _name_to_staff(request, "add", address)
        raise ValueError(ENOUGH)
    if not of_the_site(address, person, request.case, policy) and not staff_may(
        Power.ADD_OUTSIDER, facts.proof, policy.trust
    ):
        _name_to_staff(request, "add", address)
        raise ValueError(
            Sentence("%(address)s is not of your organisation, so one of us looks at it first", address=address)
        )
    if person is None:
        person = Person(0, Kind.CONTACT, address, "", (address,))
        request.builder.do(Meet(person.key, person.name))
    request.builder.do(Enrol(number, person, "participant"))
    request.joined.append(person)
    request.done.append(added(address))


def _remove(request: CustomerRequest, address: str) -> None:
    party = next((one for one in customers(request.case) if address in one.person.addresses), None)
    if party is None:
        raise ValueError(Sentence("%(address)s is not among those who get our emails about it", address=address))
    if party.role == "contact":
        raise ValueError(Sentence("%(address)s is the person whom this is for, and stays", address=address))
    request.builder.do(Withdraw(request.case.incident.number, party.person))
    request.left.append(party.person)
    request.done.append(Sentence("%(address)s gets no more emails about it.", address=address))


def stop(request: CustomerRequest, argument: str) -> None:
    """Its writer leaves the conversation.  Raises ValueError with a sentence for the contact, who stays.

    It needs no more proof than his words do: staff see the line, and can add him again.
    """
    if argument.strip().lower() in FEEDBACK:
        stop_asking(request)
        return
    party = request.case.party(request.person)
    if party is None or party.role != "participant" or about_another(request.builder.facts) is not None:
        raise ValueError(STAYS if party is not None and party.role == "contact" else UNPROVEN)
    request.builder.do(Withdraw(request.case.incident.number, party.person))
    request.left.append(party.person)
    request.done.append(stopped(request.person.address))


def stop_asking(request: CustomerRequest) -> None:
    """`/stop feedback`.  Raises ValueError with a sentence where nothing proves who wants it."""
    if not customer_may(Power.RELAY, request.builder.facts.proof, request.builder.policy.trust):
        raise ValueError(UNPROVEN)
    person = request.person
    request.builder.do(ChangeDirectory("contact", person.key, "feedback", False, person.address))
    request.done.append(NEVER_AGAIN)


def _name_to_staff(request: CustomerRequest, how: str, address: str) -> None:
    if how.lower() == "add":
        request.outsiders.append(address)
