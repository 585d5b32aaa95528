"""The example and the reference page agree with the declared keys, and the example can be used."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from sitmail import config
from sitmail.config.example import example, reference, toml
from sitmail.config.settings import Settings

TOP = Path(__file__).parents[2]


def test_the_files_are_up_to_date() -> None:
    again = "python -m sitmail.config.example"
    assert (TOP / "config.example.toml").read_text("utf-8") == example(), again
    assert (TOP / "docs/reference/configuration.md").read_text("utf-8") == reference(), again


def test_a_newcomer_can_start_with_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(example(), "utf-8")
    loaded = config.load(path, {})
    assert list(loaded.policy.engineers) == ["alice"]
    assert loaded.warnings == ()


def test_every_key_in_it_is_right(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    text = re.sub(r"^#(?=\S)", "", example(), flags=re.MULTILINE)
    path.write_text(text, "utf-8")
    loaded = config.load(path, {})
    assert not [one for one in loaded.warnings if "has no effect" in one]
    for table in Settings.model_fields:
        assert re.search(rf"^\[\[?{table}\]", text, re.MULTILINE), table


def test_no_line_is_too_long_to_read() -> None:
    assert [line for line in example().split("\n") if len(line) > 120 and "#week = " not in line] == []


def test_values_as_toml() -> None:
    value = ["a\\d", True, 0.5, {"x": 'q"'}, 7]
    assert tomllib.loads(f"value = {toml(value)}")["value"] == value
