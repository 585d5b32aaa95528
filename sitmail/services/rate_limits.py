"""Counts what went where of late, so that the gate (`domain.notice_purposes`) can say when a notice may leave.

Each notice of a batch sees those let through before it.  Only what the gate may hold back is counted at all.  The store
counts a day's letters; those of the last minutes, which are few, the desk remembers (`desk.Memory`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sitmail.domain.effects import Tell
from sitmail.domain.notice_purposes import PURPOSES, Gate, NoticeTraits, Sent, leaves_at
from sitmail.services.desk import Desk, automatic_to_staff, outside_minute
from sitmail.store import outbox

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ACKNOWLEDGING = tuple(name for name, purpose in PURPOSES.items() if purpose.acknowledges)


class RateLimits:
    """For the notices of one transaction."""

    def __init__(
        self,
        connection: Connection,
        desk: Desk,
        wanted: Collection[Tell],
        now: datetime,
        opened: Collection[int] = (),
    ) -> None:
        """`opened` are incidents of this transaction: there has been no letter about them."""
        limits = desk.policy.limits
        self.now = now
        self.gate = Gate(
            limits.acks_per_sender_hour,
            limits.automatic_per_address_day,
            limits.automatic_per_incident_day,
            limits.automatic_per_minute,
            limits.digest_above,
            limits.fold_within,
        )
        fold = now - timedelta(seconds=limits.fold_within)
        held_back = [one for one in wanted if _may_wait(one)]
        staff = {one.person.id for one in held_back if one.person.staff}
        outside = {one.person.id for one in held_back} - staff
        folding = [one for one in held_back if not PURPOSES[one.purpose].asked and one.incident not in opened]
        about = {one.incident for one in held_back if not one.person.staff} - {None, *opened}
        self.minute = outside_minute(connection, desk, now)
        self.folding = {one: len(made) for one, made in automatic_to_staff(connection, desk, staff, fold).items()}
        self.day = Counter(outbox.automatic_to(connection, outside, now - DAY))
        self.about = Counter(outbox.automatic_about(connection, about, now - DAY))
        self.last = dict(
            outbox.last_automatic(connection, {o.person.id for o in folding}, {o.incident for o in folding}, fold)
        )
        thanked = Counter(one.person.id for one in held_back if PURPOSES[one.purpose].acknowledges)
        # who got few letters of any kind cannot have got many of one
        often = {p for p, more in thanked.items() if self.day[p] + more > limits.acks_per_sender_hour}
        trust = desk.policy.trust
        self.marked = {
            one.person.id
            for one in held_back
            if not one.person.staff and any(map(trust.is_person, one.person.addresses))
        }
        self.hour = Counter(outbox.automatic_to(connection, self.marked, now - HOUR) if self.marked else {})
        self.acks = Counter(outbox.automatic_to(connection, often, now - HOUR, ACKNOWLEDGING))

    def opens(self, wanted: Tell, *, held: bool = False) -> datetime:
        """When this notice may leave; one that may now is counted.  `held`: its folding time is over already."""
        purpose = PURPOSES[wanted.purpose]
        if not purpose.automatic:  # words of people wait for no limit
            return self.now
        outside = not wanted.person.staff
        at = leaves_at(purpose, outside, self._seen(wanted, purpose, held), self.gate, self.now)
        if at <= self.now:
            self._count(wanted, purpose, outside)
        return at

    def _seen(self, wanted: Tell, purpose: NoticeTraits, held: bool) -> Sent:
        person = wanted.person.id
        return Sent(
            to_person_about_incident=None if held else self.last.get((person, wanted.incident)),
            to_person_day=self.day.get(person, 0),
            about_incident_day=self.about.get(wanted.incident or 0, 0),
            outside_minute=len(self.minute),
            staff_folding=0 if held else self.folding.get(person, 0),
            marked_hour=self.hour.get(person, 0),
            acks_hour=self.acks.get(person, 0) if purpose.acknowledges else 0,
        )

    def _count(self, wanted: Tell, purpose: NoticeTraits, outside: bool) -> None:
        person = wanted.person.id
        self.last[person, wanted.incident] = self.now
        for counted in (self.folding, self.day):  # a Counter calls Python for what it does not hold
            counted[person] = counted.get(person, 0) + 1
        if person in self.marked:
            self.hour[person] += 1
        if purpose.acknowledges:
            self.acks[person] += 1
        if outside:
            self.minute.append(self.now)
            self.about[wanted.incident or 0] += 1


def _may_wait(wanted: Tell) -> bool:
    """Words of people, and what an engineer asked for, are told at once, whatever was sent before."""
    purpose = PURPOSES[wanted.purpose]
    return purpose.automatic and not purpose.words and not (wanted.person.staff and purpose.asked)
