"""A table as a CSV file, for spreadsheets or for programs: what people wrote is never a formula there.

For a spreadsheet in German or French, cells stand between semicolons and decimals have a comma, as these expect it.
Times are hours; moments are those of the reader's zone, which the head names.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sitmail.domain.figures.tables import Cell, Kind, Table
from sitmail.domain.sentence import Moment, Sentence

BOM = "\ufeff"  # without it Excel takes UTF-8 for another encoding
# A cell that begins so would be computed (OWASP, CSV injection); the wide forms are taken for them in some languages.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_COMMA_DECIMALS = ("de", "fr")
HOURS = Sentence("hours")
Said = Callable[[object], str]  # a sentence in the reader's language


class _Lines(list[str]):
    """What the writer of the library writes to."""

    def write(self, line: str) -> None:
        self.append(line)


def csv_text(
    table: Table, zone: str, said: Said = str, language: str = "en", *, for_people: bool = True, most: int | None = None
) -> str:
    """The file's text.  `for_people`: as a spreadsheet of that language opens it, else as programs read it.

    `most`: so many rows, and no total where there are more.
    """
    comma = for_people and language.partition("-")[0] in _COMMA_DECIMALS
    lines = _Lines()
    writer = csv.writer(lines, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow([_head(said(one.head), one.kind, zone, said) for one in table.columns])
    cut = most is not None and len(table.rows) > most
    rows = table.rows[:most] if cut else [*table.rows, *([table.total] if table.total else [])]
    write = _Cells(zone, said, comma=comma).cell
    kinds = [one.kind for one in table.columns]
    for row in rows:
        writer.writerow([write(cell, kind) for cell, kind in zip(row, kinds, strict=True)])
    return (BOM if for_people else "") + "".join(lines)


def safe(text: str) -> str:
    """Text that no spreadsheet computes."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _head(name: str, kind: Kind, zone: str, said: Said) -> str:
    if kind in (Kind.WORKED, Kind.WALL):
        return f"{name} ({said(HOURS)})"
    return f"{name} ({zone})" if kind is Kind.MOMENT else name


class _Cells:
    """Writes cells, of which there may be a million: what is said is translated once."""

    def __init__(self, zone: str, said: Said, *, comma: bool) -> None:
        self._zone, self._said, self._comma = ZoneInfo(zone), said, comma
        self._known: dict[str, str] = {}  # sentences

    def cell(self, cell: Cell, kind: Kind) -> str:
        if cell is None:
            return ""
        if isinstance(cell, str):
            return self._text(cell)
        if isinstance(cell, Moment):
            return f"{cell.when.astimezone(ZoneInfo(cell.zone)):%Y-%m-%d %H:%M}"
        if isinstance(cell, datetime):
            return cell.astimezone(self._zone).isoformat(" ", "minutes")[:16]
        if isinstance(cell, date):
            return cell.isoformat()
        written = _number(cell, kind)
        return written.replace(".", ",") if self._comma else written

    def _text(self, text: str) -> str:
        if not isinstance(text, Sentence):
            return safe(text)
        if text not in self._known:
            self._known[text] = safe(self._said(text))
        return self._known[text]


def _number(value: float, kind: Kind) -> str:
    if kind in (Kind.WORKED, Kind.WALL):
        return f"{value / 3600:.4f}"
    return f"{value:.4f}" if kind is Kind.SHARE else str(value)
