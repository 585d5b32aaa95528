"""The directory files: sites, contacts, contracts and units, checked and made into domain values.

Desks with 100,000 contacts exist, so this is plain code over a table of keys instead of a model a row, and `plain`
reads the simple files that programs write.
"""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sitmail.config import files, plain, references
from sitmail.config import values as v
from sitmail.config.mistakes import ConfigError, mistake, quoted, shown, suggestion
from sitmail.domain.directory import DeclaredContact, DeclaredContract, DeclaredSite, DeclaredUnit, Directory

Reader = Callable[[Any], Any]
Known = Mapping[str, list[str]]


def text(value: object) -> str:
    if type(value) is not str:
        raise ValueError("expected a text in quotes")
    return v.line(value) if len(value) > 200 or not value.isprintable() else value


def notes(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text in quotes")
    return value


def yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("expected a number of incidents")
    return value


def domain(value: object) -> str:
    found = value.strip().lower().removeprefix("@") if isinstance(value, str) else ""
    if not v.DOMAIN.fullmatch(found):
        raise ValueError('expected a domain such as "example.org"')
    return found


def several(reader: Reader, at_least: int = 0) -> Reader:
    def read_list(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError("expected a list in square brackets")
        if len(value) < at_least:
            raise ValueError("expected at least one")
        return tuple([reader(part) for part in value])

    return read_list


def one_of(*words: str) -> Reader:
    def read_word(value: object) -> str:
        if value not in words:
            near = suggestion(value, words) if isinstance(value, str) else ""
            raise ValueError(f"expected {', '.join(words[:-1])} or {words[-1]}{near}")
        return str(value)

    return read_word


# Every key of a directory file.
KEYS: dict[str, dict[str, Reader]] = {
    "site": {
        "id": v.ident,
        "name": text,
        "domains": several(domain),
        "account_manager": text,
        "territory": text,
        "calendar": text,
        "timezone": v.timezone,
        "language": v.language,
        "internal": yes_or_no,
        "notes": notes,
    },
    "contact": {
        "addresses": several(v.address, 1),
        "name": text,
        "site": text,
        "language": v.language,
        "level": one_of("all", "important", "replies"),
        "phone": text,
        "manager": text,
        "role": one_of("contact", "admin"),
    },
    "contract": {
        "id": v.ident,
        "site": text,
        "product": text,
        "service_level": text,
        "calendar": text,
        "starts": v.day,
        "expires": v.day,
        "incidents": count,
        "contacts": several(v.address),
        "visibility": one_of("nobody", "named", "all"),
    },
    "unit": {"serial": text, "item": text, "site": text, "contract": text, "warranty_until": v.day},
}
NEEDED = {"site": ("id",), "contact": ("addresses",), "contract": ("id", "site"), "unit": ("serial", "item")}
CALLED = {"site": "id", "contract": "id", "unit": "serial"}


def read(
    base: Path, file: str, patterns: list[str], known: Known, ours: Mapping[str, str]
) -> tuple[Directory, list[str]]:
    """The directory and what is wrong with it.

    `known` holds the names that the configuration declares, `ours` the desk's own addresses.
    """
    lines: list[str] = []
    parsed: list[tuple[str, dict[str, list[Any]]]] = []
    for i, pattern in enumerate(patterns):
        paths = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207 (patterns may be absolute)
        if not paths and not glob.has_magic(pattern):
            lines.append(mistake(file, ("directory", "files", i), f"there is no file {quoted(pattern)}"))
        for path in (base / name for name in paths):
            try:
                parsed.append((path.name, rows_of(path, lines)))
            except ConfigError as error:
                lines += error.lines
    return _checked(parsed, known, ours, lines), lines


def rows_of(path: Path, lines: list[str]) -> dict[str, list[Any]]:
    """A file's tables as lists of raw rows.  Raises ConfigError."""
    written = files.text_of(path)
    data = plain.rows(written)
    if data is None:
        data = files.toml_of(path, written)
    tables: dict[str, list[Any]] = {}
    for name, found in data.items():
        if name not in KEYS:
            lines.append(mistake(path.name, (name,), f"unknown table{suggestion(name, KEYS)}"))
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
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in KEYS}
    seen: dict[tuple[str, str], str] = {(address, "address"): key for address, key in ours.items()}
    for file, tables in parsed:
        for table, rows in tables.items():
            for i, row in enumerate(rows):
                values = _row(file, table, i, row, lines)
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


def _named(row: Mapping[str, Any], key: str) -> bool:
    return isinstance(row.get(key), str)


def _row(file: str, table: str, i: int, row: Mapping[str, Any], lines: list[str]) -> dict[str, Any]:
    """The values of one row; what is wrong is left out and told."""
    readers = KEYS[table]
    values = {}
    for key, value in row.items():
        reader = readers.get(key)
        if reader is None:
            lines.append(mistake(file, (table, i, key), f"unknown key{suggestion(key, readers)}"))
            continue
        try:
            values[key] = reader(value)
        except ValueError as error:
            lines.append(mistake(file, (table, i, key), f"{error}, not {shown(value)}"))
    for key in NEEDED[table]:
        if key not in row:
            lines.append(mistake(file, (table, i, key), "missing, but needed"))
    return values


def _once(row: tuple[str, str, int], values: Mapping[str, Any], seen: dict[tuple[str, str], str]) -> Iterator[str]:
    """Tells what another row, in this file or another, has already: ids, addresses, a site's domains."""
    file, table, i = row
    claims: list[tuple[str, str, str]] = []
    if table in CALLED and CALLED[table] in values:
        claims.append((CALLED[table], values[CALLED[table]].casefold(), table))
    claims += [("addresses", address, "address") for address in values.get("addresses", ())]
    claims += [("domains", name, "domain") for name in values.get("domains", ())]
    mine = f"{file}: {table}[{i}]"
    for key, name, kind in claims:
        first = seen.setdefault((name, kind), mine)
        if first != mine:
            yield mistake(file, (table, i, key), f"{quoted(name)} is already in {first.removeprefix(f'{file}: ')}")
