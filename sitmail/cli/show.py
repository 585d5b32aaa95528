"""Formats answers as text for people.  Values come in the form of JSON; every text goes through `safe`."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sitmail.cli.table import safe, safe_lines, table

Row = Mapping[str, Any]
INDENT = "    "
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)  # as answers give moments
# The fields at the top of an incident, in this order; empty ones are left out.
HEAD = (
    "status_label",
    "closing_status",
    "priority",
    "owner",
    "temporary_owner",
    "team",
    "contact",
    "site",
    "contract",
    "product",
    "service_level",
    "customer_reference",
    "opened",
    "updated",
    "closed",
    "next_action",
    "next_action_at",
    "closure_requested",
    "held_reason",
)


def incidents(rows: Sequence[Row]) -> Iterator[str]:
    yield from _listed(
        ("number", "status", "priority", "owner", "contact", "due", "title"),
        [
            (
                row["number"],
                row["closing_status"] or row["status_label"],
                row["priority"],
                f"{row['owner']} ({row['temporary_owner']})" if row["temporary_owner"] else row["owner"],
                (row["contact"] or {}).get("address"),
                " ".join(filter(None, (when(row["due"]), "LATE" if row["late"] else ""))),
                row["title"],
            )
            for row in rows
        ],
        "No incidents.",
    )


def reports(found: Any) -> Iterator[str]:
    yield from table(["name", "asked as", "answers"], [[one["name"], one["usage"], one["answers"]] for one in found])


def report(value: Any) -> Iterator[str]:
    """A report as letters set it out, in English."""
    from sitmail.sending.letters.figures import fields_of, text  # noqa: PLC0415 - other verbs do without

    span = value["period"]
    yield safe(value["title"]) + (f", {span['first']} to {span['last']} ({span['timezone']})" if span else "")
    yield from map(safe, value["about"])
    for one in value["tables"]:
        if not one["rows"]:
            continue
        columns = [[head["name"], head["kind"], False] for head in one["columns"]]
        fields = fields_of(columns, one["rows"], one["total"] or (), value["timezone"], str, "en")
        yield from ("", safe(one["title"]), "", *map(safe, text(*fields)))
    if value["notes"]:
        yield from ("", *map(safe, value["notes"]))


def queues(rows: Sequence[Row]) -> Iterator[str]:
    yield from _listed(("name", "search"), _cells(rows, ("name", "search")), "There are no queues.")


def incident(value: Row) -> Iterator[str]:
    yield safe(f"{value['reference']} {value['title']}") + ("  LATE" if value["late"] else "")
    yield ""
    yield from fields({key: value[key] for key in HEAD} | ({"reports": value["reports"]} if value["reports"] else {}))
    if value["participants"]:
        yield ""
        rows = [(p["role"], p["name"], p["address"], p["level"]) for p in value["participants"]]
        yield from table(("role", "name", "address", "level"), rows)
    if value["links"]:
        yield ""
        heads = ("link", "to", "detail", "since", "by")
        yield from table(
            heads,
            [(one["kind"], one["reference"], one["detail"], when(one["at"]), one["by"]) for one in value["links"]],
        )
    if value["targets"]:
        yield ""
        targets = [(t["name"], t["state"], when(t["due"]), when(t["met_at"])) for t in value["targets"]]
        yield from table(("target", "state", "due", "met"), targets)
    if value.get("levels"):
        yield ""
        levels = [(one["name"], one["state"], when(one["due"]), "pinned" * one["pinned"]) for one in value["levels"]]
        yield from table(("level", "state", "due", ""), levels)
    for update in value["updates"]:
        yield ""
        yield from _update(update)


def inbox(rows: Sequence[Row]) -> Iterator[str]:
    heads = ("id", "received", "from", "subject", "ending", "incident", "reason")
    yield from _listed(heads, _cells(rows, heads), "No mail was ever kept here.")


def ignored(rows: Sequence[Row]) -> Iterator[str]:
    heads = ("from", "count", "rule", "reason", "last", "id", "subject")
    yield from _listed(heads, _cells(rows, heads), "Nothing was ignored.")


def outbox(rows: Sequence[Row]) -> Iterator[str]:
    heads = ("id", "incident", "to", "subject", "state", "next_attempt", "last_error")
    shown = [row if row["subject"] is not None else {**row, "subject": f"({row['purpose']})"} for row in rows]
    yield from _listed(heads, _cells(shown, heads), "Every letter has left.")


def held(rows: Sequence[Row]) -> Iterator[str]:
    heads = ("id", "received", "from", "subject", "reason", "text")
    yield from _listed(heads, _cells(rows, heads), "Nothing is held.")


def one(value: Row) -> Iterator[str]:
    """One row of a list, one field a line, followed by its files and its text."""
    shown = {key: entry for key, entry in value.items() if key not in ("words", "files")}
    if shown.get("decided") == shown.get("reason"):  # said once is enough
        shown.pop("decided", None)
    yield from fields(shown)
    for file in value.get("files") or ():
        size = f", {file['size']} bytes" if "size" in file else ""
        yield safe(f"[{file['name']}, {file['type']}{size}]")
    if value.get("words"):
        yield ""
        yield from safe_lines(str(value["words"]).rstrip("\n"), INDENT)


def status(value: Row, late: Sequence[str]) -> Iterator[str]:
    daemon = value["daemon"]
    running = f"runs since {when(daemon['started'])}" if daemon["running"] else "does not run"
    yield safe(f"{'daemon:':11}{running}{': ' if daemon['listeners'] else ''}{', '.join(daemon['listeners'])}")
    for part in ("inbox", "outbox", "held", "notices", "incidents"):
        if value[part] is None:
            continue
        counts = [f"{key.replace('_', ' ')} {count}" for key, count in value[part].items() if isinstance(count, int)]
        oldest = when(value[part].get("oldest"))
        yield f"{part + ':':11}" + ", ".join(counts) + (f" (oldest {oldest})" if oldest else "")
    for folder in (value["mailboxes"] or {}).get("left_alone", ()):
        place = f"{folder['account']} ({folder['folder']})"
        yield safe(f"mailbox:   {folder['mails']} older mails of {place} were left alone (first in [[imap]])")
    for absence in value["absences"] or ():
        what = "is away" if absence["kind"] == "away" else "takes no new work"
        end = f" until {when(absence['until'])}" if absence["until"] else ""
        yield safe(f"{'people:':11}{absence['engineer']} {what} from {when(absence['since'])}{end}")
    errors = (value["outbox"] or {}).get("last_errors")
    if errors:
        yield ""
        heads = ("id", "to", "state", "attempts", "last_error")
        yield from table(heads, _cells(errors, heads), _width())
    yield ""
    yield from [_sentence(one) for one in (*value["needs"], *late)] or ["All is well."]


def _sentence(text: str) -> str:
    """A sentence with its moments as people read them."""
    return RFC_3339.sub(lambda match: when(match[0]), safe(text))


def explained(value: Row) -> Iterator[str]:
    """One mail as `explain` shows it: how it was read, and what would be done."""
    shown = ("kind", "message_id", "subject", "from", "to", "cc", "date", "incident", "rule")
    yield safe(str(value["file"]))
    yield from (INDENT + line for line in fields({key: value.get(key) for key in shown}))
    for key in ("commands", "effects", "defects", "attachments"):
        for entry in value.get(key) or ():
            yield f"{INDENT}{key.removesuffix('s')}: {_deed(entry)}"
    if value.get("new_text"):
        yield from safe_lines(str(value["new_text"]).rstrip("\n"), INDENT + "| ")


def fields(value: Row) -> Iterator[str]:
    """`name: value` lines; empty values are left out."""
    shown = {key: text for key, entry in value.items() if (text := _words(entry))}
    width = max((len(key) for key in shown), default=0) + 1
    for key, text in shown.items():
        yield f"{key.removesuffix('_label').replace('_', ' ') + ':':{width}} {text}"


def when(moment: str | None) -> str:
    """A moment in UTC, as 2026-01-02 10:00Z, because the reader's time zone is unknown."""
    return "" if not moment else f"{moment[:10]} {moment[11:16]}Z"


