"""Records are equal by their fields, and are not changed."""

import subprocess
import sys
from dataclasses import field, replace
from pickle import dumps, loads

import pytest

from sitmail.domain.record import changed, record


@record
class Point:
    x: int
    y: int = 0
    names: tuple[str, ...] = field(default=())

    @property
    def sum(self) -> int:
        return self.x + self.y


def test_records_are_equal_by_their_fields():
    one, same, other = Point(1, 2), Point(1, 2), Point(1, 3)
    assert one == same != other
    assert {one: "found"}[same] == "found"
    assert replace(one, y=3) == other and one.sum == 3
    assert loads(dumps(one)) == one


def test_changed_is_replace_in_less_time():
    one = Point(1, 2)
    assert changed(one, {"y": 3}) == replace(one, y=3) and changed(one, {}) == one == Point(1, 2)
    with pytest.raises(KeyError):
        changed(one, {"z": 3})


def test_there_is_no_room_for_more():
    assert not hasattr(Point(1), "__dict__")


def test_in_development_they_cannot_be_changed():
    """What mypy forbids fails there too."""
    script = (
        "from dataclasses import FrozenInstanceError\n"
        "from sitmail.domain.update import LegKind\n"
        "from sitmail.domain.mail import Address\n"
        "one = Address('Carla', 'carla@example.org')\n"
        "try:\n    one.address = 'eve@example.net'\n"
        "except FrozenInstanceError:\n    print('refused')\n"
    )
    told = subprocess.run([sys.executable, "-X", "dev", "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "refused\n"
