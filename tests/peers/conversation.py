"""One conversation between a customer and an engineer, each with the same mail program.

Every letter is answered from the letter that came, as people do; nothing here knows an address of the desk but one.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.peers.mail_programs import PROGRAMS, Person
from tests.peers.mail_world import PEOPLE, MailWorld
from tests.peers.real_desk import eventually

OPENED = "It stopped below the façade.\n\nWhat shall we do?"
ANSWERED = "Press the red button.\n\nThen wait a minute."
THANKED = "It moves, thank you."
CLOSED = "/close solved"
MAILS = 4


@dataclass
class Told:
    """What was there in the end."""

    mails: list[EmailMessage]  # what people wrote, as the desk got it
    letters: dict[str, list[EmailMessage]]  # what each of them got
    incidents: list[dict[str, Any]]
    inbox: list[dict[str, Any]]


def play(world: MailWorld, program: str, folder: Path) -> Told:
    """The customer writes, and the two answer each other until the engineer closes."""
    writer = PROGRAMS[program]
    people = {user: _person(world, user, folder) for user in PEOPLE}
    before, known = len(world.desk.ask("inbox")), len(world.desk.ask("incidents", "--all"))
    world.clear()

    def answer(user: str, place: int, text: str) -> None:
        writer.reply(people[user], world.letter(user, place), text)

    writer.write(people["carol"], "support@example.com", f"Crane stuck ({program})", OPENED)
    world.letter("carol", 1)  # the acknowledgement comes before the answer
    answer("ann", 1, ANSWERED)
    answer("carol", 2, THANKED)
    answer("ann", 2, CLOSED)
    world.letter("carol", 3)
    eventually(lambda: world.settled(before + MAILS), "an end of all mails and letters")
    numbers = sorted(row["number"] for row in world.desk.ask("incidents", "--all"))[known:]
    return Told(
        mails=world.letters("support", "Done")[-MAILS:],
        letters={user: world.letters(user) for user in PEOPLE},
        incidents=[world.desk.ask("incident", str(number)) for number in numbers],
        inbox=sorted(world.desk.ask("inbox"), key=lambda row: row["id"])[before:],
    )


def _person(world: MailWorld, user: str, folder: Path) -> Person:
    home = folder / user
    home.mkdir()
    return Person(user, PEOPLE[user], home, world.postfix.port, world.dovecot.port)
