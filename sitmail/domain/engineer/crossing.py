"""Answers that cross: a public answer to a letter that is older than what its author had not read (behaviour 3).

Newer are words of customers, which somebody proved to be his, a colleague's public answer, and that a colleague took
what nobody owned.  Bare thanks, machines and unproved words are not.
"""

from __future__ import annotations

from collections.abc import Sequence

from sitmail.domain import short_answers
from sitmail.domain.command_lines import tokens
from sitmail.domain.commands import joined, without_banner
from sitmail.domain.endings import Rule
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Proof
from sitmail.domain.later_updates import Later
from sitmail.domain.policy import Policy
from sitmail.domain.update import Direction, Event, LegKind

SPOKEN = frozenset({Event.CUSTOMER, Event.OPENED, Event.CLOSURE_REQUESTED, Event.CLOSED, Event.REOPENED})
ASKING = frozenset({Rule.CUSTOMER_HELP, Rule.CUSTOMER_READS, Rule.CUSTOMER_LEVEL})  # no words to anybody
SEND = (["send"], ["/send"])


def newer(requests: Sequence[Request], policy: Policy) -> list[tuple[int, Later]]:
    """What came before the words of these requests, with its incident; nothing where they may leave all the same."""
    spoken = [one for one in requests if one.words and not one.sent_already]
    if policy.crossed != "return":  # but what leaves later does so unless the customer writes
        spoken = [one for one in spoken if one.facts.release and one.facts.release.waited]
    speaking = [one for one in spoken if not (one.facts.release and one.facts.release.how == "send")]
    found = ((one, later) for one in speaking for later in one.facts.later.get(one.case.incident.number, ()))
    return [(one.case.incident.number, later) for one, later in found if _crosses(later, one)]


def _crosses(later: Later, request: Request) -> bool:
    if later.leg == LegKind.PUBLIC and later.direction == Direction.IN:
        return later.event in SPOKEN and later.rule not in ASKING and says_something(later.proof, later.text)
    if later.leg == LegKind.PUBLIC and later.direction == Direction.OUT:
        return later.author != request.actor.id
    taken = later.owners is not None and not later.owners[0]
    return taken and later.owners is not None and later.owners[1] not in ("", request.engineer.id)


def says_something(proof: str, text: str) -> bool:
    """Whether words of a customer are news: somebody proved to be his, and more than thanks."""
    return proof != Proof.NONE.label and not short_answers.is_thanks(text)


def shown(number: int, later: Later) -> list[str]:
    """Who, where it stands in the log, and what was said."""
    said = later.text.strip() or ("took it" if later.owners else "(a file)")
    return [later.name, f"{number}#{later.number}", said]


def sends(text: str) -> bool:
    """The first line is `send`, and nothing else."""
    return tokens(_lines(text)[0]) in SEND if _lines(text) else False


def below(text: str) -> str:
    """What stands under that line."""
    return joined(_lines(text)[1:])


def _lines(text: str) -> list[str]:
    lines = without_banner(text.split("\n"))
    at = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    return lines[at:]
