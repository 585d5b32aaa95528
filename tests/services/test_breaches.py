"""A promise that broke and was kept while nobody looked is put on record once; the desk was down, or behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.services.small_desk import ANNA, BOB, JANE, SmallDesk

Desks = Callable[..., SmallDesk]
CLOCK = """
[[calendar]]
name = "always"
week = {{ mon = ["00:00-24:00"], tue = ["00:00-24:00"], wed = ["00:00-24:00"] }}
[[service_level]]
name = "standard"
calendar = "always"
target = [{{ priority = "medium", {promise}, warn_at = [] }}]
"""


def late_on_record(desk: SmallDesk) -> list[str]:
    texts = {row["update"]: row["text"] for row in desk.rows("update_text")}
    return [texts[row["id"]] for row in desk.rows("update") if row["event"] == "sla-late"]


@pytest.mark.parametrize(
    ("promise", "words", "record"),
    [
        ('first_response = "4h"', "Please unplug it.", "first response due Mon 2 Mar 2026, 13:00 (UTC), met Mon 2 Mar"),
        ('problem = "4h"', "/met problem", "problem due Mon 2 Mar 2026, 13:00 (UTC), met Mon 2 Mar 2026, 19:00"),
        ('resolution = "4h"', "/close solved", "resolution due Mon 2 Mar 2026, 13:00 (UTC), met Mon 2 Mar 2026, 19:00"),
        ('update_every = "4h"', "/keep\nStill at it.", "update due Mon 2 Mar 2026, 13:00 (UTC), met Mon 2 Mar 2026"),
        ('review_every = "4h"', "/review", "review due Mon 2 Mar 2026, 13:00 (UTC), met Mon 2 Mar 2026, 19:00 (UTC)"),
        # kept in time
        ('resolution = "12h"', "/close solved", None),
        ('update_every = "12h"', "/keep\nStill at it.", None),
    ],
)
def test_what_broke_and_was_kept_while_nobody_looked(
    small_desk: Desks, promise: str, words: str, record: str | None
) -> None:
    desk = small_desk(more=CLOCK.format(promise=promise))
    desk.say(JANE, "It stopped.", subject="Printer")
    owner = ANNA if desk.rows("incident")[0]["owner"] == "anna" else BOB
    desk.now += timedelta(hours=10)
    desk.say(owner, words, answers=desk.last(owner, "assigned"))
    desk.wait(timedelta(minutes=1))
    found = late_on_record(desk)
    assert [record in one for one in found if record] == [True] * (record is not None)
    assert not [one for one in desk.letters if one.purpose == "sla_late"]
    assert len([row for row in desk.rows("warning") if row["threshold"] == 1.0]) == (record is not None)
    desk.wait(timedelta(hours=1))
    assert late_on_record(desk) == found, "once"


def test_what_was_said_in_time_is_on_record_once(small_desk: Desks) -> None:
    desk = small_desk(more=CLOCK.format(promise='update_every = "4h", resolution = "5h"'))
    desk.say(JANE, "It stopped.", subject="Printer")
    owner = ANNA if desk.rows("incident")[0]["owner"] == "anna" else BOB
    desk.wait(timedelta(hours=6))
    desk.say(owner, "/close solved\nDone.", answers=desk.last(owner, "assigned"))
    desk.wait(timedelta(hours=6))
    assert [one.partition(" ")[0] for one in late_on_record(desk)] == ["update", "resolution"]
