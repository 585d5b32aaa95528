"""The rows that a batch of decisions writes: collected first, then one bulk statement a table.

`apply` has the functions that turn effects into rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain.article import Content
from sitmail.domain.effects import DecideBill, Decision, Tell
from sitmail.domain.facts import Facts
from sitmail.domain.incident import Incident
from sitmail.domain.people import Person
from sitmail.domain.record import changed
from sitmail.services.desk import Desk
from sitmail.services.hints import Arrival
from sitmail.store import blobs, ids, inbox, incidents, sla_terms, storms
from sitmail.store import schema as t
from sitmail.store.prepared import add
from sitmail.store.rows import row_of

ROWS = (
    *(t.incident, t.leg, t.participation, t.update, t.update_text, t.attachment),
    *(t.term, t.held, t.confirmation, t.link, t.deed, t.report_run),
)


@dataclass
class PendingDecision:
    """A decision that is being written.  `cause` names the mail, tick or letter that it is about, for `Tell`."""

    decision: Decision
    facts: Facts
    cause: str
    arrival: Arrival | None = None
    opened: int = 0  # number of the incident it opens
    met: dict[str, Person] = field(default_factory=dict)  # persons it adds to the store, by address
    people: dict[int, Person] = field(default_factory=dict)  # everybody its rows name, by id
    updates: list[int] = field(default_factory=list)  # the numbers that its `Log`s got, in their order
    drafted: dict[int, tuple[int, Content]] = field(default_factory=dict)  # articles, by the incident they come from
    links: list[int] = field(default_factory=list)  # ids of those that its `AddLink`s made, in their order
    held: int = 0  # the number of the held mail it makes


class UnitOfWork:
    """Collects rows for one transaction."""

    def __init__(self, connection: Connection, desk: Desk, now: datetime) -> None:
        self.connection, self.desk, self.now = connection, desk, now
        self.ids = ids.of(connection)
        self.rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in ROWS}
        self.message_ids: list[dict[str, Any]] = []  # by which later mails find their incident
        self.made_void: dict[str, str] = {}  # sums of files that came with tokens in them, and as they are kept
        self.blobs: dict[str, blobs.BlobRow] = {}
        self.summary: dict[int, dict[str, Any]] = {}  # changed columns of incidents that were there before
        self.opened: dict[int, Incident] = {}  # new incidents
        self.last_update: dict[int, int] = {}  # number of the last update of each incident that got one
        self.closed: dict[int, PendingDecision] = {}  # incidents that were open before, and what closed them
        self.bills: list[tuple[PendingDecision, DecideBill]] = []  # that managers decided about
        self.legs: dict[tuple[int, str], int] = {}
        self.partner_legs: dict[tuple[int, int], int] = {}  # by incident and partner
        self.tells: list[Tell] = []
        self.ended: list[inbox.Ended] = []
        self.logged: set[int] = set()  # incidents whose clocks must be computed again
        self.retracted: dict[tuple[int, str], bool] = {}  # terms that end; True: pinned ones, too
        self.warned: list[dict[str, Any]] = []
        self.departs = False  # a mail that was kept for later waits in the inbox again
        self.storms: dict[int, dict[str, Any]] = {}  # changed columns of storms

    def key(self, table: str) -> int:
        return self.ids.take(self.connection, table, 1).start

    def put(self, table: str, row: dict[str, Any]) -> None:
        self.rows[table].append(row)

    def flush(self) -> None:
        """All rows but letters and endings."""
        connection = self.connection
        blobs.insert(connection, self.blobs.values())
        for number, incident in self.opened.items():
            self.opened[number] = changed(incident, {"updates": self.last_update.get(number, 0)})
        self.rows["incident"] = [
            {**row_of(incident), "status": str(incident.status)} for incident in self.opened.values()
        ]
        stay = sla_terms.end_terms(connection, self.retracted, self.now)
        self.rows["term"] = [row for row in self.rows["term"] if (row["incident"], row["target"]) not in stay]
        for table in ROWS:
            add(connection, table, self.rows[table.name])
        incidents.summarise(connection, self.summary)
        for storm, values in self.storms.items():
            storms.change(connection, storm, values)
        if self.message_ids:
            add(connection, t.known_id, self.message_ids, once=True)
        if self.warned:
            add(connection, t.warning, self.warned, once=True)
