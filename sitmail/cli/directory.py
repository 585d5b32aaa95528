"""`sitmail directory import` and `export`: sites, contacts, contracts and units as files."""

from __future__ import annotations

import getpass
import json
import os
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sitmail.cli import directory_rows
from sitmail.cli.directory_rows import Row
from sitmail.cli.failure import Failure
from sitmail.cli.here import loaded
from sitmail.cli.importing import Ask, Progress, asking, refuse
from sitmail.cli.setup import found
from sitmail.config import references

PART = 40_000  # characters of one question to the daemon, which takes 64 KB
NOTHING = {"action": "import", "rows": {}, "origin": "", "dry": True}


def directory(asked: Namespace) -> int:
    action, *files = asked.words
    if action == "export" and not files:
        return _export(asked)
    if action == "import" and len(files) == 1:
        return _import(asked, Path(files[0]))
    if action == "merge" and len(files) == 2:
        return _merge(asked, *files)
    sentence = "sitmail directory: write import FILE.toml, import FILE.csv, export, or merge ADDRESS INTO"
    raise Failure(sentence, os.EX_USAGE)


# --- import


def _import(asked: Namespace, path: Path) -> int:
    mistakes: list[str] = []
    rows = directory_rows.read(path, mistakes)
    mistakes += directory_rows.twice(rows)
    mistakes += _unknown(asked, path, rows)
    refuse(mistakes)
    origin = f"import {path.name}"
    with asking(asked, "directory", NOTHING) as ask_desk:
        differing, told = _checked(ask_desk, rows, origin)
        if not asked.dry_run:
            _written(ask_desk, differing, origin)
    if asked.json:
        print(json.dumps({"rows": len(rows), **told, "written": not asked.dry_run}))
    else:
        end = "A dry run: nothing was written." if asked.dry_run else "All are written."
        same = len(rows) - len(differing)
        print(f"{len(rows)} rows: {told['new']} new, {told['changed']} changed, {same} as they were.  {end}")
    return os.EX_OK


def _unknown(asked: Namespace, path: Path, rows: Sequence[Row]) -> Iterator[str]:
    """A line for each name of the configuration that a row refers to and that is not declared there."""
    policy = loaded(found(asked)).policy
    known = {
        "engineer": list(policy.engineers),
        "calendar": list(policy.calendars),
        "service_level": list(policy.service_levels),
    }
    wanted = [(place, table) for place, table in references.DIRECTORY_REFERENCES if table in known]
    for row in rows:
        for line in references.dangling(path.name, {row.table: [row.values]}, known, wanted):
            yield line.replace(f"{path.name}: {row.table}[0]", row.place, 1)


def _checked(ask_desk: Ask, rows: Sequence[Row], origin: str) -> tuple[list[Row], dict[str, int]]:
    """The rows that the store does not have just so, and how many are new and changed.  A wrong one raises Failure."""
    differing: list[Row] = []
    told = {"new": 0, "changed": 0}
    mistakes: list[str] = []
    bar = Progress("checking", len(rows))
    before: set[str] = set()  # sites and contracts of earlier parts
    for part in _parts(rows):
        answer = _ask_part(ask_desk, part, origin, sorted(_named(part, before)), dry=True)
        at = _numbered(part)
        mistakes += [f"{at[kind, number].place}: {sentence}" for kind, number, sentence in answer["mistakes"]]
        same = {id(at[kind, number]) for kind, number in answer["same"]}
        differing += [row for row in part if id(row) not in same]
        before |= {f"{row.table} {row.values.get('id')}" for row in part if row.table in ("site", "contract")}
        for name in told:
            told[name] += answer[name]
        bar.add(len(part))
    bar.end()
    refuse(mistakes)
    return differing, told


def _written(ask_desk: Ask, rows: Sequence[Row], origin: str) -> None:
    """Has each part written by a transaction of its own.  Raises Failure if what is there has changed meanwhile."""
    bar = Progress("writing", len(rows))
    for part in _parts(rows):
        answer = _ask_part(ask_desk, part, origin, [], dry=False)
        at = _numbered(part)
        mistakes = [f"{at[kind, number].place}: {sentence}" for kind, number, sentence in answer["mistakes"]]
        if mistakes:
            raise Failure(mistakes[0], os.EX_TEMPFAIL, f"{bar.done} rows were written; import the file again.")
        bar.add(len(part))
    bar.end()


def _ask_part(ask_desk: Ask, part: Sequence[Row], origin: str, known: Sequence[str], *, dry: bool) -> Any:
    tables: dict[str, list[dict[str, Any]]] = {}
    for row in part:
        tables.setdefault(row.table, []).append(row.values)
    return ask_desk({"action": "import", "rows": tables, "origin": origin, "dry": dry, "known": known})


def _numbered(part: Sequence[Row]) -> dict[tuple[str, int], Row]:
    """The rows by table and number, as answers name them."""
    count: Counter[str] = Counter()
    found = {}
    for row in part:
        found[row.table, count[row.table]] = row
        count[row.table] += 1
    return found


def _named(part: Sequence[Row], before: set[str]) -> set[str]:
    """Sites and contracts of earlier parts that this one names: a dry run has not written them."""
    named = {f"site {row.values.get('site')}" for row in part}
    named |= {f"contract {row.values.get('contract')}" for row in part}
    return named & before


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(json.dumps(row.values)) + 2
        if size > PART:
            yield part
            part, size = [], 0
    if part:
        yield part


# --- merge


def _merge(asked: Namespace, one: str, other: str) -> int:
    """The record at the first address becomes part of that at the second."""
    args = {"action": "merge", "one": one, "other": other, "by": getpass.getuser()}
    with asking(asked, "directory", NOTHING) as ask_desk:
        told = ask_desk(args)
    sentence = f"{told['merged']} is {told['into']} now; incidents that moved: {told['incidents']}."
    print(json.dumps(told) if asked.json else sentence)
    return os.EX_OK


# --- export


def _export(asked: Namespace) -> int:
    """TOML on standard output, read straight from the store: a directory may be long."""
    from sitmail.services import directory_export  # noqa: PLC0415 - loads the store
    from sitmail.store.database import StoreError, open_reader  # noqa: PLC0415

    settings = loaded(found(asked))
    try:
        with closing(open_reader(settings.store.url)) as reader, reader.read() as connection:
            lines = directory_export.changes(connection) if asked.changes else directory_export.lines(connection)
            for line in lines:
                print(line)
    except StoreError as error:
        raise Failure(f"{error}.", os.EX_UNAVAILABLE) from error
    return os.EX_OK
