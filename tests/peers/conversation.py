"""One conversation between a customer and an engineer, each with the same mail program.

Every letter is answered from the letter that came, as people do; nothing here knows an address of the desk but one.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.peers.mail_programs import PROGRAMS, Person
from tests.peers.post_office import PEOPLE, Runtime
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


def play(runtime: Runtime, program: str, folder: Path) -> Told:
    """The customer writes, and the two answer each other until the engineer closes."""
    writer = PROGRAMS[program]
    people = {user: _person(runtime, user, folder) for user in PEOPLE}
    before, known = len(runtime.desk.ask("inbox")), len(runtime.desk.ask("incidents", "--all"))
    runtime.clear()

    def answer(user: str, place: int, text: str) -> None:
        writer.reply(people[user], runtime.letter(user, place), text)

    writer.write(people["carol"], "support@example.com", f"Crane stuck ({program})", OPENED)
    runtime.letter("carol", 1)  # the acknowledgement comes before the answer
    answer("ann", 1, ANSWERED)
    answer("carol", 2, THANKED)
    answer("ann", 2, CLOSED)
    runtime.letter("carol", 3)
    eventually(lambda: runtime.settled(before + MAILS), "an end of all mails and letters")
    numbers = sorted(row["number"] for row in runtime.desk.ask("incidents", "--all"))[known:]
    return Told(
        mails=runtime.letters("support", "Done")[-MAILS:],
        letters={user: runtime.letters(user) for user in PEOPLE},
        incidents=[runtime.desk.ask("incident", str(number)) for number in numbers],
        inbox=sorted(runtime.desk.ask("inbox"), key=lambda row: row["id"])[before:],
    )


def _person(runtime: Runtime, user: str, folder: Path) -> Person:
    home = folder / user
    home.mkdir()
    return Person(user, PEOPLE[user], home, runtime.postfix.port, runtime.dovecot.port)
