"""Which incidents an engineer's words name by their numbers, so that another customer's does not leave by mistake."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from sitmail.domain.facts import Facts
from sitmail.domain.named_numbers import numbers_in
from sitmail.services.cases import cases
from sitmail.services.desk import Desk
from sitmail.services.hints import Arrival


def with_mentioned(connection: Connection, desk: Desk, facts: Facts, arrival: Arrival) -> Facts:
    """Nothing is read where no number stands in them, as in most."""
    policy = desk.policy
    if facts.engineer is None or policy.airlock != "return":
        return facts
    named = numbers_in(arrival.mail.new_text, policy.tag, policy.noun)
    numbers = named.keys() - {facts.number}
    if not numbers:
        return facts
    known = {number: facts.cases[number] for number in numbers & facts.cases.keys()}
    return replace(facts, mentioned=known | cases(connection, desk, numbers - known.keys()))
