"""Weeks of a desk in seconds: every part of every promise is noticed once, at its moment, through the real store.

Customers of three zones write, engineers answer at random, the desk is restarted and sleeps at random; the clock is an
argument, and is set back and forth.  What was noticed is compared with what a slow second reading of the store's own
log says (`promise_oracle`), and each letter with what it was to tell.
"""

from __future__ import annotations

import heapq
import json
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sitmail.daemon.runtime import Runtime
from tests.letters import promise_oracle as oracle
from tests.letters.desks import START, DirectDesk, sqlite_store
from tests.letters.replied import Letter
from tests.letters.script import Case, merged, named, world
from tests.letters.writing import Mail

LONG = float(os.environ.get("EXAMPLES", "1")) > 1
INCIDENTS, DAYS = (500, 700) if LONG else (40, 45)
SHORT = (150, 120) if LONG else (25, 25)  # incidents and days of the runs in which much happens at once
FOLDED = timedelta(minutes=5)  # the default of `fold_within`
FEW_SECONDS = timedelta(seconds=3)  # the desk of the tests takes a second for each mail
OFFICE = {day: ["09:00-12:30", "13:30-17:30"] for day in oracle.DAYS[:4]} | {"fri": ["09:00-15:00"]}
CALENDARS = {
    "berlin": {"timezone": "Europe/Berlin", "week": OFFICE, "holidays": ["2026-04-03", "2026-04-06"]},
    "newyork": {"timezone": "America/New_York", "week": OFFICE, "holidays": ["2026-03-17"]},
    "auckland": {"timezone": "Pacific/Auckland", "week": OFFICE | {"sat": ["10:00-14:00"]}, "holidays": ["2026-04-25"]},
}
TARGET_ORDER = (*oracle.STEPS, "update", "review")
SITES = {"acme": "berlin", "hudson": "newyork", "kauri": "auckland"}
TARGETS = [
    {"priority": "medium", "first_response": "4h", "problem": "1d", "resolution": "3d", "update_every": "2d",
     "review_every": "5d", "warn_at": [0.5, 0.9]},
    {"priority": "high", "first_response": "1h", "problem": "4h", "action_plan": "1d", "resolution": "2d",
     "warn_at": [0.75]},
]  # fmt: skip
CONFIG = {
    "limits": {"digest_above": 100_000, "automatic_per_minute": 10_000, "automatic_per_address_day": 100_000,
               "automatic_per_incident_day": 100_000, "acks_per_sender_hour": 10_000},
    "calendar": [{"name": name, **calendar} for name, calendar in CALENDARS.items()],
    "storm": {"count": 0},
    "escalation": [
        {"id": "soon", "target": "resolution", "at": 0.6, "to": ["owner", "manager"]},
        {"id": "over", "at": 1.3, "to": ["manager"], "event": "Ring them."},
    ],
    "service_level": [
        {"name": "plain", "default": True, "target": TARGETS},
        {"name": "steps", "counted": "chain", "target": TARGETS},
    ],
}  # fmt: skip
PEOPLE = {
    "site": [
        {"id": site, "name": site, "calendar": calendar, "domains": [f"{site}.example.net"],
         "service_level": "steps" if site == "hudson" else "plain"}
        for site, calendar in SITES.items()
    ],
    "contact": [{"addresses": [f"c@{site}.example.net"], "name": site, "site": site} for site in SITES],
}  # fmt: skip
STEPS = {"resolution": (0.6, 1.3)}  # by target the parts at which `escalation` has something to do
OTHER_STEPS = (1.3,)
# What is done next about an incident; "" is a public answer that waits for the customer.
SPEAKING = ["", "", "/keep", "/keep", "/resolve solved"]
SILENT = ["/met problem", "/met action-plan", "/review", "/priority high", "/close solved"]
CUSTOMER = ["It is so.", "No.", "Still broken."]


