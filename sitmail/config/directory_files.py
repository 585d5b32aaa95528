"""Reads the directory files, checks them against the configuration and each other, and makes domain values of them.

Their keys are declared in `directory_keys`.
"""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sitmail.config import files, references, toml_parts
from sitmail.config.directory_keys import CALLED, NEEDED, ONE_OF, TABLES
from sitmail.config.mistakes import ConfigError, idle, mistake, quoted, shown, suggestion
from sitmail.config.tables import DirectoryFiles
from sitmail.domain.directory import (
    DeclaredContact,
    DeclaredContract,
    DeclaredService,
    DeclaredSite,
    DeclaredUnit,
    Directory,
)
from sitmail.domain.serials import serial_key

Known = Mapping[str, list[str]]
Place = tuple[str, str, int]  # file, table, number of the row
MADE: Mapping[str, Any] = {
    "site": DeclaredSite,
    "contact": DeclaredContact,
    "contract": DeclaredContract,
    "service": DeclaredService,
    "unit": DeclaredUnit,
}
# Of each table the keys that refer to another one, and to which.
REFERENCES: dict[str, list[tuple[str, str]]] = {table: [] for table in TABLES}
for _path, _table in references.DIRECTORY_REFERENCES:
    REFERENCES[_path.partition(".")[0]].append((_path.partition(".")[2], _table))
USUAL = DirectoryFiles().files  # these may match no file


def read(
    base: Path, file: str, patterns: list[str], known: Known, ours: Mapping[str, str]
) -> tuple[Directory, list[str], list[str]]:
    """The directory, its mistakes, and warnings about keys without effect and patterns that no file matches.

    `known` holds the names that the configuration declares, `ours` the desk's own addresses.
    """
    lines: list[str] = []
    unmatched: list[str] = []
    reading = _Reading(known, ours, lines)
    for i, pattern in enumerate(patterns):
        paths = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207 (patterns may be absolute)
        if not paths and not glob.has_magic(pattern):
            lines.append(mistake(file, ("directory", "files", i), f"there is no file {quoted(pattern)}"))
        elif not paths and patterns != USUAL:
            unmatched.append(mistake(file, ("directory", "files", i), f"no file matches {quoted(pattern)}"))
        for path in (base / name for name in paths):
            try:
                reading.file(path)
            except ConfigError as error:
                lines += error.lines
    return reading.directory(), lines, [*unmatched, *reading.without_effect]


