"""Fixtures: a desk as its own process, and a private Postfix."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
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
def instance() -> Iterator[Postfix]:
    """A Postfix that is not started yet."""
    if shutil.which("postfix") is None:
        pytest.skip("needs postfix (make peers)")
    if os.geteuid() != 0:
        pytest.skip("needs root to start a private postfix")
    instance = real_postfix.make()
    yield instance
    with suppress(subprocess.CalledProcessError):  # it may not have been started
        instance.control("stop")
    shutil.rmtree(instance.folder)


@pytest.fixture
def postfix(desk: Desk, instance: Postfix) -> Postfix:
    """A Postfix that hands mail to the desk by LMTP over loopback."""
    real_postfix.start(instance, desk.lmtp, "inet")
    return instance
