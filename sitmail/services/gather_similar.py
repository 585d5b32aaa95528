"""What a new incident may be like: those of its writer that are open, and those that were solved of late.

Which of them it resembles is decided in `domain/similar` and `domain/solved`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from sitmail.domain import subject
from sitmail.domain.facts import Facts
from sitmail.domain.incident import Status
from sitmail.domain.policy import Policy
from sitmail.domain.similar import OpenIncident, title_words
from sitmail.domain.solved import HELPFUL, KEPT, Solved, SolvedTitles, Title, first_sentence
from sitmail.services.desk import Desk
from sitmail.services.hints import Arrival
from sitmail.services.watching import current
from sitmail.store import open_incidents, solved_incidents

READ_AGAIN = timedelta(minutes=1)  # after so long those closed or opened since are looked at
ALL_AGAIN = timedelta(minutes=10)  # and all of them, where other daemons close incidents, too


def with_similar(
    connection: Connection, desk: Desk, found: list[Facts], arrivals: Sequence[Arrival], now: datetime
) -> list[Facts]:
    """Adds what the owner of a new one may be told of, for those who write afresh, and who watches what."""
    if watches := current(connection, desk, now):
        found = [replace(facts, watches=watches) for facts in found]
    fresh = {facts.contact.id for facts in found if facts.contact and _may_resemble(facts)}
    similar = open_incidents.open_of(connection, fresh) if fresh else {}
    if similar:
        found = [_resembling(facts, similar) for facts in found]
    if not any(map(_may_resemble, found)):
        return found
    solved = _solved(connection, desk, now)
    if not solved.titles:
        return found
    return [
        _with_solved(connection, desk, facts, arrival, solved) if _may_resemble(facts) else facts
        for facts, arrival in zip(found, arrivals, strict=True)
    ]


def _resembling(facts: Facts, similar: Mapping[int, tuple[OpenIncident, ...]]) -> Facts:
    theirs = similar.get(facts.contact.id, ()) if facts.contact and _may_resemble(facts) else ()
    return replace(facts, similar=theirs) if theirs else facts


def _may_resemble(facts: Facts) -> bool:
    """Whether it is somebody's fresh mail, which may open an incident."""
    return not facts.number and facts.route.kind == "mailbox" and not facts.monitor_key


# --- those that were solved


def _with_solved(connection: Connection, desk: Desk, facts: Facts, arrival: Arrival, solved: SolvedTitles) -> Facts:
    title = subject.base(arrival.mail.subject, desk.policy.tag)
    near = solved.near(title, facts.contact.site if facts.contact else "")
    if not near:
        return facts
    return replace(facts, solved=tuple(_told(connection, desk.policy, one, solved) for one in near))


def _solved(connection: Connection, desk: Desk, now: datetime) -> SolvedTitles:
    """As this daemon knows them."""
    memory = desk.memory
    several = connection.dialect.name != "sqlite"
    since = now - memory.solved_read if memory.solved_read else None
    known = memory.solved
    if known is None or since is None or since < timedelta() or (several and since > ALL_AGAIN):
        known = memory.solved = SolvedTitles()
        for row in solved_incidents.of_late(connection, KEPT):
            _note(known, row)
        memory.solved_read = memory.solved_looked = now
    elif known.changed and (memory.solved_looked is None or now - memory.solved_looked >= READ_AGAIN):
        for row in solved_incidents.these(connection, known.changed):
            _note(known, row)
        known.changed.clear()
        memory.solved_looked = now
    return known


def _note(known: SolvedTitles, row: solved_incidents.Row) -> None:
    if row.status != Status.CLOSED or row.closing_status not in HELPFUL:
        known.take(row.number)
        return
    known.put(Title(row.number, frozenset(title_words(row.title)), row.site, row.product))


def _told(connection: Connection, policy: Policy, one: Title, solved: SolvedTitles) -> Solved:
    """What is said of it; read once."""
    if one.number not in solved.told:
        (row,) = solved_incidents.these(connection, [one.number])
        answer = first_sentence(solved_incidents.last_answer(connection, one.number))
        resolution = policy.dictionary.shown("resolution", row.resolution) if row.resolution else ""
        solved.told[one.number] = Solved(one, row.title, row.closing_status, resolution, answer)
    return solved.told[one.number]
