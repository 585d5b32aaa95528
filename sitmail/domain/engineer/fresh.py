"""An engineer's fresh mail to a mailbox that holds command lines: no incident opens for them.

Lines with numbers, and those that need none, such as /away, are carried out as at the command address.  Everything else
is refused, with a sentence about each line.
"""

from __future__ import annotations

from sitmail.domain import commands
from sitmail.domain.command_lines import holds_slash, read_line
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.decide import NOT_YET, UNSEEN
from sitmail.domain.engineer.new_for import VERB, said_by_customer
from sitmail.domain.engineer.new_to import BEGINS, begin
from sitmail.domain.engineer.numbered import WHICH, decide_numbered
from sitmail.domain.engineer.verbs import WITHOUT_NUMBER
from sitmail.domain.numbered_commands import numbers_of
from sitmail.domain.people import Kind
from sitmail.domain.verbs import STAFF

ALONE = "words beside it would reach nobody; send that line alone"


def commands_in_fresh_mail(builder: DecisionBuilder) -> Decision | None:
    """The rule.  Who is also a contact writes a fresh mail as one, whose slashes are text."""
    facts, mail = builder.facts, builder.mail
    person = facts.engineer
    engineer = builder.policy.engineers.get(person.key) if person else None
    if person is None or engineer is None or facts.case is not None or facts.route.kind != "mailbox":
        return None
    if (facts.contact is not None and facts.contact.kind is Kind.CONTACT) or not holds_slash(mail.new_text):
        return None
    script = commands.read(mail.new_text, STAFF, strict=True)
    if script.asks(VERB) and not _begins_with_number(mail.new_text):
        line = next(one for one in script.commands if one.verb == VERB)
        if mail.hides_words:
            return conclude(builder, person, [], [Verdict(line.line, False, UNSEEN)], 0)
        decided = begin if BEGINS.match(line.argument.strip()) else said_by_customer
        return decided(builder, person, script)
    if _begins_with_number(mail.new_text) or (script.commands and _about_none(script)):
        return decide_numbered(builder, person, engineer)
    if mail.forwarded is not None and _only_a_note(script):
        return None
    verdicts = [Verdict(one.line, False, one.hint) for one in script.mistakes]
    verdicts += [Verdict(one.line, False, _refused(one)) for one in script.commands]
    return conclude(builder, person, [], verdicts, 0) if verdicts else None


def _begins_with_number(text: str) -> bool:
    """Its first line is `N: /verb`, as at the command address."""
    first = next((line.strip() for line in commands.without_banner(text.split("\n")) if line.strip()), "")
    numbers, rest = numbers_of(first)
    return bool(numbers) and read_line(rest) is not None


def _about_none(script: commands.Script) -> bool:
    return (
        not script.mistakes and not script.words and all(command.verb in WITHOUT_NUMBER for command in script.commands)
    )


def _refused(command: commands.Command) -> str:
    if STAFF[command.verb].later:
        return NOT_YET
    return ALONE if command.verb in WITHOUT_NUMBER else WHICH


def _only_a_note(script: commands.Script) -> bool:
    return not script.mistakes and all(command.verb == commands.NOTE for command in script.commands)
