"""Answers that wait for their time: the daemon reads their mail again as soon as the clock says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from sitmail.daemon import watch_loop
from sitmail.domain.outgoing import Outgoing
from tests.services.small_desk import SmallDesk


def test_the_watch_loop_wakes_the_inbox(small_desk: Callable[..., SmallDesk], monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small_desk()
    desk.say("Jane Doe <jane@acme.example.net>", "The printer stopped.", subject="Printer")
    owner = desk.last("anna@example.com", "assigned")
    desk.say("anna@example.com", "/later 2h\nDoes it print?", answers=owner)
    left: list[Outgoing] = []
    for span, woken in ((timedelta(hours=1), False), (timedelta(hours=3), True)):
        moment = desk.now + span
        monkeypatch.setattr(watch_loop, "now", lambda moment=moment: moment)
        asyncio.run(watch_loop.work(desk.runtime, left.extend))
        assert desk.runtime.mail.is_set() is woken
    assert not left
    desk.now += timedelta(hours=3)
    desk.read()
    assert "Does it print?" in desk.last("jane@acme.example.net", "answer").text
