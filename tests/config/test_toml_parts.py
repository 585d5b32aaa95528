"""A long file in parts is what it is as a whole, and its mistakes have the line of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail.config import ConfigError, toml_parts
from sitmail.config.files import parsed
from sitmail.config.toml_parts import LONG, parts

HERE = Path("directory.toml")
ROW = (
    '[[{table}]]\nid = "{n}"  # [[contact]]\nnotes = "[[site]]"\nlist = [\n  [["site"]],\n]\n[{table}.more]\nx = {n}\n'
)
TABLES = ("site", "contact")


def text_of(rows: int) -> str:
    return "".join(ROW.format(table=TABLES[n % 2], n=n) for n in range(rows))


def together(text: str) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for part in parts(HERE, text, TABLES):
        for name, rows in part.items():
            found.setdefault(name, []).extend(rows)
    return found


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_parts_are_the_whole(newline: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_of(60).replace("\n", newline)
    whole = parsed(text)
    for long in (10, 99, 1000, LONG):
        monkeypatch.setattr(toml_parts, "LONG", long)
        assert together(text) == whole
        assert len(list(parts(HERE, text, TABLES))) == 1 or long < LONG


def test_texts_of_several_lines_are_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toml_parts, "LONG", 10)
    text = '[[site]]\nnotes = """\n[[site]]\n[[contact]]\n"""\n' + text_of(4)
    assert together(text) == parsed(text)


def test_a_mistake_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toml_parts, "LONG", 10)
    with pytest.raises(ConfigError) as raised:
        together(text_of(20) + "[[site]]\nid = acme\n")
    assert raised.value.lines[0].startswith("directory.toml: line 162, column 6: ")
