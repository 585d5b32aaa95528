"""The generated pages agree with the tables they are made from, and are valid Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail.cli.reference import PAGES
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.endings import Ending, HeldReason, Rule
from sitmail.domain.notice_purposes import PURPOSES
from sitmail.domain.verbs import STAFF

TOP = Path(__file__).parents[2]


def cells(line: str) -> int:
    return line.replace("\\|", "").count("|") - 1


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_up_to_date(name: str) -> None:
    assert (TOP / "docs/reference" / name).read_text("utf-8") == PAGES[name](), "python -m sitmail.cli.reference"


@pytest.mark.parametrize("name", PAGES)
def test_every_row_has_as_many_cells_as_its_table(name: str) -> None:
    for block in PAGES[name]().split("\n\n"):
        widths = {cells(line) for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1, block


def test_nothing_of_the_tables_is_left_out() -> None:
    page = PAGES["commands.md"]()
    assert [name for name in (*STAFF, *CUSTOMER) if f"`/{name}" not in page] == []
    assert [name for name in PURPOSES if f"`{name}`" not in PAGES["letters.md"]()] == []
    endings = PAGES["endings-and-reasons.md"]()
    assert [one for one in (*Ending, *HeldReason, *Rule) if f"| {one} | {one.meaning} |" not in endings] == []
