"""`/new for ADDRESS [via CHANNEL]`: an engineer writes down what a customer said, by phone or in the corridor (S4-01).

The words under the line are the customer's, who is told; what stands under /note is the engineer's own.
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
from sitmail.domain.engineer.carry_out import Verdict, conclude, hold_for_proof
from sitmail.domain.engineer.forwarded import open_for, vouched
from sitmail.domain.leak_guard import leaks
from sitmail.domain.opening import NEW
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence
from sitmail.domain.trust import Power, first_missing_power
from sitmail.domain.verbs import STAFF

VERB = "new"
_WRITTEN = re.compile(r"for\s+(\S+)(?:\s+via\s+([\w-]{1,20}))?", re.IGNORECASE)
HOW = Sentence("write /new for ADDRESS, such as /new for jane@example.com via phone, and what they said under it")


def said_by_customer(builder: DecisionBuilder, engineer: Person, script: commands.Script) -> Decision:
    """A fresh mail in which that line stands, and no other command but /note."""
    mail, policy = builder.mail, builder.policy
    line = next(one for one in script.commands if one.verb == VERB)
    found = _WRITTEN.fullmatch(line.argument.strip())
    address = addr_spec(found[1].strip("<>")) if found else ""
    try:
        sentence = _refusal(builder, script, address)
        _channel(builder, (found[2] if found else "") or "phone")
    except ValueError as mistake:
        sentence = str(mistake)
    verdicts = [Verdict(line.line, not sentence, sentence)]
    verdicts += [Verdict(one.line, False, one.hint) for one in script.mistakes]
    told = leaks([mail.subject, *script.words.split("\n")], builder.facts.said)  # the customer reads them in his letter
    verdicts += [Verdict(leak.words, False, leak.says) for leak in told]
    if not all(verdict.good for verdict in verdicts):
        return conclude(builder, engineer, [], verdicts, 0)
    missing = first_missing_power([STAFF[VERB].power, Power.NOTE], builder.facts.staff_proof, policy.trust)
    if missing is not None:
        return hold_for_proof(builder, engineer, 0, [[line.line, True, ""]], missing)
    said = replace(mail, text=script.words, new_text=script.words)
    channel = _channel(builder, found[2] or "phone") if found else ""
    open_for(builder, engineer, vouched(builder, address, ""), said, script.note, channel)
    return builder.decision(Rule.ENGINEER_NEW, Ending.NEW, f"written down by {engineer.key} for {address}", NEW)


def _channel(builder: DecisionBuilder, word: str) -> str:
    """By its id, where the desk has declared which there are.  Raises ValueError with a sentence."""
    known = builder.policy.dictionary.channels
    return named(word, "channel", [Choice(one.id, one.name) for one in known]) if known else word.lower()


def _refusal(builder: DecisionBuilder, script: commands.Script, address: str) -> str:
    policy = builder.policy
    if not address:
        return HOW
    if len([one for one in script.commands if one.verb != commands.NOTE]) > 1:
        return Sentence("it stands alone: other commands follow in a reply, once there is an incident")
    if policy.is_own(address) or any(address in one.addresses for one in policy.engineers.values()):
        return Sentence("%(address)s is ours, and no customer's", address=address)
    if not script.words.strip():
        return Sentence("what did they say? write it under the line")
    return ""