def _update(update: Row) -> Iterator[str]:
    state = " ".join(filter(None, (update["status"], f"({update['owner']})" if update["owner"] else "")))
    parts = (update["id"], when(update["at"]), update["event"], update["audience"], _words(update["author"]), state)
    yield "  ".join(safe(part) for part in parts if part)
    if update["text"]:
        yield from safe_lines(update["text"].rstrip("\n"), INDENT)
    for file in update["attachments"]:
        yield INDENT + safe(f"[{file['name']}, {file['type']}, {file['size']} bytes]")


def _listed(heads: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> Iterator[str]:
    if not rows:
        yield nothing
        return
    yield from table([head.replace("_", " ").upper() for head in heads], rows, _width())


def _cells(rows: Sequence[Row], heads: Sequence[str]) -> list[list[object]]:
    moments = ("received", "next_attempt")
    return [[when(row[head]) if head in moments else row[head] for head in heads] for row in rows]


def _deed(value: object) -> str:
    """An effect: its name, and its values in brackets."""
    if not isinstance(value, Mapping) or "effect" not in value:
        return _words(value)
    about = _words({key: entry for key, entry in value.items() if key != "effect"})
    return _words(value["effect"]) + (f" ({about})" if about else "")


def _words(value: object) -> str:
    """Any JSON value in one line."""
    if value is None or value is False:
        return ""
    if isinstance(value, Mapping):
        if set(value) == {"name", "address"}:
            name, address = value["name"], value["address"]
            return safe(f"{name} <{address}>" if name and address else str(name or address or ""))
        return ", ".join(f"{key} {_words(entry)}" for key, entry in value.items() if _words(entry))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_words, value)))
    return when(value) if isinstance(value, str) and RFC_3339.fullmatch(value) else safe(str(value))


def _width() -> int | None:
    """Columns of the terminal; None if the output is not a terminal, so that lines are not cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
