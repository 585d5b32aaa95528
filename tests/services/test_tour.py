"""The tour of one mail in docs/explanation/flow.md is true: its functions are called in its order."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

from tests.services.small_desk import JANE, SmallDesk

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs/explanation/flow.md").read_text("utf-8")
TOUR = PAGE.partition("## The tour of one mail")[2].partition("\n## ")[0]
HOPS = re.findall(r"^\d+\. `([a-z_/]+)\.([A-Za-z_.]+)`", TOUR, re.MULTILINE)
# What goes before the inbox and after the outbox is the wire's: tests of doors and courier play it.
ON_THE_WIRE = {"receiving", "daemon"}
AFTER = {"sending/courier", "sending/relay_smtp"}


@contextmanager
def traced() -> Iterator[list[tuple[str, str]]]:
    """(module, function) of every call into sitmail, in every thread that starts meanwhile."""
    called: list[tuple[str, str]] = []
    root = f"{CHECKOUT / 'sitmail'}/"

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(root):
            called.append((code.co_filename.removeprefix(root).removesuffix(".py"), code.co_qualname))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def test_a_mail_goes_that_way(small_desk: Callable[..., SmallDesk]) -> None:
    with traced() as called:
        small_desk().say(JANE, "The printer is on fire.", subject="Printer")
    expected = [hop for hop in HOPS if hop[0].split("/")[0] not in ON_THE_WIRE and hop[0] not in AFTER]
    assert len(expected) > 10
    rest = iter(called)
    assert [hop for hop in expected if hop not in rest] == []  # `in` goes on where the hop before was found


def test_the_tour_is_short_and_enters_no_room_twice() -> None:
    assert 10 < len(HOPS) <= 20
    rooms = [room for room, _ in groupby(path.split("/")[0] for path, _ in HOPS)]
    entered = [room for room in rooms if room != "services"]
    assert len(entered) == len(set(entered)), entered
