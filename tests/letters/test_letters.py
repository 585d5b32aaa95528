"""Every case by the functions themselves with a clock of ours, and through the daemon by SMTP; on both databases.

All must give the same results, so all are compared with the same expectations.  The format of a case is described in
`script`.  The functions on SQLite play every case, the daemon every case named by a row of the mission, and a share of
the others; on PostgreSQL it is a share, each day another.  LETTERS=all in the environment makes all of them play all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitmail.domain.endings import HeldReason
from sitmail.services import keys
from tests.conftest import empty
from tests.letters.desks import DaemonDesk, DaemonForker, Desk, DirectDesk, sqlite_store
from tests.letters.judge import differences
from tests.letters.laws import Laws
from tests.letters.script import Case, Step, every_case, of_row, read, reloaded, seconds
from tests.letters.tables import Tables
from tests.letters.writing import Letter, Mail, address, write

NAMES = every_case()
CASES = {name: read(name) for name in NAMES}
BY_MAIL = [name for name in NAMES if CASES[name].live]
ALL = os.environ.get("LETTERS") == "all"
SHARE = int(
    os.environ.get("LETTERS_SHARE", "0")
)  # which of them: the same every day, so that a failure can be had again
ENDINGS = {"new", "applied", "held", "refused", "duplicate", "ignored", "waiting"}


def share(names: list[str], every: int, first: int = 0) -> list[str]:
    """Every so many of them, or all."""
    return names if ALL else names[first % every :: every]


OF_ROWS = [name for name in BY_MAIL if of_row(name)]
OTHERS = [name for name in BY_MAIL if not of_row(name)]


@pytest.fixture(scope="session")
def forker(sqlite_template: Path) -> Iterator[DaemonForker]:
    made = DaemonForker("opening/known-contact", sqlite_template)
    yield made
    made.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short name: a Unix socket lies in it."""
    with tempfile.TemporaryDirectory(prefix="letters-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def sqlite(folder: Path, sqlite_template: Path) -> str:
    return sqlite_store(folder, sqlite_template)


@pytest.fixture
def on_postgresql(postgresql_store: str) -> str:
    empty(postgresql_store)
    return postgresql_store.replace("postgresql:", "postgresql+psycopg:")  # as the configuration wants it


def test_every_reason_to_hold_a_mail_has_a_case() -> None:
    assert {step.reason for case in CASES.values() for step in case.steps} - {""} == set(HeldReason)


@pytest.mark.parametrize("name", NAMES)
def test_by_the_functions_themselves(name: str, folder: Path, sqlite: str) -> None:
    play(name, DirectDesk(folder, CASES[name], sqlite))


@pytest.mark.slow
@pytest.mark.parametrize("name", share(NAMES, 12, first=SHARE))
def test_by_the_functions_on_postgresql(name: str, folder: Path, on_postgresql: str) -> None:
    play(name, DirectDesk(folder, CASES[name], on_postgresql))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*OF_ROWS, *share(OTHERS, 16)])
def test_through_the_daemon(name: str, folder: Path, sqlite: str, forker: DaemonForker) -> None:
    play(name, DaemonDesk(folder, CASES[name], sqlite, forker))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*share(OF_ROWS, 8, first=SHARE), *share(OTHERS, 24, first=SHARE)])
def test_through_the_daemon_on_postgresql(name: str, folder: Path, on_postgresql: str, forker: DaemonForker) -> None:
    play(name, DaemonDesk(folder, CASES[name], on_postgresql, forker))


def play(name: str, desk: Desk) -> None:
    try:
        Play(CASES[name], desk).play()
    finally:
        desk.close()


class Differs(AssertionError):
    """What happened is not what the case says."""