def rows_of(path: Path, lines: list[str]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """(table, number, raw row) of a file, a part of it at a time.  Raises ConfigError."""
    count: Counter[str] = Counter()
    refused: set[str] = set()
    for data in toml_parts.parts(path, files.text_of(path), TABLES):
        for name, found in data.items():
            if name in refused:
                continue
            if name not in TABLES:
                lines.append(mistake(path.name, (name,), f"unknown table{suggestion(name, TABLES)}"))
                refused.add(name)
            elif not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
                lines.append(mistake(path.name, (name,), f"expected tables [[{name}]] in double brackets"))
                refused.add(name)
            else:
                yield from ((name, i, row) for i, row in enumerate(found, count[name]))
                count[name] += len(found)


class _Reading:
    """Reads files one after the other and row by row: of many contacts only their checked values are kept."""

    def __init__(self, known: Known, ours: Mapping[str, str], lines: list[str]) -> None:
        self.lines = lines
        self.without_effect: list[str] = []
        self._there = {table: set(names) for table, names in known.items()} | {table: set() for table in CALLED}
        self._found: dict[str, list[Any]] = {table: [] for table in TABLES}
        self._seen: dict[str, dict[str, Place]] = {}  # by kind and name: where it stood first
        self._seen["address"] = {address: (key, "", -1) for address, key in ours.items()}
        self._unknown: list[tuple[Place, str, str, str]] = []  # references: where, key, table, name
        self._texts: dict[str, str] = {}  # ids that stand in many rows, each once in memory

    def file(self, path: Path) -> None:
        """Adds the rows of a file, and its mistakes.  Raises ConfigError."""
        origin = f"file {path.name}"
        written: dict[str, set[str]] = {}
        for table, i, row in rows_of(path, self.lines):
            written.setdefault(table, set()).update(row)
            self._names(path.name, table, i, row)
            values = row_values(path.name, table, i, row, self.lines) | {"origin": origin}
            self.lines += self._twice((path.name, table, i), values)
            if not self.lines:
                values |= {key: self._texts.setdefault(values[key], values[key]) for key in CALLED if key in values}
                self._found[table].append(MADE[table](**self._named(table, values)))
        self.without_effect += _without_effect(path.name, written)

    def directory(self) -> Directory:
        """All of it; an empty one where something is wrong."""
        for (file, table, i), key, named, name in self._unknown:
            if name not in self._there[named]:
                self.lines.append(references.undeclared(file, (table, i, key), named, name, self._there[named]))
        if self.lines:
            return Directory()
        return Directory(
            sites=tuple(self._found["site"]),
            contacts=tuple(self._found["contact"]),
            contracts=tuple(self._found["contract"]),
            services=tuple(self._found["service"]),
            units=tuple(self._found["unit"]),
        )

    def _names(self, file: str, table: str, i: int, row: Mapping[str, Any]) -> None:
        """Notes the name of a row, and the names to which it refers, as far as no row had them so far."""
        called = row.get(CALLED.get(table, ""))
        if isinstance(called, str):
            self._there[table].add(called)
        for key, named in REFERENCES[table]:
            name = row.get(key)
            if isinstance(name, str) and name and name not in self._there[named]:
                self._unknown.append(((file, table, i), key, named, name))

    def _twice(self, row: Place, values: Mapping[str, Any]) -> Iterator[str]:
        """A line for each id, address and site's domain that another row, in any of the files, already has."""
        file, table, i = row
        claims: list[tuple[str, str, str]] = []
        if table in CALLED and CALLED[table] in values:
            called = values[CALLED[table]]
            claims.append((CALLED[table], serial_key(called) if table == "unit" else called.casefold(), table))
        claims += [("addresses", address, "address") for address in values.get("addresses", ())]
        claims += [("domains", name, "domain") for name in values.get("domains", ())]
        for key, name, kind in claims:
            first = self._seen.setdefault(kind, {}).setdefault(name, row)
            if first != row:
                yield mistake(file, (table, i, key), f"{quoted(name)} is already in {_shown(first, file)}")

    @staticmethod
    def _named(table: str, values: dict[str, Any]) -> dict[str, Any]:
        """Where a name is needed: a site's or a service's is its id, a contact's may be empty."""
        if table in ("site", "service"):
            return {"name": values["id"]} | values
        return {"name": ""} | values if table == "contact" else values


def _shown(place: Place, file: str) -> str:
    """Where a row stands: `file` is not named again."""
    there, table, i = place
    if not table:
        return there
    return f"{table}[{i}]" if there == file else f"{there}: {table}[{i}]"


def _without_effect(file: str, written: Mapping[str, set[str]]) -> Iterator[str]:
    """A line for each key of a file, or table where none of its keys has an effect."""
    for table, keys in written.items():
        later = {name for name, key in TABLES[table].items() if key.later}
        if later == TABLES[table].keys():
            yield idle(file, (table,))
            continue
        yield from (idle(file, (table, name)) for name in TABLES[table] if name in keys & later)


def row_values(file: str, table: str, i: int, row: Mapping[str, Any], lines: list[str]) -> dict[str, Any]:
    """The values of one row.  Wrong ones are left out, with a sentence added to `lines`."""
    keys = TABLES[table]
    values = {}
    for key, value in row.items():
        declared = keys.get(key)
        if declared is None:
            lines.append(mistake(file, (table, i, key), f"unknown key{suggestion(key, keys)}"))
            continue
        try:
            values[key] = declared.read(value)
        except ValueError as error:
            lines.append(mistake(file, (table, i, key), f"{error}, not {shown(value)}"))
    for key in NEEDED[table]:
        if key not in row:
            lines.append(mistake(file, (table, i, key), "missing, but needed"))
    if table in ONE_OF and sum(bool(row.get(key)) for key in ONE_OF[table]) != 1:
        lines.append(mistake(file, (table, i), f"needs one of {' and '.join(ONE_OF[table])}, and not both"))
    return values
