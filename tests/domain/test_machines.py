"""Mail written by machines: it is never answered, its commands are ignored, and it does not delay people's mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitmail.domain import rules
from sitmail.domain.effects import Decision, Log, Open, Tell
from sitmail.domain.facts import Facts, Proof
from sitmail.domain.incident import Status
from sitmail.domain.mail import Bounce, FailedRecipient, Mail
from sitmail.domain.policy import Monitor, Trust
from sitmail.domain.update import LegKind
from tests.domain.desk_at_hand import (
    ANNA,
    BOB,
    INCIDENT,
    JANE,
    JILL,
    NOW,
    POLICY,
    case_of,
    facts_of,
    letter,
    of,
    told,
)

REPORT = Bounce("failed", "5.1.1", True, "no such user", (FailedRecipient("jane@x", "failed", "5.1.1", True),), "")


def decide(mail: Mail, facts: Facts, **policy: object) -> Decision:
    return rules.decide(mail, facts, replace(POLICY, **policy), NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "block, blocked",
    [
        ("jane@acme.example.net", True),
        ("@acme.example.net", True),
        ("@example.net", False),
        ("acme.example.net", False),
        ("ane@acme.example.net", False),
    ],
)
def test_who_is_blocked_is_ended_without_a_word(block: str, blocked: bool) -> None:
    decision = decide(letter("x"), facts_of(JANE, case=case_of()), blocks=(block,))
    assert (decision.ending, not decision.effects) == (("ignored", True) if blocked else ("applied", False))


@pytest.mark.parametrize("more", [{"own": True}, {"duplicate_of": 3}])
def test_our_own_letters_and_copies_do_nothing(more: dict[str, object]) -> None:
    decision = decide(letter("/close it works"), facts_of(JANE, case=case_of(), **more))
    assert decision.effects == () and decision.ending in ("ignored", "duplicate")


def test_a_report_counts_at_a_valid_return_path_only() -> None:
    mail = letter("undelivered", "mailer-daemon@x.example", kind="bounce", machine="bounce", bounce=REPORT)
    forged = decide(mail, facts_of(None, case=case_of()))
    assert (forged.ending, forged.effects) == ("ignored", ())
    decision = decide(mail, facts_of(None, case=case_of(), bounced=JANE))
    assert [log.leg for log in of(decision, Log)] == [LegKind.INTERNAL]
    assert told(decision) == [("anna@example.com", "delivery_failed")]


def test_a_letter_that_came_back_from_an_engineer_is_not_told_to_him() -> None:
    mail = letter("undelivered", "mailer-daemon@x.example", kind="bounce", machine="bounce", bounce=REPORT)
    assert told(decide(mail, facts_of(None, case=case_of(), bounced=ANNA))) == []


@pytest.mark.parametrize("status", list(Status))
def test_automatic_mail_moves_no_status_and_no_clock(status: Status) -> None:
    mail = letter("/close it works\nI am away.", machine="auto-submitted", unanswerable="auto-submitted")
    case = case_of(replace(INCIDENT, status=status, closed=NOW if status is Status.CLOSED else None))
    decision = decide(mail, facts_of(JANE, Proof.BOTH, case))
    [log] = of(decision, Log)
    assert (log.leg, dict(log.change)) == (LegKind.INTERNAL, {})
    assert all(tell.person.staff for tell in of(decision, Tell))


@pytest.mark.parametrize(
    "facts",
    [
        facts_of(None),  # a stranger's
        facts_of(JILL, cases={1: case_of()}),  # nobody's here
        facts_of(JILL, case=case_of()),
        facts_of(JANE, case=case_of(), token_owner=BOB),  # with somebody else's token
    ],
)
def test_automatic_mail_of_others_opens_and_answers_nothing(facts: Facts) -> None:
    decision = decide(letter("Your code is 1234", "noreply@shop.example", machine="auto-submitted"), facts)
    assert decision.ending == "ignored"
    assert [effect for effect in decision.effects if not isinstance(effect, Tell)] == []
    assert {tell.purpose for tell in of(decision, Tell)} == ({"machine_ignored"} if facts.contact else set())
    assert all(
        tell.person.staff and tell.cause == f"ignored:{facts.contact.id}:2026-03-02" for tell in of(decision, Tell)
    )
    assert decide(letter("1234", machine="auto-submitted"), replace(facts, ignored_told=True)).effects == ()


def test_with_proof_wanted_automatic_mail_in_a_customers_name_needs_it_too() -> None:
    mail = letter("I am away.", machine="auto-submitted")
    strict = Trust(customers="proof")
    assert decide(mail, facts_of(JANE, Proof.NONE, case_of()), trust=strict).ending == "ignored"
    assert decide(mail, facts_of(JANE, Proof.TOKEN, case_of()), trust=strict).ending == "applied"


@pytest.mark.parametrize("words", ["precedence-list", "list-id", "noreply"])
def test_a_person_behind_a_list_is_heard_and_not_answered(words: str) -> None:
    mail = letter("/close it works", unanswerable=words)
    decision = decide(mail, facts_of(JANE, case=case_of()))
    assert decision.ending == "applied"
    assert told(decision) == [("anna@example.com", "closure_requested")]


# --- monitors

MONITORS = (Monitor(("mon@watch.example",)),)


@pytest.mark.parametrize("machine", ["", "auto-submitted"])
def test_a_monitor_opens_one_incident_a_fingerprint_and_is_never_answered(machine: str) -> None:
    mail = letter("disk full", "mon@watch.example", machine=machine)
    facts = facts_of(None, Proof.NONE, monitor_key="mon@watch.example DISK 0")
    first = decide(mail, facts, monitors=MONITORS)
    assert (first.rule, len(of(first, Open))) == ("monitor-new", 1)
    assert all(tell.person.staff for tell in of(first, Tell))
    again = decide(mail, replace(facts, cases={1: case_of()}, monitor_number=1), monitors=MONITORS)
    assert (again.rule, of(again, Open), of(again, Tell)) == ("monitor-again", [], [])
