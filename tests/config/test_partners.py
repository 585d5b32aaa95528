"""Trackers and order desks of the configuration: what the policy has of them, and what is said of wrong rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitmail.config.mistakes import ConfigError
from sitmail.domain.people import Kind
from tests.config.test_loading import ALICE, DESK, load

TRACKER = '[[tracker]]\nid = "{0}"\naddresses = ["{0}@example.net"]\nreference = "BUG-[0-9]+"\n'
DESKS = '[[order_desk]]\nid = "{0}"\naddresses = ["{0}@example.net"]\nreference = "no ([0-9]+)"\n'

TWICE = TRACKER.format("a") + TRACKER.format("a").replace('"a"', '"b"')


def test_the_policy_knows_them(tmp_path: Path) -> None:
    text = DESK + ALICE + TRACKER.format("jira") + 'steps = "warn"\n' + DESKS.format("shop") + 'types = ["rma"]\n'
    text += '[[product]]\nid = "lamp"\ntracker = "jira"\nmanager = "alice"\n'
    loaded = load(tmp_path, text)
    tracker, desk = loaded.policy.partners
    assert (tracker.kind, tracker.id, tracker.steps) == (Kind.TRACKER, "jira", "warn")
    assert (desk.kind, desk.addresses, desk.types) == (Kind.ORDER_DESK, ("shop@example.net",), ("rma",))
    assert tracker.reference is not None and desk.reference is not None
    whole, group = tracker.reference.search("see bug-12"), desk.reference.search("it is no 77.")
    assert whole is not None and whole[1] == "bug-12"
    assert group is not None and group[1] == "77"
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            TWICE,
            "tracker[1].addresses: 'a@example.net' is already an address of tracker[0]",
        ),
        (
            TRACKER.format("a") + DESKS.format("a"),
            "order_desk[0].addresses: 'a@example.net' is already an address of tracker[0]",
        ),
        (
            TRACKER.format("a").replace("a@example.net", "alice@example.com"),
            "tracker[0].addresses: 'alice@example.com' is already an address of engineer[0]",
        ),
        ('[[product]]\nid = "lamp"\ntracker = "jira"\n', "product[0].tracker: no tracker 'jira'"),
        ('[[product]]\nid = "lamp"\nmanager = "bob"\n', "product[0].manager: no engineer 'bob'"),
        (TRACKER.format("a").replace("BUG-[0-9]+", "(B)-([0-9]+)"), "at most one group"),
        (
            "".join(DESKS.format(one) + f'types = ["{one}", "rma"]\n' for one in "ab"),
            "'rma' goes to order_desk[0] already",
        ),
        (
            TRACKER.format("a") + "default = true\n" + TRACKER.format("b") + "default = true\n",
            "tracker[0] is it already",
        ),
    ],
)
def test_mistakes(tmp_path: Path, written: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, DESK + ALICE + written)
    assert any(says in line for line in refused.value.lines)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            '[[tracker]]\nid = "a"\naddresses = ["a@example.net"]\n',
            "tracker[0].reference: without it no number is read",
        ),
        ('[[product]]\nid = "lamp"\nmanager = "alice"\n', "product[0].manager: 'alice' hears of no bug"),
        (
            TRACKER.format("a") + TRACKER.format("b") + '[[product]]\nid = "lamp"\n',
            "product[0].tracker: its bugs go nowhere",
        ),
    ],
)
def test_warnings(tmp_path: Path, written: str, says: str) -> None:
    assert any(says in line for line in load(tmp_path, DESK + ALICE + written).warnings)
