"""Notices become letters once and in time, none is lost, and two machines never answer each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sitmail.cli.samples import samples
from sitmail.domain.departing import Dropped
from sitmail.domain.effects import Tell
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Kind, Person
from sitmail.sending.letters.templates import Letters, packaged
from sitmail.services.desk import letters_to_staff
from sitmail.services.notifications import notice_key, tell
from sitmail.store import outbox
from tests.services.small_desk import ANNA, BOB, JANE, KIM, SAM, Letter, SmallDesk

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


ROBOT = "robot@watch.example.org"
MONITOR = f'[[monitor]]\naddresses = ["{ROBOT}"]\n'


def alarm(desk: SmallDesk, number: int) -> None:
    desk.say(ROBOT, "df says so", subject=f"disk of host{chr(65 + number // 26)}{chr(65 + number % 26)} is full")


def told_to(desk: SmallDesk, who: str) -> list[Letter]:
    return [one for one in desk.letters if one.to == who]


def test_a_storm_of_machines_becomes_digests_and_hides_nobody(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "5m"\ndigest_above = 10\n', more=MONITOR)
    for number in range(75):
        alarm(desk, number)
    for number in range(12):
        desk.say(JANE, f"Our shop {number} is down.", subject=f"Shop {number}")
        owner = desk.rows("incident")[-1]["owner"]
        brief = told_to(desk, f"{owner}@example.com")[-1]
        assert brief.purpose == "assigned" and f"Our shop {number} is down." in brief.text
    desk.wait(timedelta(minutes=30))
    for who in (ANNA, BOB):
        mine = told_to(desk, who)
        assert len([one for one in mine if "Shop" not in str(one.parsed["Subject"])]) <= 14
        digests = "\n".join(one.text for one in mine if one.purpose == "digest")
        owned = [row for row in desk.rows("incident") if row["owner"] == who.partition("@")[0]]
        told = "\n".join(one.text + str(one.parsed["Subject"]) for one in mine)
        assert owned and all(f"[SIT-{row['number']}]" in told for row in owned)
        assert "is full" in digests and "given to you" in digests and "Shop" not in digests


def dropped(desk: SmallDesk, who: str) -> list[str]:
    person = desk.person(who)
    return [row["dropped"] for row in desk.rows("notice") if row["person"] == person]


def test_whatever_the_clock_has_to_say_a_monitor_gets_none_of_it(small_desk: Desks) -> None:
    desk = small_desk(more=MONITOR)
    alarm(desk, 0)
    robot = Person(desk.person(ROBOT), Kind.STRANGER, ROBOT, "", (ROBOT,))
    chased = Tell(robot, NoticePurpose.CHANGED, 1, cause="the clock")
    desk.runtime.database.write(
        lambda connection, items: [tell(connection, desk.runtime.desk, items, desk.now)], chased
    ).result()
    assert dropped(desk, ROBOT) == [Dropped.MONITOR]
    desk.wait(timedelta(days=1))
    assert told_to(desk, ROBOT) == []


def test_what_waits_for_somebody_who_is_a_monitor_by_now_does_not_leave(small_desk: Desks) -> None:
    desk = small_desk(desk='send_delay = "1h"')
    desk.say(SAM, "It beeps.", subject="beep")
    desk.say(ANNA, "Does it?", answers=desk.last(ANNA))
    heard = len(told_to(desk, SAM))
    desk.reopen(desk='send_delay = "1h"', more=MONITOR.replace(ROBOT, SAM))
    desk.wait(timedelta(hours=2))
    assert len(told_to(desk, SAM)) == heard


def test_what_is_remembered_of_letters_to_engineers_is_what_the_store_counts(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "10m"', more=MONITOR)
    counted = 0
    for number in range(30):
        alarm(desk, number)
        desk.say(JANE, f"Trouble {number}.", subject=f"Trouble {number}")
        desk.wait(timedelta(minutes=1, seconds=7))
        held = desk.runtime.desk.memory.to_staff
        assert held or not number
        with desk.runtime.database.read() as connection:
            stored = outbox.counted_since(connection, list(held), desk.now - timedelta(minutes=10)) if held else []
            kept = letters_to_staff(connection, desk.runtime.desk, list(held), desk.now)
        remembered = [
            (person, made, str(kind))
            for person, recent in kept.items()
            for kind, every in recent.items()
            for made in every
        ]
        assert sorted(remembered) == sorted(stored)
        counted = max(counted, len(stored))
    assert counted > 2


def test_strangers_starve_nobody(small_desk: Desks) -> None:
    """300 of them in a minute: whom the desk knows hears at once, they share half of each minute; none is forgotten."""
    desk = small_desk(limits='fold_within = "0s"\nautomatic_per_minute = 60')
    for number in range(300):
        desk.say(f"x{number}@elsewhere.example", "Buy this.", subject=f"Offer {number}")
    desk.say(JANE, "Our shop is down.", subject="Shop")
    assert told_to(desk, JANE)
    desk.wait(timedelta(minutes=3))
    desk.say(KIM, "Ours, too.", subject="Shop")
    assert told_to(desk, KIM)
    desk.wait(timedelta(minutes=20))
    heard = [one.row.made for one in desk.letters if one.to.endswith("@elsewhere.example")]
    assert len(heard) == 300
    assert max(sum(since <= made < since + timedelta(minutes=1) for made in heard) for since in heard) == 30


# --- what departs is true


CLOCK = """
[[calendar]]
name = "always"
week = { mon = ["00:00-24:00"], tue = ["00:00-24:00"], wed = ["00:00-24:00"] }
[[service_level]]
name = "standard"
calendar = "always"
target = [{ priority = "medium", first_response = "60m", warn_at = [0.5] }]
"""


def test_a_warning_leaves_at_once_behind_its_brief_and_late_at_once_whatever_went_before(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "4h"', more=CLOCK)
    desk.say(JANE, "It stopped.", subject="Printer")
    owner = (told_to(desk, ANNA) and ANNA) or BOB
    desk.wait(timedelta(minutes=30))
    assert [one.purpose for one in told_to(desk, owner)] == ["assigned", "sla_warning"]
    opened = desk.rows("incident")[0]["opened"]
    assert told_to(desk, owner)[-1].row.expires == opened + timedelta(minutes=60)  # where the relay is down till then
    desk.wait(timedelta(minutes=30))
    assert [one.purpose for one in told_to(desk, owner)] == ["assigned", "sla_warning", "sla_late"]


def test_a_warning_that_folds_leaves_while_half_of_the_time_is_left(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "4h"', more=CLOCK)
    desk.say(JANE, "It stopped.", subject="Printer")
    owner, other = (ANNA, "bob") if told_to(desk, ANNA) else (BOB, "anna")
    watching = told_to(desk, owner)[-1]
    desk.say(owner, f"/watch\n/assign {other}", answers=watching)
    desk.say(f"{other}@example.com", "/priority high\n/priority medium", answers=desk.last(f"{other}@example.com"))
    desk.say(f"{other}@example.com", "/title The printer", answers=desk.last(f"{other}@example.com"))
    desk.wait(timedelta(minutes=30))
    assert "sla_warning" not in [one.purpose for one in told_to(desk, owner)]
    desk.wait(timedelta(minutes=15, seconds=1))
    (warning,) = [one for one in told_to(desk, owner) if one.purpose == "sla_warning"]
    assert "title: Printer -> The printer" in warning.text  # what waited beside it
    assert "due" in str(warning.parsed["Subject"]) and "of its time is used" in warning.text
    for once in ("a plain reply is read by", "Incident:", "Notes for staff only", "\n-- \n"):
        assert warning.text.count(once) == 1, once


def test_many_broken_promises_share_one_letter_that_leaves_at_once(small_desk: Desks) -> None:
    desk = small_desk(desk='default_owner = "anna"', limits="digest_above = 3", more=CLOCK)
    for number in range(12):
        desk.say(JANE, "It stopped.", subject=f"Printer {number}")
    desk.now += timedelta(minutes=60)  # the desk was down when they broke
    desk.wait(timedelta(minutes=1))
    for who in {f"{row['owner']}@example.com" for row in desk.rows("incident")}:
        mine = [row for row in desk.rows("incident") if f"{row['owner']}@example.com" == who]
        (digest,) = [one for one in told_to(desk, who) if "LATE" in str(one.parsed["Subject"])]
        assert all(f"[SIT-{row['number']}] {row['title']}" in digest.text for row in mine)
        assert "Jane Doe, Acme" in digest.text and "first response by Mon 2 Mar 2026, 10:00 (UTC)" in digest.text


def test_a_mail_that_had_to_wait_was_promised_an_answer_when_it_came(small_desk: Desks) -> None:
    """Its Date says a year ago, as in a mailbox with a past; the desk was busy with others for 50 minutes."""
    desk = small_desk(desk='default_owner = "anna"', more=CLOCK)
    came = desk.now + timedelta(seconds=1)
    headers = ["Date: Mon, 3 Mar 2025 09:00:00 +0000"]
    desk.say(JANE, "It stopped.", subject="Printer", headers=headers, waits=timedelta(minutes=50))
    (row,) = desk.rows("incident")
    assert (row["opened"], row["updated"]) == (came, came + timedelta(minutes=50))
    desk.wait(timedelta(minutes=11))
    (late,) = [one for one in told_to(desk, f"{row['owner']}@example.com") if one.purpose == "sla_late"]
    assert late.row.made == came + timedelta(hours=1)


def test_promises_that_break_at_different_moments_never_wait_for_each_other(small_desk: Desks) -> None:
    desk = small_desk(desk='default_owner = "anna"', limits='digest_above = 1\nfold_within = "30m"', more=CLOCK)
    for number in range(9):
        desk.say(JANE, "It stopped.", subject=f"Printer {number}")
        desk.wait(timedelta(minutes=4))
    desk.wait(timedelta(hours=2))
    late = [one for one in told_to(desk, "mia@example.com") if "LATE" in str(one.parsed["Subject"])]  # of all of them
    assert len(late) == 9
    for row, letter in zip(desk.rows("incident"), late, strict=True):
        assert f"[SIT-{row['number']}]" in str(letter.parsed["Subject"])
        assert letter.row.made - row["opened"] == timedelta(hours=1)


@pytest.mark.parametrize(
    "then, why",
    [
        ("We look at it.", "the promise was kept or is no longer in force"),
        ("/wait 2h\nIs it on?", "the clock stands still"),
        ("/close solved", "the incident is closed"),
    ],
)
def test_a_warning_that_waited_is_not_sent_when_it_is_no_longer_so(small_desk: Desks, then: str, why: str) -> None:
    clock = CLOCK.replace("first_response", "resolution") if "still" in why else CLOCK
    desk = small_desk(desk='default_owner = "anna"', limits='digest_above = 0\nfold_within = "10m"', more=clock)
    desk.say(JANE, "It stopped.", subject="Printer")
    owner = (told_to(desk, ANNA) and ANNA) or BOB
    desk.wait(timedelta(minutes=30))
    assert [one.purpose for one in told_to(desk, owner)] == ["assigned"]
    desk.say(owner, then, answers=desk.last(owner, "assigned"))
    desk.wait(timedelta(minutes=20))
    assert "sla_warning" not in [one.purpose for one in told_to(desk, owner)]
    assert [row["dropped"] for row in desk.rows("notice") if row["purpose"] == "sla_warning"] == [why]


def test_what_changed_back_is_not_told(small_desk: Desks) -> None:
    desk = small_desk(limits='fold_within = "5m"')
    desk.say(JANE, "It stopped.", subject="Printer")
    owner = (told_to(desk, ANNA) and ANNA) or BOB
    desk.wait(timedelta(minutes=10))
    for command in ("/status awaiting-vendor", "/status research", "/status awaiting-vendor"):
        desk.say(owner, command, answers=desk.last(owner, "assigned"))
    heard = told_to(desk, JANE)
    assert "It is now: With our supplier." in heard[-1].text
    desk.wait(timedelta(minutes=4))
    desk.say(owner, "/assign nora", answers=desk.last(owner, "assigned"))
    desk.say("nora@example.com", f"/assign {owner.partition('@')[0]}", answers=desk.last("nora@example.com"))
    desk.wait(timedelta(minutes=10))
    assert told_to(desk, JANE) == heard
    waited = [row for row in desk.rows("notice") if row["person"] == heard[-1].row.person and row["dropped"]]
    assert {row["dropped"] for row in waited} == {"nothing has changed in the end"} and len(waited) == 4


def test_a_response_is_awaited_only_where_something_was_asked(small_desk: Desks) -> None:
    desk = small_desk()
    desk.say(JANE, "It stopped.", subject="Printer")
    owner = (told_to(desk, ANNA) and ANNA) or BOB
    desk.say(owner, "/wait 2d", answers=desk.last(owner, "assigned"))
    assert all("Awaiting your response" not in one.text for one in told_to(desk, JANE))
    desk.say(owner, "Is it on?", answers=desk.last(owner, "assigned"))
    desk.say(owner, "/assign nora", answers=desk.last(owner, "assigned"))
    last = desk.last(JANE)
    assert "Awaiting your response" in last.text and "We wait for your reply" in last.text
    assert "You need not do anything" not in last.text


def test_below_the_signature_mark_stands_the_signature_alone() -> None:
    letters = Letters([packaged()])
    for purpose, occasions in samples().items():
        for values in (one for one in occasions if not one.get("piece")):
            above, mark, below = ("\n" + letters.write("en", purpose, values).text).partition("\n-- \n")
            signed, _, why = below.partition("\n\n")  # the last line says why its reader got it
            assert "\n-- \n" not in below and "\n" not in signed and why.startswith("You get "), (purpose, below)
            assert mark and (above or purpose == "bug_reported"), purpose  # its bare sample has no words