class Weeks:
    """A desk with its clock, and what happens on it."""

    def __init__(self, seed: int, folder: Path, template: Path, limits: Mapping[str, Any] = {}) -> None:
        self.chance = random.Random(seed)
        config, people = (
            merged(world()["config"], CONFIG | {"limits": limits or CONFIG["limits"]}),
            merged(world()["people"], PEOPLE),
        )
        case = Case("weeks", "", "", (), (), False, config, people, named(config, people))
        self.store = folder / "sitmail.db"
        self.desk = DirectDesk(folder, case, sqlite_store(folder, template))
        self.slept: list[oracle.Span] = []
        self.leaps: list[oracle.Span] = []  # when the clock was set, and to when
        self.mails = self.heard = 0
        self.to_staff: dict[str, Letter] = {}  # the last letter about an incident whose plain answer is public
        self.to_customer: dict[str, Letter] = {}

    def live(self, count: int, days: int, jumps: Sequence[timedelta] = ()) -> None:
        """All incidents, from opening to whatever becomes of them; `jumps`: the clock is set so, at even distances."""
        plan: list[tuple[datetime, int, str]] = []
        for number in range(count):
            at = START + timedelta(minutes=self.chance.randrange(days * 1200))
            heapq.heappush(plan, (at, number, "opens"))
        incidents: dict[int, str] = {}
        until = START + timedelta(days=days)
        leaps = [(START + (until - START) * part / (len(jumps) + 1), by) for part, by in enumerate(jumps, 1)]
        while plan and plan[0][0] < until:
            if leaps and plan[0][0] >= leaps[0][0]:
                at, by = leaps.pop(0)
                self._until(at)
                self._set_clock(by)
                plan, leaps = [(at + by, *rest) for at, *rest in plan], [(at + by, more) for at, more in leaps]  # type: ignore[misc]
                until += by
                continue
            at, number, what = heapq.heappop(plan)
            self._until(at)
            incidents[number] = self._act(number, what, incidents.get(number, ""))
            if incidents[number]:
                wait = timedelta(minutes=1 + self.chance.randrange(self.chance.choice([5, 50, 500, 1500, 4000, 9000])))
                who = "customer" if self.chance.random() < 0.35 else "engineer"
                heapq.heappush(plan, (at + wait, number, who))
        self._until(until)

    def _until(self, at: datetime) -> None:
        """Time passes; sometimes the desk is started anew, or nobody looks for hours."""
        if at <= self.desk.now:
            return
        if self.chance.random() < 0.1:
            self.desk.runtime.database.close()
            self.desk.runtime = Runtime(self.desk.settings)
        if self.chance.random() < 0.05:
            begin = self.desk.now
            self.desk.pass_time(
                timedelta(seconds=int((at - begin).total_seconds() * self.chance.random())), asleep=True
            )
            self.slept.append((begin, self.desk.now))
        self.desk.pass_time(max(at - self.desk.now, timedelta()), asleep=False)
        self._hear()

    def _set_clock(self, by: timedelta) -> None:
        """Nobody looked between; what comes is planned by the new clock."""
        begin, self.desk.now = self.desk.now, self.desk.now + by
        self.leaps.append((begin, self.desk.now))
        if by > timedelta():
            self.slept.append((begin, self.desk.now))
        self.desk.pass_time(timedelta(), asleep=False)
        self._hear()

    def _act(self, number: int, what: str, reference: str) -> str:
        """Returns the number of the incident as the desk has it; "" once it is closed."""
        if what == "opens":
            site = self.chance.choice(sorted(SITES))
            before = len(self.desk.letters)
            self._mail(f"c@{site}.example.net", "support@example.com", f"Trouble {number}", f"Word{number} broke.")
            return str(self.desk.letters[before].parsed["X-Sitmail-Incident"])
        letter = (self.to_customer if what == "customer" else self.to_staff)[reference]
        if what == "customer":
            self._mail(letter.recipient, letter.reply_to, "Re:", self.chance.choice(CUSTOMER))
            return reference
        verb = self.chance.choice(SPEAKING + SILENT)
        words = "" if verb in SILENT else "We look at it."
        self._mail(letter.recipient, letter.reply_to, "Re:", f"{verb}\n{words}".strip())
        return "" if verb == "/close solved" else reference

    def _mail(self, sender: str, recipient: str, subject: str, text: str) -> None:
        self.mails += 1
        message_id = f"<{self.mails}.weeks@example.net>"
        head = f"From: {sender}\nTo: {recipient}\nSubject: {subject}\nMessage-ID: {message_id}\n\n{text}\n"
        self.desk.receive([Mail(sender, (recipient,), head.replace("\n", "\r\n").encode(), sender, message_id)])
        self._hear()

    def _hear(self) -> None:
        for letter in self.desk.letters[self.heard :]:
            reference = letter.parsed["X-Sitmail-Incident"]
            if letter.purpose == "assigned":
                self.to_staff[reference] = letter
            if letter.purpose in ("acknowledgement", "answer", "resolved"):
                self.to_customer[reference] = letter
        self.heard = len(self.desk.letters)


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def rows(store: Path, query: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(store)
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute(query)]
    connection.close()
    return found


