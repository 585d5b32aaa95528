"""Reads the directory files, checks them against the configuration and each other, and makes domain values of them.

Their keys are declared in `directory_keys`.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sitmail.config import files, references
from sitmail.config.directory_keys import CALLED, NEEDED, TABLES
from sitmail.config.mistakes import ConfigError, idle, mistake, quoted, shown, suggestion
from sitmail.config.tables import DirectoryFiles
from sitmail.domain.directory import DeclaredContact, DeclaredContract, DeclaredSite, DeclaredUnit, Directory
from sitmail.domain.serials import serial_key

Known = Mapping[str, list[str]]
USUAL = DirectoryFiles().files  # these may match no file


def read(
    base: Path, file: str, patterns: list[str], known: Known, ours: Mapping[str, str]
) -> tuple[Directory, list[str], list[str]]:
    """The directory, its mistakes, and warnings about keys without effect and patterns that no file matches.

    `known` holds the names that the configuration declares, `ours` the desk's own addresses.
    """
    lines: list[str] = []
    unmatched: list[str] = []
    parsed: list[tuple[str, dict[str, list[Any]]]] = []
    for i, pattern in enumerate(patterns):
        paths = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207 (patterns may be absolute)
        if not paths and not glob.has_magic(pattern):
            lines.append(mistake(file, ("directory", "files", i), f"there is no file {quoted(pattern)}"))
        elif not paths and patterns != USUAL:
            unmatched.append(mistake(file, ("directory", "files", i), f"no file matches {quoted(pattern)}"))
        for path in (base / name for name in paths):
            try:
                parsed.append((path.name, rows_of(path, lines)))
            except ConfigError as error:
                lines += error.lines
    return _checked(parsed, known, ours, lines), lines, [*unmatched, *_without_effect(parsed)]


def rows_of(path: Path, lines: list[str]) -> dict[str, list[Any]]:
    """A file's tables as lists of raw rows.  Raises ConfigError."""
    data = files.toml_of(path, files.text_of(path))
    tables: dict[str, list[Any]] = {}
    for name, found in data.items():
        if name not in TABLES:
            lines.append(mistake(path.name, (name,), f"unknown table{suggestion(name, TABLES)}"))
        elif not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            lines.append(mistake(path.name, (name,), f"expected tables [[{name}]] in double brackets"))
        else:
            tables[name] = found
    return tables


def _checked(
    parsed: list[tuple[str, dict[str, list[Any]]]], known: Known, ours: Mapping[str, str], lines: list[str]
) -> Directory:
    there = dict(known)
    for table, key in CALLED.items():
        there[table] = [row[key] for _, tables in parsed for row in tables.get(table, ()) if _named(row, key)]
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    seen: dict[tuple[str, str], str] = {(address, "address"): key for address, key in ours.items()}
    for file, tables in parsed:
        for table, rows in tables.items():
            for i, row in enumerate(rows):
                values = row_values(file, table, i, row, lines) | {"origin": f"file {file}"}
                lines += _once((file, table, i), values, seen)
                found[table].append(values)
        lines += references.dangling(file, tables, there, references.DIRECTORY_REFERENCES)
    if lines:
        return Directory()
    return Directory(
        sites=tuple(DeclaredSite(**{"name": row["id"], **row}) for row in found["site"]),
        contacts=tuple([DeclaredContact(**{"name": "", **row}) for row in found["contact"]]),
        contracts=tuple(DeclaredContract(**row) for row in found["contract"]),
        units=tuple(DeclaredUnit(**row) for row in found["unit"]),
    )


def _without_effect(parsed: list[tuple[str, dict[str, list[Any]]]]) -> Iterator[str]:
    """A line for each file and key, or table where none of its keys has an effect."""
    for file, tables in parsed:
        for table, rows in tables.items():
            keys = {name for name, key in TABLES[table].items() if key.later}
            if keys == TABLES[table].keys():
                yield idle(file, (table,))
                continue
            written = {name for row in rows for name in keys.intersection(row)}
            yield from (idle(file, (table, name)) for name in TABLES[table] if name in written)


def _named(row: Mapping[str, Any], key: str) -> bool:
    return isinstance(row.get(key), str)


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
    return values


def _once(row: tuple[str, str, int], values: Mapping[str, Any], seen: dict[tuple[str, str], str]) -> Iterator[str]:
    """A line for each id, address and site's domain that another row, in any of the files, already has."""
    file, table, i = row
    claims: list[tuple[str, str, str]] = []
    if table in CALLED and CALLED[table] in values:
        called = values[CALLED[table]]
        claims.append((CALLED[table], serial_key(called) if table == "unit" else called.casefold(), table))
    claims += [("addresses", address, "address") for address in values.get("addresses", ())]
    claims += [("domains", name, "domain") for name in values.get("domains", ())]
    mine = f"{file}: {table}[{i}]"
    for key, name, kind in claims:
        first = seen.setdefault((name, kind), mine)
        if first != mine:
            yield mistake(file, (table, i, key), f"{quoted(name)} is already in {first.removeprefix(f'{file}: ')}")
