"""A case as it is written: a small TOML file that a stranger can read, and the desk it plays on.

    says = "A contact of a known site writes."       what the case shows, in a sentence
    behaviour = "3"                                  the sections of docs/reference/behaviour.md it belongs to
    before = ["jane opens", "anna answers"]          what happened so far, by the names of `HISTORY`; nothing is checked
    live = false                                     only where the clock is needed: not played through the daemon
    [config.limits] ...  [[people.contact]] ...      how its desk differs from world.toml (rows with the same id merge)

    [[step]]
    from = "jane"                                    somebody of the world, or an address as it stands in From
    answers = "jane answer"                          the last letter of that purpose to that reader ("jane": the last):
                                                     sent to its Reply-To, naming its Message-ID, quoting it below
    text = "..."                                     also: subject to shown_to cc html headers files quote
                                                     envelope message_id program (quotes the letter as that one does)
    after = "2h"                                     time passes first, and the desk looks whenever it wants to;
                                                     `down = "2h"`: nobody looked meanwhile
    reload = { people = {...}, gone = ["jane"] }     the files are changed first, and read again: tables merge, and rows
                                                     of these ids or addresses are taken out (needs `live = false`)
    imported = "number,title,...\n1,..."             old incidents are brought in first: a CSV file or an mbox (needs
                                                     `live = false`)
    held = "accept"                                  somebody decides about the last held mail, as at the command line
    again = true                                     the very same mail as in the step before

    ending = "new"                                   then what is to be seen: how the mail ended, by which `rule`, as
    incident = { status = "active" }                 which held `reason`; which fields of the incident differ, and no
    log = ["jane opened public"]                     others; new entries of the log in order; letters that left, in any
    letters = [{ letter = "anna assigned", has = "smoke" }]    order.  What is not named must not have happened.

A case named by a row of the mission names the owner of each new incident, and how its `clocks` stand.
Entries and letters are "WHO WHAT" or tables with `entry`/`letter` and what they hold: `has` and `hasnt` (texts), `is`
(the whole text of an entry), `reply` (the kind of Reply-To: public note held confirm digest), `proof`, `files`, `page`
(pieces of the source of a letter's page), `event` (for the reader's calendar, as `events.event` reads it).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CASES = HERE / "cases"
WRITING = "The printer on the third floor stopped."
# What people usually do, for the steps before the one that matters.
HISTORY: dict[str, dict[str, Any]] = {
    "opens": {"subject": "Printer stopped", "text": WRITING},
    "opens with john": {"subject": "Printer stopped", "text": WRITING, "cc": ["john@acme.example.net"]},
    "opens another": {"subject": "Coffee is cold", "text": "The coffee machine makes cold coffee."},
    "opens a third": {"subject": "Door stuck", "text": "The door of the cellar does not open."},
    "answers": {"answers": "", "text": "Please unplug it for a minute."},
    "replies": {"answers": "", "text": "It is unplugged now."},
    "notes": {"answers": "", "to": ["note"], "text": "canary: they always unplug the wrong one"},
    "takes": {"answers": "", "text": "/take"},
    "closes": {"answers": "", "text": "/close solved"},
    "closes with words": {"answers": "", "text": "/close solved\nIt was the cable."},
    "links a bug": {"answers": "", "text": "/link bug BUG-7"},
    "defers it": {"answers": "", "text": "/link bug BUG-7\n/priority low\n/close reported-bug"},
    "says it is fixed": {"answers": "", "text": "/event bug-fixed in version 7"},
    "drafts an article": {"answers": "", "text": "/kb"},
    "publishes": {"answers": "", "text": "publish"},
    "asks for closure": {"answers": "", "text": "/close it prints again"},
    "asks whether it works": {"answers": "", "text": "/resolve solved"},
    "overrates": {"answers": "", "text": "10/10"},
    "rates low": {"answers": "", "text": "1\nNobody called."},
    "writes an article": {"answers": "", "to": ["command"], "text": "kb new Printer stopped"},
    "publishes it": {"answers": "", "text": "publish\nDistribution: public\n\nSolution:\nUnplug it."},
    "resolves": {"answers": "", "text": "/status awaiting-closure\nWe changed the cable. Does it work now?"},
}
PARTNERS = ("vendor", "tracker", "order_desk")  # tables of people outside, each with a leg
ROW = re.compile(r"S\d-\d\d(?=-)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Step:
    """One thing that happens and what it brings.  A list may be written as its only element."""

    says: str = ""
    writer: str = ""
    answers: str | None = None
    subject: str = ""
    text: str = ""
    html: str = ""
    to: list[str] = field(default_factory=list)
    shown_to: list[str] = field(default_factory=list)  # in the field To, where `to` is a blind copy
    cc: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    files: list[dict[str, str]] = field(default_factory=list)
    quote: str = "below"  # above between bare attached none
    program: str = ""  # gmail apple outlook "outlook both" mutt
    envelope: str | None = None
    message_id: str = ""
    again: bool = False
    after: str = ""
    down: str = ""
    reload: dict[str, Any] = field(default_factory=dict)
    imported: str = ""
    held: str = ""
    ending: str = ""
    rule: str = ""
    reason: str = ""
    incident: list[dict[str, Any]] = field(default_factory=list)
    log: list[Any] = field(default_factory=list)
    letters: list[Any] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    @property
    def mail(self) -> bool:
        return bool(self.writer) or self.again

    @property
    def decision(self) -> tuple[str, int, str]:
        """What `held` says: the action, an incident, a reason."""
        action, _, about = self.held.partition(" ")
        return (action, int(about), "") if about.isdigit() else (action, 0, about)


@dataclass(frozen=True)
class Case:
    name: str
    says: str
    behaviour: str
    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    live: bool
    config: Mapping[str, Any]
    people: Mapping[str, Any]
    names: Mapping[str, str]  # short name -> "Name <address>"


def every_case() -> list[str]:
    return sorted(str(path.relative_to(CASES).with_suffix("")) for path in CASES.rglob("*.toml"))


def of_row(name: str) -> str:
    """The row of the mission by which a case is named, "" for the others."""
    found = ROW.match(name.rpartition("/")[2])
    return found[0] if found else ""


def world() -> dict[str, Any]:
    """The small desk of all tests: its configuration, its customers, and some others."""
    return tomllib.loads((HERE / "world.toml").read_text("utf-8"))


def read(name: str) -> Case:
    told = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))
    usual = world()
    config = merged(usual["config"], told.pop("config", {}))
    people = merged(usual["people"], told.pop("people", {}))
    names = named(config, people) | usual["others"] | told.pop("others", {})
    case = Case(
        name=name,
        says=told.pop("says"),
        behaviour=str(told.pop("behaviour")),
        before=tuple(earlier(line) for line in told.pop("before", [])),
        steps=tuple(step(row) for row in told.pop("step")),
        live=told.pop("live", True),
        config=config,
        people=people,
        names=names,
    )
    assert not told, f"{name}: unknown {sorted(told)}"
    clock = [one for one in (*case.before, *case.steps) if one.after or one.down or one.reload or one.imported]
    assert not (case.live and clock), f"{name}: after, down, reload and imported need `live = false`"
    return case


def reloaded(case: Case, change: Mapping[str, Any]) -> Case:
    """The case as it goes on after its files were changed."""
    gone = set(change.get("gone", ()))
    config, people = (
        {table: _without(rows, gone) for table, rows in merged(old, change.get(name, {})).items()}
        for name, old in (("config", case.config), ("people", case.people))
    )
    return replace(case, config=config, people=people, names={**named(config, people), **case.names})


def _without(rows: Any, gone: set[str]) -> Any:
    if not isinstance(rows, list):
        return rows
    return [row for row in rows if not (isinstance(row, dict) and gone & {row.get("id"), *row.get("addresses", ())})]


def step(row: dict[str, Any]) -> Step:
    row = {"writer" if key == "from" else key: value for key, value in row.items()}
    lists = {f.name for f in fields(Step) if str(f.type).startswith("list")}
    return Step(**{k: [v] if k in lists and not isinstance(v, list) else v for k, v in row.items()})


def earlier(line: str) -> Step:
    who, _, what = line.partition(" ")
    told = dict(HISTORY[what])
    if "answers" in told:
        told["answers"] = who
    return step({"from": who, **told})


def seconds(written: str) -> timedelta:
    return timedelta(**{UNITS[written[-1]]: float(written[:-1])})


# --- the world


def merged(here: Any, more: Any) -> Any:
    """Tables merge by key, lists of tables by the id of their rows; anything else is replaced."""
    if isinstance(here, dict) and isinstance(more, dict):
        return {**here, **{k: merged(here[k], v) if k in here else deepcopy(v) for k, v in more.items()}}
    if isinstance(here, list) and isinstance(more, list) and all(isinstance(row, dict) for row in (*here, *more)):
        rows = {key(row): row for row in here}
        for row in more:
            rows[key(row)] = merged(rows.get(key(row), {}), row)
        return list(rows.values())
    return deepcopy(more)


def key(row: Mapping[str, Any]) -> str:
    return str(next(row[k] for k in ("id", "address", "addresses", "name", "priority") if k in row))


def named(config: Mapping[str, Any], people: Mapping[str, Any]) -> dict[str, str]:
    """Engineers and partners by id, contacts by the local part of their address."""
    rows = [*config["engineer"], *(row for table in PARTNERS for row in config.get(table, ()))]
    names = {row["id"]: f"{row['name']} <{row['addresses'][0]}>" for row in rows}
    for row in people["contact"]:
        names.setdefault(row["addresses"][0].partition("@")[0], f"{row['name']} <{row['addresses'][0]}>")
    return names


def toml(value: Any) -> str:
    """A value of TOML on one line; a whole document where it is a table at the top."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(item)}" for name, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in value) + '"'
    return str(value)


def document(table: Mapping[str, Any]) -> str:
    return "".join(f"{name} = {toml(value)}\n" for name, value in table.items())
