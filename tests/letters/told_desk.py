"""A desk on which everybody has one role at the first incident, and who of them got which letter."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sitmail.domain.who_is_told import Role
from tests.letters.desks import DirectDesk, sqlite_store
from tests.letters.replied import Letter, address
from tests.letters.script import Case, Step, merged, named, step, world
from tests.letters.test_letters import Play

DESK = """
config.desk.default_owner = "olga"
config.trust.authserv_id = "mx.example.com"
[config.tell]
manager = []
[[config.team]]
id = "helpdesk"
on_duty = [["dora"]]
[[config.engineer]]
id = "anna"
takes = false
manager = "mia"
[[config.engineer]]
id = "bob"
takes = false
manager = ""
[[config.engineer]]
id = "nora"
takes = false
teams = ["helpdesk"]
[[config.engineer]]
id = "olga"
name = "Olga Old"
addresses = ["olga@example.com"]
teams = ["helpdesk"]
[[config.engineer]]
id = "dora"
name = "Dora Duty"
addresses = ["dora@example.com"]
takes = false
teams = ["helpdesk"]
[[config.engineer]]
id = "dan"
name = "Dan Next"
addresses = ["dan@example.com"]
takes = false
teams = ["helpdesk"]
[[config.engineer]]
id = "alma"
name = "Alma Account"
addresses = ["alma@example.com"]
takes = false
teams = ["management"]
[[config.engineer]]
id = "adam"
name = "Adam Admin"
addresses = ["adam@example.com"]
takes = false
role = "admin"
teams = ["management"]
every_incident = "none"
[[config.engineer]]
id = "eve"
name = "Eve Else"
addresses = ["eve@example.com"]
takes = false
teams = ["helpdesk"]
role = "manager"
[[config.vendor]]
id = "lamps"
name = "Lamps Ltd"
addresses = ["help@lamps.example.com"]
[[config.event_type]]
id = "visit"
name = "Visit"
visible = true
[[people.site]]
id = "acme"
account_manager = "alma"
[[people.contact]]
addresses = ["ida@acme.example.net"]
name = "Ida Imp"
site = "acme"
level = "important"
[[people.contact]]
addresses = ["rex@acme.example.net"]
name = "Rex Rep"
site = "acme"
level = "replies"
"""
# All that the configuration may add.
TOLD = """
[config.tell]
participant = ["opened", "chased"]
manager = ["critical", "reopened", "vendor-asked", "vendor-wrote"]
account_manager = ["opened"]
vendor = ["closed"]
[[config.engineer]]
id = "adam"
every_incident = "all"
[[config.escalation]]
id = "up"
target = "first_response"
at = 1.0
to = ["account-manager", "contact"]
"""
PARTICIPANTS = {"john": "all", "ida": "important", "rex": "replies"}
ROLES = {
    "jane": Role.CONTACT,
    **dict.fromkeys(PARTICIPANTS, Role.PARTICIPANT),
    "anna": Role.OWNER,
    "bob": Role.TEMPORARY_OWNER,
    "olga": Role.FORMER_OWNER,
    "nora": Role.WATCHER,
    "mia": Role.MANAGER,
    "alma": Role.ACCOUNT_MANAGER,
    "adam": Role.ADMIN,
    "lamps": Role.VENDOR,
}
PROVED = "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com"
OUR_WORDS = "Please unplug it for a minute."
OPENING = step({"from": "jane", "subject": "Printer stopped", "text": "It smokes.", "cc": ["john", "ida", "rex"]})


def staff(line: str) -> Step:
    """ "eve /take": a fresh mail of an engineer about the first incident, which bears a proof."""
    who, _, text = line.partition(" ")
    return step({"from": who, "subject": "[SIT-1]", "headers": [PROVED], "text": text})


def done(line: str | Step) -> Step:
    """ "2d" passes, "eve /take" is a fresh mail of staff, "jane > answer: Thanks." answers a letter."""
    if isinstance(line, Step):
        return line
    if " " not in line:
        return step({"after": line})
    who, _, rest = line.partition(" > ")
    letter, _, text = rest.partition(": ")
    return step({"from": who, "answers": f"{who} {letter}", "text": text}) if rest else staff(line)


SHARED: tuple[str | Step, ...] = (
    OPENING,
    "eve /assign anna\n/temp bob\n/cc add nora@example.com",
    "eve /vendor lamps\nThe lamp burns red.",
    "lamps > vendor_asked: It wants a fuse.",
    f"eve /public\n/keep\n{OUR_WORDS}",
)
UNOWNED: tuple[str | Step, ...] = (OPENING, "eve /cc add nora@example.com")
QUEUE = "[[config.mailbox]]\naddress = 'support@example.com'\nassign = 'queue'\nassign_on_first_reply = false\n"


def letters_of(
    folder: Path, template: Path, steps: Iterable[str | Step], config: Iterable[str], level: str
) -> Mapping[str, list[Letter]]:
    """The letters that the last step brings, by reader.  `level`: of the contact."""
    told: dict[str, Any] = world()
    told["people"]["contact"][0]["level"] = level
    for more in (DESK, *config):
        told = merged(told, tomllib.loads(more))
    names = named(told["config"], told["people"]) | told["others"]
    played = [done(one) for one in steps]
    case = Case("told", "", "3", (), tuple(played), False, told["config"], told["people"], names)
    desk = DirectDesk(folder, case, sqlite_store(folder, template))
    play = Play(case, desk)
    short = {address(who): name for name, who in names.items()}
    heard = 0
    try:
        for one in played:
            heard = len(desk.letters)
            play.act(one)
        found: dict[str, list[Letter]] = {}
        for letter in desk.letters[heard:]:
            found.setdefault(short[letter.recipient], []).append(letter)
        return found
    finally:
        play.tables.close()
        desk.close()
