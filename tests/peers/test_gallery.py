"""Pages of letters in a real browser, and what any program must make of them."""

from __future__ import annotations

import os
import re

import pytest

from tests.gallery import browser
from tests.gallery.letters import letters

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not browser.CHROMIUM, reason="no chromium: make peers")]
PAGES = {one.name: one for one in letters()}


LOOKS = [(320, False), (320, True), (700, False), (700, True)]
ALL = os.environ.get("LETTERS") == "all"


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_every_page_fits_is_read_easily_and_fetches_nothing(width: int, dark: bool) -> None:
    """Every page in one of the looks, so that each letter, which has many pages, is seen in all; or all in all."""
    pages = list(PAGES) if ALL else list(PAGES)[LOOKS.index((width, dark)) :: len(LOOKS)]
    measured = browser.measured({name: PAGES[name].page for name in pages}, width, dark)
    assert measured.keys() == set(pages)
    trouble = {
        name: {key: found[key] for key in ("overflow", "low", "small", "remote") if found[key]}
        for name, found in measured.items()
    }
    assert {name: found for name, found in trouble.items() if found} == {}
    for name, found in measured.items():
        assert (found["lang"], found["dir"]) == (PAGES[name].language, "ltr"), name
        assert found["title"], name


def test_the_measure_sees_what_is_wrong() -> None:
    bad = (
        '<body style="background:#fff"><p style="color:#aaa">pale</p>'
        '<a class="button" href="mailto:a@example.com">x</a>'
        '<img src="https://t.example.net/p.gif"><div style="width:900px">wide</div>'
    )
    found = browser.measured({"bad": bad}, 320)["bad"]
    assert found["overflow"] > 0
    assert found["low"] == ["pale (2.3)"]
    assert found["small"] == ["x"]
    assert len(found["remote"]) == 1


@pytest.mark.parametrize("one", PAGES.values(), ids=PAGES)
def test_text_and_page_are_well_formed(one) -> None:
    assert max(map(len, one.text.splitlines())) <= 78 or max(map(len, one.text.split())) > 60, one.text
    assert len(one.page.encode()) < 60_000
    assert re.search(r"%\(\w+\)s|\{\{|None|Undefined", one.text + one.page) is None
