"""Regular expressions of the configuration, also on hostile text."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sitmail import config
from sitmail.config.patterns import SCANNED, compiled, fingerprint, former_tag
from sitmail.domain import subject
from tests import program


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r"(\w+\s*)+:", "a " * 40_000),
        (r"(a+)+$", "a" * 65_000 + "!"),
        (r"(b|b)*c", "b" * 65_000),
        (r"(x*)*y", "x" * 65_000),
    ],
)
def test_hostile_text_keeps_none_busy(expression: str, text: str) -> None:
    assert compiled(expression).search(text) is None  # with `re` this would take until the end of the world


def test_only_the_beginning_of_a_text_is_looked_at() -> None:
    assert compiled("b$").search("a" * SCANNED + "b") is None
    assert compiled("b").search("a" * (SCANNED - 1) + "b") is not None
    assert [found[1] for found in compiled(r"(\d)").finditer("1 Ü 2" + " " * SCANNED + "3")] == ["1", "2"]


def test_a_former_number_is_found_in_any_case_and_in_ascii_digits() -> None:
    former = (former_tag(r"Ticket#(\d+)"),)
    assert subject.references("Re: ticket#12 and TICKET#٣ and Ticket#13", "SIT", former, 100) == (112, 113)


def test_equal_words_are_equal_expressions() -> None:
    assert (former_tag(r"#(\d+)"), hash(former_tag(r"#(\d+)"))) == (former_tag(r"#(\d+)"), hash(former_tag(r"#(\d+)")))
    assert former_tag(r"#(\d+)") != compiled(r"#(\d+)")
    assert fingerprint("X-Host") == "X-Host"
    assert fingerprint("") == ""


@pytest.mark.parametrize(
    "expression", ["", 7, "x" * 201, "(", "(a)(b)", "no group", "(?P<n>", r"(?=a)(b)", r"(a)\1", r"(\w{1,900}){900}"]
)
def test_what_is_refused(expression: object) -> None:
    with pytest.raises(ValueError, match=r"^expected a regular expression"):
        former_tag(expression)


FILE = """
[desk]
address = 'support@example.com'
[relay]
url = "maildir:outgoing"
[[engineer]]
id = "anna"
addresses = ["anna@example.com"]
[[monitor]]
addresses = ['a@example.com']
fingerprint = '{0}'
"""


def test_run_and_check_refuse_alike(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILE.format(r"(?=a)b"))
    told = [program.sitmail(verb, "--config", str(path), cwd=tmp_path, environ=os.environ) for verb in ("check", "run")]
    assert [done.returncode for done in told] == [78, 78]
    assert all(
        "monitor[0].fingerprint: expected a regular expression of RE2's syntax" in done.stderr.decode() for done in told
    )


def test_both_take_what_is_harmless(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILE.format(r"(\w+\s*)+:"))
    assert config.load(path, {}).policy.monitors[0].pattern == compiled(r"(\w+\s*)+:")
    done = program.sitmail("check", "--config", str(path), "--json", cwd=tmp_path, environ=os.environ)
    assert json.loads(done.stdout)["mistakes"] == []
