"""[[report]]: what is wrong with a row is said in one line, and what is right is in the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail.config import load
from sitmail.config.mistakes import ConfigError
from sitmail.domain.figures.schedules import ScheduledReport

PLAIN = """
[desk]
address = "support@example.com"
timezone = "Europe/Berlin"
[relay]
url = "maildir:out"
[[engineer]]
id = "alice"
addresses = ["alice@example.com"]
[[report]]
id = "monday"
"""
RIGHT = {"report": '"time by owner"', "to": '["ALICE@example.com", "alice"]', "at": '"Mon  8:00"'}


def written(folder: Path, **keys: str) -> Path:
    path = folder / "config.toml"
    path.write_text(PLAIN + "".join(f"{name} = {value}\n" for name, value in (RIGHT | keys).items()), "utf-8")
    return path


def test_a_report_stands_in_the_policy_with_what_it_leaves_out(tmp_path: Path) -> None:
    assert load(written(tmp_path), {}).policy.reports == (
        ScheduledReport(
            "monday", "monday", "time by owner lastweek", ("alice",), "mon 8:00", "Europe/Berlin", "", csv=True
        ),
    )


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ({"report": '"tmie"'}, "report[0].report: no report 'tmie'; did you mean 'time'?"),
        ({"report": '"time by moon"'}, "report[0].report: no way to split it 'moon'"),
        ({"period": '"soon"'}, 'report[0].report: "soon" is no period; write for example today, lastweek'),
        ({"report": '"time 30d"'}, "report[0].report: "),
        ({"to": '["bob"]'}, "report[0].to: 'bob' is no engineer; figures go to staff alone"),
        ({"to": '["alcie"]'}, "report[0].to: 'alcie' is no engineer (did you mean 'alice'?)"),
        ({"to": "[]"}, "report[0].to: nobody would get it; name an engineer"),
        ({"report": '"service"'}, 'report[0].to: the service report goes to ["admin-contacts"] alone'),
        ({"at": '"soon"'}, "report[0].at: expected a time such as 08:00, mon 08:00"),
        ({"timezone": '"Mars"'}, "report[0].timezone: "),
        ({"every": '"1d"'}, "report[0].every: "),
    ],
)
def test_a_report_that_could_not_be_made_or_sent_is_a_mistake(tmp_path: Path, keys: dict[str, str], line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(written(tmp_path, **keys), {})
    assert f"config.toml: {line}" in str(refused.value)
    assert len(refused.value.lines) == 1
