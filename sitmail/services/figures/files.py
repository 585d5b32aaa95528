"""The files that go with a report: each table as a CSV file."""

from __future__ import annotations

import hashlib
from typing import Any

from sitmail.domain.figures.csv_text import csv_text
from sitmail.domain.figures.one_incident import FACTS
from sitmail.domain.figures.tables import Figures
from sitmail.sending.letters.filters import filters
from sitmail.services.desk import Desk
from sitmail.store.blobs import BlobRow

CSV_MOST = 8_000_000  # bytes of one file; a longer one is cut at a row, and the letter says so


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
        content = csv_text(table, zone, said, language).encode()
        if len(content) > CSV_MOST:
            content = content[: content.rfind(b"\r\n", 0, CSV_MOST) + 2]
        row = _stored(desk, content)
        blobs.append(row)
        span = f"-{made.period.first}-{made.period.last}" if made.period else ""
        name = table.name if table.name.startswith(made.report) else f"{made.report}-{table.name}"
        listed.append([f"{name}{span}.csv", "text/csv", row.sha256, row.size])
    return {"files": listed} if listed else {}, tuple(blobs)


def _stored(desk: Desk, content: bytes) -> BlobRow:
    sha256 = hashlib.sha256(content).hexdigest()
    if desk.blobs is None:
        return BlobRow(sha256, len(content), content)
    return desk.blobs.prepare(content, sha256, len(content))
