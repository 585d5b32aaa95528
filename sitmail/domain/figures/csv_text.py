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


def csv_text(table: Table, zone: str, said: Said = str, language: str = "en", *, for_people: bool = True) -> str:
    """The file's text.  `for_people`: as a spreadsheet of that language opens it, else as programs read it."""
    comma = for_people and language.partition("-")[0] in _COMMA_DECIMALS
    lines = _Lines()
    writer = csv.writer(lines, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow([_head(said(one.head), one.kind, zone, said) for one in table.columns])
    rows = [*table.rows, table.total] if table.total else table.rows
    kinds = [one.kind for one in table.columns]
    for row in rows:
        writer.writerow([_cell(cell, kind, zone, said, comma) for cell, kind in zip(row, kinds, strict=True)])
    return (BOM if for_people else "") + "".join(lines)


def safe(text: str) -> str:
    """Text that no spreadsheet computes."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _head(name: str, kind: Kind, zone: str, said: Said) -> str:
    if kind in (Kind.WORKED, Kind.WALL):
        return f"{name} ({said(HOURS)})"
    return f"{name} ({zone})" if kind is Kind.MOMENT else name


def _cell(cell: Cell, kind: Kind, zone: str, said: Said, comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Moment):
        return _cell(cell.when, kind, cell.zone, said, comma)
    if isinstance(cell, datetime):
        return f"{cell.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return safe(said(cell))
    written = _number(cell, kind)
    return written.replace(".", ",") if comma else written


def _number(value: float, kind: Kind) -> str:
    if kind in (Kind.WORKED, Kind.WALL):
        return f"{value / 3600:.4f}"
    return f"{value:.4f}" if kind is Kind.SHARE else str(value)
