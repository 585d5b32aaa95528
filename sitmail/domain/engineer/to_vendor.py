"""What an engineer says to a vendor: `/vendor`, and plain answers to letters about a vendor's words (behaviour 2.4)."""

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
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import LegKind

VERB = "vendor"
WHICH = Sentence("it is not certain to which vendor: write /vendor and its name on the first line")
ON_TOP = Sentence("put /vendor on the first line: the words under it go to the vendor, and no others")
BETWEEN = Sentence(
    "your words stand between lines that you quote, and the vendor must not read those; write them under /vendor"
)
NO_WORDS = Sentence("what should the vendor read? write it under that line, or its own number behind the name")
ONE = Sentence("one vendor in one mail: its words would go to both")
LONGEST = 60  # characters of a vendor's reference


def vendor(request: Request, argument: str) -> str:
    """`/vendor NAME [REF]`."""
    request.need_open()
    who, reference = _who(request, argument)
    if request.vendor is not None and request.vendor.id != who.id:
        raise ValueError(ONE)
    if len(reference) > LONGEST:
        raise ValueError(Sentence("a vendor's number has at most %(most)s characters", most=LONGEST))
    request.vendor, request.vendor_reference, request.vendor_named = who, reference, True
    name = who.name or who.key
    if reference:
        return Sentence("%(name)s has it, as %(reference)s", name=name, reference=reference)
    return Sentence("%(name)s has it", name=name)


def _who(request: Request, argument: str) -> tuple[Person, str]:
    """The vendor and its reference: the name is as many words as name one."""
    vendors, words = request.facts.vendors, argument.split()
    choices = [Choice(one.key, one.name) for one in vendors.values()]
    for size in range(len(words), 1, -1):
        try:
            return vendors[named(" ".join(words[:size]), Sentence("vendor"), choices)], " ".join(words[size:])
        except ValueError:
            continue
    return vendors[named(words[0] if words else "", Sentence("vendor"), choices)], " ".join(words[1:])


def addressed(request: Request, leg: LegKind) -> str:
    """Notes to whom a plain answer to a letter about a vendor's words goes; why that is not certain, or ""."""
    if leg is not LegKind.VENDOR or request.vendor is not None or request.public or request.shut():
        return ""
    found = answered_vendor(request.facts, request)
    if found is None:
        return WHICH
    request.vendor = found
    return ""


def answered_vendor(facts: Facts, request: Request) -> Person | None:
    vendors = [one.person for one in request.case.vendors()]
    if facts.answered_vendor:
        return next((one for one in vendors if one.id == facts.answered_vendor), None)
    return vendors[0] if len(vendors) == 1 else None


def unclear(request: Request, script: Script, mail: Mail, commands: Sequence[Command]) -> list[tuple[str, str]]:
    """(line, why) where it is not certain what the vendor should read, or there is nothing."""
    lines = [one for one in commands if one.verb == VERB] if request.vendor is not None else []
    found: list[tuple[str, str]] = []
    for one in lines:
        if not one.on_top and script.words:
            found.append((one.line, ON_TOP))
        elif not _answers(request) and (mail.answers.strip() or _quotes(script.words)):
            found.append((one.line, BETWEEN))
        elif not (script.words or mail.attachments or request.vendor_reference):
            found.append((one.line, NO_WORDS))
    return found


def _answers(request: Request) -> bool:
    """Whether he answers a letter about that vendor's own words, which it may read again."""
    return request.vendor is not None and request.facts.answered_vendor == request.vendor.id


def _quotes(words: str) -> bool:
    """Whether marked lines stay between the words, as they do where somebody answers line by line."""
    return any(line.lstrip().startswith(">") for line in words.split("\n"))


def effects(request: Request) -> list[Effect]:
    """The vendor takes part from now on, or has another number for it."""
    who, number = request.vendor, request.case.incident.number
    if who is None:
        return []
    party = next((one for one in request.case.vendors() if one.person.id == who.id), None)
    if party is None:
        return [Enrol(number, who, "vendor", LegKind.VENDOR, request.vendor_reference)]
    if request.vendor_reference and request.vendor_reference != party.reference:
        return [Refer(number, who, request.vendor_reference)]
    return []


def waiting(request: Request) -> None:
    """It waits for a vendor who was told something, unless a line says otherwise, or the next step stays with us."""
    if not (request.vendor_words or request.vendor_named) or request.status_named or request.keep:
        return
    status = moved(request.incident.status, Move.SET, Status.AWAITING_VENDOR)
    request.incident = replace(request.incident, status=status or request.incident.status)
