"""A random walk: many people write to the desk in any order, answer any letter, quote as their programs do.

Every text bears the colour of the leg that it is meant for, and no letter may bear a colour that is not its reader's:
what is said inside, to a vendor, or by a customer, never leaves its leg, nor does it by an article, a list, a report, a
search or a file.  The laws of letters are judged besides.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from sitmail.store import schema
from sitmail.store.database import Reader, open_reader
from tests.letters.desks import DirectDesk
from tests.letters.script import Case, Step, merged, read
from tests.letters.test_letters import Play, sqlite_store
from tests.letters.walking import ANOTHERS, PROOF, PUBLIC, Walk

MAILS = 500 if float(os.environ.get("EXAMPLES", "1")) > 1 else 260
SEEDS = range(1, 5 if MAILS > 260 else 2)
CASE = "parties/S0-18-several-vendors"  # the desk that it is played on
# Letters without which nothing is shown.
WANTED = (
    *("answer", "words", "vendor_asked", "vendor_wrote", "bug_reported", "note", "customer_show"),
    *("show", "report"),
)
FURNISHED = {
    "trust": {"authserv_id": "mx.example.com"},
    "limits": {"reads_per_sender_hour": 10_000, "acks_per_sender_hour": 1000},
    "feedback": {"after": "15m", "every": "0s"},
    "desk": {"send_delay": "2s"},
}


def _desk() -> Case:
    case = read(CASE)
    admin = {"contact": [{"addresses": ["jane@acme.example.net"], "role": "admin"}]}
    return replace(case, config=merged(case.config, FURNISHED), people=merged(case.people, admin))


def _notes(reader: Reader) -> list[tuple[int, str]]:
    """What customers were not told of the first incident, by the numbers of its log."""
    update, text = schema.update, schema.update_text
    found = select(update.c.number, text.c.text).join(text, text.c.update == update.c.id)
    found = found.where(update.c.incident == 1, update.c.event.in_(("note", "vendor")))
    with reader.read() as connection:
        return [(number, said) for number, said in connection.execute(found)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_leaves_its_leg(seed: int, tmp_path: Path, sqlite_template: Path) -> None:
    case = _desk()
    desk = DirectDesk(tmp_path, case, sqlite_store(tmp_path, sqlite_template))
    play, walk, reader = Play(case, desk), Walk(seed, case), open_reader(desk.settings.store.url)
    heard = 0
    seen: dict[str, int] = {}
    try:
        opening = Step(writer="jane", subject=f"{PUBLIC} printer", text=walk.text(PUBLIC), cc=["john@acme.example.net"])
        play.act(opening)
        play.act(Step(writer="kim", subject="Coffee is cold", text=walk.text(ANOTHERS)))
        play.act(Step(writer="anna", answers="anna assigned", text="/cc add bob@example.com"))  # who watches it
        play.act(Step(writer="bob", to=["command"], text="watch site acme", headers=PROOF))
        walk.hear(desk.letters)
        for _ in range(MAILS):
            walk.closed = {str(n) for n, row in play.tables.incidents.items() if row["status"] == "closed"}
            step = walk.step(desk.letters, _notes(reader))
            play.act(step)
            fresh, heard = desk.letters[heard:], len(desk.letters)
            walk.hear(fresh)
            for letter in fresh:
                seen[letter.purpose] = seen.get(letter.purpose, 0) + 1
            strayed = [one for letter in fresh for one in walk.strayed(letter, play.wrote.get(letter.recipient, set()))]
            assert not strayed, "\n".join([f"mail {walk.mails}: {step}", *strayed])
        rare = {purpose: seen.get(purpose, 0) for purpose in WANTED if seen.get(purpose, 0) < 3}
        assert not rare, "the walk shows too little"
    finally:
        reader.close()
        play.tables.close()
        desk.close()
