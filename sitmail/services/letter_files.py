"""Which files go with a letter: those of the entries it is about, as long as they fit and may be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sitmail.domain.article_letters import ARTICLES
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.services.letter_plan import PlannedLetter
from sitmail.services.views import FileView

MBOX = "application/mbox"
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


def beside_words(letter: PlannedLetter, limit: int) -> tuple[FileView, ...]:
    """What goes with a report, its tables and perhaps a picture; and the files of an article with what shows it."""
    listed = enumerate(_listed(letter), 1)
    files = tuple(FileView(place, name, size, sha256) for place, (name, _, sha256, size, *_rest) in listed)
    return files if letter.purpose in REPORTS else travelling(files, letter, limit)[0]


def type_of(letter: PlannedLetter, sha256: str) -> str:
    """The type of such a file; "" for any other."""
    if letter.purpose is NoticePurpose.CUSTOMER_SHOW and letter.notices[0].tell.detail.get("mbox"):
        return MBOX
    return next((kind for _, kind, found, *_rest in _listed(letter) if found == sha256), "")


def _listed(letter: PlannedLetter) -> Sequence[Sequence[Any]]:
    detail = letter.notices[0].tell.detail
    shows = letter.purpose in ARTICLES and detail["what"] in ("", "show", "print")
    listed: Sequence[Sequence[Any]] = detail.get("files", ()) if shows or letter.purpose in REPORTS else ()
    return listed
