"""Which files go with a letter: those of the entries it is about, as long as they fit and may be read."""

from __future__ import annotations

from collections.abc import Sequence

from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.services.letter_plan import PlannedLetter
from sitmail.services.views import FileView

REPORTS = frozenset({NoticePurpose.REPORT, NoticePurpose.REPORT_DUE})


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


def report_files(letter: PlannedLetter) -> tuple[FileView, ...]:
    """What goes with a report: its tables, and perhaps a picture."""
    listed = letter.notices[0].tell.detail.get("files", ()) if letter.purpose in REPORTS else ()
    return tuple(FileView(place, name, size, sha256) for place, (name, _, sha256, size, *_rest) in enumerate(listed, 1))


def type_of(letter: PlannedLetter, sha256: str) -> str:
    """The type of such a file; "" for any other."""
    listed = letter.notices[0].tell.detail.get("files", ()) if letter.purpose in REPORTS else ()
    return next((kind for _, kind, found, *_rest in listed if found == sha256), "")
