"""Letters in files, and what `explain` must say of them (`tests.expected` describes how that is written).

Each stands for a kind of letter that was read wrongly once.  A folder of `cases` holds letters and `expected.toml`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sitmail import config
from sitmail.sending.letters.templates import Letters, packaged
from sitmail.services import keys
from sitmail.services.desk import Desk
from sitmail.services.explain import explain
from tests.expected import Case, cases, differences

CASES = {case.name: case for case in cases(Path(__file__).parent / "cases")}
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def explained(case: Case) -> dict[str, Any]:
    settings = config.load(case.config) if case.config else config.defaults()
    desk = Desk(settings.policy, keys.THROWAWAY, "", Letters([packaged()]))
    return explain(case.file.read_bytes(), desk, None, NOW, case.file.name)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.explained])
def test_letters_are_read_as_expected(name: str) -> None:
    trouble = differences(CASES[name].explained, explained(CASES[name]))
    assert not trouble, "\n".join(trouble)


SAID = {
    "kind": "reply",
    "text": "Yes,\n it  does.",
    "attachments": [{"name": "plan.pdf", "size": 3}],
    "to": [{"name": "Tom", "address": "tom@example.org"}],
    "defects": [],
    "forwarded": None,
}


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ({"kind": "reply"}, True),
        ({"kind": "new"}, False),
        ({"kind": {"one_of": ["new", "reply"]}}, True),
        ({"kind": {"none_of": ["new", "reply"]}}, False),
        ({"absent": {"none_of": ["new"]}}, False),
        ({"text": {"has": ["it does.", "Yes"]}}, True),
        ({"text": {"has": ["it does.", "No"]}}, False),
        ({"text": {"hasnt": "No"}}, True),
        ({"text": {"hasnt": ["No", "Yes"]}}, False),
        ({"absent": {"hasnt": "No"}}, False),
        ({"text": {"begins": "Yes, it"}}, True),
        ({"text": {"begins": "it"}}, False),
        ({"text": {"match": "^Yes, it d..s.$"}}, True),
        ({"text": {"match": "^it"}}, False),
        ({"attachments": {"has": "plan.pdf"}}, True),
        ({"attachments": {"has": "other.pdf"}}, False),
        ({"attachments": {"count": 1}}, True),
        ({"attachments": {"count": 0}}, False),
        ({"attachments": {"plan.pdf": {"size": {"over": 2}}}}, True),
        ({"attachments": {"plan.pdf": {"size": {"over": 3}}}}, False),
        ({"to": ["tom@example.org"]}, True),
        ({"to": []}, False),
        ({"to": {"tom@example.org": {"name": "Tom"}}}, True),
        ({"forwarded": {"from": {"address": "tom@example.org"}}}, False),
    ],
)
def test_the_judge_knows_right_from_wrong(wanted: dict[str, Any], holds: bool) -> None:
    assert (differences(wanted, SAID) == []) is holds
