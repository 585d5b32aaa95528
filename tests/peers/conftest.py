"""Real peers: a desk as its own process, and a private Postfix beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers import real_postfix
from tests.peers.real_desk import Desk
from tests.peers.real_postfix import Postfix


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def postfix(desk: Desk) -> Iterator[Postfix]:
    if shutil.which("postfix") is None:
        pytest.skip("needs postfix (make peers)")
    if os.geteuid() != 0:
        pytest.skip("needs root to start a private postfix")
    instance = real_postfix.start(desk.lmtp)
    yield instance
    instance.control("stop")
    shutil.rmtree(instance.folder)
