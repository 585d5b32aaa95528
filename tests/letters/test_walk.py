"""A random walk: many people write to one incident in any order, answer any letter, quote as their programs do.

Every text bears the colour of the leg that it is meant for, and no letter may bear a colour that is not its reader's:
what is said inside, to a vendor, or by the customer, never leaves its leg.  The laws of letters are judged besides.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.letters.desks import DirectDesk
from tests.letters.replied import Letter, address
from tests.letters.script import Case, Step, read
from tests.letters.test_letters import Play, sqlite_store

MAILS = 500 if float(os.environ.get("EXAMPLES", "1")) > 1 else 120
SEEDS = range(1, 5 if MAILS > 120 else 2)
CASE = "parties/S0-18-several-vendors"  # the desk that it is played on
PUBLIC, LAMPS, FUSES, BUGS, INSIDE, STRANGE = "jadegreen", "alphablue", "betared", "violetgrey", "canary", "rubypink"
# Letters without which nothing is shown.
WANTED = ("answer", "words", "vendor_asked", "vendor_wrote", "bug_reported", "note", "customer_show")
# Which colours may stand in letters to whom; staff read all of them.
MAY_READ = {
    "jane": {PUBLIC},
    "john": {PUBLIC},
    "lamps": {LAMPS},
    "fuses": {FUSES},
    "jira": {BUGS},
    "tina@lamps.example.com": {LAMPS},
    "sam": {STRANGE},
}
STAFF = ("anna", "bob")
OUTSIDE = ["jane", "jane", "john", "lamps", "fuses", "jira", "tina@lamps.example.com", "sam"]
WRITERS = [*OUTSIDE, *["anna"] * 5, *["bob"] * 3]
ASKING = ("jane", "john", "sam", "anna", "bob")
QUESTIONS = ["thread 1", "status 1", "list\nthread 1", "list site\nthread 2", "thread 2\nstatus 3"]
QUOTING = ["below", "below", "above", "between", "bare", "none", "attached"]
PROGRAMS = ["", "", "", "gmail", "apple", "outlook", "outlook both", "mutt"]
VERBS = [
    *["", "", "", "", "/note", "/public", "/keep"],
    *["/vendor lamps", "/vendor lamps", "/vendor fuses SR-77", "/vendor fuses SR-77", "/take", "/reopen"],
    *["/bug", "/bug", "/bug"],
]
NOUNS = re.findall(
    r"[a-z]+",
    "lamp cable door cellar ladder winter bucket engine garden mirror needle pocket rabbit saddle tunnel violin",
)


class Walk:
    """Mails in a row, each decided by chance."""

    def __init__(self, seed: int, case: Case) -> None:
        self.chance, self.case = random.Random(seed), case
        self.mails = 0

    def text(self, colour: str) -> str:
        """A sentence of its colour, and one without: what is quoted cannot be told by the colour alone."""
        self.mails += 1
        words = self.chance.sample(NOUNS, 7)
        return (
            f"{colour}{self.mails} {' '.join(words[:4])} number {self.mails}.\nThe {colour} {' and '.join(words[4:])}."
        )

    def step(self, letters: Sequence[Letter]) -> Step:
        writer = self.chance.choice(WRITERS)
        if writer in ASKING and self.chance.random() < 0.1:
            return Step(writer=writer, to=["command"], text=self.chance.choice(QUESTIONS))
        mine = [one for one in letters if one.recipient == address(self.case.names.get(writer, writer))]
        if writer.startswith("tina"):
            mine = [one for one in letters if one.recipient == address(self.case.names["lamps"])]
        mine = [one for one in mine if one.purpose != "customer_show"]  # an answer goes where its subject says
        if not mine or self.chance.random() < 0.05:
            return self._fresh(writer)
        if writer == "sam" and self.chance.random() < 0.5:  # somebody else's letter, which was passed on to him
            mine = [one for one in letters if one.purpose != "customer_show"]
        one = self.chance.choice(mine[-12:])
        names = [name for name, known in self.case.names.items() if address(known) == one.recipient]
        if not names:  # a letter to somebody whom only the walk brought in
            return self._fresh(writer)
        reader = names[0]
        answered = f"{reader} {one.purpose}"
        last = [each for each in letters if each.recipient == one.recipient and each.purpose == one.purpose][-1]
        text = self._answer(writer, last)
        return Step(
            writer=writer,
            answers=answered,
            text=text,
            quote=self.chance.choice(QUOTING),
            program=self.chance.choice(PROGRAMS),
        )

    def _fresh(self, writer: str) -> Step:
        subject = self.chance.choice(["[SIT-1] again", "Re: [SIT-1]", "Something else", "SR-77"])
        if writer in STAFF:
            return Step(writer=writer, subject="[SIT-1]", text=self.text(INSIDE))
        return Step(writer=writer, subject=subject, text=self.text(next(iter(MAY_READ[writer]))))

    def _answer(self, writer: str, answered: Letter) -> str:
        if writer not in STAFF:
            said = self.text(next(iter(MAY_READ[writer])) if _public(answered) == PUBLIC else STRANGE)
            return f"BUG-{self.mails}\n{said}" if writer == "jira" else said
        verb = self.chance.choice(VERBS)
        colour = {
            "/note": INSIDE,
            "/public": _public(answered),
            "/vendor lamps": LAMPS,
            "/vendor fuses SR-77": FUSES,
            "/bug": BUGS,
        }.get(verb)
        colour = colour or _colour_of(answered)
        if verb == "/bug":
            return f"/bug {BUGS} {self.mails}\n{self.text(colour)}\nSteps:\n{self.text(colour)}"
        if self.chance.random() < 0.1:
            return f"{verb}\n{self.text(colour)}\n/note\n{self.text(INSIDE)}".strip()
        return f"{verb}\n{self.text(colour)}".strip()


def _colour_of(answered: Letter) -> str:
    """Where a plain answer to a letter goes."""
    kind = answered.reply_to.rpartition("+")[2][:1]
    if kind == "v":
        whose = " ".join(answered.text.split())
        return LAMPS if "the vendor Lamps" in whose else BUGS if "the tracker" in whose else FUSES
    return _public(answered) if kind == "i" else INSIDE


def _public(letter: Letter) -> str:
    """The colour of what customers say about an incident: those who are strange here open incidents of their own."""
    return PUBLIC if letter.parsed["X-Sitmail-Incident"] == "1" else STRANGE


def _strayed(letter: Letter, case: Case) -> Iterator[str]:
    names = {address(known): name for name, known in case.names.items()}
    reader = names.get(letter.recipient, letter.recipient)
    if reader in ("anna", "bob", "nora", "mia"):
        return
    if reader == "sam" and letter.purpose == "acknowledgement":  # it repeats what he wrote, and he was passed letters
        return
    may = MAY_READ.get(reader, set()) | ({STRANGE} if _public(letter) == STRANGE else set())
    whole = "\n".join([letter.raw.decode("utf-8", "replace"), letter.text, letter.page])
    if _public(letter) == STRANGE:  # he answered what was passed on to him: the subject of his own incident is his
        whole = re.sub(rf"{PUBLIC}\s+printer", "", whole)
    for colour in {PUBLIC, LAMPS, FUSES, BUGS, INSIDE, STRANGE} - may:
        if colour in whole:
            yield f"letter {letter.purpose} to {reader} holds {colour}:\n{letter.text}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_leaves_its_leg(seed: int, tmp_path: Path, sqlite_template: Path) -> None:
    case = read(CASE)
    desk = DirectDesk(tmp_path, case, sqlite_store(tmp_path, sqlite_template))
    play, walk = Play(case, desk), Walk(seed, case)
    heard = 0
    seen: dict[str, int] = {}
    try:
        opening = Step(writer="jane", subject=f"{PUBLIC} printer", text=walk.text(PUBLIC), cc=["john@acme.example.net"])
        play.act(opening)
        play.act(Step(writer="anna", answers="anna assigned", text="/cc add bob@example.com"))  # who watches it
        for _ in range(MAILS):
            step = walk.step(desk.letters)
            play.act(step)
            fresh, heard = desk.letters[heard:], len(desk.letters)
            for letter in fresh:
                seen[letter.purpose] = seen.get(letter.purpose, 0) + 1
            strayed = [one for letter in fresh for one in _strayed(letter, case)]
            assert not strayed, "\n".join([f"mail {walk.mails}: {step}", *strayed])
        rare = {purpose: seen.get(purpose, 0) for purpose in WANTED if seen.get(purpose, 0) < 3}
        assert not rare, "the walk shows too little"
    finally:
        play.tables.close()
        desk.close()
