"""Forty people write about the same thing: the lead hears of it twice, and his one answer leaves forty times."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from tests.letters.desks import Desk, DirectDesk, sqlite_store
from tests.letters.script import Case, Step, merged, named, read
from tests.letters.writing import Letter, write

MANY = 40
PEOPLE = {
    "site": [{"id": f"site{at}", "name": f"Company {at:02}", "domains": [f"c{at}.example.org"]} for at in range(MANY)],
    "contact": [
        {"addresses": [f"p{at}@c{at}.example.org"], "name": f"Person{at:02} Of{at:02}", "site": f"site{at}"}
        for at in range(MANY)
    ],
}
TITLES = ("The mail server is down", "Mail server down", "Mail server down again", "Our mail server is down!")


def storm() -> Case:
    case = read("storms/proposed-and-joined")
    people = merged(case.people, PEOPLE)
    config = {**case.config, "storm": {"count": 20}}
    return replace(case, config=config, people=people, names={**named(config, people), **case.names})


class _Story:
    def __init__(self, desk: Desk, case: Case) -> None:
        self.desk, self.case, self.mails, self.heard = desk, case, 0, 0

    def write(self, *steps: Step) -> list[Letter]:
        """These mails at once; the letters that left then."""
        mails = []
        for step in steps:
            self.mails += 1
            mails.append(write(step, self.case.names, self.desk.letters, self.mails))
        self.desk.receive(mails)
        fresh, self.heard = self.desk.letters[self.heard :], len(self.desk.letters)
        return fresh


def played(desk: Desk) -> None:
    story = _Story(desk, storm())
    mails = [Step(writer=f"p{at}", subject=TITLES[at % len(TITLES)], text=f"own-word-of-{at:02}") for at in range(MANY)]
    proposed = [one for one in story.write(*mails) if one.purpose == "storm"]
    counts = [int(re.findall(r"\d+(?= incidents seem)", one.text)[0]) for one in proposed]
    assert counts[0] >= 20 and 1 <= len(counts) <= 2  # many mails at once are one batch
    joined = story.write(Step(writer="anna", answers="anna storm", text="yes"))
    assert {(one.recipient, one.purpose) for one in joined} == {
        ("anna@example.com", "storm_joined"),
        ("bob@example.com", "changed_staff"),
    }
    asked = story.write(Step(writer="anna", answers="anna storm_joined", text="We replace a disk, until noon."))
    assert [one.purpose for one in asked] == ["confirm"]
    said = story.write(Step(writer="anna", answers="anna confirm", text="yes"))
    answers = [one for one in said if one.purpose == "answer"]
    assert sorted(one.recipient for one in answers) == sorted(f"p{at}@c{at}.example.org" for at in range(MANY))
    for letter in answers:
        at = int(re.findall(r"\d+", letter.recipient)[0])
        alone(letter, at)
    assert [one.recipient for one in said if one.purpose == "answer_copy"] == ["bob@example.com"]


def alone(letter: Letter, at: int) -> None:
    """Nothing of anybody else is in it, head and page included."""
    raw = letter.raw.decode("utf-8", "replace") + letter.text + letter.page
    assert "We replace a disk" in letter.text
    assert len(set(re.findall(r"SIT-\d+", raw))) == 1
    others = [f"{other:02}" for other in range(MANY) if other != at]
    assert not [n for n in others if re.search(rf"Person{n}|Of{n}|Company {n}|own-word-of-{n}", raw)]


def test_one_answer_leaves_forty_times(tmp_path: Path, sqlite_template: Path) -> None:
    desk = DirectDesk(tmp_path, storm(), sqlite_store(tmp_path, sqlite_template))
    try:
        played(desk)
    finally:
        desk.close()
