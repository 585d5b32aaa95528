"""A job of the desk that fails is told to the admins, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sitmail.services.alerts import Alert, alert
from tests.services.small_desk import ADAM, START, SmallDesk


def test_admins_are_told_once_however_long_it_lasts(small_desk: Callable[..., SmallDesk]) -> None:
    desk = small_desk()
    bodies: list[str] = []

    def tell(minutes: int, since: int = 0) -> list[str]:
        one = Alert(
            desk=desk.runtime.desk,
            what="watch loop",
            words="KeyError: 7",
            since=START + timedelta(minutes=since),
            now=START + timedelta(minutes=minutes),
        )
        letters = desk.runtime.database.write(alert, one).result()
        bodies.extend(letter.body for letter in letters)
        return [letter.recipient for letter in letters]

    assert tell(2) == [ADAM]
    assert tell(3) == []
    assert tell(60, since=58) == [ADAM]
    assert "The watch loop of the desk fails since" in bodies[0]
    assert "KeyError: 7" in bodies[0]
