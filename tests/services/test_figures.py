"""Reports: what letters show, who may read what, and that each comes once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sitmail.domain.figures.catalogue import REPORTS
from tests.services.small_desk import ADAM, ANNA, JANE, KIM, Letter, SmallDesk

CMD = "support+cmd@example.com"


@pytest.fixture
def story(small_desk: Callable[..., SmallDesk]) -> SmallDesk:
    """Two incidents: one went through several statuses and is closed, one is open."""
    desk = small_desk()
    desk.say(JANE, "It burns.", subject="Printer burns")
    brief = desk.last(ANNA, "assigned")
    desk.wait(timedelta(hours=1))
    desk.say(ANNA, "/time 30m rang her\nIs there a red light?", answers=brief)
    desk.wait(timedelta(hours=2))
    desk.say(JANE, "Yes, there is.", answers=desk.last(JANE, "answer"))
    desk.wait(timedelta(hours=1))
    desk.say(ANNA, "/close solved", answers=brief)
    desk.say(KIM, "Cold.", subject="Coffee is cold")
    desk.wait(timedelta(days=1))
    return desk


def ask(desk: SmallDesk, who: str, line: str) -> Letter:
    before = len(desk.letters)
    desk.say(who, line, to=CMD, proof="authenticated")
    desk.wait(timedelta(seconds=1))
    assert desk.since(before) == [(who, "report")], [one.text for one in desk.letters[before:]]
    return desk.last(who, "report")


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_comes(story: SmallDesk, name: str) -> None:
    letter = ask(story, ADAM, f"/report {name}")
    assert max(map(len, letter.text.splitlines())) <= 78
