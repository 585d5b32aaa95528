"""An engineer's mail is applied as a whole or not at all, and its words reach only the right readers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitmail.domain import rules
from sitmail.domain.effects import Decision, Enrol, Log, Meet, Withdraw
from sitmail.domain.facts import Case, Facts, Party, Proof
from sitmail.domain.incident import Status
from sitmail.domain.leak_guard import Released, may_leave, released
from sitmail.domain.mail import Attachment
from sitmail.domain.memory import Said
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from tests.domain.desk_at_hand import (
    ANNA,
    BOB,
    CLOSED,
    INCIDENT,
    JANE,
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

PUBLIC, INTERNAL = LegKind.PUBLIC, LegKind.INTERNAL
NETWORK = replace(INCIDENT, team="network", owner="nora")


def say(
    text: str,
    leg: LegKind = PUBLIC,
    who: Person = BOB,
    case: Case | None = None,
    proof: Proof = Proof.TOKEN,
    mail: dict[str, object] | None = None,
    **facts: object,
) -> Decision:
    about: Facts = facts_of(who, proof, case or case_of(), leg, **facts)
    return rules.decide(letter(text, who, **(mail or {})), about, POLICY, NOW)


def logs(decision: Decision) -> list[tuple[LegKind, str]]:
    return [(log.leg, log.text) for log in of(decision, Log)]


# --- legs


@pytest.mark.parametrize(
    "text, leg, public, internal",
    [
        ("Hello.", PUBLIC, "Hello.", ""),
        ("Hello.", INTERNAL, "", "Hello."),
        ("/public\nHello.", INTERNAL, "Hello.", ""),
        ("/note\nHello.", PUBLIC, "", "Hello."),
        ("Hello.\n/note\nsecret", PUBLIC, "Hello.", "secret"),
        ("Hello.\n/note\nsecret", INTERNAL, "", "Hello.\n\nsecret"),
        ("/public\nHello.\n/note secret", INTERNAL, "Hello.", "secret"),
        ("/note secret\n/public", PUBLIC, "", "secret"),
    ],
)
def test_words_go_to_their_leg_and_no_other(text: str, leg: LegKind, public: str, internal: str) -> None:
    decision = say(text, leg)
    assert [words for where, words in logs(decision) if where is PUBLIC] == ([public] if public else [])
    assert [words for where, words in logs(decision) if where is INTERNAL] == ([internal] if internal else [])
    heard = told(decision, "answer")
    assert heard == ([(p.address, "answer") for p in (JANE, JOHN)] if public else [])


def test_no_notice_to_a_customer_names_an_internal_entry() -> None:
    decision = say("Hello.\n/note secret\n/priority high")
    entries = of(decision, Log)
    for tell in decision.effects:
        if type(tell).__name__ == "Tell" and not tell.person.staff:  # type: ignore[union-attr]
            assert [entries[at].leg for at in tell.updates] == [PUBLIC]  # type: ignore[union-attr]


# --- all or nothing


@pytest.mark.parametrize(
    "text",
    [
        "/take\n/frob\nHello.",
        "/take\nHello.\n/close nonsense",
        "/take\nHello.\n/status closed\nBye.",
        "/cc add nothing\nHello.",
        "/assign\nHello.",
        "/merge 2\nHello.",
    ],
)
def test_one_line_that_cannot_be_done_undoes_the_whole_mail(text: str) -> None:
    decision = say(text)
    assert decision.ending == "refused" and told(decision) == [("bob@example.com", "verdict")]
    [log] = of(decision, Log)
    assert (log.leg, str(log.event), dict(log.change)) == (INTERNAL, "refused", {})


@pytest.mark.parametrize(
    "text, mail",
    [
        ("", {}),
        ("> only a quotation", {"marks": "q"}),
        ("Hello.", {"headers": {"x-virus": ("found",)}}),
    ],
)
def test_what_says_nothing_or_carries_a_virus_goes_nowhere(text: str, mail: dict[str, object]) -> None:
    decision = say(text, mail=mail)
    assert decision.ending == "refused" and told(decision) == [("bob@example.com", "verdict")]


@pytest.mark.parametrize("text", ["Hello.", "/note x", "/priority high", "/cc add jill@acme.example.net", "/title x"])
@pytest.mark.parametrize("case", [case_of(NETWORK)])
def test_another_teams_incident_wants_take_first(text: str, case: Case) -> None:
    assert say(text, case=case).ending == "refused"
    assert say(f"/take\n{text}", case=case).ending == "applied"
    assert say(text, who=NORA, case=case).ending == "applied"
    assert say(text, who=MIA, case=case).ending == "refused", "a manager has the power of his own teams"


def test_a_file_alone_is_no_way_into_another_teams_incident() -> None:
    assert say("", INTERNAL, case=case_of(NETWORK), mail={"attachments": (FILE,)}).ending == "refused"


@pytest.mark.parametrize("text", ["/take", "/priority high", "/cc del john@acme.example.net", "/public\nx", "/keep\nx"])
def test_a_closed_incident_is_read_only(text: str) -> None:
    assert say(text, case=case_of(CLOSED)).ending == "refused"
    assert say("/note x", case=case_of(CLOSED)).ending == "applied"
    assert say("/reopen\nHello.", case=case_of(CLOSED)).ending == "applied"


# --- people


def test_somebody_new_is_met_before_he_is_put_on() -> None:
    decision = say("/cc add new@acme.example.net\n/cc add new@acme.example.net\nHello.")
    kinds = [type(e) for e in decision.effects if isinstance(e, (Meet, Enrol))]
    assert kinds == [Meet, Enrol]
    assert ("new@acme.example.net", "answer") in told(decision)


@pytest.mark.parametrize("address", ["support@example.com", "support+i1.aaaaaaaaaaaaaaaaa@example.com"])
def test_the_desk_is_nobodys_participant(address: str) -> None:
    assert say(f"/cc add {address}", proof=Proof.BOTH).ending == "refused"


def test_a_colleague_watches_and_hears_no_public_leg() -> None:
    decision = say("/cc add mia@example.com")
    assert [(e.person, e.role, e.leg) for e in of(decision, Enrol)] == [(MIA, "watcher", INTERNAL)]


def test_the_contact_stays() -> None:
    assert say("/cc del jane@acme.example.net").ending == "refused"
    assert [e.person for e in of(say("/cc del john@acme.example.net"), Withdraw)] == [JOHN]


def test_who_was_removed_hears_nothing_of_that_very_mail() -> None:
    decision = say("/cc del john@acme.example.net\nHello.")
    assert told(decision, "answer") == [("jane@acme.example.net", "answer")]


def test_an_engineer_who_left_watches_nothing() -> None:
    gone = replace(BOB, id=99, key="emil", addresses=("emil@example.com",))
    case = case_of(parties=(*case_of().parties, Party(gone, "watcher", INTERNAL), Party(MIA, "watcher", INTERNAL)))
    assert {who for who, _ in told(say("/note x", case=case))} == {"anna@example.com", "mia@example.com"}


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.CLOSED])
def test_an_answer_waits_for_the_customer_but_with_keep(status: Status) -> None:
    case = case_of(replace(INCIDENT, status=status))
    after = {k: v[1] for log in of(say("Hello.", case=case), Log) for k, v in log.change.items()}
    assert after.get("status", str(status)) in ("awaiting-customer", "awaiting-closure", "unsupported")
    kept = {k: v[1] for log in of(say("/keep\nHello.", case=case), Log) for k, v in log.change.items()}
    assert kept.get("status", str(status)) != "awaiting-customer" or status is Status.AWAITING_CUSTOMER


# --- files

FILE = Attachment("a.log", "text/plain", 3, "aa", content=b"log")
LOGO = Attachment("logo.png", "image/png", 3, "bb", inline=True, content=b"png")


def test_a_file_alone_is_an_answer_a_picture_in_a_signature_is_none() -> None:
    assert logs(say("", mail={"attachments": (FILE,)})) == [(PUBLIC, "(see the attached file)")]
    assert told(say("/take", mail={"attachments": (LOGO,)}), "answer") == []
    [log] = of(say("Hello.", mail={"attachments": (LOGO,)}), Log)
    assert log.attachments == (LOGO,)


def test_a_file_of_an_internal_answer_stays_inside() -> None:
    [log] = of(say("x", INTERNAL, mail={"attachments": (FILE,)}), Log)
    assert (log.leg, log.attachments) == (INTERNAL, (FILE,))


OURS = b"X-Sitmail-Incident: 1"
SAID = Said(["the spare part is on the third shelf"])


@pytest.mark.parametrize(
    "type, content, leaves",
    [
        ("text/plain", b"an honest log", True),
        ("message/rfc822", b"Subject: hello", False),
        ("message/partial", b"x", False),
        ("application/octet-stream", b"Received: x\r\n" + OURS.lower() + b"\r\n\r\nx", False),
        ("application/vnd.ms-outlook", OURS.decode().encode("utf-16-le"), False),
        ("text/plain", b"answer to support+n12.abcdefghijklmnopq@example.com", False),
        ("text/plain", b"Message-ID: <n12.3.abcdefghij.abcdefghijklmnopq@example.com>", False),
        ("text/plain", b"> the spare part is on the second shelf\n", True),
        ("text/plain", b"> The SPARE part is on\nthe third shelf\n", False),
        ("text/plain", b"> the  spare part is on the third shelf\n", False),
        ("text/html", b"<html><p>the spare part is on the third shelf</p></html>", False),
        ("text/html", b"<" * 100_000, True),
    ],
)
def test_letters_of_ours_do_not_leave_as_files(type: str, content: bytes, leaves: bool) -> None:
    assert may_leave(Attachment("x", type, len(content), "cc", content=content), SAID) is leaves


# --- quotations

NOTE = "Bob noted (1#4, internal):\nthe password of the printer is hunter2, and nobody outside may know it\nbye"
KNOWN = Said([NOTE])


@pytest.mark.parametrize(
    "quotation",
    [
        NOTE,
        "\n".join(f"> {line}" for line in NOTE.split("\n")),
        "\n".join(f"| {line}" for line in NOTE.split("\n")),
        "\n".join(f"BJ> {line}" for line in NOTE.split("\n")),
        NOTE.replace(" is hunter2", "\nis hunter2").replace(" may know", "\nmay know"),
        NOTE.replace("\n", " "),
        NOTE.replace(" ", "\n"),
        NOTE.replace(" ", "  ").upper(),
    ],
)
def test_what_was_said_to_staff_is_found_in_any_shape(quotation: str) -> None:
    found = released(f"Hello Jane.\n\n{quotation}\n\nGreetings, Bob", KNOWN)
    left, stays = found.leaves, found.stays
    assert not found.leaks
    assert "hunter2" in stays.lower()
    assert "hunter2" not in left.lower() and "noted" not in left.lower()
    assert left.startswith("Hello Jane.") and left.endswith("Greetings, Bob")


def test_words_of_ones_own_are_left_alone() -> None:
    words = "The password is on its way.\nNobody outside can read the printer.\nbye"
    assert released(words, KNOWN) == Released(words, "")


def test_nobody_takes_what_is_his_already_from_himself() -> None:
    assert told(say("/take", who=ANNA)) == [("anna@example.com", "verdict")]
