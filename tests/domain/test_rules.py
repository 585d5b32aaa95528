"""Who may do what with which proof: every cell of behaviour 7, written down here by hand a second time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from sitmail.domain import rules
from sitmail.domain.effects import Decision, Enrol, Hold, Log, Open, Settle, Void
from sitmail.domain.facts import Case, Confirmation, Facts, Proof, Release, Route
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Trust
from sitmail.domain.question_effects import Answered, Ask, AskAgain, AskNext
from sitmail.domain.update import LegKind
from tests.domain.desk_at_hand import (
    ADAM,
    ANNA,
    BOB,
    BOX,
    CLOSED,
    DAY,
    JANE,
    JILL,
    JOHN,
    MIA,
    NORA,
    NOW,
    POLICY,
    case_of,
    facts_of,
    letter,
    of,
    told,
)

# --- the contract's table, by hand

PROVED = {Proof.TOKEN, Proof.AUTHENTICATED, Proof.BOTH, Proof.LOGIN, Proof.CONFIRMED}
STRONG = {Proof.BOTH, Proof.LOGIN, Proof.CONFIRMED}
ONLY_CONFIRMED = {Proof.CONFIRMED}
READS = {"proof": set(Proof), "both": STRONG, "confirm": ONLY_CONFIRMED}
ACTS = {"proof": PROVED, "both": STRONG, "confirm": ONLY_CONFIRMED}
LETS_IN = {"proof": STRONG, "both": STRONG, "confirm": ONLY_CONFIRMED}

# text -> what an engineer of the team needs; None: refused, whoever proves what
ENGINEERS_ASK = {
    "We look at it.": ACTS,
    "/take": ACTS,
    "/assign bob": ACTS,
    "/status research": ACTS,
    "/research": ACTS,
    "/wait 2d": ACTS,
    "/priority high": ACTS,
    "/title Printer on floor 3": ACTS,
    "/note they always unplug the wrong one": ACTS,
    "/public\nWe look at it.": ACTS,
    "/keep\nWe look at it.": ACTS,
    "/cc add jill@acme.example.net": ACTS,
    "/cc add anna@example.com": ACTS,
    "/cc del john@acme.example.net": ACTS,
    "/cc add kim@globex.example.org": LETS_IN,
    "/watch": ACTS,
    "/close solved": ACTS,
    "/reopen": ACTS,  # of a closed incident
    "/show": READS,
    "/files": READS,
    "/why": READS,
    "/help": READS,
    "/merge 2": None,  # known, not built
    "/frobnicate": None,
    "/assign nobody-of-that-name": None,
}
OPEN_TO_OTHER_TEAMS = {"/take", "/watch", "/show", "/files", "/why", "/help"}
CUSTOMERS_ASK = {"/help", "/status research"}  # lines by which whom the desk knows asks to read
CUSTOMERS_SAY = {"from": set(Proof), "proof": PROVED}

STRANGER = "sam@elsewhere.example.org"
EX = "emil@example.com"
WRITERS: dict[str, Person | str] = {
    "engineer": BOB,
    "manager": MIA,
    "admin": ADAM,
    "engineer of another team": NORA,
    "contact": JANE,
    "participant": JOHN,
    "colleague of the same site": JILL,
    "stranger": STRANGER,
    "ex-engineer": EX,
}


def expected(writer: str, text: str, proof: Proof, commands: str, customers: str) -> str:
    if writer in ("engineer", "manager", "admin", "engineer of another team"):
        needs = ENGINEERS_ASK[text]
        if needs is None or (writer == "engineer of another team" and text not in OPEN_TO_OTHER_TEAMS):
            return "refused"
        return "applied" if proof in needs[commands] else "held and asked"
    asks = writer == "colleague of the same site" and text in CUSTOMERS_ASK
    if asks or writer in ("contact", "participant"):
        return "applied" if proof in CUSTOMERS_SAY[customers] else "held"
    return "new"


def cells() -> Iterator[tuple[str, str, Proof, LegKind, str, str]]:
    return product(
        WRITERS,
        ENGINEERS_ASK,
        Proof,
        (LegKind.PUBLIC, LegKind.INTERNAL),
        ("proof", "both", "confirm"),
        ("from", "proof"),
    )


def facts_for(writer: str, proof: Proof, leg: LegKind, case: Case) -> Facts:
    """Routing leads to the incident only those who are part of it, and engineers."""
    person = WRITERS[writer]
    if isinstance(person, str):
        return facts_of(None, proof, cases={1: case}, claimed=1)
    if person is JILL:
        return replace(facts_of(person, proof), cases={1: case}, claimed=1)
    return facts_of(person, proof, case, leg)


def outcome(decision: Decision) -> str:
    if decision.ending == "held":
        return "held and asked" if of(decision, Ask) else "held"
    return decision.ending


@pytest.mark.parametrize("writer", WRITERS)
def test_every_cell_of_the_table_of_powers(writer: str) -> None:
    wrong, seen = [], 0
    for cell in cells():
        who, text, proof, leg, commands, customers = cell
        if who != writer:
            continue
        case = case_of(CLOSED) if text == "/reopen" else case_of()
        person = WRITERS[who]
        address = person if isinstance(person, str) else person.address
        policy = replace(POLICY, trust=Trust(commands=commands, customers=customers))
        decision = rules.decide(letter(text, address), facts_for(who, proof, leg, case), policy, NOW)
        seen += 1
        if outcome(decision) != expected(who, text, proof, commands, customers) or not harmless(decision):
            wrong.append((cell, outcome(decision), decision.reason))
    assert seen == len(ENGINEERS_ASK) * len(Proof) * 2 * 3 * 2
    assert not wrong, f"{len(wrong)} of {seen}: {wrong[:5]}"


def harmless(decision: Decision) -> bool:
    """What is held or new leaves incident 1 alone; what is refused is at most an internal entry."""
    logs = [log for log in of(decision, Log) if log.incident == 1]
    changed = [e for e in (*of(decision, Enrol), *of(decision, Void)) if e.incident == 1]
    if decision.ending in ("held", "new"):
        return not logs and not changed
    if decision.ending == "refused":
        return not changed and all(log.leg is LegKind.INTERNAL and not log.change for log in logs)
    return True


@pytest.mark.parametrize("proof", Proof)
def test_refused_words_get_into_the_log_only_with_proof(proof: Proof) -> None:
    decision = rules.decide(letter("/frobnicate", BOB), facts_of(BOB, proof, case_of()), POLICY, NOW)
    assert decision.ending == "refused"
    assert bool(of(decision, Log)) == (proof is not Proof.NONE)
    assert told(decision) == [("bob@example.com", "verdict")], "he gets it back, at his registered address"


def test_who_forges_an_engineer_cannot_flood_him() -> None:
    facts = facts_of(BOB, Proof.NONE, case_of(), returned_last_hour=POLICY.limits.reads_per_sender_hour)
    assert rules.decide(letter("/frobnicate", BOB), facts, POLICY, NOW).effects == ()
    proved = rules.decide(
        letter("/frobnicate", BOB), replace(facts, proof=Proof.TOKEN, returned_last_hour=0), POLICY, NOW
    )
    assert told(proved) == [("bob@example.com", "verdict")]


@pytest.mark.parametrize("writer, other", [(JANE, "john@acme.example.net"), (JOHN, "jane@acme.example.net")])
@pytest.mark.parametrize("proof", Proof)
def test_words_reach_other_participants_only_with_proof(writer: Person, other: str, proof: Proof) -> None:
    decision = rules.decide(letter("It burns.", writer), facts_of(writer, proof, case_of()), POLICY, NOW)
    assert told(decision, "words") == ([(other, "words")] if proof in PROVED else [])
    assert ("anna@example.com", "customer_wrote") in told(decision)


# --- the order of the rules


def test_a_token_used_from_another_from_is_held_and_void_and_its_owner_is_told() -> None:
    facts = facts_of(None, Proof.NONE, case_of(), token_owner=BOB, token_number=1)
    decision = rules.decide(letter("/close solved", STRANGER), facts, POLICY, NOW)
    assert (decision.rule, decision.ending) == ("foreign-token", "held")
    assert of(decision, Void) == [Void(BOB, 1)]
    assert told(decision) == [("anna@example.com", "held"), ("bob@example.com", "token_misused")]
    assert not of(decision, Log)


def test_what_is_void_is_what_was_used_not_what_the_subject_names() -> None:
    facts = facts_of(None, Proof.NONE, case_of(), token_owner=BOB, token_number=77)
    assert of(rules.decide(letter("yes", STRANGER), facts, POLICY, NOW), Void) == [Void(BOB, 77)]


def test_a_customers_token_used_by_another_is_held_and_not_void() -> None:
    facts = facts_of(JOHN, Proof.NONE, case_of(), token_owner=JANE, token_number=1)
    decision = rules.decide(letter("/close it works", JOHN), facts, POLICY, NOW)
    assert decision.ending == "held" and not of(decision, Void)
    assert told(decision) == [("anna@example.com", "held"), ("jane@acme.example.net", "token_misused_customer")]


@pytest.mark.parametrize(
    "change",
    [
        {"machine": "auto-submitted"},
        {"machine": "auto-submitted", "unanswerable": "auto-submitted"},
    ],
)
@pytest.mark.parametrize("proof", Proof)
@pytest.mark.parametrize("person", [BOB, JANE])
def test_a_machine_never_commands(change: dict[str, str], proof: Proof, person: Person) -> None:
    facts = replace(facts_of(person, proof, case_of()), release=None)
    decision = rules.decide(letter("/close solved", person, **change), facts, POLICY, NOW)
    assert decision.rule == "automatic"
    assert all(not log.change and log.leg is LegKind.INTERNAL for log in of(decision, Log))
    assert (person.address not in [who for who, _ in told(decision)]) or person.staff


def test_automatic_mail_in_an_engineers_name_needs_proof_to_be_logged() -> None:
    mail = letter("I am away", BOB, machine="auto-submitted")
    assert rules.decide(mail, facts_of(BOB, Proof.NONE, case_of()), POLICY, NOW).ending == "ignored"
    assert rules.decide(mail, facts_of(BOB, Proof.TOKEN, case_of()), POLICY, NOW).ending == "applied"


def test_mail_without_identity_is_held_and_may_only_be_attached() -> None:
    mail = letter("hello", "")
    facts = facts_of(None, Proof.NONE)
    assert rules.decide(mail, facts, POLICY, NOW).ending == "held"
    accepted = replace(facts, release=Release("accept", "adam", held=1, accepted=True))
    again = rules.decide(mail, accepted, POLICY, NOW)
    assert (again.ending, of(again, Open)) == ("held", []), "there is nobody an incident could be opened for"
    attached = replace(facts_of(None, Proof.NONE, case_of()), release=Release("attach", "adam", 1, 1))
    decision = rules.decide(mail, attached, POLICY, NOW)
    assert [(log.leg, log.author) for log in of(decision, Log)] == [(LegKind.INTERNAL, None)]
    assert told(decision) == [("adam@example.com", "verdict"), ("anna@example.com", "note")]


# --- who is both engineer and contact

BOTH = Person(21, Kind.CONTACT, "bob@example.com", "Bob", ("bob@example.com",), site="acme")


@pytest.mark.parametrize(
    "answers, rule",
    [(None, "customer-update"), ("contact", "customer-update"), ("engineer", "staff-update")],
)
def test_the_letter_answered_decides_for_who_is_both(answers: str | None, rule: str) -> None:
    case = case_of(parties=(replace(case_of().parties[0], person=BOTH),))
    person = {"contact": BOTH, "engineer": BOB, None: None}[answers]
    facts = facts_of(BOB, Proof.TOKEN, case, contact=BOTH, answered_as=person, answered_leg=LegKind.PUBLIC)
    assert rules.decide(letter("It is broken.", BOB), facts, POLICY, NOW).rule == rule


# --- questions


def question(text: str, **more: object) -> Decision:
    asked = Confirmation(7, BOB.id, (3, 4), NOW - DAY / 48, NOW + DAY / 48)
    base = facts_of(BOB, Proof.TOKEN, route=Route("c", BOX, 7, "x"), confirmation=asked, token_kind="c")
    return rules.decide(letter(text, BOB), replace(base, **more), POLICY, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text, rule",
    [
        ("yes", "confirmation-yes"),
        ("Yes.", "confirmation-yes"),
        ("\n  YES, please\n\nBob", "confirmation-yes"),
        ("yes, of course", "confirmation-unclear"),
        ("ja", "confirmation-yes"),
        ("no", "confirmation-no"),
        ("No, never", "confirmation-no"),
        ("yes? I did not write that", "confirmation-unclear"),
        ("yes, but not the second one", "confirmation-unclear"),
        ("yes I didn't", "confirmation-unclear"),
        ("yesterday I wrote", "confirmation-unclear"),
        ("what is this?\nyes", "confirmation-unclear"),
        ("", "confirmation-unclear"),
    ],
)
def test_only_a_clear_yes_confirms(text: str, rule: str) -> None:
    decision = question(text)
    assert decision.rule == rule
    settled = {"confirmation-yes": "confirmed", "confirmation-no": "reject"}.get(rule)
    assert [(one.held, one.decision) for one in of(decision, Settle)] == (
        [(3, settled), (4, settled)] if settled else []
    )
    assert of(decision, Answered) == ([Answered(7)] if settled else [])
    assert of(decision, AskNext) == ([AskNext(BOB)] if settled else [])
    assert of(decision, AskAgain) == ([] if settled else [AskAgain(BOB, 7, "unclear")])


@pytest.mark.parametrize(
    "more",
    [
        {"token_kind": ""},  # authenticated, but not by that letter
        {"token_kind": "i"},  # some other letter of his
        {"engineer": ANNA},
        {"engineer": None, "contact": JANE},
        {"confirmation": None},
    ],
)
@pytest.mark.parametrize("proof", Proof)
def test_nothing_but_that_very_letter_confirms(more: dict[str, object], proof: Proof) -> None:
    decision = question("yes", **more, proof=proof)
    assert not of(decision, Settle) and decision.ending == "ignored"


def test_a_late_yes_asks_afresh_and_an_answered_question_is_over() -> None:
    late = Confirmation(7, BOB.id, (3,), NOW - DAY, NOW - DAY / 2)
    assert of(question("yes", confirmation=late), AskAgain) == [AskAgain(BOB, 7, "late")]
    over = replace(late, expires=NOW + DAY, answered=True)
    assert question("yes", confirmation=over).effects == ()


# --- the command address


@pytest.mark.parametrize("route", ["cmd", "h", "d"])
def test_strangers_at_the_command_address_get_nothing(route: str) -> None:
    facts = facts_of(None, Proof.NONE, case_of(), route=Route(route, BOX))
    decision = rules.decide(letter("1: /close solved", STRANGER), facts, POLICY, NOW)
    assert (decision.ending, decision.effects) == ("ignored", ())


def many(kind: str, digest: bool = False) -> Decision:
    numbers = range(1, 8)
    cases = {n: case_of(replace(case_of().incident, number=n)) for n in numbers}
    facts = facts_of(BOB, Proof.BOTH, route=Route("d", BOX), cases=cases, token_kind=kind, answers_digest=digest)
    return rules.decide(letter(",".join(map(str, numbers)) + ": /take", BOB), facts, POLICY, NOW)


def test_more_than_five_incidents_want_a_confirmation_but_in_answer_to_ones_own_digest() -> None:
    assert many("").ending == "held"
    assert many("i").ending == "held"
    assert many("d").ending == "held"  # the answer to `show`, or to `help`
    assert many("d", digest=True).ending == "applied"


def test_numbered_words_obey_team_and_closing_and_are_never_lost() -> None:
    def said(text: str, person: Person = BOB, case: Case | None = None) -> Decision:
        facts = facts_of(person, Proof.BOTH, route=Route("cmd", BOX), cases={1: case or case_of()})
        return rules.decide(letter(text, person, subject=""), facts, POLICY, NOW)

    assert said("1: Hello.", NORA).ending == "refused"
    [kept] = of(said("1: Hello.", BOB, case_of(CLOSED)), Log)
    assert (kept.text, kept.leg) == ("Hello.", "internal")
    assert said("2: Hello.").ending == "refused"
    both = said("1: Hello.\n1: And good bye.")
    assert [log.text for log in of(both, Log)] == ["Hello.\n\nAnd good bye."]


def test_two_logs_that_were_asked_for_are_two_letters() -> None:
    cases = {n: case_of(replace(case_of().incident, number=n)) for n in (1, 2)}
    facts = facts_of(BOB, Proof.NONE, route=Route("cmd", BOX), cases=cases)
    decision = rules.decide(letter("/show 1\n/show 2\n/files 1", BOB, subject=""), facts, POLICY, NOW)
    assert told(decision) == [("bob@example.com", "show")] * 3


def test_held_mail_of_no_proof_leaves_a_question_and_nothing_else() -> None:
    decision = rules.decide(letter("/close solved", BOB), facts_of(BOB, Proof.NONE, case_of()), POLICY, NOW)
    assert [type(effect) for effect in decision.effects] == [Hold, Ask]
