"""Checks how rows refer to each other: every name is declared, none is declared twice, at most one is the default.

Works on raw TOML values and not on checked tables, so that these mistakes are reported together with all others.
Values of a wrong type are skipped, because they are reported elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sitmail.config.mistakes import Place, mistake, quoted, suggestion
from sitmail.domain.address import comparable

Data = Mapping[str, Any]

REQUIREMENT = "requirement"  # what [closing] may require: these, and extra fields
REQUIRABLE = ("request_type", "reason", "severity", "product")
PRIORITIES = ("low", "medium", "high", "critical")
# The places of references, and the table that declares the names.
REFERENCES = (
    ("desk.team", "team"),
    ("desk.default_owner", "engineer"),
    ("kb.reviewers", "engineer"),
    ("mailbox.team", "team"),
    ("mailbox.owner", "engineer"),
    ("mailbox.product", "product"),
    ("mailbox.request_type", "request_type"),
    ("service_level.calendar", "calendar"),
    ("service_level.priority", "priority"),
    ("service_level.priority_at_most", "priority"),
    ("service_level.owner", "engineer"),
    ("service_level.team", "team"),
    ("service_level.target.priority", "priority"),
    ("engineer.teams", "team"),
    ("engineer.manager", "engineer"),
    ("engineer.substitute", "engineer"),
    ("engineer.substitutes.*", "engineer"),
    ("engineer.substitutes.<key>", "skill"),
    ("engineer.skills", "skill"),
    ("team.on_duty", "engineer"),
    ("team.on_duty.engineers", "engineer"),
    ("team.on_duty.calendar", "calendar"),
    ("imap.address", "mailbox"),
    ("maildir.address", "mailbox"),
    ("group.service_level", "service_level"),
    ("mailbox.channel", "channel"),
    ("route.mailbox", "mailbox"),
    ("route.product", "product"),
    ("route.reason", "reason"),
    ("route.request_type", "request_type"),
    ("route.owner", "engineer"),
    ("route.team", "team"),
    ("request_type.owner", "engineer"),
    ("request_type.team", "team"),
    ("request_type.service_level", "service_level"),
    ("request_type.asks", "field"),
    ("product.asks", "field"),
    ("product.skill", "skill"),
    ("product.tracker", "tracker"),
    ("product.manager", "engineer"),
    ("reason.skill", "skill"),
    ("severity.priority_at_least", "priority"),
    ("severity.priority_at_most", "priority"),
    ("form.priority_at_most", "priority"),
    ("closing.require", REQUIREMENT),
    ("escalation.priority", "priority"),
    ("closing.defer_at_most", "priority"),
    ("escalation.set_priority", "priority"),
    ("escalation.set_owner", "engineer"),
    ("chase.priority", "priority"),
    ("chase.service_level", "service_level"),
)
DIRECTORY_REFERENCES = (
    ("site.account_manager", "engineer"),
    ("site.calendar", "calendar"),
    ("site.service_level", "service_level"),
    ("contact.site", "site"),
    ("contract.site", "site"),
    ("contract.product", "product"),
    ("contract.service_level", "service_level"),
    ("contract.calendar", "calendar"),
    ("service.contract", "contract"),
    ("unit.site", "site"),
    ("unit.contract", "contract"),
)
# The key that names the rows of a table; rows of all other tables are named by their id.
CALLED = {"service_level": "name", "calendar": "name", "queue": "name", "mailbox": "address", "unit": "serial"}
LABELS = {
    "service_level": "service level",
    "request_type": "request type",
    "order_desk": "order desk",
    REQUIREMENT: "field",
}
# Names in these tables need not be declared unless the table has rows.
ONLY_IF_DECLARED = frozenset({"skill", "channel"})
UNIQUE = (
    *("engineer", "team", "priority", "product", "skill", "vendor", "tracker", "order_desk", "group", "request_type"),
    *(
        "reason",
        "resolution",
        "event_type",
        "answer",
        "report",
        "route",
        "escalation",
        "chase",
        "monitor",
        "form",
        "block",
    ),
    *("service_level", "calendar", "queue", "mailbox", "field", "severity", "status", "closing_status", "channel"),
)
ONE_DEFAULT = ("service_level", "priority", "tracker", "order_desk")


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
            # A mistake in a list of words is reported at the list: engineer[2].teams
            yield from texts(part, steps, place if not steps else (*place, i))
    elif steps in (("*",), ("<key>",)) and isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part if steps == ("*",) else key, (), (*place, key))
    elif steps and isinstance(value, dict) and steps[0] in value:
        yield from texts(value[steps[0]], steps[1:], (*place, steps[0]))
    elif not steps and isinstance(value, str) and value:
        yield place, value


def names(data: Data) -> dict[str, list[str]]:
    """The names that may be referred to, by table; the built-in ones if the table is absent."""
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
    for _, row in rows(data, "reason"):
        general = row.get("id")
        found["reason"] += [f"{general}/{one}" for _, one in texts(row, ("specific",)) if isinstance(general, str)]
    found[REQUIREMENT] = [*REQUIRABLE, *found["field"]]
    return found


def dangling(file: str, data: Data, known: Mapping[str, Iterable[str]], references: Any = REFERENCES) -> list[str]:
    """A line for each reference to a name that is not declared."""
    lines = []
    for path, table in references:
        there = set(known.get(table, ()))
        same: Callable[[str], str] = comparable if table == "mailbox" else str
        folded = {same(name) for name in there}
        if table in ONLY_IF_DECLARED and not there:
            continue
        for place, name in texts(data, tuple(path.split("."))):
            if same(name) not in folded:
                lines.append(undeclared(file, place, table, name, there))
    return lines


def undeclared(file: str, place: Place, table: str, name: str, there: Iterable[str]) -> str:
    """The line for such a name."""
    return mistake(file, place, f"no {LABELS.get(table, table)} {quoted(name)}{suggestion(name, sorted(there))}")


def doubled(file: str, data: Data) -> list[str]:
    """A line for each row whose name an earlier row has; case is ignored, as it is in commands."""
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