def logs(store: Path) -> dict[int, list[oracle.Entry]]:
    found: dict[int, list[oracle.Entry]] = {}
    cycles: dict[int, int] = {}
    for row in rows(store, 'SELECT * FROM "update" ORDER BY incident, number'):
        number, at = row["incident"], moment(row["received"])
        assert at is not None
        at = max(at, *(one.at for one in found.get(number, [])[-1:]), at)  # moments of a log never go backwards
        cycles[number] = cycles.get(number, 1) + (row["event"] == "reopened")
        answered = row["direction"] == "out" and row["leg"] != "vendor"
        one = oracle.Entry(row["number"], at, row["status"], answered, tuple(row["met"].split()), cycles[number])
        found.setdefault(number, []).append(one)
    return found


def expected(store: Path, slept: list[oracle.Span], now: datetime) -> Iterator[tuple[tuple[Any, ...], datetime]]:
    """(incident, target, part, period) and when it is to be noticed: at once, or when the desk wakes."""
    log = logs(store)
    last: dict[int, int] = {}  # by incident the place of the last target: with an earlier one all are promised anew
    ended: dict[int, datetime] = {}  # when the former promises of an incident ended, and the present ones were made
    made: dict[int, datetime] = {}
    said: set[tuple[int, str, float, int]] = set()
    for row in rows(store, "SELECT * FROM term ORDER BY id"):
        moments = {name: moment(row[name]) for name in ("started", "ended")}
        term = row | moments | {"warn_at": json.loads(row["warn_at"])}
        number = term["incident"]
        place = TARGET_ORDER.index(term["target"])
        if place <= last.get(number, -1):
            made[number] = ended[number]
        last[number] = place
        if term["ended"]:
            ended[number] = term["ended"]
        created = made.get(number, term["started"])
        steps = STEPS.get(term["target"], OTHER_STEPS)
        found = oracle.used_up(
            term | {"warn_at": [*term["warn_at"], *steps]}, log[number], CALENDARS.get(term["calendar"]), created, now
        )
        passed: dict[int, float] = {}  # by period the highest part of this promise
        for (target, part, period), at in sorted(found.items(), key=lambda one: (one[1], -one[0][1])):
            key, step = (number, target, part, period), part in steps
            if key not in said and (step or part > passed.get(period, 0)):
                # each step is done; of the parts that passed unseen the highest speaks alone
                yield key, next((end for begin, end in slept if begin < at <= end), at)
            if not step:
                passed[period] = max(part, passed.get(period, 0))
            said.add(key)


