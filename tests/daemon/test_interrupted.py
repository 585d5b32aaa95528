"""A mail at which the process ended counts as failed before it is tried again, and cannot stop the desk for good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitmail.daemon.in_hand import MOST, InHand, Stage
from tests.running_desk import Desk, wait_for
from tests.wire import send

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.launcher = str(Path(__file__).with_name("killed_by_poison.py"))
    yield desk
    desk.stop()


def write(desk: Desk, subject: str) -> None:
    raw = f"From: Jane Doe <jane@example.net>\r\nTo: support@example.com\r\nSubject: {subject}\r\n\r\nIt is dark.\r\n"
    assert send(desk.port, "jane@example.net", ["support@example.com"], raw.encode())[-2].startswith("250")


def killed(desk: Desk) -> bool:
    assert desk.daemon is not None
    if desk.daemon.poll() is None:
        return False
    assert desk.daemon.returncode == -9
    desk.daemon = None
    return True


def inbox(desk: Desk) -> dict[str, dict[str, Any]]:
    rows = json.loads(desk.sitmail("inbox", "--json").stdout)
    return {row["subject"] or "poison": row for row in rows}  # what was never decided shows no subject


def test_a_mail_that_kills_the_process_three_times_is_quarantined_before_the_fourth(desk: Desk) -> None:
    desk.start()
    write(desk, "poison")
    wait_for(lambda: killed(desk))
    for _ in range(2):  # it rests for a second, and for ten; then it is tried again
        desk.start()
        wait_for(lambda: killed(desk))
    desk.start()
    wait_for(lambda: inbox(desk)["poison"]["ending"] == "quarantined")
    assert "ended without a word" in inbox(desk)["poison"]["reason"]
    write(desk, "lamp")
    wait_for(lambda: {row["ending"] for row in inbox(desk).values()} == {"quarantined", "new"})
    assert sorted(inbox(desk)) == ["lamp", "poison"]
    desk.told("quarantine")
    assert desk.daemon is not None
    assert desk.daemon.poll() is None


# --- what is written down


def test_what_is_in_hand_is_found_by_the_next(tmp_path: Path) -> None:
    first = InHand(tmp_path / "in-hand")
    assert first.left == ()
    with first.holding(Stage.PARSED, [7, 8]), first.holding(Stage.DECIDED, [5, 8]):
        assert InHand(tmp_path / "in-hand").left == (7, 8, 5)
    assert InHand(tmp_path / "in-hand").left == ()


def test_what_failed_without_ending_the_process_is_in_hand_no_more(tmp_path: Path) -> None:
    first = InHand(tmp_path / "in-hand")
    with pytest.raises(ValueError, match="no"), first.holding(Stage.PARSED, [7]):
        raise ValueError("no")
    assert InHand(tmp_path / "in-hand").left == ()


def test_it_has_bounds_and_believes_nothing_else(tmp_path: Path) -> None:
    first = InHand(tmp_path / "in-hand")
    with first.holding(Stage.PARSED, range(2 * MOST)):
        assert len(InHand(tmp_path / "in-hand").left) == MOST
    (tmp_path / "in-hand").write_bytes(b"\xff" * 4000)
    assert InHand(tmp_path / "in-hand").left == ()
