"""What engineers say to a partner: `/vendor`, and plain answers to letters about a partner's words (behaviour 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sitmail.domain.choices import Choice, named
from sitmail.domain.commands import Command, Script
from sitmail.domain.effects import Effect, Enrol, Refer
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Facts
from sitmail.domain.incident import Move, Status, moved
from sitmail.domain.mail import Mail
from sitmail.domain.partner_kinds import PARTNER_KINDS, PARTNERED
from sitmail.domain.people import Kind, Person
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import LegKind

WHICH = Sentence("it is not certain to whom: write a line such as /vendor and its name on top")
ON_TOP = Sentence("put /%(verb)s on the first line: the words under it go to %(name)s, and to nobody else")
BETWEEN = Sentence(
    "your words stand between lines that you quote, and %(name)s must not read those; write them under /%(verb)s"
)
NO_WORDS = Sentence("what should %(name)s read? write it under that line")
NO_NUMBER = Sentence("what should the vendor read? write it under that line, or its own number behind the name")
ONE = Sentence("one vendor, tracker or order desk in one mail: its words would go to both")
LONGEST = 60  # characters of a partner's reference


def vendor(request: Request, argument: str) -> str:
    """`/vendor NAME [REF]`."""
    request.need_open()
    who, reference = _who(request, argument)
    if len(reference) > LONGEST:
        raise ValueError(Sentence("a vendor's number has at most %(most)s characters", most=LONGEST))
    address_to(request, who)
    request.partner_reference = reference
    name = called(who)
    if reference:
        return Sentence("%(name)s has it, as %(reference)s", name=name, reference=reference)
    return Sentence("%(name)s has it", name=name)


def address_to(request: Request, who: Person) -> None:
    """The words of the mail go to that partner.  Raises ValueError with a sentence if they go to another one."""
    if request.partner is not None and request.partner.id != who.id:
        raise ValueError(ONE)
    request.partner, request.partner_named = who, True


def called(partner: Person) -> str:
    return partner.name or partner.key


def _who(request: Request, argument: str) -> tuple[Person, str]:
    """The vendor and its reference: the name is as many words as name one."""
    vendors, words = {one.key: one for one in request.facts.partners if one.kind is Kind.VENDOR}, argument.split()
    choices = [Choice(one.key, one.name) for one in vendors.values()]
    for size in range(len(words), 1, -1):
        try:
            return vendors[named(" ".join(words[:size]), Sentence("vendor"), choices)], " ".join(words[size:])
        except ValueError:
            continue
    return vendors[named(words[0] if words else "", Sentence("vendor"), choices)], " ".join(words[1:])


def addressed(request: Request, leg: LegKind) -> str:
    """Notes to whom a plain answer to a letter about a partner's words goes; why that is not certain, or ""."""
    if leg is not LegKind.VENDOR or request.partner is not None or request.public or request.shut():
        return ""
    found = answered_partner(request.facts, request)
    if found is None:
        return WHICH
    request.partner = found
    return ""


def answered_partner(facts: Facts, request: Request) -> Person | None:
    partners = [one.person for one in request.case.partners()]
    if facts.answered_partner:
        return next((one for one in partners if one.id == facts.answered_partner), None)
    return partners[0] if len(partners) == 1 else None


def unclear(request: Request, script: Script, mail: Mail, commands: Sequence[Command]) -> list[tuple[str, str]]:
    """(line, why) where it is not certain what the partner should read, or there is nothing."""
    who, found = request.partner, list[tuple[str, str]]()
    if who is None or not request.partner_named:
        return found
    for one in (one for one in commands if one.verb in PARTNERED):
        names = {"name": called(who), "verb": one.verb}
        if not one.on_top and script.words:
            found.append((one.line, Sentence(ON_TOP.message, **names)))
        elif not _answers(request) and (mail.answers.strip() or _quotes(script.words)):
            found.append((one.line, Sentence(BETWEEN.message, **names)))
        elif not (script.words or mail.attachments or request.partner_reference):
            found.append((one.line, _no_words(who)))
    return found


def _no_words(who: Person) -> str:
    return NO_NUMBER if who.kind is Kind.VENDOR else Sentence(NO_WORDS.message, name=called(who))


def wordless(request: Request) -> str:
    """Why a numbered line tells a partner nothing, though it should; "" if it need not, as a vendor's number."""
    who = request.partner
    if who is None or request.partner_reference or request.partner_words:
        return ""
    return Sentence("%(name)s reads what stands under that line: write it in a reply about it", name=called(who))


def _answers(request: Request) -> bool:
    """Whether he answers a letter about that partner's own words, which it may read again."""
    return request.partner is not None and request.facts.answered_partner == request.partner.id


def _quotes(words: str) -> bool:
    """Whether marked lines stay between the words, as they do where somebody answers line by line."""
    return any(line.lstrip().startswith(">") for line in words.split("\n"))


def effects(request: Request) -> list[Effect]:
    """The partner takes part from now on, or has another number for it."""
    who, number = request.partner, request.case.incident.number
    if who is None:
        return []
    party = next((one for one in request.case.partners() if one.person.id == who.id), None)
    if party is None:
        return [Enrol(number, who, str(who.kind), LegKind.VENDOR, request.partner_reference)]
    if request.partner_reference and request.partner_reference != party.reference:
        return [Refer(number, who, request.partner_reference)]
    return []


def waiting(request: Request) -> None:
    """It waits for a vendor who was told something, unless a line says otherwise, or the next step stays with us."""
    who = request.partner
    if who is None or not PARTNER_KINDS[who.kind].waits or request.status_named or request.keep:
        return
    if not (request.partner_words or request.partner_named):
        return
    status = moved(request.incident.status, Move.SET, Status.AWAITING_VENDOR)
    request.incident = replace(request.incident, status=status or request.incident.status)
