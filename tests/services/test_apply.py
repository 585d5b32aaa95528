"""Decisions become rows exactly once: a held mail gets one decision, a question one answer, a notice one letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sitmail.services.held_mail_commands import NotDecided
from tests.services.small_desk import ANNA, BOB, JANE, JILL, KIM, MIA, SAM, Letter, SmallDesk

Desks = Callable[..., SmallDesk]


def opened(desk: SmallDesk) -> Letter:
    again = f" ({len(desk.letters)})" if desk.letters else ""  # else it is the same mail sent again
    desk.say(f"Jane Doe <{JANE}>", f"The printer stopped.{again}", subject="Printer")
    return desk.last(ANNA, "assigned")


# --- held mail


@pytest.mark.parametrize("first", ["accept", "attach", "reject", "spam"])
@pytest.mark.parametrize("second", ["accept", "attach", "reject", "spam"])
def test_held_mail_is_decided_once(small_desk: Desks, first: str, second: str) -> None:
    desk = small_desk(trust='unknown_sender = "hold"')
    opened(desk)
    desk.say(SAM, "Hello.", subject="x")
    desk.decide(first, 1, 1)
    rows, letters = desk.rows("update"), len(desk.letters)
    with pytest.raises(NotDecided, match="the first decision counts"):
        desk.decide(second, 1, 1)
    assert desk.rows("update") == rows and len(desk.letters) == letters
    [held] = desk.rows("held")
    assert held["decision"].split()[0] == first and held["decided_by"] == "tester"


@pytest.mark.parametrize("number", [0, 77])
def test_nothing_is_attached_to_what_is_not_there(small_desk: Desks, number: int) -> None:
    desk = small_desk(trust='unknown_sender = "hold"')
    desk.say(SAM, "Hello.", subject="x")
    with pytest.raises(NotDecided):
        desk.decide("attach", 1, number)
    with pytest.raises(NotDecided):
        desk.decide("accept", 99)
    assert desk.rows("inbox")[0]["ending"] == "held"


def test_a_foreign_token_that_is_accepted_opens_an_incident_of_the_writers_own(small_desk: Desks) -> None:
    desk = small_desk()
    letter = opened(desk)
    desk.say(SAM, "It is mine now.", to=letter.reply_to)
    done = desk.decide("accept", 1)
    assert [d.decision.ending for d in done] == ["new"] and desk.people(1) == {JANE}


# --- questions


def test_a_confirmation_applies_the_very_mail_that_was_held(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    desk.say(BOB, "/close solved", subject="[SIT-1]")
    desk.say(BOB, "/priority high", subject="[SIT-1]")  # waits: one question at a time
    assert [one.purpose for one in desk.letters if one.to == BOB] == ["confirm", "confirm_waits"]
    desk.say(BOB, "yes", answers=desk.last(BOB, "confirm"))
    row = desk.incident(1)
    assert (row["status"], row["priority"], row["title"]) == ("closed", "medium", "Printer")
    assert [entry["proof"] for entry in desk.log(1)] == ["none", "confirmed"]


def test_a_question_has_one_answer_and_thirty_minutes(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    desk.say(BOB, "/priority high", subject="[SIT-1]")
    first = desk.last(BOB, "confirm")
    desk.now += timedelta(minutes=31)
    desk.say(BOB, "yes", answers=first)
    assert desk.incident(1)["priority"] == "medium"
    fresh = desk.last(BOB, "confirm")
    assert fresh.reply_to != first.reply_to
    desk.say(BOB, "yes ", answers=fresh)
    assert desk.incident(1)["priority"] == "high"
    entries = len(desk.log(1))
    for letter in (first, fresh):
        desk.say(BOB, f"yes {' ' * len(letter.reply_to)}", answers=letter)
    assert len(desk.log(1)) == entries


def test_no_is_no_for_ever(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    desk.say(BOB, "/priority high", subject="[SIT-1]")
    asked = desk.last(BOB, "confirm")
    desk.say(BOB, "no", answers=asked)
    desk.say(BOB, "yes", answers=asked)
    assert desk.incident(1)["priority"] == "medium"
    assert [row["ending"] for row in desk.rows("inbox")] == ["new", "ignored", "applied", "ignored"]


# --- the same mail again


def test_the_same_mail_applies_once_to_whatever_addresses_it_comes(small_desk: Desks) -> None:
    desk = small_desk()
    letter = opened(desk)
    raw = f"From: {ANNA}\r\nTo: x\r\nMessage-ID: <same@example.com>\r\n\r\n/priority high\r\n".encode()
    endings = [desk.say(ANNA, raw=raw, to=to).decision.ending for to in (letter.reply_to, "support@example.com")]
    assert endings == ["applied", "duplicate"] and len(desk.log(1)) == 2


def test_a_message_id_used_before_loses_nothing(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    for text in ("It burns.", "It burns more."):
        headers = ["Message-ID: <1@acme.example.net>"]
        assert desk.say(JANE, text, answers=desk.last(JANE), headers=headers).decision.ending == "applied"
    assert len(desk.log(1)) == 3


def test_ids_are_remembered_for_those_who_used_them_only(small_desk: Desks) -> None:
    """What somebody else names in his own incident leads nobody there."""
    desk = small_desk()
    opened(desk)
    desk.say(KIM, "Hello.", subject="x", headers=["References: <1@acme.example.net>"])
    done = desk.say(JANE, "More.", subject="Re: Printer", headers=["In-Reply-To: <1@acme.example.net>"])
    assert (done.decision.rule, done.incident) == ("customer-update", 1)


def test_who_watches_twice_hears_once(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    for _ in range(3):
        desk.say(MIA, "/watch", subject="[SIT-1]", proof="authenticated")
    before = len(desk.letters)
    desk.say(JANE, "More.", answers=desk.last(JANE), cc=JILL)
    assert desk.since(before) == [(ANNA, "customer_wrote"), (MIA, "customer_wrote")]
