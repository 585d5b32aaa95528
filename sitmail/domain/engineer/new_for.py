"""`/new for ADDRESS [via CHANNEL]`: an engineer writes down what a customer said, by phone or in the corridor (S4-01).

The words under the line are the customer's, who is told; what stands under /note is the engineer's own.  Where he
forwards something, such as a post of a forum (S3-05), that is what the customer said, and the words above are a note.
The line may then leave out who it was, if the forwarded mail says so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sitmail.domain import commands
from sitmail.domain.address import addr_spec
from sitmail.domain.choices import Choice, named
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.forwarded import open_for, vouched
from sitmail.domain.engineer.hold_for_proof import hold_for_proof
from sitmail.domain.leak_guard import leaks
from sitmail.domain.mail import Mail
from sitmail.domain.opening import NEW
from sitmail.domain.people import Person
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import Power, first_missing_power
from sitmail.domain.verbs import STAFF

VERB = "new"
_WRITTEN = re.compile(r"(?:for\s+(\S+))?(?:(?:^|\s+)via\s+([\w-]{1,20}))?", re.IGNORECASE)
HOW = Sentence("write /new for ADDRESS, such as /new for jane@example.com via phone, and what they said under it")


@record
class _Said:
    """By whom, how, and what: `mail` is the mail as the customer's, `note` the engineer's words."""

    address: str
    name: str
    channel: str
    mail: Mail
    note: str


def said_by_customer(builder: DecisionBuilder, engineer: Person, script: commands.Script) -> Decision:
    """A fresh mail in which that line stands, and no other command but /note."""
    policy = builder.policy
    line = next(one for one in script.commands if one.verb == VERB)
    said, sentence = None, ""
    try:
        said = _said(builder, script, line.argument.strip())
        sentence = _refusal(builder, script, said)
    except ValueError as mistake:
        sentence = str(mistake)
    verdicts = [Verdict(line.line, not sentence, sentence)]
    verdicts += [Verdict(one.line, False, one.hint) for one in script.mistakes]
    read = [said.mail.subject, *said.mail.text.split("\n")] if said else []
    told = leaks(read, builder.facts.said)  # the customer reads them in his letter
    verdicts += [Verdict(leak.words, False, leak.says) for leak in told]
    if said is None or not all(verdict.good for verdict in verdicts):
        return conclude(builder, engineer, [], verdicts, 0)
    missing = first_missing_power([STAFF[VERB].power, Power.NOTE], builder.facts.staff_proof, policy.trust)
    if missing is not None:
        return hold_for_proof(builder, engineer, 0, [[line.line, True, ""]], missing)
    customer = vouched(builder, said.address, said.name)
    open_for(builder, engineer, customer, said.mail, said.note, said.channel)
    return builder.decision(Rule.ENGINEER_NEW, Ending.NEW, f"written down by {engineer.key} for {said.address}", NEW)


def _said(builder: DecisionBuilder, script: commands.Script, argument: str) -> _Said:
    """Raises ValueError with a sentence."""
    mail, inside = builder.mail, builder.mail.forwarded
    found = _WRITTEN.fullmatch(argument) if argument else None
    if found is None:
        raise ValueError(HOW)
    author = inside.sender if inside else None
    address = addr_spec(found[1].strip("<>")) if found[1] else addr_spec(author.address) if author else ""
    if inside is None:
        channel = _channel(builder, found[2] or "phone")
        return _Said(address, "", channel, replace(mail, text=script.words, new_text=script.words), script.note)
    usual = builder.facts.route.mailbox.channel
    channel = _channel(builder, found[2]) if found[2] else usual or "email"
    note = "\n\n".join(filter(None, (script.words, script.note)))
    name = author.name if author and addr_spec(author.address) == address else ""
    theirs = replace(mail, subject=inside.subject or mail.subject, text=inside.text, new_text=inside.text)
    return _Said(address, name, channel, theirs, note)


def _channel(builder: DecisionBuilder, word: str) -> str:
    """By its id, where the desk has declared which there are.  Raises ValueError with a sentence."""
    known = builder.policy.dictionary.channels
    return named(word, "channel", [Choice(one.id, one.name) for one in known]) if known else word.lower()


def _refusal(builder: DecisionBuilder, script: commands.Script, said: _Said) -> str:
    policy, address = builder.policy, said.address
    if not address:
        return HOW
    if len([one for one in script.commands if one.verb != commands.NOTE]) > 1:
        return Sentence("it stands alone: other commands follow in a reply, once there is an incident")
    if policy.is_own(address) or any(address in one.addresses for one in policy.engineers.values()):
        return Sentence("%(address)s is ours, and no customer's", address=address)
    if not said.mail.text.strip():
        return Sentence("what did they say? write it under the line")
    return ""
