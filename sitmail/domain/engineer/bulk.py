"""One mail that acts on many incidents: when it is asked about, and what the question lists (behaviour 7).

What a search chose is asked about always.  The list that its author read is kept with the question: his yes acts on
those incidents and on no others, and what changed meanwhile is left alone, and named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sitmail.domain.chosen import NOT_LISTED, Leaver, kept
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.engineer.carry_out import Verdict
from sitmail.domain.engineer.request import Request
from sitmail.domain.numbered_commands import NumberedScript
from sitmail.domain.policy import NOTHING
from sitmail.domain.sentence import Sentence, stored
from sitmail.domain.trust import Power, staff_may

_POINTS = re.compile(r"-> \[?[A-Za-z]{2,10}-([0-9]{1,9})\]?\Z")
_BEGINS = re.compile(r"\W*(?:[A-Za-z]{2,10}[- ])?([0-9]{1,9})\]?\s*(?::|\Z)")
CHANGED = Sentence("it changed after you were asked, so it is left as it is")
NAMED = 50  # incidents by name in one sentence


def asks_about_searches(
    builder: DecisionBuilder, requests: Sequence[Request], searches: Sequence[str]
) -> Iterator[Verdict]:
    """What there is to say of incidents that searches chose; notes that they need a yes."""
    facts = builder.facts
    for left in searches:
        chosen = facts.chosen[left]
        agreed = staff_may(Power.CHOSEN, facts.staff_proof, builder.policy.trust)
        if agreed and not chosen.listed:  # to something else, for which it was held
            yield Verdict(left, False, NOT_LISTED)
        for number in chosen.changed:
            yield Verdict(builder.policy.reference(number), bool(chosen.numbers), CHANGED)
        if chosen.leaver is not None and any("assign" in one.verbs for one in requests):
            yield from (Verdict("", True, says) for says in _left_behind(builder, chosen.leaver, requests))
    if searches and requests:
        requests[0].powers.add(Power.CHOSEN)


def _left_behind(builder: DecisionBuilder, leaver: Leaver, requests: Sequence[Request]) -> Iterator[str]:
    """What somebody whose incidents are handed over has besides, and what comes with them."""
    policy = builder.policy
    engineer = policy.engineers.get(leaver.engineer)
    name = engineer.name if engineer else leaver.engineer
    if leaver.lent:
        yield Sentence(
            "%(name)s also has these for a while: %(incidents)s", name=name, incidents=_names(builder, leaver.lent)
        )
    if leaver.watched:
        yield Sentence("%(name)s also watches: %(incidents)s", name=name, incidents=_names(builder, leaver.watched))
    planned = [one.case.incident.number for one in requests if one.case.incident.next_action_at is not None]
    if planned:
        yield Sentence(
            "a next action is planned for these, and stays: %(incidents)s", incidents=_names(builder, planned)
        )


def _names(builder: DecisionBuilder, numbers: Sequence[int]) -> str:
    shown = ", ".join(builder.policy.reference(number) for number in numbers[:NAMED])
    return f"{shown}, ... ({len(numbers)})" if len(numbers) > NAMED else shown


def _name(builder: DecisionBuilder, request: Request) -> str:
    incident = request.case.incident
    return f"{builder.policy.reference(incident.number)} {incident.title}"


def _said(requests: Sequence[Request], verdicts: Sequence[Verdict]) -> dict[int, list[str]]:
    """What the verdicts say of each; where there is one alone, all of them are about it."""
    alone = requests[0].case.incident.number if len(requests) == 1 else 0
    found: dict[int, list[str]] = {}
    for one in verdicts:
        if one.line and (number := alone or _number(one.line)):
            found.setdefault(number, []).append(one.says)
    return found


def _number(line: str) -> int:
    """The incident that the line of a verdict names: `[EX-5]: /take`, `5: words`, `2: /take -> [EX-5]`; 0 for none."""
    found = _POINTS.search(line) or _BEGINS.match(line)
    return int(found[1]) if found else 0


def question_of(
    builder: DecisionBuilder, requests: Sequence[Request], script: NumberedScript, verdicts: Sequence[Verdict]
) -> Mapping[str, Any]:
    """What a question about such a mail shows and keeps, beside what it shows of any mail."""
    if len(requests) < 2 and not script.chosen:
        return NOTHING
    said = _said(requests, verdicts)
    listed = [
        [_name(builder, one), stored(says)] for one in requests for says in said.get(one.case.incident.number, [""])
    ]
    cases = builder.facts.cases
    chosen = {
        left: kept({n: cases[n].incident for n in builder.facts.chosen[left].numbers if n in cases})
        for left in script.chosen
    }
    beside = [stored(verdict.says) for verdict in verdicts if not verdict.line and verdict.good]
    return {"listed": listed, "count": len(requests), "chosen": chosen, "beside": beside, "lines": []}
