"""What rows say about each other: every name leads somewhere, nothing is declared twice, one default at most.

Works on what TOML gave, not on checked tables, so that these mistakes are told in one go with all others; whatever
has a wrong type is passed over here, since it was told there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sitmail.config.mistakes import Place, mistake, quoted, suggestion
from sitmail.domain.address import comparable

Data = Mapping[str, Any]

PRIORITIES = ("low", "medium", "high", "critical")
# Where a name stands, and the table it leads to.
REFERENCES = (
    ("desk.team", "team"),
    ("desk.default_owner", "engineer"),
    ("mailbox.team", "team"),
    ("mailbox.owner", "engineer"),
    ("mailbox.product", "product"),
    ("service_level.calendar", "calendar"),
    ("service_level.target.priority", "priority"),
    ("engineer.teams", "team"),
    ("engineer.manager", "engineer"),
    ("engineer.substitute", "engineer"),
    ("engineer.skills", "skill"),
    ("team.on_duty", "engineer"),
    ("imap.address", "mailbox"),
    ("maildir.address", "mailbox"),
    ("route.mailbox", "mailbox"),
    ("route.product", "product"),
    ("route.reason", "reason"),
    ("route.owner", "engineer"),
    ("route.team", "team"),
)
DIRECTORY_REFERENCES = (
    ("site.account_manager", "engineer"),
    ("site.calendar", "calendar"),
    ("contact.site", "site"),
    ("contract.site", "site"),
    ("contract.product", "product"),
    ("contract.service_level", "service_level"),
    ("contract.calendar", "calendar"),
    ("unit.site", "site"),
    ("unit.contract", "contract"),
)
# By what a table's rows are called; every other table by its id.
CALLED = {"service_level": "name", "calendar": "name", "queue": "name", "mailbox": "address", "unit": "serial"}
LABELS = {"service_level": "service level"}
# Labels without a row of their own do no harm as long as nobody declares any.
ONLY_IF_DECLARED = frozenset({"skill", "reason"})
UNIQUE = (
    *("engineer", "team", "priority", "product", "skill", "vendor", "tracker", "order_desk", "group", "request_type"),
    *("reason", "resolution", "event_type", "answer", "report", "route", "escalation", "monitor", "form", "block"),
    *("service_level", "calendar", "queue", "mailbox"),
)
ONE_DEFAULT = ("service_level", "priority")


def rows(data: Data, table: str) -> Iterator[tuple[int, Data]]:
    """The rows of a table that are tables, with their numbers."""
    found = data.get(table)
    for i, row in enumerate(found if isinstance(found, list) else []):
        if isinstance(row, dict):
            yield i, row


def texts(value: Any, steps: tuple[str, ...], place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text at a path such as ("engineer", "teams"), through all rows and lists on the way."""
    if isinstance(value, list):
        for i, part in enumerate(value):
            # An item of a list of words is told at the list: engineer[2].teams
            yield from texts(part, steps, place if not steps else (*place, i))
    elif steps and isinstance(value, dict) and steps[0] in value:
        yield from texts(value[steps[0]], steps[1:], (*place, steps[0]))
    elif not steps and isinstance(value, str) and value:
        yield place, value


def names(data: Data) -> dict[str, list[str]]:
    """What may be referred to, by table, with what is built in where a table is absent."""
    found = {
        table: [row[key] for _, row in rows(data, table) if isinstance(row.get(key), str)]
        for table in UNIQUE
        for key in [CALLED.get(table, "id")]
    }
    desk = data.get("desk")
    if isinstance(desk, dict) and isinstance(desk.get("address"), str):
        found["mailbox"].append(desk["address"])
    found["priority"] = found["priority"] or list(PRIORITIES)
    found["calendar"] = found["calendar"] or ["office"]
    return found


def dangling(file: str, data: Data, known: Mapping[str, Iterable[str]], references: Any = REFERENCES) -> list[str]:
    """A line for each name that leads nowhere."""
    lines = []
    for path, table in references:
        there = set(known.get(table, ()))
        same: Callable[[str], str] = comparable if table == "mailbox" else str
        folded = {same(name) for name in there}
        if table in ONLY_IF_DECLARED and not there:
            continue
        for place, name in texts(data, tuple(path.split("."))):
            if same(name) not in folded:
                label = LABELS.get(table, table)
                lines.append(mistake(file, place, f"no {label} {quoted(name)}{suggestion(name, sorted(there))}"))
    return lines


def doubled(file: str, data: Data) -> list[str]:
    """A line for each row whose name another row has already, case aside (commands are case-blind)."""
    lines = []
    for table in UNIQUE:
        key = CALLED.get(table, "id")
        seen: dict[str, int] = {}
        for i, row in rows(data, table):
            name = row.get(key)
            if not isinstance(name, str) or not name:
                continue
            first = seen.setdefault(name.casefold(), i)
            if first != i:
                lines.append(mistake(file, (table, i, key), f"{quoted(name)} is already {table}[{first}]"))
    for table in ONE_DEFAULT:
        defaults = [i for i, row in rows(data, table) if row.get("default") is True]
        lines += [mistake(file, (table, i, "default"), f"{table}[{defaults[0]}] is it already") for i in defaults[1:]]
    for i, level in rows(data, "service_level"):
        seen = {}
        for n, target in rows(level, "target"):
            name = target.get("priority")
            if isinstance(name, str) and seen.setdefault(name, n) != n:
                place = ("service_level", i, "target", n, "priority")
                lines.append(mistake(file, place, f"{quoted(name)} is already target[{seen[name]}]"))
    return lines
