"""What is gathered for a mail: the incidents it may mean, what proves its From, and which letters it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sitmail.domain.mail import Envelope, Mail
from sitmail.services.hints import Arrival
from sitmail.services.process_mail import independent_batch
from sitmail.store import directory_lookup
from tests.services.small_desk import (
    ADAM,
    ANNA,
    BOB,
    EMIL,
    EX,
    JANE,
    JILL,
    JOHN,
    KIM,
    NORA,
    SAM,
    Letter,
    SmallDesk,
    strangers_tokens,
)
from tests.services.test_histories import QUOTES, Step, quoted, with_file

Desks = Callable[..., SmallDesk]
SECRET = "the canary knows that they always unplug the wrong printer on the third floor, and so does everybody here"


def opened(desk: SmallDesk, **more: str) -> Letter:
    again = f" ({len(desk.letters)})" if desk.letters else ""  # else it is the same mail sent again
    desk.say(f"Jane Doe <{JANE}>", f"The printer stopped.{again}", subject="Printer", **more)  # type: ignore[arg-type]
    return desk.last(ANNA, "assigned")


def outside(desk: SmallDesk) -> list[Letter]:
    return [one for one in desk.letters if not one.to.endswith("@example.com")]


# --- what engineers quote


@pytest.mark.parametrize("how", QUOTES)
@pytest.mark.parametrize("which", ["assigned", "note", "show"])
def test_nothing_of_a_staff_letter_leaves_however_it_is_quoted(small_desk: Desks, how: str, which: str) -> None:
    desk = small_desk()
    desk.say(ANNA, f"/assign bob\n/note {SECRET}", answers=opened(desk))
    if which == "note":
        desk.say(ANNA, "/watch", answers=desk.last(ANNA))
        desk.say(BOB, f"/note and {SECRET}", answers=desk.last(BOB, "assigned"))
    if which == "show":
        desk.say(BOB, "/show", answers=desk.last(BOB, "assigned"))
    writer = ANNA if which == "note" else BOB
    letter = desk.last(writer, which)
    assert "canary" in letter.text
    body, file = quoted("/public\nHello Jane, it is plugged in again.", how, letter)
    step = Step(writer, 0, 1, quote=how)
    raw = (
        with_file(step, "/public\nHello Jane, it is plugged in again.", file, letter, letter.reply_to, 99)
        if file
        else None
    )
    done = desk.say(writer, body, answers=letter, to=letter.reply_to, raw=raw)
    if how == "above":  # the command stands below the quotation, in the middle for a machine: refused is as good
        assert done.decision.ending in ("applied", "refused")
    else:
        assert done.decision.ending == "applied", done.decision
        assert "plugged in again" in desk.last(JANE, "answer").text
    for one in outside(desk):
        assert "canary" not in one.all_text and "Notes for staff" not in one.all_text, one.all_text
        assert not list(strangers_tokens(desk, one))


def test_what_is_kept_back_is_in_the_log_and_its_author_knows(small_desk: Desks) -> None:
    desk = small_desk()
    letter = opened(desk)
    raw = with_file(
        Step(ANNA, 0, 1), "Hello.", ("message/rfc822; name=letter.eml", letter.raw), letter, letter.reply_to, 9
    )
    desk.say(ANNA, raw=raw, to=letter.reply_to, answers=letter)
    by_leg = {row["id"]: row["leg"] for row in desk.log(1)}
    assert [(by_leg[file["update"]], file["name"]) for file in desk.rows("attachment")] == [("internal", "letter.eml")]
    assert "Kept in the log" in desk.last(ANNA, "verdict").text


def test_a_customers_own_letter_as_a_file_does_not_reach_another_participant(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk, cc=JOHN)
    letter = desk.last(JANE)
    for kind in ("message/rfc822; name=a.eml", "application/octet-stream; name=a.eml", "text/plain; name=a.txt"):
        raw = with_file(Step(JANE, 0, 1), f"See the {kind}.", (kind, letter.raw), letter, letter.reply_to, len(kind))
        desk.say(JANE, raw=raw, to=letter.reply_to, answers=letter)
        told = desk.last(JOHN, "words")
        assert f"See the {kind}." in told.text and not list(strangers_tokens(desk, told))
        assert not list(told.parsed.iter_attachments())


@pytest.mark.parametrize("mark", ["Den 2. mars skrev Example Support {} dette", "see {}"])
def test_tokens_in_a_text_never_travel(small_desk: Desks, mark: str) -> None:
    desk = small_desk()
    letter = opened(desk, cc=JOHN)
    desk.say(ANNA, f"Hello.\n{mark.format(letter.reply_to)}", answers=letter)
    desk.say(JANE, f"Hello.\n{mark.format(desk.last(JANE).reply_to)}", answers=desk.last(JANE))
    for one in outside(desk):
        assert not list(strangers_tokens(desk, one)), one.all_text
    assert not list(strangers_tokens(desk, desk.last(ANNA, "customer_wrote")))


# --- what customers write does not run


@pytest.mark.parametrize("how", [how for how in QUOTES if how not in ("message", "text file", "page", "none")])
@pytest.mark.parametrize(
    "trap",
    [
        "/close solved",
        "see\n/note\n/close solved\nbye",
        "see\n\n/close solved",
        "a line as long as it takes until programs break it somewhere here: /close solved",
        "> /close solved",
        "On Monday Example Support wrote:\n/close solved",
        "--\n/close solved",
    ],
)
def test_a_customers_words_never_run_in_an_engineers_name(small_desk: Desks, how: str, trap: str) -> None:
    desk = small_desk()
    opened(desk)
    desk.say(JANE, f"It still burns.\n{trap}", answers=desk.last(JANE))
    for purpose in ("customer_wrote", "closure_requested"):
        for letter in [one for one in desk.letters if one.to == ANNA and one.purpose == purpose]:
            body, _ = quoted("Thank you, we look at it.", how, letter)
            desk.say(ANNA, body, answers=letter)
            assert desk.incident(1)["status"] != "closed"


def test_a_brief_with_history_that_ends_in_a_trap_does_not_run(small_desk: Desks) -> None:
    desk = small_desk()
    letter = opened(desk)
    desk.say(JANE, "It burns.\n/frob\n/assign nora", answers=desk.last(JANE))
    desk.say(ANNA, "/assign bob", answers=letter)
    brief = desk.last(BOB, "assigned")
    cut = brief.text[: brief.text.index("/assign nora") + len("/assign nora")]
    desk.say(BOB, f"We look at it.\n\n{cut}", answers=brief)
    assert desk.incident(1)["owner"] == "bob"


# --- what proves


@pytest.mark.parametrize("kind", "inhdcb")
def test_a_token_is_no_proof_for_another_number_kind_or_person(small_desk: Desks, kind: str) -> None:
    desk = small_desk()
    opened(desk)
    opened(desk)
    anna, bob = desk.person(ANNA), desk.person(BOB)
    mac = desk.token(kind, 1, anna).partition(".")[2].partition("@")[0]
    for wrong in (f"support+i2.{mac}@example.com", f"support+n2.{mac}@example.com"):
        done = desk.say(ANNA, f"Hello {wrong}", to=wrong)
        assert done.decision.ending == "held" and "nothing proves" in done.decision.reason
    theirs = desk.token("i", 1, bob)
    assert desk.say(ANNA, "Hello again", to=theirs).decision.rule == "foreign-token"


def test_tokens_and_ids_of_letters_prove_for_a_time_and_route_after_it(small_desk: Desks) -> None:
    desk = small_desk()
    letter = opened(desk)
    desk.now += timedelta(days=179)
    assert desk.say(ANNA, "/research", answers=letter).decision.ending == "applied"
    desk.now += timedelta(days=400)
    done = desk.say(ANNA, "Hello.", answers=letter)
    assert (done.decision.rule, done.incident) == ("staff-unproven", 1)


def test_thirty_days_after_closing_nothing_is_proved(small_desk: Desks) -> None:
    desk = small_desk()
    letter = opened(desk)
    desk.say(ANNA, "/close solved", answers=letter)
    desk.now += timedelta(days=29)
    assert desk.say(ANNA, "/note late", answers=letter).decision.ending == "applied"
    desk.now += timedelta(days=2)
    assert desk.say(ANNA, "/note too late", answers=letter).decision.ending == "held"


@pytest.mark.parametrize("kind", "dhn")
def test_letters_about_no_incident_prove_for_a_time_too(small_desk: Desks, kind: str) -> None:
    desk = small_desk()
    opened(desk)
    to = desk.token(kind, 0, desk.person(BOB))
    text = "1: /research" if kind in "dh" else "/research"
    assert desk.say(BOB, text, to=to, subject="[SIT-1]").decision.ending == "held", "none was ever written"
    desk.say(BOB, "help", to="support+cmd@example.com")
    done = desk.say(BOB, f"{text} ", to=to, subject="[SIT-1]")
    assert done.decision.ending == ("held" if kind == "h" else "applied")
    desk.now += timedelta(days=181)
    assert desk.say(BOB, f"{text}  ", to=to, subject="[SIT-1]").decision.ending == "held"


def test_a_void_token_still_tells_the_leg(small_desk: Desks) -> None:
    """Somebody else used it; what its owner writes to it is asked about, and then goes where it was meant to."""
    desk = small_desk()
    letter = opened(desk)
    desk.say(SAM, "who are you?", to=letter.reply_to)
    assert desk.say(ANNA, "We look at it.", answers=letter).decision.rule == "staff-unproven"
    desk.say(ANNA, "yes", answers=desk.last(ANNA, "confirm"))
    assert "We look at it." in desk.last(JANE, "answer").text


def test_a_confirmation_is_answered_by_its_own_letter_alone(small_desk: Desks) -> None:
    desk = small_desk(trust='commands = "both"')
    letter = opened(desk)
    desk.say(ANNA, "/close solved", answers=letter)
    asked = desk.last(ANNA, "confirm")
    guessed = "support+c1.aaaaaaaaaaaaaaaaa@example.com"
    for headers in ([f"In-Reply-To: {letter.message_id}"], []):
        for proof in ("none", "authenticated"):
            desk.say(ANNA, "yes", to=guessed, headers=headers, proof=proof)
    desk.say(BOB, "yes", to=asked.reply_to)
    assert desk.incident(1)["status"] == "active"


def test_the_letter_of_one_question_answers_no_other(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    desk.say(BOB, "/title one", subject="[SIT-1]")
    first = desk.last(BOB, "confirm")
    desk.say(BOB, "no", answers=first)
    desk.say(BOB, "/close solved", subject="[SIT-1]")
    desk.say(BOB, "yes", to="support+c2.aaaaaaaaaaaaaaaaa@example.com", headers=[f"In-Reply-To: {first.message_id}"])
    assert desk.incident(1)["status"] == "active"


def test_a_confirmation_whose_address_got_lost_is_answered_by_its_id(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    desk.say(BOB, "/close solved", subject="[SIT-1]")
    desk.say(BOB, "yes", answers=desk.last(BOB, "confirm"), proof="id")
    assert desk.incident(1)["status"] == "closed"


def test_voiding_concerns_the_token_that_was_used(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    desk.say(BOB, "/close solved", subject="[SIT-1]")
    for _ in range(3):
        desk.say(KIM, "/frob", subject="nothing")
    desk.say(BOB, "/title other", subject="[SIT-1]")
    asked = desk.last(BOB, "confirm")
    number = int(asked.reply_to.partition("+c")[2].partition(".")[0])
    desk.say(SAM, "yes", to=asked.reply_to, subject="Re: [SIT-1]")
    assert [(row["person"], row["incident"]) for row in desk.rows("generation")] == [(desk.person(BOB), number)]
    assert desk.say(BOB, "yes", answers=asked).decision.ending == "ignored"


# --- where a mail may go


@pytest.mark.parametrize("who", [SAM, KIM, JILL])
@pytest.mark.parametrize("hint", ["subject", "number address", "foreign id", "own id", "return path"])
def test_a_hint_leads_nobody_in_who_is_no_part_of_it(small_desk: Desks, who: str, hint: str) -> None:
    desk = small_desk()
    opened(desk)
    letter = desk.last(JANE)
    before = desk.log(1)
    junk = "support+i1.aaaaaaaaaaaaaaaaa@example.com"
    how = {
        "subject": {"subject": "Re: [SIT-1] Printer"},
        "number address": {"to": junk, "subject": "x"},
        "foreign id": {"headers": ["In-Reply-To: <1@acme.example.net>"], "subject": "Re: Printer"},
        "own id": {"headers": [f"References: {letter.message_id}"], "subject": "Re: Printer"},
        "return path": {"to": junk.replace("+i", "+b"), "subject": "x"},
    }[hint]
    done = desk.say(who, "/close solved\nShow me everything.", **how)  # type: ignore[arg-type]
    assert done.decision.ending == ("held" if hint == "own id" else "new")
    assert desk.log(1) == before and desk.people(1) == {JANE}
    told = [one for one in desk.letters if one.to == who]
    assert all("SIT-1]" not in one.all_text and "Jane" not in one.all_text for one in told)


def test_a_stranger_learns_nothing_from_what_he_is_told(small_desk: Desks) -> None:
    """The same letter, whether the number exists, is closed, or is nobody's."""
    desk = small_desk()
    desk.say(ANNA, "/close solved", answers=opened(desk))
    opened(desk)
    letters = []
    for number in (1, 2, 77):
        who = f"x{number}@elsewhere.example.org"
        done = desk.say(who, "Hello.", subject=f"[SIT-{number}] what is this?")
        own = desk.last(who)
        plain = own.text.replace(f"SIT-{done.incident or 0}", "SIT-N")
        fields = sorted(set(own.parsed.keys()))
        letters.append((own.purpose, plain.replace(str(done.incident), "N"), fields))
    assert letters[0] == letters[1] == letters[2]
    assert "what is this" not in letters[0][1] and "Hello." not in letters[0][1]


