"""The dictionary of the configuration: checked against itself, and what of it cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail import config
from tests.config.test_loading import ALICE, DESK, load

BUG = '[[request_type]]\nid = "bug"\n'
FIELD = '[[field]]\nid = "version"\n'


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (f'{BUG}asks = ["versoin"]\n{FIELD}', "request_type[0].asks: no field 'versoin' (did you mean 'version'?)"),
        (f'{BUG}[[route]]\nrequest_type = "bugs"\nowner = "alice"', "route[0].request_type: no request type 'bugs'"),
        (
            '[[reason]]\nid = "network"\nspecific = ["dns"]\n[[route]]\nreason = "network/dnz"\nowner = "alice"',
            "route[0].reason: no reason 'network/dnz' (did you mean 'network/dns'?)",
        ),
        ('[[reason]]\nid = "network/dns"\n', "reason[0].id: expected an id without a slash"),
        ('[[status]]\nid = "researching"\n', "status[0].id:"),
        ("[[closing]]\n", "closing:"),
        (
            '[closing]\nrequire = ["reqest_type"]\n',
            "closing.require: no field 'reqest_type' (did you mean 'request_type'?)",
        ),
        (
            '[[severity]]\nid = "x"\npriority_at_least = "high"\npriority_at_most = "low"\n',
            "severity[0].priority_at_least: 'high' is above 'low'",
        ),
        (f'{BUG}required_documents = ["version"]\n{FIELD}', "request_type[0].required_documents: 'version' is a field"),
        (
            f'{BUG}owner = "alice"\naccount_manager = true\n',
            "request_type[0].account_manager: the account manager gets",
        ),
        ('[[event_type]]\nid = "closed"\n', "event_type[0].id: 'closed' is an event that the desk logs by itself"),
        (f'{BUG}words = ["("]\n', "request_type[0].words"),
        (f"{FIELD}{FIELD}", "field[1].id: 'version' is already field[0]"),
    ],
)
def test_mistakes(tmp_path: Path, written: str, told: str) -> None:
    with pytest.raises(config.ConfigError) as raised:
        load(tmp_path, DESK + ALICE + written)
    assert any(line.startswith(f"config.toml: {told}") for line in raised.value.lines), raised.value.lines


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            '[[route]]\nwords = ["a"]\nowner = "alice"\n[[route]]\nwords = ["a"]\nterritory = "x"\nowner = "alice"\n',
            "route[1]",
        ),
        ('[[route]]\nowner = "alice"\n[[route]]\nlanguage = "de"\nowner = "alice"\n', "route[1]"),
        ('[[route]]\nwords = ["a"]\nowner = "alice"\n[[route]]\nwords = ["a", "b"]\nowner = "alice"\n', ""),
        ('[[route]]\nterritory = "x"\nowner = "alice"\n[[route]]\nowner = "alice"\n', ""),
        (
            '[[reason]]\nid = "net"\nspecific = ["dns"]\n'
            '[[route]]\nreason = "net"\nowner = "alice"\n[[route]]\nreason = "net/dns"\nowner = "alice"\n',
            "route[1]",
        ),
    ],
)
def test_routes_that_are_never_reached(tmp_path: Path, written: str, told: str) -> None:
    warned = [line for line in load(tmp_path, DESK + ALICE + written).warnings if "never reached" in line]
    assert [line.partition(": ")[2].partition(":")[0] for line in warned] == ([told] if told else [])


def test_codes_that_nothing_uses(tmp_path: Path) -> None:
    written = f'skills = ["welding"]\n[[skill]]\nid = "welding"\n[[skill]]\nid = "cooking"\n{FIELD}'
    assert load(tmp_path, DESK + ALICE + written).warnings == (
        "config.toml: skill[0]: no product and no reason asks for 'welding'",
        "config.toml: skill[1]: no engineer has 'cooking'",
        "config.toml: field[0]: nothing asks for 'version'; only /field sets it",
    )


def test_a_type_is_required_where_there_are_any(tmp_path: Path) -> None:
    assert load(tmp_path, DESK + ALICE + BUG).policy.closing.require == ("request_type",)
    assert load(tmp_path, DESK + ALICE).policy.closing.require == ()
    assert load(tmp_path, f"{DESK}{ALICE}{BUG}[closing]\nrequire = []\n").policy.closing.require == ()
