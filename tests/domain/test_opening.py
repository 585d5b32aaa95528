"""Opening an incident: its owner, who is admitted, and what each is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitmail.config.patterns import Compiled
from sitmail.domain import rules
from sitmail.domain.effects import Decision, Enrol, Hold, Know, Meet, Open, Tell
from sitmail.domain.facts import Contract, Proof
from sitmail.domain.facts import Route as Way
from sitmail.domain.mail import Address
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Mailbox, Policy, Route, Trust
from tests.domain.desk_at_hand import (
    BOX,
    JANE,
    NOW,
    POLICY,
    case_of,
    facts_of,
    letter,
    of,
)

SAM = "sam@elsewhere.example.org"
SERVED = Person(31, Kind.STRANGER, SAM, "Sam", (SAM,), known=False)


def opened(
    person: Person | None = JANE,
    proof: Proof = Proof.NONE,
    policy: Policy = POLICY,
    box: Mailbox = BOX,
    **facts: object,
) -> Decision:
    about = facts_of(person, proof, route=Way("mailbox", box), **facts)
    return rules.decide(
        letter("The printer stopped.", person or SAM, subject="Re: [SIT-7] Printer"), about, policy, NOW
    )


@pytest.mark.parametrize(
    "box, policy, owner",
    [
        ({}, {}, "mia"),  # the least loaded of the team
        ({"owner": "nora"}, {}, "nora"),
        ({"owner": "gone"}, {}, "mia"),
        ({"team": "network"}, {}, "nora"),
        ({"team": "empty"}, {"default_owner": "mia"}, "mia"),
        ({"team": "empty"}, {}, ""),
        ({"assign": "queue", "owner": "nora"}, {}, ""),
        ({"owner": "nora"}, {"routes": (Route(words=(Compiled("printer"),), owner="anna"),)}, "anna"),
        ({"owner": "nora"}, {"routes": (Route(words=(Compiled("coffee"),), owner="anna"),)}, "nora"),
        ({"owner": "anna"}, {"routes": (Route(team="network"),)}, "nora"),
    ],
)
def test_who_gets_it(box: dict[str, object], policy: dict[str, object], owner: str) -> None:
    decision = opened(policy=replace(POLICY, **policy), box=replace(BOX, **box))  # type: ignore[arg-type]
    [incident] = [effect.incident for effect in of(decision, Open)]
    assert incident.owner == owner and incident.status == ("active" if owner else "new")
    assert any(tell.person.staff for tell in of(decision, Tell)), "somebody inside knows"


def test_nobody_gets_his_own() -> None:
    bob = replace(JANE, addresses=("bob@example.com",))
    [incident] = [effect.incident for effect in of(opened(bob, load={"mia": 9, "anna": 5}), Open)]
    assert incident.owner == "anna"


@pytest.mark.parametrize(
    "person, proof, purpose",
    [
        (JANE, Proof.NONE, "acknowledgement"),
        (None, Proof.NONE, "acknowledgement_stranger"),
        (None, Proof.AUTHENTICATED, "acknowledgement"),
        (SERVED, Proof.NONE, "acknowledgement_stranger"),
        (SERVED, Proof.TOKEN, "acknowledgement"),
    ],
)
def test_what_the_writer_is_told(person: Person | None, proof: Proof, purpose: str) -> None:
    decision = opened(person, proof, claimed=7)
    [tell] = [t for t in of(decision, Tell) if not t.person.staff]
    assert tell.purpose == purpose
    assert "claimed" not in tell.detail, "whether the number he named exists is no business of his"
    assert bool(of(decision, Know)) == (person is SERVED and proof is not Proof.NONE)


def test_a_title_names_no_other_incident() -> None:
    [incident] = [effect.incident for effect in of(opened(), Open)]
    assert incident.title == "Printer"


@pytest.mark.parametrize(
    "trust, intake, contracts, ending",
    [
        ("open", "open", (), "new"),
        ("hold", "open", (), "held"),
        ("reject", "open", (), "ignored"),
        ("open", "triage", (), "held"),
        ("open", "strict", (), "held"),
        ("reject", "triage", (), "ignored"),
        ("hold", "strict", (), "held"),
    ],
)
def test_strangers_and_cover(trust: str, intake: str, contracts: tuple[Contract, ...], ending: str) -> None:
    policy = replace(POLICY, trust=Trust(unknown_sender=trust))
    decision = opened(None, policy=policy, box=replace(BOX, intake=intake), contracts=contracts)
    assert decision.ending == ending
    told = [t.purpose for t in of(decision, Tell) if not t.person.staff and ending != "new"]
    about_cover = ending == "held" and trust == "open"
    assert told == (["not_covered"] if about_cover else []), "politely, and nothing of theirs repeated"
    assert len(of(decision, Hold)) == (ending == "held")


@pytest.mark.parametrize(
    "contract, ending",
    [
        (Contract("c", "acme"), "new"),
        (Contract("c", "acme", last_day="2020-01-01"), "held"),
        (Contract("c", "acme", everybody=False, contacts=("jane@acme.example.net",)), "new"),
        (Contract("c", "acme", everybody=False, contacts=("john@acme.example.net",)), "held"),
    ],
)
def test_a_strict_mailbox_wants_a_contract(contract: Contract, ending: str) -> None:
    assert opened(box=replace(BOX, intake="strict"), contracts=(contract,)).ending == ending


COPIED = tuple(
    Address("", one)
    for one in ("john@acme.example.net", "kim@globex.example.org", "evil@x.example", "Evil@x.example", JANE.address)
)


@pytest.mark.parametrize(
    "cc, new, unproven, proven",
    [
        ("none", set(), set(), set()),
        ("same-site", {"john"}, set(), {"jill"}),
        ("any", {"john", "kim", "evil"}, set(), {"jill", "kim", "evil"}),
    ],
)
def test_who_is_let_in_by_a_copy(cc: str, new: set[str], unproven: set[str], proven: set[str]) -> None:
    box = replace(BOX, cc=cc)

    def joined(decision: Decision) -> set[str]:
        return {e.person.address.partition("@")[0] for e in of(decision, Enrol) if e.role == "participant"}

    assert joined(opened(box=box, copied=COPIED)) == new
    copied = (*COPIED[1:4], Address("", "jill@acme.example.net"))
    for proof, let_in in ((Proof.NONE, unproven), (Proof.TOKEN, proven)):
        about = facts_of(JANE, proof, case_of(), route=Way("mailbox", box), copied=copied)
        assert joined(rules.decide(letter("More."), about, POLICY, NOW)) == let_in


def test_strangers_that_are_copied_are_met_first() -> None:
    decision = opened(None, box=replace(BOX, cc="any"), copied=COPIED)
    met = [e.address for e in of(decision, Meet)]
    assert {e.person.key for e in of(decision, Enrol) if e.person.id == 0} <= set(met)
