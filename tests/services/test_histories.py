"""Random histories of people writing to each other through the desk, and what must hold after each of them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from textwrap import fill
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.examples import examples
from tests.services.small_desk import ANNA, BOB, JANE, JOHN, KIM, Letter, SmallDesk, strangers_tokens

STAFF = (ANNA, BOB, "mia@example.com", "adam@example.com", "nora@example.com")
ENDINGS = {"new", "applied", "held", "refused", "duplicate", "ignored"}
LIMITS = 'fold_within = "5m"\nautomatic_per_address_day = 6\nautomatic_per_incident_day = 9\nacks_per_sender_hour = 2\n'
LIMITS += "automatic_per_minute = 4\n"
SETTLED_BY_CLOCKS = {"late", "updated", "updates", "next_deadline", "follow_up_at"}  # no part of what the log tells

CUSTOMERS_SAY = [
    "It burns.",
    "/close it works",
    "/close",
    "Thanks!",
    "/hold until friday\nPlease wait.",
    "/help",
    "/take",
]
ENGINEERS_SAY = [
    "We look at it.",
    "Please unplug it.",
    "/public\nIt is plugged in again.",
    "/public\nHere is what we know.",
    "/take",
    "/close solved",
    "/reopen",
    "/assign bob\nBob knows it.",
    "/cc add john@acme.example.net\nJohn, please look.",
    "/cc del john@acme.example.net",
    "/note {canary}",
    "We look at it.\n/note {canary}\nand it goes on over\ntwo lines {canary}",
    "/status research\n/note {canary}",
    "/frob\n{canary}",
    "/keep\nStill at it.",
    "/show",
    "/priority high",
]
CANARY = "the canary{} sings of {} things that nobody else may ever hear of, not even by an accident"
QUOTES = ["none", "marked", "above", "bare", "wrapped", "odd marks", "message", "text file", "page"]


@dataclass(frozen=True)
class Step:
    who: str
    says: int
    letter: int = 0  # which of his letters is answered, from the last; 0: a fresh mail
    proof: str = "token"
    quote: str = "none"
    hours: float = 0.1
    machine: bool = False
    cc: str = ""


def steps() -> st.SearchStrategy[list[Step]]:
    customers = st.builds(
        Step,
        who=st.sampled_from([JANE, JANE, KIM, JOHN]),
        says=st.integers(0, len(CUSTOMERS_SAY) - 1),
        letter=st.sampled_from([0, 1, 1, 1, 2, 3]),
        proof=st.sampled_from(["token", "token", "id", "none"]),
        quote=st.sampled_from(QUOTES),
        hours=st.sampled_from([0.01, 0.01, 1, 30]),
        machine=st.sampled_from([False] * 6 + [True]),
        cc=st.sampled_from(["", "", JOHN, KIM]),
    )
    engineers = st.builds(
        Step,
        who=st.sampled_from([ANNA, BOB]),
        says=st.integers(0, len(ENGINEERS_SAY) - 1),
        letter=st.sampled_from([1, 1, 1, 2, 3, 4]),
        proof=st.sampled_from(["token", "token", "both", "none"]),
        quote=st.sampled_from([*QUOTES, "bare", "wrapped", "odd marks"]),
        hours=st.sampled_from([0.01, 0.01, 1, 30]),
    )
    return st.lists(customers | engineers, min_size=4, max_size=10)


@dataclass
class History:
    desk: SmallDesk
    canaries: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)

    def play(self, all_steps: Sequence[Step]) -> None:
        self.desk.say(JANE, "The printer stopped.", subject="Printer", cc=JOHN)
        brief = self.desk.last(ANNA, "assigned")
        secret = f"/assign bob\n/watch\n/note {CANARY.format(0, 0)}"
        self.desk.say(ANNA, secret, answers=brief)  # Bob's brief tells him
        for step in all_steps:
            self.desk.wait(timedelta(hours=step.hours))
            before = len(self.desk.letters)
            self.write(step)
            if step.machine:
                told = {one.to for one in self.desk.letters[before:]}
                assert step.who not in told, "a machine was answered"
            self.appended()

    def write(self, step: Step) -> None:
        mine = [one for one in self.desk.letters if one.to == step.who]
        answered = mine[-step.letter] if step.letter and len(mine) >= step.letter else None
        if answered is None and step.who in STAFF:
            return
        text = (ENGINEERS_SAY if step.who in STAFF else CUSTOMERS_SAY)[step.says]
        if step.who in STAFF and answered and "+n" in answered.reply_to:
            text = text if text.startswith("/") else "{canary}"  # a plain reply to a letter that is for staff
        self.canaries += 1
        text = text.replace(
            "{canary}", f"the canary{self.canaries} sings of {self.canaries} things nobody else may hear"
        )
        headers = ["Auto-Submitted: auto-replied"] if step.machine else []
        body, file = quoted(text, step.quote, answered) if answered else (text, None)
        raw = None
        to = answered.reply_to if answered and step.proof in ("token", "both") else "support@example.com"
        if file:
            raw = with_file(step, text, file, answered, to, self.desk.mails)
        self.desk.say(
            step.who, body, to=to, answers=answered, proof=step.proof, headers=headers, cc=step.cc, raw=raw,
            subject="" if answered else "Another thing",
        )  # fmt: skip

    def appended(self) -> None:
        """Nothing that was written is ever changed."""
        rows = [
            row for number in sorted({r["incident"] for r in self.desk.rows("update")}) for row in self.desk.log(number)
        ]
        now = {row["id"]: row for row in rows}
        for row in self.log:
            assert now[row["id"]] == row, "the log was changed"
        self.log = rows


def quoted(text: str, how: str, letter: Letter) -> tuple[str, tuple[str, bytes] | None]:
    """The mail's text, as people's programs make it, and what hangs on."""
    old = letter.text.rstrip("\n").split("\n")
    on = "On Mon, 2 Mar 2026 at 12:00, Example Support <support@example.com> wrote:"
    if how == "marked":
        return "\n".join([text, "", on, *(f"> {line}" for line in old)]), None
    if how == "above":
        return "\n".join([on, *(f"> {line}" for line in old), "", text]), None
    if how == "bare":
        return "\n".join([text, "", f"Den 2. mars skrev Example Support {letter.reply_to} dette", *old]), None
    if how == "wrapped":
        return "\n".join([text, "", *(fill(line, 40) if line else "" for line in old)]), None
    if how == "odd marks":
        return "\n".join([text, "", *(f"| {line}" for line in old)]), None
    if how == "message":
        return text, ("message/rfc822; name=letter.eml", letter.raw)
    if how == "text file":
        return text, ("text/plain; name=letter.txt", letter.text.encode())
    if how == "page":
        page = "".join(f"<p>{line}</p>" for line in [letter.reply_to, *old])
        return text, ("text/html; name=letter.html", f"<html>{page}</html>".encode())
    return text, None


def with_file(step: Step, text: str, file: tuple[str, bytes], answered: Letter | None, to: str, mails: int) -> bytes:
    head = [f"From: {step.who}", f"To: {to}", "Subject: Re", f"Message-ID: <f{mails}@{step.who.rpartition('@')[2]}>"]
    if answered and step.proof != "none":
        head.append(f"In-Reply-To: {answered.message_id}")
    if step.proof == "both":
        head.insert(0, f"Authentication-Results: mx.example.com; dmarc=pass header.from={step.who.rpartition('@')[2]}")
    if step.machine:
        head.append("Auto-Submitted: auto-replied")
    head += ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', ""]
    parts = ["--b", "Content-Type: text/plain; charset=utf-8", "", *text.split("\n"), "--b", f"Content-Type: {file[0]}"]
    parts += ["Content-Disposition: attachment", "", ""]
    return "\r\n".join([*head, *parts]).encode() + file[1] + b"\r\n--b--\r\n"


# --- what must hold


def nothing_internal_left(desk: SmallDesk) -> None:
    for letter in desk.letters:
        if letter.to not in STAFF:
            assert "canary" not in letter.all_text, f"{letter.purpose} to {letter.to}:\n{letter.all_text}"


def nobody_has_what_was_issued_to_others(desk: SmallDesk) -> None:
    for letter in desk.letters:
        if letter.to not in STAFF:
            found = list(strangers_tokens(desk, letter))
            assert not found, f"{letter.purpose} to {letter.to} holds {found}:\n{letter.all_text}"


def every_mail_has_its_ending(desk: SmallDesk) -> None:
    rows = desk.rows("inbox")
    assert len(rows) == desk.mails
    assert {row["ending"] for row in rows} <= ENDINGS, [(row["ending"], row["reason"]) for row in rows]


def the_log_is_the_truth(desk: SmallDesk) -> None:
    """Each change begins where the one before ended, and the last is what the incident's row says."""
    for incident in desk.rows("incident"):
        known: dict[str, Any] = {}
        for entry in desk.log(incident["number"]):
            for name, (old, new) in entry["change"].items():
                if name in known and name not in SETTLED_BY_CLOCKS:
                    assert old == known[name], f"{incident['number']}: {name} was {known[name]}, not {old}"
                known[name] = new
        for name in known.keys() - SETTLED_BY_CLOCKS:
            row = incident[name]
            plain = row.isoformat() if hasattr(row, "isoformat") else row
            assert plain == known[name], f"{incident['number']}: {name} is {plain}, the log says {known[name]}"


