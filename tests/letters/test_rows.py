"""Each row of the mission about who writes, what they are entitled to and who handles it has cases named by its id, and
each of these fails without the function that `rows.toml` names."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.growing import patience
from tests.letters.desks import DirectDesk, sqlite_store
from tests.letters.script import CASES, every_case, of_row
from tests.letters.taken_away import function, without
from tests.letters.test_letters import CASES as READ
from tests.letters.test_letters import Differs, play

PATIENCE = 120.0  # seconds; what goes on for ever has not failed
TABLE = tomllib.loads((CASES.parent / "rows.toml").read_text("utf-8"))
ROWS, TIMED, MISSING = (set(TABLE.pop(name)) for name in ("rows", "timed", "missing"))
NAMED = {f"{row}-{rest}": rule for row, some in TABLE.items() for rest, rule in some.items()}
OF_ROWS = {name.rpartition("/")[2]: name for name in every_case() if of_row(name)}


def test_every_row_has_a_case_that_runs_through_the_daemon() -> None:
    with_case = {of_row(name) for name in OF_ROWS.values() if READ[name].live}
    assert ROWS - with_case == MISSING, "a row that has its case now is no longer MISSING"


def test_every_row_about_time_has_a_case_in_which_time_passes() -> None:
    with_case = {of_row(name) for name in OF_ROWS.values() if any(one.after or one.down for one in READ[name].steps)}
    assert with_case >= TIMED


def test_every_case_of_a_row_names_what_makes_it_work() -> None:
    assert NAMED.keys() == OF_ROWS.keys(), "tests/letters/rows.toml: a line for each case, under the id of its row"
    assert all(callable(function(rule)) for rule in NAMED.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NAMED.keys() & OF_ROWS.keys()))
def test_a_case_fails_without_its_rule(name: str, tmp_path: Path, sqlite_template: Path) -> None:
    case = OF_ROWS[name]
    with patience(PATIENCE), without(NAMED[name]), pytest.raises(Differs):
        play(case, DirectDesk(tmp_path, READ[case], sqlite_store(tmp_path, sqlite_template)))
