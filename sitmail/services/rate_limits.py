"""How many letters left of late, so that `domain/letter_limits` can say when a notice may leave.

Each notice of a batch sees those let through before it.  Only what may have to wait is counted at all.  The store
counts a day's letters; those of the last minutes, which are few, the desk remembers (`desk.Memory`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sitmail.domain.effects import Tell
from sitmail.domain.incident import Incident
from sitmail.domain.letter_limits import HOUR, CountedAs, Gate, Sent, counted_as, leaves_at
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.quiet_hours import by_the_clock
from sitmail.services.desk import Desk, letters_of_last_minute, letters_to_staff
from sitmail.store import monitored, outbox

DAY = timedelta(days=1)
ACKNOWLEDGING = tuple(name for name, purpose in PURPOSES.items() if purpose.acknowledges)
TO_STAFF = (CountedAs.STAFF, CountedAs.MACHINES, CountedAs.LATE)


class RateLimits:
    """For the notices of one transaction."""

    def __init__(
        self,
        connection: Connection,
        desk: Desk,
        tells: Collection[Tell],
        now: datetime,
        opened: Collection[int] = (),
        known: Mapping[int, Incident] | None = None,
    ) -> None:
        """`opened` are incidents of this transaction: there has been no letter about them.  `known` need no reading."""
        limits = desk.policy.limits
        self.now = now
        self.gate = Gate(
            acks_per_sender_hour=limits.acks_per_sender_hour,
            per_address_day=limits.automatic_per_address_day,
            per_incident_day=limits.automatic_per_incident_day,
            per_minute=limits.automatic_per_minute,
            digest_above=limits.digest_above,
            fold_within=limits.fold_within,
        )
        self._monitored = _monitored(connection, tells, known or {})
        fold = now - timedelta(seconds=limits.fold_within)
        counted = [one for one in tells if self.counted(one) is not CountedAs.NOTHING]
        staff = {one.person.id for one in counted if one.person.staff}
        outside = {one.person.id for one in counted} - staff
        folding = [one for one in counted if not PURPOSES[one.purpose].asked and one.incident not in opened]
        about = {one.incident for one in counted if not one.person.staff} - {None, *opened}
        self._minute = letters_of_last_minute(connection, desk, now)
        self._staff = letters_to_staff(connection, desk, staff, now)
        self._folding: Counter[tuple[int, CountedAs]] = Counter(
            {(person, kind): len(made) for person, recent in self._staff.items() for kind, made in recent.items()}
        )
        self._day = Counter(outbox.automatic_to(connection, outside, now - DAY))
        self._about = Counter(outbox.automatic_about(connection, about, now - DAY))
        self._last = dict(
            outbox.last_folding(connection, {o.person.id for o in folding}, {o.incident for o in folding}, fold)
        )
        thanked = Counter(one.person.id for one in counted if PURPOSES[one.purpose].acknowledges)
        # Who got few letters of any kind cannot have got many of one.
        often = {p for p, more in thanked.items() if self._day[p] + more > limits.acks_per_sender_hour}
        trust = desk.policy.trust
        self._marked = {one.person.id for one in counted if any(map(trust.is_person, one.person.addresses))} - staff
        self._hour = Counter(outbox.automatic_to(connection, self._marked, now - HOUR) if self._marked else {})
        self._acks = Counter(outbox.automatic_to(connection, often, now - HOUR, ACKNOWLEDGING))

    def counted(self, tell: Tell) -> CountedAs:
        person = tell.person
        return counted_as(
            tell.purpose,
            PURPOSES[tell.purpose],
            staff=person.staff,
            known=person.known,
            monitored=tell.incident in self._monitored,
            clock=by_the_clock(tell),
        )

    def opens(self, tell: Tell, *, waited: bool = False) -> datetime:
        """When this notice may leave; one that may now is counted.  `waited`: its folding time is over already."""
        counted = self.counted(tell)
        if counted is CountedAs.NOTHING:
            return self.now
        due = datetime.fromisoformat(tell.detail["due"]) if tell.purpose is NoticePurpose.SLA_WARNING else None
        at = leaves_at(PURPOSES[tell.purpose], counted, self._sent(tell, counted, waited), self.gate, self.now, due)
        if at <= self.now:
            self._count(tell, counted)
        return at

    def folding(self, person: int, counted: CountedAs) -> int:
        """Letters of a kind to an engineer within `fold_within`, those of this transaction included."""
        return self._folding.get((person, counted), 0)

    def late_this_hour(self, person: int) -> int:
        """Letters about broken promises to an engineer within the last hour, before this transaction."""
        return len(self._staff[person][CountedAs.LATE]) if person in self._staff else 0

    def _sent(self, tell: Tell, counted: CountedAs, waited: bool) -> Sent:
        person = tell.person.id
        return Sent(
            to_person_about_incident=self._last.get((person, tell.incident)),
            to_person_day=self._day.get(person, 0),
            about_incident_day=self._about.get(tell.incident or 0, 0),
            outside_minute=sum(map(len, self._minute.values())),
            strangers_minute=len(self._minute[CountedAs.STRANGERS]),
            staff_folding=self._folding.get((person, counted), 0),
            marked_hour=self._hour.get(person, 0),
            acks_hour=self._acks.get(person, 0) if PURPOSES[tell.purpose].acknowledges else 0,
            waited=waited,
        )

    def _count(self, tell: Tell, counted: CountedAs) -> None:
        person = tell.person.id
        if counted is CountedAs.LATE:
            return
        self._last[person, tell.incident] = self.now
        if counted in TO_STAFF:
            self._folding[person, counted] += 1
            return
        self._day[person] += 1
        if person in self._marked:
            self._hour[person] += 1
        self._about[tell.incident or 0] += 1
        self._minute[counted].append(self.now)
        if PURPOSES[tell.purpose].acknowledges:
            self._acks[person] += 1


def _monitored(connection: Connection, tells: Collection[Tell], known: Mapping[int, Incident]) -> frozenset[int]:
    """Incidents that machines reported, among those of which engineers get automatic notices."""
    about = {
        one.incident for one in tells if one.incident is not None and one.person.staff and PURPOSES[one.purpose].listed
    }
    found = {number for number in about & known.keys() if known[number].monitor_key}
    missing = about - known.keys()
    return frozenset(found | (monitored.of_monitors(connection, missing) if missing else set()))
