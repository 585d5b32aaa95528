"""Reads the rows of a CSV file: columns by their names, cells without blanks round them, in bounded memory.

The first row names the columns, which stand between commas, semicolons or tabs.  What they mean is not known here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

CELL_MAX = 32 << 20  # characters: a quotation mark that is never closed must not take the rest of a long file
DELIMITERS = ",;\t"


class CsvRow(NamedTuple):
    """`row` counts as a spreadsheet does, the first row with the names being 1; `line` is its last line in the file.

    `surplus`: it has more cells than the first row has names.
    """

    row: int
    line: int
    cells: Mapping[str, str]
    surplus: bool


def names_of(path: Path, encoding: str = "utf-8-sig", errors: str = "strict") -> list[str]:
    """The names in the first row.  Raises OSError, UnicodeDecodeError, csv.Error."""
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        return _reader(file)[1]


def rows(path: Path, encoding: str = "utf-8-sig", errors: str = "strict") -> Iterator[CsvRow]:
    """Every row with its filled cells.  Raises OSError, UnicodeDecodeError, csv.Error."""
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        reader, names = _reader(file)
        for row, cells in enumerate(reader, 2):
            if cells:
                filled = {name: value for name, cell in zip(names, cells, strict=False) if (value := cell.strip())}
                yield CsvRow(row, reader.line_num, filled, any(cell.strip() for cell in cells[len(names) :]))


def _reader(file: IO[str]) -> tuple[Any, list[str]]:
    """The reader behind the first row, and the names in that."""
    csv.field_size_limit(CELL_MAX)
    head = file.readline(CELL_MAX)
    file.seek(0)
    reader = csv.reader(file, delimiter=max(DELIMITERS, key=head.count))
    return reader, [name.strip() for name in next(reader, ())]
