"""Small desks, closed at the end of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.small_desk import SmallDesk


@pytest.fixture
def small_desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[..., SmallDesk]]:
    made: list[SmallDesk] = []

    def make(**settings: str) -> SmallDesk:
        folder = tmp_path / f"desk{len(made)}"
        folder.mkdir()
        made.append(SmallDesk(folder, sqlite_template, **settings))
        return made[-1]

    yield make
    for desk in made:
        desk.close()
