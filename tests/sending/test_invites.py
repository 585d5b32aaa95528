"""Calendar events in letters: what they say, and where in a letter they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from icalendar import Calendar

from sitmail.sending import compose
from sitmail.sending.invites import Invite, written

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE = NOW + timedelta(hours=4)
INVITE = Invite(
    "abc@example.com", 3, "Lösung: [SIT-1] Drucker; brennt, mit\nlangem Titel " + "ü" * 80, DUE,
    "support@example.com", "Desk, Example", "anna@example.com", 'Anna "A" Smith', NOW,
)  # fmt: skip
HEAD = "From: support@example.com\r\nTo: anna@example.com\r\nMessage-ID: <1@example.com>\r\n"


def test_a_request_says_when_and_asks_for_no_answer() -> None:
    calendar = Calendar.from_ical(written(INVITE))
    (event,) = calendar.events
    assert (calendar["METHOD"], calendar["VERSION"], event["STATUS"]) == ("REQUEST", "2.0", "CONFIRMED")
    assert (event.start, event.end, event["DTSTAMP"].dt) == (DUE - timedelta(minutes=15), DUE, NOW)
    assert (event["UID"], event["SEQUENCE"], event["TRANSP"]) == ("abc@example.com", 3, "TRANSPARENT")
    assert (event["ORGANIZER"], event["ATTENDEE"]) == ("mailto:support@example.com", "mailto:anna@example.com")
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert str(event["SUMMARY"]) == INVITE.summary


def test_a_cancellation_names_the_same_event() -> None:
    calendar = Calendar.from_ical(written(INVITE._replace(sequence=4, due=None)))
    (event,) = calendar.events
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (event["UID"], event["SEQUENCE"], event["ORGANIZER"]) == (INVITE.uid, 4, "mailto:support@example.com")


@pytest.mark.parametrize("page", [b"", b"<p>Hello</p>"])
@pytest.mark.parametrize("files", [(), (compose.File("a.txt", "text/plain", b"a"),)])
@pytest.mark.parametrize("due", [DUE, None])
def test_it_is_the_last_alternative(page: bytes, files: tuple[compose.File, ...], due: datetime | None) -> None:
    raw = compose.wire(HEAD, "Hello\n", page, files, written(INVITE._replace(due=due)))
    letter = message_from_bytes(raw, policy=policy.default)
    alternatives = letter.get_payload(0) if files else letter
    assert [part.get_content_type() for part in letter.iter_attachments()] == ["text/plain"] * len(files)
    assert alternatives.get_content_type() == "multipart/alternative"
    kinds = ["text/plain", *(["text/html"] if page else []), "text/calendar"]
    assert [part.get_content_type() for part in alternatives.iter_parts()] == kinds
    part = alternatives.get_payload(len(kinds) - 1)
    assert part.get_param("method") == ("REQUEST" if due else "CANCEL")
    assert part.get_content_charset() == "utf-8"
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    (event,) = Calendar.from_ical(part.get_content()).events
    assert str(event["SUMMARY"]) == INVITE.summary


def test_a_letter_without_one_is_as_it_was() -> None:
    assert compose.wire(HEAD, "Hello\n", invite="") == compose.wire(HEAD, "Hello\n")
    assert b"multipart" not in compose.wire(HEAD, "Hello\n")
