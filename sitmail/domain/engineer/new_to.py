"""`/new to ADDRESS`: an engineer begins a conversation: his words are sent to one person, and he owns the incident.

Somebody the desk does not know is written to only with the proof that lets in an outsider: whoever could make the desk
write to anybody would have a sender of spam.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sitmail.domain import commands
from sitmail.domain.address import addr_spec
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision, Know
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.decide import VIRUS
from sitmail.domain.engineer.hold_for_proof import hold_for_proof
from sitmail.domain.joining import no_reader
from sitmail.domain.leak_guard import examined, leaks
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opening import NEW, begin_incident
from sitmail.domain.people import Kind, Person
from sitmail.domain.scanner_marks import marked
from sitmail.domain.sentence import Sentence, listed
from sitmail.domain.trust import Power, first_missing_power
from sitmail.domain.update import LegKind

VERB = "new"
_WRITTEN = re.compile(r"to\s+(\S+)", re.IGNORECASE)
BEGINS = re.compile(r"to\b", re.IGNORECASE)
HOW = Sentence("write /new to ADDRESS, with one address, and under it what is to be sent")


def begin(builder: DecisionBuilder, engineer: Person, script: commands.Script) -> Decision:
    """A fresh mail in which that line stands, and no other command but /note."""
    facts, mail = builder.facts, builder.mail
    line = next(one for one in script.commands if one.verb == VERB)
    found = _WRITTEN.fullmatch(line.argument.strip())
    address = addr_spec(found[1].strip("<>")) if found else ""
    why = _refusal(builder, script, address)
    verdicts = [Verdict(line.line, not why, why)]
    verdicts += [Verdict(one.line, False, one.hint) for one in script.mistakes]
    told = leaks([mail.subject, *script.words.split("\n")], facts.said)
    verdicts += [Verdict(leak.words, False, leak.says) for leak in told]
    stay = [file.name for file in mail.attachments if not examined(file, facts.said).leaves]
    verdicts += [Verdict(name, False, Sentence("it holds words that only staff were told")) for name in stay]
    if marked(mail.headers, builder.policy.virus_header):
        verdicts.append(Verdict("", False, VIRUS))
    if not all(verdict.good for verdict in verdicts):
        return conclude(builder, engineer, [], verdicts, 0)
    missing = first_missing_power([_power(builder, address)], facts.staff_proof, builder.policy.trust)
    if missing is not None:
        return hold_for_proof(builder, engineer, 0, [[line.line, True, ""]], missing)
    _send(builder, engineer, _reader(builder, address), script)
    return builder.decision(Rule.ENGINEER_BEGINS, Ending.NEW, f"begun by {engineer.key} with {address}", NEW)


def _power(builder: DecisionBuilder, address: str) -> Power:
    """Whom the desk knows, and people of a site's domain, are written to like any customer."""
    person = builder.facts.known.get(address)
    known = (person is not None and person.known) or builder.facts.home is not None
    return Power.ANSWER if known else Power.BEGIN


def _reader(builder: DecisionBuilder, address: str) -> Person:
    """A contact we know, else somebody new, who is known from now on."""
    known = builder.facts.known.get(address)
    if known is None:
        return Person(0, Kind.CONTACT, address, "", (address,), known=True)
    if not known.known:
        builder.do(Know(known))
    return replace(known, known=True)


def _send(builder: DecisionBuilder, engineer: Person, reader: Person, script: commands.Script) -> None:
    mail = builder.mail
    builder.mail = replace(mail, text=script.words, new_text=script.words, marks="")
    logs = begin_incident(builder, reader, engineer, script.note)
    builder.mail = mail
    builder.tell(reader, NoticePurpose.BEGUN, NEW, logs[0])
    name = f"{reader.name or reader.address} <{reader.address}>"
    rows = [["", True, Sentence("your words go to %(customer)s; the answer comes to you", customer=name)]]
    others = [one.address for one in builder.facts.copied if one.address.lower() not in (reader.address, mail.identity)]
    if others:
        says = Sentence("it was sent without these addresses: %(addresses)s", addresses=listed(others))
        rows.append(["", True, says])
    builder.tell(engineer, NoticePurpose.VERDICT, NEW, *logs[:1], verdicts=rows, leg=str(LegKind.PUBLIC))


def _refusal(builder: DecisionBuilder, script: commands.Script, address: str) -> str:
    policy, facts = builder.policy, builder.facts
    if not address:
        return HOW
    person = facts.known.get(address)
    if len([one for one in script.commands if one.verb != commands.NOTE]) > 1:
        return Sentence("it stands alone: other commands follow in a reply, once there is an incident")
    if any(address in one.addresses for one in policy.engineers.values()):
        return Sentence("%(address)s is a colleague's, to whom the desk is no way to write", address=address)
    if why := no_reader(address, person, policy):
        return Sentence("nobody is written to at %(address)s: it is %(why)s", address=address, why=why)
    if address in facts.blocked_named:
        return Sentence("mail from %(address)s is blocked, so that no answer would come", address=address)
    if person is not None and person.do_not_mail:
        return Sentence("%(address)s is marked as somebody who wants no mail (do_not_mail)", address=address)
    return "" if script.words.strip() else Sentence("what is to be sent? write it under the line")
