"""Reads a file of directory rows, TOML or CSV, and checks each by the keys that directory files have.

A CSV file has one table; its first line names the keys.  Which table it is follows from them: `serial` is a unit's,
`addresses` a contact's, else `contract` a prepaid service's, else `starts`, `expires` or `incidents` a contract's, else
it is a site's.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sitmail.cli import csv_rows
from sitmail.cli.failure import Failure
from sitmail.config import ConfigError
from sitmail.config.directory_files import row_values, rows_of

SPELLED = {"address": "addresses", "email": "addresses", "e-mail": "addresses", "domain": "domains"}
LISTS = frozenset({"addresses", "domains", "contacts"})
NUMBERS = frozenset({"incidents", "named_max", "free_incidents"})
TRUTHS = frozenset({"internal", "do_not_mail", "feedback"})
YES, NO = frozenset({"true", "yes", "1", "x"}), frozenset({"false", "no", "0"})
OF_CONTRACTS = frozenset({"starts", "expires", "ended", "incidents", "named_max", "visibility"})


class Row(NamedTuple):
    """A row of a table, checked; `place` says where it stands, for a sentence about it."""

    table: str
    place: str
    values: dict[str, Any]


def read(path: Path, mistakes: list[str]) -> list[Row]:
    """The rows of a file, in the order in which they name each other.  Raises Failure where it cannot be read."""
    try:
        raw = list(_csv(path) if path.suffix.lower() == ".csv" else _toml(path, mistakes))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Failure(f"directory: {path} cannot be read: {error}", os.EX_NOINPUT) from error
    except ConfigError as error:
        first, *more = error.lines
        raise Failure(first, os.EX_DATAERR, *more) from error
    rows = []
    for table, place, values in raw:
        lines: list[str] = []
        found = row_values(path.name, table, 0, values, lines)
        mistakes += [re.sub(r"^[^:]*: \w+\[0\]", place, line) for line in lines]
        rows.append(Row(table, place, {name: _plain(value) for name, value in found.items()}))
    order = ("site", "contract", "service", "unit", "contact")
    return sorted(rows, key=lambda row: order.index(row.table))


def _toml(path: Path, mistakes: list[str]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for table, at, row in rows_of(path, mistakes):
        yield table, f"{path.name}: {table}[{at}]", row


def _csv(path: Path) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    names = {name: SPELLED.get(name.lower(), name.lower()) for name in csv_rows.names_of(path)}
    table = _table_of(set(names.values()))
    for row in csv_rows.rows(path):
        cells = {names[name]: value for name, value in row.cells.items()}
        yield table, f"{path.name}: line {row.line}", {name: _meant(name, value) for name, value in cells.items()}


def _table_of(names: set[str]) -> str:
    if "serial" in names:
        return "unit"
    if "addresses" in names:
        return "contact"
    if "contract" in names:
        return "service"
    return "contract" if names & OF_CONTRACTS else "site"


def _meant(name: str, written: str) -> Any:
    """A cell as the value that TOML would have; what does not fit stays text, and is refused as such."""
    if name in LISTS:
        return [part for part in re.split(r"[\s;|]+", written) if part]
    if name in NUMBERS and written.isascii() and written.isdigit():
        return int(written)
    if name in TRUTHS and written.lower() in YES | NO:
        return written.lower() in YES
    return written


def _plain(value: Any) -> Any:
    """For JSON."""
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def twice(rows: list[Row]) -> Iterator[str]:
    """A line for each id, serial number and address that an earlier row of the file has."""
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        claims = [(row.table, str(row.values[name])) for name in ("id", "serial") if name in row.values]
        claims += [("address", where) for where in row.values.get("addresses", ())]
        for claim in claims:
            first = seen.setdefault(claim, row.place)
            if first != row.place:
                yield f"{row.place}: {claim[1]!r} is already in {first}"
