"""Which files go with a letter: those of the entries it is about, as long as they fit and may be read."""

from __future__ import annotations

from collections.abc import Sequence

from sitmail.services.letter_plan import PlannedLetter
from sitmail.services.views import FileView


def travelling(
    files: Sequence[FileView], letter: PlannedLetter, limit: int
) -> tuple[tuple[FileView, ...], tuple[FileView, ...]]:
    """Files that go with a letter, as long as they fit; the bigger ones are named."""
    withheld = {sha256 for one in letter.notices for sha256 in one.tell.detail.get("withheld", ())}
    travel: list[FileView] = []
    kept: list[FileView] = []
    room = limit
    for file in (file for file in files if file.sha256 not in withheld):
        (travel if file.size <= room else kept).append(file)
        room -= file.size if file.size <= room else 0
    return tuple(travel), tuple(kept)
