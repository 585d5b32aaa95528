"""Customers who do not answer, with a relay that may be down, letters that come back and files that are read again.

What the desk did is compared with a slow reading of the rows that imports nothing of it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from sitmail.domain.outgoing import EXPIRED, Outcome, Outgoing
from sitmail.store import outbox
from tests.domain.minute_oracle import Oracle
from tests.examples import examples
from tests.services.small_desk import ANNA, JANE, SmallDesk

HOURS = ["08:00-12:00", "13:00-18:00"]
OFFICE = {
    "timezone": "Europe/Berlin",
    "week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), HOURS),
    "holidays": ["2026-03-06", "2026-04-03", "2026-04-06"],
}
CONFIGURED = """
[closing]
chase_after = "{chase}h"
presume_after = "{presume}h"
attempts = 2
unresponsive = "close"

[[calendar]]
name = "office"
timezone = "Europe/Berlin"
holidays = ["2026-03-06", "2026-04-03", "2026-04-06"]
week = {{ mon = {hours}, tue = {hours}, wed = {hours}, thu = {hours}, fri = {hours} }}
"""
ASKING = {"answer", "resolved", "chased"}
SLACK = 63  # working minutes: an hour between two looks at what has not left, and the minutes of the slow reading
BOUNCE = """From: MAILER-DAEMON@relay.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{number}@relay.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.org

Final-Recipient: rfc822; jane@acme.example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--b--
"""


def configured(chase: int, presume: int) -> str:
    return CONFIGURED.format(chase=chase, presume=presume, hours=str(HOURS).replace("'", '"'))


class Followed(SmallDesk):
    """A desk with one incident, and a relay that takes letters or does not."""

    def __init__(self, folder: Path, template: Path, chase: int = 18, presume: int = 9) -> None:
        self.up, self.asleep = True, list[tuple[datetime, datetime]]()
        self.terms: list[tuple[datetime, int, int]] = []
        super().__init__(folder, template, desk='crossed = "send"', more=configured(chase, presume))
        self.terms.append((self.now, chase, presume))
        self.say(JANE, "The printer stopped.", subject="Printer")
        self.brief = self.last(ANNA, "assigned")

    def _left(self, rows: Sequence[Outgoing]) -> None:
        super()._left(rows)
        if self.up:
            self.send()

    def send(self) -> None:
        """The relay takes all that waits; what is not worth sending any more has failed."""
        for row in self.rows("outbox"):
            if row["state"] == "queued":
                late = row["expires"] is not None and row["expires"] < self.now
                state, error = ("failed", EXPIRED) if late else ("sent", "")
                done = Outcome(id=row["id"], state=state, at=self.now, attempts=1, error=error)  # type: ignore[arg-type]
                self.runtime.database.write(outbox.mark, done).result()

    def relay(self, up: bool) -> None:
        self.up = up
        if up:
            self.send()

    def sleep(self, span: timedelta) -> None:
        self.asleep.append((self.now, Oracle(OFFICE).add(self.now + span, 62)))
        self.now += span
        self._look()

    def reload(self, chase: int, presume: int) -> None:
        self.reopen(desk='crossed = "send"', more=configured(chase, presume))
        self.terms.append((self.now, chase, presume))

    def does(self, what: str, hours: int) -> None:
        closed = self.incident(1)["status"] == "closed"
        if what in ("answer", "resolve", "call") and not closed:
            said = {"answer": "Is it red?", "resolve": "/resolve solved", "call": "/event call-out 5m"}[what]
            self.say(ANNA, said, answers=self.brief)
        elif what in ("thanks", "words", "away"):
            said = {"thanks": "Thank you!", "words": "It is still broken.", "away": "I am away."}[what]
            headers = ["Auto-Submitted: auto-replied"] if what == "away" else []
            self.say(JANE, said, answers=self.last(JANE, ""), headers=headers)
        elif what == "bounce":
            letter = self.last(JANE, "")
            raw = BOUNCE.format(to=letter.row.sender, number=self.mails).replace("\n", "\r\n").encode()
            self.say("", raw=raw, to=letter.row.sender)
        elif what == "relay":
            self.relay(not self.up)
        elif what == "asleep":
            self.sleep(timedelta(hours=hours))
        elif what == "reload":
            self.reload(4 + 7 * hours % 30, 3 + 7 * hours % 20)
        self.wait(timedelta(hours=hours))

    # --- the slow reading

    def mine(self) -> list[dict[str, Any]]:
        jane = self.person("jane@acme.example.net")
        rows = [row for row in self.rows("outbox") if row["incident"] == 1 and row["person"] == jane]
        return [row for row in rows if row["purpose"] in ASKING]

    def judge(self) -> None:
        log, letters = self.log(1), self.mine()
        for place, entry in enumerate(log):
            if entry["actor"] == "the clock" and entry["event"] in ("chased", "closed"):
                self.step_is_right(log[:place], entry, letters)
            elif entry["actor"] == "the clock" and entry["event"] == "changed":
                assert entry["rule"] == "chased", entry["text"]
        sent = sorted(row["sent"] for row in letters if row["purpose"] == "chased" and row["state"] == "sent")
        for one, other in pairwise(sent):
            assert Oracle(OFFICE).between(one, other) >= 3 * 60 - 2, "in quick succession"

    def step_is_right(
        self, before: Sequence[dict[str, Any]], step: dict[str, Any], letters: Sequence[dict[str, Any]]
    ) -> None:
        """It came when the customer's time was over, not before and not long after, and after enough attempts."""
        status, at = before[-1]["status"], step["received"]
        run = [entry for entry in before if entry["number"] > last_other(before, status)]
        heard = [e["received"] for e in run if e["event"] == "email-in" and status == "awaiting-customer"]
        begun = max([run[0]["received"], *heard])
        back = [entry["received"] for entry in before if entry["event"] == "bounce"]
        mine = [row for row in letters if row["made"] >= begun and reached(row, back, at)]
        left = {row["made"]: row["sent"] for row in mine if row["purpose"] != "resolved"}
        resolved = [row["sent"] for row in mine if row["purpose"] == "resolved"]  # several at once ask once
        left |= {begun: resolved[-1]} if resolved else {}
        calls = [entry["received"] for entry in run if entry["event"] == "call-out" and entry["received"] > begun]
        attempts = sorted([*left.values(), *calls])
        asked = [entry["received"] for entry in run if entry["event"] in ("chased", "email-out")]
        base = max([begun, *attempts, *(one for one in asked if one not in left and one > begun)])
        due = Oracle(OFFICE).add(base, self.minutes(status, run, begun))
        assert at >= due - timedelta(minutes=2), f"{step['event']} at {at}, due {due}"
        if not any(one < at and other > base for one, other in self.asleep):
            assert Oracle(OFFICE).between(due, at) <= SLACK, f"{step['event']} only at {at}, due {due}"
        assert (len(attempts) >= 2) == (step["event"] == "closed"), attempts
        if step["event"] == "closed":
            assert step["rule"] == ("presumed" if status == "awaiting-closure" else "unresponsive")

    def minutes(self, status: str, run: Sequence[dict[str, Any]], begun: datetime) -> int:
        """How long the wait is: as configured when it began; a call leaves it as it was."""
        begins = [e["received"] for e in run if e["event"] in ("chased", "email-out") or e["received"] == begun]
        at = max([begun, *begins])
        _, chase, presume = [one for one in self.terms if one[0] <= at][-1]
        return 60 * (presume if status == "awaiting-closure" else chase)


