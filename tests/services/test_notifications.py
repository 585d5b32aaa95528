"""The gate of everything we say: once, in time, never lost, and never two machines at each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sitmail.domain.effects import Tell
from sitmail.domain.people import Kind, Person
from sitmail.services.desk import automatic_to_staff
from sitmail.services.notifications import notice_key
from sitmail.store import outbox
from tests.services.small_desk import ANNA, BOB, JANE, SAM, SmallDesk

Desks = Callable[..., SmallDesk]
HER = Person(1, Kind.CONTACT, JANE, "Jane", (JANE,))
HIM = Person(11, Kind.CONTACT, SAM, "Sam", (SAM,))


def test_two_facts_have_two_keys_and_one_fact_has_one() -> None:
    def wanted(
        person: Person = HER, purpose: str = "show", incident: int = 1, cause: str = "mail:1:0", **detail: object
    ):  # type: ignore[no-untyped-def]
        return Tell(person, purpose, incident, (), detail, cause)

    different = [
        wanted(),
        wanted(HIM),
        wanted(purpose="verdict"),
        wanted(incident=2),
        wanted(cause="mail:1:5"),
        wanted(cause="mail:11:0"),
        wanted(what="log", number=1),
        wanted(what="log", number=2),
        wanted(what="files", number=1),
        wanted(what="files", number=1, file=1),
        wanted(what="files", number=1, file=2),
    ]
    assert len({notice_key(one) for one in different}) == len(different)
    assert notice_key(wanted(verdicts=[1])) == notice_key(wanted(verdicts=[2])), "the same fact, however it is put"


def answer(desk: SmallDesk, letter_of: str, text: str, **more: object) -> None:
    desk.say(letter_of, text, answers=desk.last(letter_of), **more)  # type: ignore[arg-type]


def test_what_a_limit_holds_leaves_later_and_nothing_is_lost(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "0s"\nacks_per_sender_hour = 2\nautomatic_per_address_day = 5\n')
    for number in range(9):
        desk.say(JANE, f"Trouble {number}.", subject=f"Trouble {number}")
    acks = [one for one in desk.letters if one.to == JANE]
    assert len(acks) == 2
    desk.wait(timedelta(days=3))
    texts = "\n".join(one.text for one in desk.letters if one.to == JANE)
    assert all(f"Trouble {number}." in texts for number in range(9))


def test_automatic_notices_fold_and_words_do_not(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "5m"')
    desk.say(JANE, "The printer stopped.", subject="Printer")
    for text in ("/status research", "Hello.", "/assign bob", "Hello again."):
        desk.say(ANNA, text, answers=desk.last(ANNA, "assigned"))
    assert [one.purpose for one in desk.letters if one.to == JANE].count("answer") == 2
    desk.wait(timedelta(minutes=10))
    heard = [one.purpose for one in desk.letters if one.to == JANE]
    assert heard.count("changed") <= 1


# --- machines against us


@pytest.mark.parametrize("threads", [True, False])
def test_a_robot_that_answers_everything_is_soon_alone(small_desk: Desks, threads: bool) -> None:
    """Without any sign of a machine, with new subjects, for a day; all it writes is kept."""
    desk = small_desk(limits='fold_within = "5m"')
    written = heard = 0
    desk.say(SAM, "beep 0", subject="beep 0")
    for _ in range(60):
        desk.wait(timedelta(minutes=24))
        letters = [one for one in desk.letters if one.to == SAM]
        for letter in letters[heard:]:
            written += 1
            more = {"answers": letter} if threads else {"subject": f"beep {written}"}
            desk.say(SAM, f"beep {written}", **more)  # type: ignore[arg-type]
        heard = len(letters)
    assert len([one for one in desk.letters if one.to == SAM]) <= (2 if threads else 41)
    assert all(row["ending"] in ("new", "applied") for row in desk.rows("inbox"))


def test_two_desks_fall_silent(small_desk: Desks) -> None:
    """Each takes the other's letters for a customer's; both mark theirs, and that ends it."""
    one, other = small_desk(), small_desk(desk='[[mailbox]]\naddress = "help@other.example.net"\nname = "Other"\n')
    one.say("support@elsewhere.example", "We have your message.", subject="[OTH-1] ours")
    for sent in range(5):
        for here, there in ((one, other), (other, one)):
            for letter in [x for x in here.letters if not x.to.endswith("@example.com")][sent:]:
                there.say("x", raw=letter.raw, to="support@example.com")
    assert len([x for x in one.letters if x.to == "support@elsewhere.example"]) == 1
    assert not [x for x in other.letters if not x.to.endswith("@example.com")]


def test_an_engineer_is_not_flooded(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "5m"\ndigest_above = 10\n')
    for number in range(75):
        desk.say(f"x{number}@elsewhere.example", f"Trouble {number}.", subject=f"Trouble {number}")
    desk.wait(timedelta(minutes=30))
    for who in (ANNA, BOB):
        mine = [one for one in desk.letters if one.to == who]
        assert len(mine) <= 14 and "digest" in {one.purpose for one in mine}
        told = "\n".join(one.text + str(one.parsed["Subject"]) for one in mine)
        owned = [row["number"] for row in desk.rows("incident") if row["owner"] == who.partition("@")[0]]
        assert owned and all(f"SIT-{n}]" in told or f"{n} - " in told for n in owned)


def test_what_is_remembered_of_letters_to_engineers_is_what_the_store_counts(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "10m"')
    for number in range(30):
        desk.say(JANE, f"Trouble {number}.", subject=f"Trouble {number}")
        desk.wait(timedelta(minutes=1, seconds=7))
        since = desk.now - timedelta(minutes=10)
        held = desk.runtime.desk.memory.folding
        assert held or not number
        with desk.runtime.database.read() as connection:
            counted = outbox.automatic_to(connection, list(held), since)
            kept = automatic_to_staff(connection, desk.runtime.desk, list(held), since)
        assert {one: len(made) for one, made in kept.items() if made} == counted
    assert held
