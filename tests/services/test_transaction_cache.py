"""The transaction cache agrees with the store, and the store is not asked again for what the cache has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from sitmail.services import letter_context, letter_writer
from sitmail.services.desk import Desk
from sitmail.services.letter_context import Loaded
from sitmail.services.letter_plan import PlannedLetter
from sitmail.services.transaction_cache import TransactionCache
from sitmail.store import directory_lookup, incidents, sla_terms, updates_log
from tests.services.small_desk import DESK, JANE, JOHN, KIM, SAM, SmallDesk

Desks = Callable[..., SmallDesk]
PROMISES = """
[[service_level]]
name = "gold"
default = true
[[service_level.target]]
priority = "medium"
first_response = "2h"
"""
WITH_FILE = b"""\
From: %s\r\nTo: support@example.com\r\nSubject: %s\r\nMessage-ID: <file%d@acme.example.net>\r\nMIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r
Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%%PDF-%d\r\n--b--\r\n"""


def shown(loaded: Loaded, due: Sequence[PlannedLetter]) -> dict[str, Any]:
    """Of what was loaded, what these letters may look at."""
    numbers = sorted(loaded.incidents)
    entries = {(one.incident or 0, n): loaded.entries.get((one.incident or 0, n)) for one in due for n in one.updates}
    people = {row.person for number in numbers for row in loaded.participants.get(number, ())}
    people |= {entry.author for entry in entries.values() if entry and entry.author}
    people |= {one.contact for one in loaded.incidents.values()}
    return {
        "incidents": loaded.incidents,
        "participants": {number: loaded.participants.get(number, []) for number in numbers},
        "persons": {n: (loaded.persons[n].key, loaded.persons[n].name, loaded.persons[n].addresses) for n in people},
        "entries": {key: str(entry) for key, entry in entries.items()},  # what is a list of words may be a tuple
        "files": {key: [f for f in loaded.files.get(key[0], ()) if f.update == key[1]] for key in entries},
        "targets": {number: loaded.targets.get(number, []) for number in numbers},
        "history": loaded.history,
        "message_ids": {
            (o.incident, o.person.id): loaded.message_ids.get((o.incident or 0, o.person.id), []) for o in due
        },
        "sites": {one.site: loaded.sites.get(one.site) for one in loaded.incidents.values()},
    }


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What a letter loads is loaded twice, and compared; the list counts the incidents that were known."""
    counted: list[int] = []

    def read(
        connection: Connection, desk: Desk, due: Sequence[PlannedLetter], known: TransactionCache, now: datetime
    ) -> Loaded:
        loaded = letter_context.read(connection, desk, due, known, now)
        assert shown(loaded, due) == shown(letter_context.read(connection, desk, due, TransactionCache(), now), due)
        counted.append(len(known.incidents.keys() & loaded.incidents.keys()))
        return loaded

    monkeypatch.setattr(letter_writer, "read", read)
    return counted


@pytest.mark.parametrize("more", ["", PROMISES])
def test_what_is_known_is_what_the_store_would_say(small_desk: Desks, compared: list[int], more: str) -> None:
    desk = small_desk(desk='[[mailbox]]\naddress = "net@example.com"\nteam = "network"\n', more=more)
    desk.say(JANE, "The printer stopped.", subject="Printer", cc=JOHN)
    desk.say(SAM, "Nobody knows me.", subject="Stranger", to="net@example.com")
    owner = next(one for one in desk.letters if one.to.endswith("@example.com"))
    for text in ("Try again.", "/note\nA secret.", f"/cc add {KIM}", f"/cc del {JOHN}", "/priority high", "/keep"):
        desk.say(owner.to, text, answers=owner, proof="both")
    for number, name in enumerate((JANE, JANE)):
        subject = f"Re: {desk.last(JANE).parsed['Subject']}" if number else "New"
        desk.say(name, raw=WITH_FILE % (name.encode(), subject.encode(), number, number), to=DESK)
    desk.say(KIM, "I was there.", answers=desk.last(KIM))
    desk.say(owner.to, "/close solved", answers=owner, proof="both")
    desk.say(JANE, "It is broken again.", answers=desk.last(JANE))
    desk.say(owner.to, "/show 1", answers=owner, proof="both")
    assert sum(map(bool, compared)) > 8
    assert bool(desk.rows("term")) is bool(more)


def test_of_what_it_opened_nothing_is_read_back(small_desk: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small_desk()
    asked: list[str] = []

    def counting(room: Any, name: str) -> None:
        plain = getattr(room, name)

        def read(connection: Connection, *wanted: Any, **more: Any) -> Any:
            if wanted[0]:
                asked.append(name)
            return plain(connection, *wanted, **more)

        monkeypatch.setattr(room, name, read)

    desk.say(JANE, "The first mail fills what is remembered.", subject="First")
    for room, name in [
        *((incidents, name) for name in ("incidents", "participants", "ids_of")),
        *((sla_terms, name) for name in ("terms", "entries", "said")),
        *((updates_log, name) for name in ("entered", "files", "promises")),
        (directory_lookup, "persons"),
    ]:
        counting(room, name)
    done = desk.say(JANE, "The printer stopped.", subject="Printer")
    assert done.incident == 2 and len(done.letters) == 2 and not asked
    desk.say(JANE, "Still.", answers=desk.last(JANE))
    assert asked, "the counting counts"
