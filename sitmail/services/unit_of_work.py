"""The rows that a batch of decisions writes: collected first, then one bulk statement a table.

How an effect becomes rows is told in `apply`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain.effects import Decision
from sitmail.domain.facts import Facts
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.record import record
from sitmail.services.desk import Desk
from sitmail.services.hints import Arrival
from sitmail.store import blobs, ids, inbox, incidents, sla_terms
from sitmail.store import schema as t
from sitmail.store.prepared import add

ROWS = (t.incident, t.leg, t.participation, t.update, t.update_text, t.attachment, t.term, t.held, t.confirmation)


@record
class Wanted:
    """A notice that a decision wants; `updates` are numbers of the log.  `cause` makes it once-only."""

    person: Person
    purpose: NoticePurpose
    incident: int | None
    updates: tuple[int, ...]
    detail: Mapping[str, Any]
    cause: str
    cycle: int = 1
    expires: datetime | None = None
    number: int = 0  # for the reply address, where it is no incident's: held, confirmation


@dataclass
class PendingDecision:
    """One decision on its way into the tables.  `cause` is the inbox id, or names the tick."""

    decision: Decision
    facts: Facts
    cause: str
    arrival: Arrival | None = None
    opened: int = 0  # number of the incident it opens
    met: dict[str, Person] = field(default_factory=dict)  # by address
    people: dict[int, Person] = field(default_factory=dict)  # whom its rows name, by id
    numbers: list[int] = field(default_factory=list)  # of the log, by place in the decision
    held: int = 0


class UnitOfWork:
    """Collects rows for one transaction."""

    def __init__(self, connection: Connection, desk: Desk, now: datetime) -> None:
        self.connection, self.desk, self.now = connection, desk, now
        self.ids = ids.of(connection)
        self.rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in ROWS}
        self.known: list[dict[str, Any]] = []
        self.blobs: dict[str, blobs.BlobRow] = {}
        self.summary: dict[int, dict[str, Any]] = {}  # changed fields of incidents that were there before
        self.fresh: dict[int, dict[str, Any]] = {}  # rows of new incidents
        self.legs: dict[tuple[int, str], int] = {}
        self.wanted: list[Wanted] = []
        self.ended: list[inbox.Ended] = []
        self.touched: set[int] = set()
        self.retracted: set[int] = set()
        self.said: list[dict[str, Any]] = []

    def key(self, table: str) -> int:
        return self.ids.take(self.connection, table, 1).start

    def put(self, table: str, row: dict[str, Any]) -> None:
        self.rows[table].append(row)

    def flush(self) -> None:
        """All rows but letters and endings."""
        connection = self.connection
        blobs.insert(connection, self.blobs.values())
        self.rows["incident"] = list(self.fresh.values())
        sla_terms.end_terms(connection, self.retracted, self.now)
        for table in ROWS:
            add(connection, table, self.rows[table.name])
        incidents.summarise(connection, self.summary)
        if self.known:
            add(connection, t.known_id, self.known, once=True)
        if self.said:
            add(connection, t.warning, self.said, once=True)
