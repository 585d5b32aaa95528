"""The files that go with a report: each table as a CSV file, and the picture of its curve."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from sitmail.domain.figures.csv_text import csv_text
from sitmail.domain.figures.one_incident import FACTS
from sitmail.domain.figures.tables import Figures
from sitmail.domain.sentence import Sentence
from sitmail.reading.formats.written_page import content_id
from sitmail.sending.letters.filters import filters
from sitmail.services.desk import Desk
from sitmail.services.figures import pictures
from sitmail.store.blobs import BlobRow

MOST = 40_000  # rows of one file, which then fits into a mail; the letter says where there are more
CUT = Sentence("Files end after %(count)s rows; sitmail report --csv on the desk's machine has all.", count=MOST)


def files_of(
    made: Figures, desk: Desk, language: str, *, csv: bool = True
) -> tuple[dict[str, Any], tuple[BlobRow, ...]]:
    """What the detail of the letter says of its files, and their rows."""
    said = filters(desk.letters.language(language))["sentence"]
    zone = made.period.zone if made.period else desk.policy.timezone
    listed, blobs = list[list[Any]](), list[BlobRow]()
    for table in made.tables if csv else ():
        if table.name == FACTS or not table.rows:
            continue
        row = _stored(desk, csv_text(table, zone, said, language, most=MOST).encode())
        blobs.append(row)
        span = f"-{made.period.first}-{made.period.last}" if made.period else ""
        name = table.name if table.name.startswith(made.report) else f"{made.report}-{table.name}"
        listed.append([f"{name}{span}.csv", "text/csv", row.sha256, row.size])
    shown = _picture(made, desk, said, listed, blobs)
    if not listed:
        return {}, ()
    cut = any(len(table.rows) > MOST for table in made.tables)
    notes = {"notes": [*made.notes, CUT]} if cut else {}
    return {"files": listed, **notes, **shown}, tuple(blobs)


def _picture(
    made: Figures, desk: Desk, said: Callable[[object], str], listed: list[list[Any]], blobs: list[BlobRow]
) -> dict[str, Any]:
    """What the letter shows of the curve, where there is one that can be drawn; pages alone show pictures."""
    content = pictures.drawn(made.curve, said) if made.curve and desk.letters.pages else b""
    if made.curve is None or not content:
        return {}
    row = _stored(desk, content)
    blobs.append(row)
    listed.append([f"{made.report}.png", "image/png", row.sha256, row.size])
    return {"picture": [content_id(row.sha256), made.curve.title]}


def _stored(desk: Desk, content: bytes) -> BlobRow:
    sha256 = hashlib.sha256(content).hexdigest()
    if desk.blobs is None:
        return BlobRow(sha256, len(content), content)
    return desk.blobs.prepare(content, sha256, len(content))
