"""Who reads a plain reply on a vendor's leg: the letter asks what the decision about the reply will ask."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection

from sitmail.services.partner_reply import reply_partners
from sitmail.store import blobs, schema
from sitmail.store.blobs import BlobRow
from sitmail.store.database import Database
from sitmail.store.prepared import add
from tests.store.test_imported import AT, ONE, RAW, bring

LAMPS, FUSES = 101, 102


def furnished(connection: Connection) -> None:
    """Incident 17, in which two vendors take part; lamps wrote its third update, fuses nothing."""
    blobs.insert(connection, [BlobRow(RAW.sha256, 3, b"raw")])
    bring(connection, ONE)
    for number, key in ((LAMPS, "lamps"), (FUSES, "fuses")):
        add(connection, schema.person, [{"id": number, "kind": "vendor", "key": key, "name": key}])
        add(connection, schema.leg, [{"id": number, "incident": 17, "kind": "vendor", "party": number}])
    said = {"id": 900, "incident": 17, "number": 3, "leg": "vendor", "leg_id": LAMPS, "event": "vendor", "change": {}}
    add(connection, schema.update, [{**said, "direction": "in", "received": AT, "rule": "vendor-update"}])


def letter(kind: str = "v", updates: tuple[int, ...] = (), *, words: bool = False, staff: bool = True) -> Any:
    return SimpleNamespace(
        incident=17,
        updates=updates,
        traits=SimpleNamespace(words=words),
        person=SimpleNamespace(staff=staff),
        about=(kind, 17),
    )


@pytest.mark.parametrize(
    ("one", "present", "found"),
    [
        (letter(), (LAMPS, FUSES), {(17, 4): LAMPS}),  # it tells of no update on that leg, but a reply would go there
        (letter(updates=(3,), words=True), (LAMPS, FUSES), {(17, 3): LAMPS}),
        (letter(updates=(2,), words=True), (LAMPS, FUSES), {}),  # nobody of them had said anything
        (letter(updates=(2,), words=True), (FUSES,), {(17, 2): FUSES}),  # the only one
        (letter(), (FUSES,), {}),  # lamps takes part no more
        (letter("n"), (LAMPS,), {}),
        (letter(staff=False), (LAMPS,), {}),
    ],
)
def test_who_reads_a_plain_reply(one: Any, present: tuple[int, ...], found: dict[Any, int], database: Database) -> None:
    people = [SimpleNamespace(person=number, leg="vendor") for number in present]
    incidents: Any = {17: SimpleNamespace(updates=4)}
    participants: Any = {17: people}

    def job(connection: Connection, items: list[None]) -> list[Any]:
        furnished(connection)
        return [reply_partners(connection, [one], incidents, participants) for _ in items]

    assert database.write(job, None).result() == found
