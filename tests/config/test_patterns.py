"""Admins' expressions against hostile text."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail import config
from sitmail.config.patterns import former_tag, slow


@pytest.mark.parametrize("expression", [r"#(\d+)", r"\(CASE:\s*(\d{1,9})\)", r"ticket[ -]?no\.? ?(\d+)"])
def test_plain_ones_pass(expression: str) -> None:
    assert not slow(former_tag(expression))


@pytest.mark.parametrize("expression", [r"(?:a+)+(\d)$", r"((?:x|x)*)y", r"(?:\d+\s?)+-(\d+)", r"(?:\w*\s*)*#(\d+)"])
def test_exponential_ones_are_found(expression: str) -> None:
    assert slow(former_tag(expression))


def test_check_names_them(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "[desk]\naddress = 'support@example.com'\nformer_tags = ['#(\\d+)', '(?:a+)+(\\d)$']\n"
        "[[monitor]]\naddresses = ['a@example.com']\nfingerprint = '(b|b)*c'\n"
    )
    told = "takes too long on hostile text; write it without nested repetitions"
    assert config.slow_patterns(config.load(path, {})) == [
        f"config.toml: desk.former_tags[1]: {told}",
        f"config.toml: monitor[0].fingerprint: {told}",
    ]


@pytest.mark.parametrize("expression", ["", 7, "x" * 201, "(", "(a)(b)", "[[a]]()", "(?P<n>"])
def test_what_is_refused(expression: object) -> None:
    with pytest.raises(ValueError, match=r"^expected a regular expression"):
        former_tag(expression)
