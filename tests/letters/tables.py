"""Reads from a desk's tables what happened: the same for the functions alone and for the daemon."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from sitmail.domain.links import Link
from sitmail.store import links as stored_links
from sitmail.store import schema
from sitmail.store.database import open_reader

WATCHED = (
    *("status", "owner", "temporary_owner", "closing_status", "title", "priority", "team", "site", "mailbox", "cycle"),
    *("request_type", "reason", "severity", "product", "resolution", "verified", "tags", "fields"),
    *("customer_reference", "contract", "unit", "service_level", "calendar", "channel"),
)


BY_ITSELF = ("send", "later", "delayed", "recalled")


class Tables:
    """What happened since the last look."""

    def __init__(self, store: str) -> None:
        self._reader = open_reader(store)
        self._seen = {"inbox": 0, "update": 0, "held": 0}
        self.incidents: dict[int, dict[str, Any]] = {}

    def close(self) -> None:
        self._reader.close()

    def last(self, name: str) -> int:
        return self._seen[name]

    def people(
        self,
    ) -> tuple[dict[int, str], frozenset[int], dict[tuple[int, int], int], dict[int, set[str]]]:
        """Registered addresses by person, who of them is staff, how many tokens each gave away, and all addresses."""
        person, given = schema.person, schema.generation
        with self._reader.read() as connection:
            addresses = {who: at for who, (_, at) in _people(connection).items()}
            staff = connection.execute(select(person.c.id).where(person.c.kind == "engineer")).scalars()
            void = {(row.person, row.incident): row.number for row in connection.execute(given.select())}
            every: dict[int, set[str]] = {}
            for who, at in connection.execute(select(schema.address.c.person, schema.address.c.address)):
                every.setdefault(who, set()).add(at)
            return addresses, frozenset(staff), void, every

    def look(self) -> dict[str, Any]:
        """New rows of inbox, log and held, every incident before and after, and the notices that wait."""
        with self._reader.read() as connection:
            people = _people(connection)
            found: dict[str, Any] = {
                "inbox": self._new(connection, "inbox"),
                # what is sent anyway, later, or recalled never waited for somebody's decision
                "held": [r for r in self._new(connection, "held") if not r["decision"].startswith(BY_ITSELF)],
                "log": [_entry(connection, row, people) for row in self._new(connection, "update")],
                "before": self.incidents,
                "waiting": _waiting(connection, people),
                "endings": connection.execute(select(schema.inbox.c.ending)).scalars().all(),
            }
            found["after"] = self.incidents = _incidents(connection, people)
        return found

    def _new(self, connection: Connection, name: str) -> list[dict[str, Any]]:
        table = schema.metadata.tables[name]
        rows = connection.execute(table.select().where(table.c.id > self._seen[name]).order_by(table.c.id)).mappings()
        found = [dict(row) for row in rows]
        self._seen[name] = max([self._seen[name], *(row["id"] for row in found)])
        return found


def _people(connection: Connection) -> dict[int, tuple[str, str]]:
    """(key, first address) by id."""
    rows = connection.execute(schema.person.select()).mappings().all()
    addresses = connection.execute(schema.address.select().order_by(schema.address.c.place.desc())).mappings()
    first = {row["person"]: row["address"] for row in addresses}
    return {row["id"]: (row["key"], first.get(row["id"], "")) for row in rows}


def _entry(connection: Connection, row: dict[str, Any], people: dict[int, tuple[str, str]]) -> dict[str, Any]:
    text = connection.execute(schema.update_text.select().where(schema.update_text.c.update == row["id"])).one()
    query = (
        schema.attachment.select().where(schema.attachment.c.update == row["id"]).order_by(schema.attachment.c.place)
    )
    files = [file.name for file in connection.execute(query)]
    author = people[row["author"]][1] if row["author"] else row["actor"]
    return {**row, "author": author, "text": text.text, "quoted": text.quoted, "files": files}


def _incidents(connection: Connection, people: dict[int, tuple[str, str]]) -> dict[int, dict[str, Any]]:
    found = {}
    rows = connection.execute(schema.incident.select().order_by(schema.incident.c.number)).mappings()
    part, leg = schema.participation, schema.leg
    links = stored_links.of(connection, list(connection.execute(select(schema.incident.c.number)).scalars()))
    for row in rows:
        query = select(part.c.person, part.c.role).join(leg, part.c.leg == leg.c.id).order_by(part.c.id)
        inside = connection.execute(query.where(part.c.incident == row["number"], part.c.until.is_(None)))
        parties = [(people[person][1], role) for person, role in inside]
        found[row["number"]] = {
            **{name: row[name] for name in WATCHED},
            "contact": people[row["contact"]][1] if row["contact"] else "",
            "participants": [who for who, role in parties if role == "participant"],
            "watchers": [who for who, role in parties if role == "watcher"],
            "closure_requested": row["closure_requested"] is not None,
            "waits": row["next_action_at"] is not None or row["hold_until"] is not None,
            "late": bool(row["late"]),
            "links": [_link(one, row["number"]) for one in links if row["number"] in (one.incident, one.other)],
            "clocks": _clocks(connection, row["number"], row["cycle"]),
        }
    return found


def _link(one: Link, number: int) -> str:
    return f"{one.end(number)} {one.other_end(number) or one.reference}"


def _clocks(connection: Connection, number: int, cycle: int) -> dict[str, str]:
    """What was promised, and how each clock stands."""
    term = schema.term
    these = (term.c.incident == number, term.c.cycle == cycle, term.c.ended.is_(None))
    rows = connection.execute(select(term.c.target, term.c.state).where(*these).order_by(term.c.target)).all()
    return {row.target: row.state for row in rows}


def _waiting(connection: Connection, people: dict[int, tuple[str, str]]) -> list[tuple[str, str]]:
    rows = connection.execute(select(schema.notice).where(schema.notice.c.settled.is_(None))).mappings()
    return sorted((people[row["person"]][1], row["purpose"]) for row in rows)