def last_other(log: Sequence[dict[str, Any]], status: str) -> int:
    return max([entry["number"] for entry in log if entry["status"] != status], default=0)


def reached(row: dict[str, Any], back: Sequence[datetime], until: datetime) -> bool:
    return (
        row["state"] == "sent"
        and row["made"] < until
        and row["sent"] <= until
        and not any(one >= row["sent"] for one in back)
    )


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Any:
    made = Followed(tmp_path, sqlite_template)
    yield made
    made.close()


def test_a_relay_that_is_down_for_a_week_closes_nothing(desk: Followed) -> None:
    desk.relay(up=False)
    desk.say(ANNA, "/resolve solved", answers=desk.brief)
    desk.wait(timedelta(days=14))
    assert desk.incident(1)["status"] == "awaiting-closure"
    assert [row["event"] for row in desk.log(1) if row["actor"] == "the clock"] == ["unsent"]
    assert [one.purpose for one in desk.letters if one.to == "anna@example.com"].count("unanswered") == 1
    desk.relay(up=True)
    desk.wait(timedelta(days=14))
    assert desk.incident(1)["closing_status"] == "solved"
    desk.judge()


def test_a_reminder_that_could_not_leave_is_no_attempt_and_does_not_come_late(desk: Followed) -> None:
    desk.say(ANNA, "Is it red?", answers=desk.brief)
    desk.wait(timedelta(days=1))
    desk.relay(up=False)
    desk.wait(timedelta(days=21))
    assert desk.incident(1)["status"] == "awaiting-customer"
    desk.relay(up=True)
    states = [row["state"] for row in desk.mine() if row["purpose"] == "chased"]
    assert states.count("sent") <= 1 and len(states) >= 3, "all but the newest had lost their worth"
    desk.wait(timedelta(days=14))
    assert desk.incident(1)["closing_status"] == "no-longer-relevant"
    desk.judge()


WHAT = (
    "answer",
    "answer",
    "resolve",
    "resolve",
    "call",
    "thanks",
    "words",
    "away",
    "bounce",
    "relay",
    "asleep",
    "reload",
)


@pytest.mark.slow
@examples(40, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(WHAT), st.sampled_from([0, 1, 5, 20, 70, 200])), min_size=3, max_size=9))
def test_whatever_happens_it_is_asked_in_time_and_closed_for_a_reason(
    sqlite_template: Path, steps: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Followed(Path(folder), sqlite_template)
        try:
            desk.does("answer", 1)
            for what, hours in steps:
                desk.does(what, hours)
            desk.relay(up=True)
            desk.wait(timedelta(days=40))
            assert desk.incident(1)["status"] not in ("awaiting-customer", "awaiting-closure"), "nobody is forgotten"
            desk.judge()
        finally:
            desk.close()
