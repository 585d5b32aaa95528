"""Mail of contacts and participants: their words are always kept and told, and they get no more than their rights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitmail.domain import rules
from sitmail.domain.effects import Decision, Log, Open, Tell
from sitmail.domain.facts import Case, Proof
from sitmail.domain.incident import Incident, Status
from sitmail.domain.mail import Attachment
from sitmail.domain.policy import Policy
from sitmail.domain.service_level import Closing
from sitmail.domain.short_answers import confirms, is_thanks
from tests.domain.desk_at_hand import CLOSED, DAY, INCIDENT, JANE, NOW, POLICY, case_of, facts_of, letter, of, told


def say(
    text: str,
    incident: Incident = INCIDENT,
    proof: Proof = Proof.TOKEN,
    policy: Policy = POLICY,
    mail: dict[str, object] | None = None,
) -> Decision:
    case: Case = case_of(incident)
    return rules.decide(letter(text, JANE, **(mail or {})), facts_of(JANE, proof, case), policy, NOW)


def after(decision: Decision, incident: Incident = INCIDENT) -> dict[str, object]:
    [log] = of(decision, Log)
    return {name: pair[1] for name, pair in log.change.items()}


@pytest.mark.parametrize(
    "text, thanks",
    [
        ("Thanks!", True),
        ("thank you", True),
        ("Many thanks again", True),
        ("ok, thanks a lot", True),
        ("Perfect", True),
        ("danke schön", True),
        ("Thanks, but it still burns", False),
        ("Thanks. Another thing: the coffee", False),
        ("no thanks", False),
        ("", False),
        ("thanks\nit burns", False),
    ],
)
def test_a_bare_thanks(text: str, thanks: bool) -> None:
    assert is_thanks(text) is thanks


@pytest.mark.parametrize(
    "text, yes",
    [("yes", True), ("Yes, please!", True), ("it works now", True), ("yes, but not always", False), ("yesno", False)],
)
def test_a_bare_yes(text: str, yes: bool) -> None:
    assert confirms(text) is yes


WAITING = replace(INCIDENT, status=Status.AWAITING_CLOSURE)


@pytest.mark.parametrize(
    "text, proof, status, requested",
    [
        ("yes", Proof.TOKEN, "closed", False),
        ("yes", Proof.AUTHENTICATED, "closed", False),
        ("yes", Proof.NONE, None, True),  # a request, told to staff only
        ("/close it works", Proof.TOKEN, "closed", False),
        ("/close it works", Proof.NONE, None, True),
        ("Thanks!", Proof.TOKEN, None, False),
        ("yes, but it smells", Proof.TOKEN, "active", False),
        ("no", Proof.TOKEN, "active", False),
    ],
)
def test_who_is_asked_whether_it_may_be_closed(text: str, proof: Proof, status: str | None, requested: bool) -> None:
    change = after(say(text, WAITING, proof))
    assert change.get("status") == status
    assert bool(change.get("closure_requested")) is requested


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.CLOSED])
@pytest.mark.parametrize("proof", Proof)
def test_asking_for_closure_never_closes(status: Status, proof: Proof) -> None:
    if status is Status.AWAITING_CLOSURE:
        return
    decision = say("/close it works", replace(INCIDENT, status=status), proof)
    assert after(decision).get("status") != "closed" and after(decision)["closure_requested"]
    assert ("anna@example.com", "closure_requested") in told(decision)


def test_where_customers_may_close_they_need_proof() -> None:
    policy = replace(POLICY, closing=Closing(customer_may_close=True))
    assert after(say("/close it works", policy=policy))["status"] == "closed"
    assert "status" not in after(say("/close it works", proof=Proof.NONE, policy=policy))


def test_without_a_reason_we_ask_once() -> None:
    asked = say("/close")
    assert after(asked) == {"reason_asked": True} and told(asked, "closure_reason") == [
        (JANE.address, "closure_reason")
    ]
    again = say("/close", replace(INCIDENT, reason_asked=True))
    assert after(again)["closure_requested"] and not told(again, "closure_reason")


def test_words_take_a_request_back() -> None:
    waiting = replace(INCIDENT, closure_requested=NOW - DAY, closure_reason="works")
    assert after(say("It burns again.", waiting)) == {"closure_requested": None, "closure_reason": ""}


@pytest.mark.parametrize(
    "days, reopen, rule",
    [
        (1, True, "customer-reopened"),
        (29, True, "customer-reopened"),
        (31, True, "new-after-closed"),
        (1, False, "new"),
    ],
)
def test_words_open_again_what_may_be_opened(days: int, reopen: bool, rule: str) -> None:
    closed = replace(CLOSED, closed=NOW - days * DAY)
    decision = say("It burns again.", closed, policy=replace(POLICY, closing=Closing(reopen=reopen)))
    assert decision.rule.startswith(rule)
    assert len(of(decision, Open)) == (not rule.startswith("customer"))


@pytest.mark.parametrize("text", ["Thanks!", "ok"])
def test_a_thanks_opens_nothing_however_late(text: str) -> None:
    for days in (1, 90):
        decision = say(text, replace(CLOSED, closed=NOW - days * DAY))
        assert not of(decision, Open) and after(decision) == {}


def test_a_refused_verb_is_answered_beside_what_is_done() -> None:
    decision = say("/close it works\n/priority mauve")
    assert told(decision, "closure_noted") and told(decision, "customer_refused")
    assert len([t for t in of(decision, Tell) if t.person is JANE]) == 2


@pytest.mark.parametrize("text", ["/take", "/assign bob", "/cc-all x", "/note x", "/close\nIt burns."])
def test_words_are_logged_whatever_they_look_like(text: str) -> None:
    [log] = of(say(text), Log)
    assert log.text and all(line in log.text or line == "/close" for line in text.split("\n"))


FILES = (
    Attachment("a.log", "text/plain", 3, "aa", content=b"log"),
    Attachment("a.eml", "message/rfc822", 3, "bb", content=b"Subject: x"),
    Attachment("b.txt", "text/plain", 3, "cc", content=b"support+i1.abcdefghijklmnopq@example.com"),
)


@pytest.mark.parametrize("virus, withheld", [(False, ["bb", "cc"]), (True, ["aa", "bb", "cc"])])
def test_files_that_may_hold_a_token_or_a_virus_go_to_nobody_outside(virus: bool, withheld: list[str]) -> None:
    decision = say("See the files.", mail={"attachments": FILES, "headers": {"x-virus": ("found",) if virus else ()}})
    [log] = of(decision, Log)
    assert log.attachments == FILES, "the log is whole"
    [words] = [t for t in of(decision, Tell) if t.purpose == "words"]
    assert words.detail["withheld"] == withheld
