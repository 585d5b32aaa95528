"""A job of the desk that fails is told to the admins, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sitmail.services.alerts import MANY_DISOWNED, MOST_HOPS, Alert, alert
from tests.services.small_desk import ADAM, DESK, JANE, KIM, START, SmallDesk


def test_admins_are_told_once_however_long_it_lasts(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()
    bodies: list[str] = []

    def tell(minutes: int, since: int = 0) -> list[str]:
        one = Alert(
            desk=desk.runtime.desk,
            what="watch loop",
            words="KeyError: 7",
            since=START + timedelta(minutes=since),
            now=START + timedelta(minutes=minutes),
        )
        letters = desk.runtime.database.write(alert, one).result()
        bodies.extend(letter.body for letter in letters)
        return [letter.recipient for letter in letters]

    assert tell(2) == [ADAM]
    assert tell(3) == []
    assert tell(60, since=58) == [ADAM]
    assert "The watch loop has been failing since" in bodies[0]
    assert "KeyError: 7" in bodies[0]


def test_our_own_letter_that_comes_back_is_told_to_the_admins_once_a_day(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()
    desk.say(JANE, "It broke.", subject="Printer")
    letter = desk.last(JANE)
    before = len(desk.letters)
    for copy in range(3):
        done = desk.say(DESK, raw=b"X-Copy: %d\r\n" % copy + letter.raw)
        assert (done.decision.ending, done.decision.rule) == ("ignored", "own-mail")
    assert desk.since(before) == [(ADAM, "trouble")]
    assert str(desk.last(ADAM).parsed["Subject"]) == "The desk needs a human: mail goes in a circle"
    desk.wait(timedelta(days=1))
    desk.say(DESK, raw=b"X-Copy: 4\r\n" + letter.raw)
    assert [one.to for one in desk.letters if one.purpose == "trouble"] == [ADAM, ADAM]


def test_a_mail_of_too_many_hops_opens_its_incident_and_is_told(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()
    hops = ["Received: from a.example.net by b.example.net; Mon, 2 Mar 2026 09:00:00 +0000"]
    desk.say(JANE, "It broke.", subject="Near", headers=hops * MOST_HOPS)
    assert [one.to for one in desk.letters if one.purpose == "trouble"] == []
    assert desk.say(KIM, "It broke.", subject="Far", headers=hops * (MOST_HOPS + 1)).decision.ending == "new"
    assert [one.to for one in desk.letters if one.purpose == "trouble"] == [ADAM]
    assert "kim@globex.example.org: Far" in desk.last(ADAM, "trouble").text


def test_many_mails_that_dmarc_disowns_in_our_name_are_told_once(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()

    def forged(writer: str, domain: str) -> None:
        result = f"Authentication-Results: mx.example.com; dmarc=fail header.from={domain}"
        raw = f"{result}\r\nFrom: {writer}\r\nTo: {DESK}\r\nSubject: Pay {desk.mails}\r\n\r\nNow {desk.mails}.\r\n"
        desk.say(writer, raw=raw.encode())

    def told() -> list[str]:
        return [one.to for one in desk.letters if one.purpose == "trouble"]

    for _ in range(MANY_DISOWNED + 2):
        forged("boss@elsewhere.example.org", "elsewhere.example.org")
    for _ in range(MANY_DISOWNED):
        forged("boss@example.com", "example.com")
    assert told() == []
    desk.now += timedelta(hours=2)
    for _ in range(MANY_DISOWNED):
        forged("boss@example.com", "example.com")
    assert told() == []
    for _ in range(MANY_DISOWNED + 2):
        forged("boss@example.com", "example.com")
    assert told() == [ADAM]
    assert "DMARC" in desk.last(ADAM, "trouble").text
