"""Closing a parent asks its children's customers; of more than five only after a yes (behaviour 3.5 and 7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitmail.domain import rules
from sitmail.domain.effects import Decision, Tell
from sitmail.domain.facts import Proof
from sitmail.domain.links import Link, LinkKind
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.update import LegKind
from tests.domain.desk_at_hand import BOB, INCIDENT, NOW, POLICY, case_of, facts_of, letter, of


def closing(children: int, line: str, proof: Proof = Proof.TOKEN) -> Decision:
    """Bob closes incident 1, the parent of so many."""
    numbers = range(11, 11 + children)
    links = {one: Link(one, one, LinkKind.PARENT, 1, "", "", NOW, "bob") for one in numbers}
    parent = replace(case_of(), links=tuple(links.values()))
    below = {one: replace(case_of(replace(INCIDENT, number=one)), links=(links[one],)) for one in numbers}
    facts = facts_of(BOB, proof, parent, LegKind.PUBLIC, cases={1: parent, **below})
    return rules.decide(letter(line, BOB), facts, POLICY, NOW)


def asked(decision: Decision) -> set[int | None]:
    return {one.incident for one in of(decision, Tell) if one.purpose == NoticePurpose.RESOLVED}


@pytest.mark.parametrize(
    ("children", "line", "proof", "ending", "wanted"),
    [
        (5, "/close solved", Proof.TOKEN, "applied", {11, 12, 13, 14, 15}),
        (6, "/close solved", Proof.TOKEN, "held", set()),
        (6, "/close solved", Proof.CONFIRMED, "applied", {11, 12, 13, 14, 15, 16}),
        (6, "/close unsolved", Proof.TOKEN, "applied", set()),  # nobody is asked
        (6, "/research", Proof.TOKEN, "applied", set()),
        (2, "/resolve solved", Proof.TOKEN, "applied", {1, 11, 12}),
    ],
)
def test_who_is_asked(children: int, line: str, proof: Proof, ending: str, wanted: set[int]) -> None:
    decision = closing(children, line, proof)
    assert (decision.ending, asked(decision)) == (ending, wanted)