class Play:
    """A case under way on a desk."""

    def __init__(self, case: Case, desk: Desk) -> None:
        self.case, self.desk = case, desk
        self.policy = desk.settings.policy
        self.tables = Tables(desk.settings.store.url)
        self.keys = keys.load(desk.settings.key_file)
        self.mails: list[Mail] = []
        self.heard = 0
        self.wrote: dict[str, set[str]] = {}
        self.sent: dict[str, set[str]] = {}

    def play(self) -> None:
        try:
            for step in self.case.before:
                self.act(step)
            for place, step in enumerate(self.case.steps, 1):
                self.act(step, f"{self.case.says}\nstep {place}: {step.says}")
        finally:
            self.tables.close()

    def act(self, step: Step, judged: str = "") -> None:
        letters = self.desk.letters
        if step.reload:
            self.case = reloaded(self.case, step.reload)
            assert isinstance(self.desk, DirectDesk)
            self.desk.reload(self.case)
            self.policy = self.desk.settings.policy
        if step.imported:
            assert isinstance(self.desk, DirectDesk)
            self.desk.bring(step.imported)
        if step.after or step.down:
            self.desk.pass_time(seconds(step.after or step.down), asleep=bool(step.down))
        if step.mail:
            number = len(self.mails) + 1
            mail = self._again(step) if step.again else write(step, self.case.names, letters, number)
            self.mails.append(mail)
            self.wrote.setdefault(mail.author, set()).add(mail.message_id)
            self.desk.receive([mail])
        if step.held:
            action, number, why = step.decision
            self.desk.decide(action, self.tables.last("held"), number, why)
        seen = self.tables.look()
        fresh, self.heard = letters[self.heard :], len(letters)
        trouble = self.lawless(fresh)
        trouble += [f"a mail is {one}" for one in seen["endings"] if one not in ENDINGS]
        trouble += self._differences(step, seen, fresh) if judged else []
        if trouble:
            raise Differs("\n".join([judged, *trouble]))

    def _differences(self, step: Step, seen: Mapping[str, Any], letters: Sequence[Letter]) -> list[str]:
        return differences(step, seen, letters, self.case.names, whole=bool(of_row(self.case.name)))

    def _again(self, step: Step) -> Mail:
        """The mail before, perhaps to other addresses of the desk."""
        last = self.mails[-1]
        to = tuple(address(one) if "@" in one else last.recipients[0] for one in step.to) or last.recipients
        return Mail(last.sender, to, last.raw, last.author, last.message_id)

    def lawless(self, letters: Sequence[Letter]) -> list[str]:
        laws = Laws(self.policy, self.keys, *self.tables.people(), self.wrote, self.sent)
        return [sentence for letter in letters for sentence in laws.broken(letter)]


BREAKING = {
    "somebody else's token": lambda letter, other: letter.raw + other.reply_to.encode(),
    "somebody else's id": lambda letter, other: letter.raw + other.message_id.encode(),
    "internal words": lambda letter, other: letter.raw + b"canary",
    "nor was sent": lambda letter, other: letter.raw.replace(b"References: <", b"References: <x"),
    "Auto-Submitted": lambda letter, other: letter.raw.replace(b"Auto-Submitted", b"Subscribed"),
    "not its reader's own": lambda letter, other: letter.raw.replace(
        b"Reply-To: Ex", b"Reply-To: x@example.org\r\nOld: "
    ),
    "not at our own address": lambda letter, other: letter.raw.replace(b"<support@", b"<jane@"),
    "names no incident": lambda letter, other: letter.raw.replace(b"[SIT-1]", b"one"),
    "has a copy": lambda letter, other: b"Bcc: all@example.org\r\n" + letter.raw,
    "fields": lambda letter, other: b"X-Mailer: sitmail\r\n" + letter.raw,
}


@pytest.mark.parametrize("sentence", BREAKING)
def test_a_broken_law_is_noticed(sentence: str, folder: Path, sqlite_template: Path) -> None:
    desk = DirectDesk(folder, CASES["opening/known-contact"], sqlite_store(folder, sqlite_template))
    try:
        play = Play(desk.case, desk)
        play.desk.receive([write(desk.case.steps[0], desk.case.names, (), 1)])
        play.wrote = {"jane@acme.example.net": {"<1.letter@acme.example.net>"}}
        hers, other = desk.letters
        assert play.lawless([hers]) == []
        broken = replace(hers, raw=BREAKING[sentence](hers, other))
        assert any(sentence in one for one in play.lawless([broken]))
        play.tables.close()
    finally:
        desk.close()


def test_there_is_a_case_for_every_behaviour() -> None:
    """A floor, so that cases do not get lost."""
    assert len(NAMES) >= 80
    assert len({case.says for case in CASES.values()}) == len(CASES)
