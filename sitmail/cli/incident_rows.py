"""CSV files of old incidents: one row an incident, or one row an update; rows with the same number are one incident.

A row is put aside as it is (`import_staging`), and read when all rows of its incident are together.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sitmail.cli import csv_rows
from sitmail.cli import incident_cells as cells
from sitmail.cli.failure import Failure
from sitmail.cli.import_staging import NUMBERED, Part, Staging
from sitmail.domain.imported import ImportedUpdate
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.update import Direction, Event, LegKind

CELL_MAX = 1_000_000  # characters
# Each column with what stands in it.  The how-to page has the same table.
COLUMNS: Mapping[str, str] = {
    "number": "the incident's number, or its reference; it is kept. Without one it gets a new number",
    "title": "what it is about",
    "status": "where it stands, as here or in words such as open, resolved; absent: see below",
    "closing_status": "how it was closed; absent: `[closing] default`",
    "opened": "when; absent: when its first update was written",
    "closed": "when; absent: when its last update was written",
    "contact": "the customer's mail address",
    "contact_name": "and name",
    "site": "id or name of a site of the directory; absent: the contact's",
    "owner": "id, name or address of an engineer; of a closed incident anybody's name",
    "priority": "as in the configuration, by id or name; absent: the default",
    "product": "as in the configuration",
    "reason": "as in the configuration, `general` or `general/specific`",
    "customer_reference": "how the customer calls it",
    "tags": "words, with blanks or commas between them",
    "at": "of an update: when it was written; absent: when the incident was opened",
    "author": "of an update: a mail address, or an engineer; absent: the contact",
    "audience": "of an update: public or internal; absent: a customer's are public, all others internal",
    "text": "of an update: the words",
}
OF_UPDATES = ("at", "author", "audience", "text")
SPELLED = {
    **{"id": "number", "ticket": "number", "subject": "title", "summary": "title", "created": "opened"},
    **{"email": "contact", "e-mail": "contact", "customer": "contact", "resolved": "closed", "body": "text"},
}


@record
class Options:
    """`ignored` are names of columns; `staff` addresses and @domains; `status` that of incidents which name none."""

    policy: Policy
    now: datetime
    encoding: str = "utf-8-sig"
    ignored: Collection[str] = ()
    staff: Collection[str] = ()
    status: str = ""


class Columns(NamedTuple):
    """The incident's own values out of its rows, each with the place where it stands, and their updates."""

    values: Mapping[str, tuple[str, str]] = {}
    updates: Sequence[ImportedUpdate] = ()


# --- putting rows aside


def stage(path: Path, options: Options, staging: Staging, mistakes: list[str], read: Callable[[int], None]) -> None:
    """Every row of a file.  `read` is told of each row.  Raises Failure where the file cannot be read."""
    try:
        names = _names(path, options, mistakes)
        for row in csv_rows.rows(path, options.encoding, "surrogateescape"):
            place = f"{path.name}: row {row.row}"
            values = {names[name]: value for name, value in row.cells.items() if names.get(name)}
            wrong = [*_unreadable(values, options), *(["has more cells than the first row"] if row.surplus else [])]
            mistakes += [f"{place}: {one}" for one in wrong]
            if not wrong and values:
                _put(values, place, options, staging, mistakes)
            read(1)
    except (OSError, UnicodeError, LookupError) as error:
        raise Failure(f"{path} cannot be read: {error}", os.EX_NOINPUT) from error
    except csv.Error as error:
        mistakes.append(f"{path.name}: is no CSV that can be read: {error}")


def _names(path: Path, options: Options, mistakes: list[str]) -> dict[str, str]:
    """What each column is called here; "" for one that is left out."""
    written = csv_rows.names_of(path, options.encoding, "surrogateescape")
    mistakes += [f"{path.name}: row 1: {wrong}" for wrong in _unreadable({name: name for name in written}, options)]
    ignored = {one.strip().lower() for one in options.ignored}
    names: dict[str, str] = {}
    for name in written:
        low = name.lower().replace(" ", "_").replace("-", "_")
        meant = SPELLED.get(name.lower(), low)
        if {name.lower(), low} & ignored or not name:
            names[name] = ""
        elif meant not in COLUMNS:
            near = difflib.get_close_matches(low, COLUMNS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(COLUMNS)}"
            mistakes.append(f"{path.name}: row 1: unknown column {name!r}; {hint} --ignore {name!r} leaves it out")
        elif meant in names.values():
            mistakes.append(f"{path.name}: row 1: two columns mean {meant!r}")
        else:
            names[name] = meant
    if not {"title", "text"} & set(names.values()):
        mistakes.append(
            f"{path.name}: row 1: expected a column 'title' or 'text', not {', '.join(written) or 'nothing'}"
        )
    return names


def _unreadable(values: Mapping[str, str], options: Options) -> Iterator[str]:
    for name, value in values.items():
        if len(value) > CELL_MAX:
            yield f"{name}: {len(value):,} characters; expected at most {CELL_MAX:,}"
        elif not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            yield f"{name}: {_undecoded(options)}"


def _undecoded(options: Options) -> str:
    name = options.encoding.removesuffix("-sig")
    return f"has bytes that are not {name}; --encoding names another, such as cp1252"


def _put(values: Mapping[str, str], place: str, options: Options, staging: Staging, mistakes: list[str]) -> None:
    digest = hashlib.sha256(json.dumps(sorted(values.items())).encode()).hexdigest()
    key = f"row {digest}"
    if "number" in values:
        try:
            key = f"{NUMBERED}{cells.number(values['number'], options.policy)}"
        except ValueError as why:
            mistakes.append(f"{place}: number: {why}")
            return
    staging.add(key, Part(place, "row", digest, dict(values)))


# --- reading the rows of an incident


def columns(parts: Sequence[Part], options: Options, mistakes: list[str]) -> Columns:
    """Values and updates of one incident's rows."""
    values: dict[str, tuple[str, str]] = {}
    for part in parts:
        for name, value in part.value.items():
            if name in OF_UPDATES or name == "number":
                continue
            before, where = values.setdefault(name, (value, part.place))
            if before != value:
                mistakes.append(
                    f"{part.place}: {name}: expected {cells.shown(before)} as in {where}, not {cells.shown(value)}"
                )
    updates = []
    for part in parts:
        if part.value.get("text"):
            updates += _update(part, values, options, mistakes)
    return Columns(values, updates)


def _update(
    part: Part, values: Mapping[str, tuple[str, str]], options: Options, mistakes: list[str]
) -> list[ImportedUpdate]:
    """The update of a row, if it can be read."""
    row: Mapping[str, Any] = part.value
    policy = options.policy
    name = ""
    try:
        name = "at" if "at" in row else "opened"
        written = row.get("at") or values.get("opened", ("", ""))[0]
        if not written:
            raise ValueError("expected a moment, as the incident has none either")
        at = cells.moment(written, policy, options.now)
        name = "author"
        by = cells.writer(row.get("author") or values.get("contact", ("", ""))[0], policy, options.staff)
        name = "audience"
        usual = LegKind.INTERNAL if by.staff else LegKind.PUBLIC
        leg = cells.audience(row["audience"]) if "audience" in row else usual
    except ValueError as why:
        mistakes.append(f"{part.place}: {name}: {why}")
        return []
    return [
        ImportedUpdate(
            at,
            str(leg),
            str(Direction.OUT if by.staff else Direction.IN),
            str(Event.NOTE if leg is LegKind.INTERNAL else Event.ANSWER if by.staff else Event.CUSTOMER),
            **by._asdict(),
            text=row["text"],
            place=part.place,
        )
    ]