def every_fact_is_told_once(desk: SmallDesk) -> None:
    ids = [row["message_id"] for row in desk.rows("outbox")]
    assert len(ids) == len(set(ids))
    assert not [row for row in desk.rows("notice") if row["settled"] is None], "a notice waits for ever"


def limits_hold(desk: SmallDesk) -> None:
    rows = [row for row in desk.rows("outbox") if row["automatic"] and row["outside"]]

    def most(key: str | None, span: timedelta, chosen: Sequence[dict[str, Any]]) -> int:
        return max(
            (
                sum(
                    other["made"] <= one["made"] < other["made"] + span and (key is None or other[key] == one[key])
                    for other in chosen
                )
                for one in chosen
            ),
            default=0,
        )

    day, hour, minute = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
    assert most("person", day, rows) <= 6
    assert most("incident", day, rows) <= 9
    assert most(None, minute, rows) <= 4
    assert most("person", hour, [row for row in rows if row["purpose"].startswith("acknowledgement")]) <= 2


@examples(30, suppress_health_check=list(HealthCheck), derandomize=True)
@given(steps())
@pytest.mark.filterwarnings("default")
def test_what_holds_after_every_history(sqlite_template: Path, all_steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = SmallDesk(Path(folder), sqlite_template, limits=LIMITS)
        try:
            History(desk).play(all_steps)
            desk.wait(timedelta(days=6))
            nothing_internal_left(desk)
            nobody_has_what_was_issued_to_others(desk)
            every_mail_has_its_ending(desk)
            the_log_is_the_truth(desk)
            every_fact_is_told_once(desk)
            limits_hold(desk)
        finally:
            desk.close()