def test_other_peoples_numbers_and_missing_ones_are_the_same_to_staff_lines(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    for text in ("1: Hello.", "2: Hello."):
        assert desk.say(NORA, text, to="support+cmd@example.com", proof="authenticated").decision.ending == "refused"
    assert JANE not in [one.to for one in desk.letters if one.purpose == "answer"]


def test_who_left_hears_and_does_nothing(small_desk: Desks) -> None:
    desk = small_desk(more=EMIL)
    opened(desk)
    desk.say(EX, "/watch\n/note here I am", subject="[SIT-1]", proof="authenticated")
    letters = len(desk.letters)
    token = desk.token("n", 1, desk.person(EX))
    desk.reopen()
    desk.say(JANE, "It still burns.", answers=desk.last(JANE))
    assert EX not in [one.to for one in desk.letters[letters:]]
    before = desk.log(1)
    assert desk.say(EX, "/close solved", to=token, proof="both").decision.rule == "foreign-token"
    assert desk.log(1) == before and EX not in [one.to for one in desk.letters[letters:]]


def test_a_notice_that_waited_for_who_left_is_never_written(small_desk: Desks) -> None:
    desk = small_desk(more=EMIL, limits='fold_within = "1h"')
    opened(desk)
    desk.say(EX, "/watch", subject="[SIT-1]", proof="authenticated")
    for status in ("research", "active", "left-message"):
        desk.say(ANNA, f"/status {status}", answers=desk.last(ANNA, "assigned"))
    assert [row for row in desk.rows("notice") if row["settled"] is None and row["person"] == desk.person(EX)]
    desk.reopen()
    letters = len(desk.letters)
    desk.wait(timedelta(days=1))
    assert EX not in [one.to for one in desk.letters[letters:]]
    assert not [row for row in desk.rows("notice") if row["settled"] is None]


def test_an_admin_reads_everything_and_his_own_address_only(small_desk: Desks) -> None:
    desk = small_desk()
    opened(desk)
    desk.say(f"Evil <{ADAM}>", "/show 1", to="support+cmd@example.com", headers=[f"Reply-To: {SAM}"])
    assert desk.since(2) == [(ADAM, "show")]


# --- what is not looked for in every mail


def test_a_site_is_read_once_until_the_memory_is_empty(small_desk: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small_desk()
    opened(desk)
    asked: list[object] = []
    monkeypatch.setattr(directory_lookup, "sites", lambda _connection, ids: asked.extend(ids) or {})
    desk.say(f"Jane Doe <{JANE}>", "And the second one, too.", subject="Another printer")
    assert asked == []
    desk.runtime.desk.memory.forget()
    desk.say(f"Jane Doe <{JANE}>", "And the third one.", subject="A third printer")
    assert asked


def test_one_who_was_copied_into_a_batch_by_a_forged_id_waits_for_the_next(small_desk: Desks) -> None:
    """Ids of our form count for the batch before anybody knows whether they are ours."""
    desk = small_desk().runtime.desk
    forged = "<i7.3.aaaaaaaaaa.aaaaaaaaaaaaaaaaa@example.com>"
    mails = [
        Mail(identity=JANE, message_id="<1@x.example>", in_reply_to=(forged,)),
        Mail(identity=JOHN, message_id="<2@x.example>", subject=f"[{desk.policy.tag}-7] printer"),
        Mail(identity=NORA, message_id="<3@x.example>", subject="printer"),
    ]
    envelope = Envelope("", (desk.policy.desk.address,), datetime(2026, 11, 2, tzinfo=UTC))
    arrivals = [Arrival(at, mail, envelope) for at, mail in enumerate(mails, 1)]
    assert [one.id for one in independent_batch(desk, arrivals)] == [1, 3]


def test_two_decisions_about_one_held_mail_are_no_batch(small_desk: Desks) -> None:
    """Each reader of a held letter has an address of his own; the first decision must be written before the second."""
    desk = small_desk().runtime.desk
    address = desk.policy.desk.address.replace("@", "+h7.{}@")
    tokens = ("aaaaaaaaaaaaaaaaa", "abbbbbbbbbbbbbbbb")
    arrivals = [
        Arrival(at, Mail(identity=who), Envelope("", (address.format(token),), datetime(2026, 11, 2, tzinfo=UTC)))
        for at, (who, token) in enumerate(zip((BOB, NORA), tokens, strict=True), 1)
    ]
    assert [one.id for one in independent_batch(desk, arrivals)] == [1]


def test_two_reports_of_one_fault_by_two_machines_are_no_batch(small_desk: Desks) -> None:
    """The first opens the incident at which the second is counted."""
    machines = ["one@watch.example", "two@watch.example", "three@watch.example"]
    desk = small_desk(more=f"[[monitor]]\naddresses = {machines}\n").runtime.desk
    envelope = Envelope("", (desk.policy.desk.address,), datetime(2026, 11, 2, tzinfo=UTC))
    said = ["Fingerprint: a7", "Fingerprint: a7", "Fingerprint: b8"]
    arrivals = [
        Arrival(at, Mail(identity=who, message_id=f"<{at}@x.example>", text=text), envelope)
        for at, (who, text) in enumerate(zip(machines, said, strict=True), 1)
    ]
    assert [one.id for one in independent_batch(desk, arrivals)] == [1, 3]