class Seen:
    """What became of the weeks: what was to be noticed when, and what was."""

    def __init__(self, weeks: Weeks) -> None:
        weeks.desk.close()
        self.weeks, self.store = weeks, weeks.store
        self.wanted = dict(expected(weeks.store, weeks.slept, weeks.desk.now))
        self.noticed = {
            (row["incident"], row["target"], row["threshold"], row["cycle"]): moment(row["said"])
            for row in rows(weeks.store, "SELECT * FROM warning")
        }
        self.notices = [
            row | {name: moment(row[name]) for name in ("made", "settled", "expires", "left")}
            for row in rows(
                weeks.store,
                "SELECT notice.*, outbox.made AS left, outbox.purpose AS letter, message_id"
                " FROM notice LEFT JOIN outbox ON outbox.id = notice.outbox WHERE notice.purpose LIKE 'sla_%'",
            )
        ]
        self.staff = {row["id"]: row["key"] for row in rows(weeks.store, "SELECT id, key FROM person WHERE key != ''")}

    def compare(self, tolerance: timedelta = FEW_SECONDS) -> None:
        """All that was to be noticed was, nothing else, and at its moment."""
        silent = self.noticed.keys() - self.wanted.keys()
        skipped = {
            key for key in silent if any(k[:2] == key[:2] and k[3] == key[3] and k[2] > key[2] for k in self.wanted)
        }
        wrong = {
            key: (self.wanted.get(key), self.noticed.get(key))
            for key in (self.wanted.keys() ^ self.noticed.keys()) - skipped
        }
        assert not wrong, "expected and noticed"
        late = {key: (at, self.noticed[key]) for key, at in self.wanted.items() if self._off(key, at) > tolerance}
        assert not late, "expected and noticed"

    def _off(self, key: tuple[Any, ...], at: datetime) -> timedelta:
        """Around a clock that was set back the same moment comes twice: either will do."""
        seen = self.noticed[key]
        assert seen is not None
        again = next((begin - end for begin, end in self.weeks.leaps if end <= at <= begin + FEW_SECONDS), timedelta())
        return max(abs(seen - at) - again, timedelta())

    def told(self) -> None:
        """The owner of each incident gets each warning once, and nothing when it is over."""
        parts = [key for key in self.wanted if key[2] not in STEPS.get(key[1], OTHER_STEPS)]
        # of what passed in one sleep the highest part speaks alone
        spoken = Counter(number for number, *_ in {(*key[:2], key[3], self.wanted[key]) for key in parts})
        owners = Counter(row["incident"] for row in self.notices if self.staff[row["person"]] not in ("mia", None))
        assert owners == spoken
        over = [row for row in self.notices if row["left"] and row["expires"] and row["left"] > row["expires"]]
        assert not over, "left after its time"
        unsaid = [row for row in self.notices if not row["left"] and not row["dropped"]]
        assert not unsaid, "waits for ever"
        late = [row for row in self.notices if row["purpose"] == "sla_late"]
        assert all(row["left"] == row["made"] for row in late), "late, and told later still, or never"
        slow = [row for row in self.notices if row["left"] and row["left"] - row["made"] > FOLDED + FEW_SECONDS]
        asleep = [one for one in slow if any(begin <= one["left"] <= end for begin, end in self.weeks.slept)]
        assert slow == asleep, "gathered for longer than others wait"

    def together(self, above: int) -> None:
        """What breaks at one moment is one letter that lists each, where with those of the hour before it would be
        too many."""
        late = [row for row in self.notices if row["purpose"] == "sla_late" and row["left"]]
        letters: dict[tuple[int, datetime], dict[int, list[dict[str, Any]]]] = {}
        for row in late:
            letters.setdefault((row["person"], row["left"]), {}).setdefault(row["outbox"], []).append(row)
        texts = {one.message_id: one.text for one in self.weeks.desk.letters if one.purpose == "digest"}
        digests = 0
        for (person, at), several in letters.items():
            if any(end <= at <= begin + timedelta(hours=1) for begin, end in self.weeks.leaps if end < begin):
                continue  # the hour before is not one hour
            before = sum(
                len(others) for (who, when), others in letters.items() if who == person and self._hour(when, at)
            )
            incidents = {row["incident"] for rows in several.values() for row in rows}
            crowded = len(incidents) > 1 and len(incidents) + before > above
            assert len(several) == (1 if crowded else len(incidents))
            for rows in several.values():
                assert (rows[0]["letter"] == "digest") is crowded
                assert not crowded or all(f"[SIT-{row['incident']}] " in texts[row["message_id"]] for row in rows)
            digests += crowded
        assert digests, "no digest"

    def _hour(self, when: datetime, at: datetime) -> bool:
        return timedelta() < at - when < timedelta(hours=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5 if LONG else 2))
def test_every_part_of_every_promise_is_told_once_and_in_time(seed: int, tmp_path: Path, sqlite_template: Path) -> None:
    weeks = Weeks(seed, tmp_path, sqlite_template)
    weeks.live(INCIDENTS, DAYS)
    seen = Seen(weeks)
    assert len(seen.wanted) > INCIDENTS
    seen.compare()
    seen.told()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 9 if LONG else 2))
def test_a_clock_that_is_set_tells_each_promise_once(seed: int, tmp_path: Path, sqlite_template: Path) -> None:
    """Two hours back and thirty days ahead: no storm, no silence."""
    limits = {"digest_above": 3, "automatic_per_minute": 10_000, "automatic_per_incident_day": 100_000}
    weeks = Weeks(seed, tmp_path, sqlite_template, limits)
    back, ahead = timedelta(hours=-2), timedelta(days=30)
    weeks.live(*SHORT, [back, ahead, back])
    seen = Seen(weeks)
    seen.compare()
    seen.told()
    for begin, end in weeks.leaps:
        late = [one for one in seen.notices if one["made"] == end and one["purpose"] == "sla_late"]
        most = max(Counter(one["person"] for one in late).values(), default=0)
        assert end < begin or most > limits["digest_above"], "too little happens for a storm"
    seen.together(limits["digest_above"])
