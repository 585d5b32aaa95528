"""A mail to a mailbox and to the command address at once is for both: lines on top are commands, the words go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sitmail.domain import commands
from sitmail.domain.command_lines import read_line
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.endings import Ending
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.numbered import decide_numbered
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Facts
from sitmail.domain.numbered_commands import numbers_of
from sitmail.domain.people import Person
from sitmail.domain.verbs import STAFF


def to_both(builder: DecisionBuilder, actor: Person, engineer: Engineer) -> Decision | None:
    """Carries out the lines on top; None where words are left, which the rules of the mailbox decide about.

    A command elsewhere refuses the mail, before anything of it is done.
    """
    mail, facts = builder.mail, builder.facts
    top, rest = _parts(commands.without_banner(mail.new_text.split("\n")))
    script = commands.read(rest, STAFF, strict=True)
    mistakes = [Verdict(one.line, False, one.hint) for one in script.mistakes]
    mistakes += [Verdict(one.line, False, commands.MISPLACED) for one in script.commands]
    if mistakes:
        return conclude(builder, actor, [], mistakes, 0)
    accepted = facts.release is not None and facts.release.how == "accept"  # its lines were carried out before that
    if top and not accepted:
        # the subject is the title of the words
        builder.mail = replace(mail, subject="", text=top, new_text=top, answers="", marks="")
        decision = decide_numbered(builder, actor, engineer)
        if decision.ending is not Ending.APPLIED or not rest:
            return decision
    builder.mail = replace(mail, text=rest, new_text=rest, marks="") if top else mail
    builder.facts = at_mailbox(facts)
    return None


def at_mailbox(facts: Facts) -> Facts:
    """As if the mail had come to the mailbox alone."""
    return replace(facts, route=replace(facts.route, kind="mailbox", beside=False))


def _parts(lines: Sequence[str]) -> tuple[str, str]:
    """The lines on top that begin with a number or with a slash and a word, and the others."""
    at = 0
    while at < len(lines) and (not lines[at].strip() or numbers_of(lines[at].strip())[0] or read_line(lines[at])):
        at += 1
    return commands.joined(lines[:at]), commands.joined(lines[at:])
