"""Each cell of the table of who is told, played: what happens on a desk on which everybody has one role.

Nobody gets a letter whom the table does not name, in any of three modes: the contact hears all, and the configuration
adds nothing; he hears what is important, and it adds all that it may; he hears people's words alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pytest

from sitmail.domain.who_is_told import TABLE, Cell, Happening, Role, When, wants
from tests.letters.script import Step, step
from tests.letters.told_cells import WRITTEN
from tests.letters.told_desk import (
    OPENING,
    OUR_WORDS,
    PARTICIPANTS,
    PROVED,
    QUEUE,
    ROLES,
    SHARED,
    TOLD,
    UNOWNED,
    letters_of,
)

H, R = Happening, Role
MODES = {"alone": "all", "told": "important", "replies": "replies"}  # and the level of the contact
PART = {R.OWNER, R.TEMPORARY_OWNER, R.FORMER_OWNER, R.WATCHER, R.ON_DUTY}
ABOVE = {R.MANAGER, R.ACCOUNT_MANAGER, R.ADMIN}
Did = str | Step


@dataclass(frozen=True)
class Play:
    """What is done on that desk, and what that is to whom.

    `inside`: to staff who have a part, `above`: to others of staff, where it is something else.
    `roles`: who has another role than usual, or none; `beside`: letters of other rules; `says`: what a letter holds.
    """

    what: tuple[Happening, ...]
    act: Did
    before: tuple[Did, ...] = SHARED
    inside: tuple[Happening, ...] | None = None
    above: tuple[Happening, ...] | None = None
    config: str = ""
    roles: Mapping[str, Role | None] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def to(self, role: Role) -> tuple[Happening, ...]:
        other = self.inside if role in PART else self.above if role in ABOVE else None
        return self.what if other is None else other

    @property
    def cast(self) -> dict[str, Role]:
        return {who: role for who, role in {**ROLES, **self.roles}.items() if role is not None}


def answers(who: str, text: str, letter: str = "answer") -> Step:
    return step({"from": who, "answers": f"{who} {letter}", "text": text})


def nobody(*names: str) -> dict[str, Role | None]:
    return dict.fromkeys(names)


def promised(target: str) -> str:
    hours = ", ".join(f"{day} = ['00:00-24:00']" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    always = f"[[config.calendar]]\nname = 'always'\nweek = {{ {hours} }}\n"
    level = "[[config.service_level]]\nname = 'standard'\ncalendar = 'always'\n"
    return f"{always}{level}target = [{{ priority = 'medium', {target} }}]\n"


def bounced(letter: str) -> Step:
    failed = "Reporting-MTA: dns; relay.example.org\n\nFinal-Recipient: rfc822; jane@acme.example.net\n"
    status = {"name": "status", "type": "message/delivery-status", "text": f"{failed}Action: failed\nStatus: 5.1.1"}
    return step(
        {
            "from": "daemon",
            "envelope": "",
            "to": f"return path of {letter}",
            "subject": "Undelivered Mail Returned to Sender",
            "headers": ["Auto-Submitted: auto-replied"],
            "text": "The following address failed.",
            "files": [status],
        }
    )


JANE: dict[str, Role | None] = {"jane": R.WRITER}
CUSTOMERS = nobody("jane", *PARTICIPANTS)
NOBODYS = {**nobody("anna", "bob", "olga", "mia", "lamps"), "dora": R.ON_DUTY}
NOBODY = {**CUSTOMERS, **nobody("anna", "bob", "olga", "nora", "mia", "lamps")}
FIRST = {**nobody("anna", "bob", "nora", "mia", "lamps"), "olga": R.OWNER}  # of a new incident
NOTE = "eve /note\nThey always unplug the wrong one."
ASKED = (*SHARED, f"eve /public\n{OUR_WORDS}")
RESOLVED = (*SHARED, "eve /resolve solved")
CLOSED = (*SHARED, "eve /close solved")
RATED = (*CLOSED, "25h")
VENDOR = (*SHARED, "eve /vendor lamps\nWhich fuse?")
AWAY = (OPENING, "eve /assign anna\n/cc add nora@example.com")
LEFT = (*AWAY, "eve /close solved", "anna /away until friday", "25h")
GONE = {**JANE, **nobody("bob", "lamps"), "dora": R.ON_DUTY}  # nobody stands in for the owner
WATCHING = step({"from": "nora", "to": "command", "headers": [PROVED], "text": "watch site Acme"})
MISUSED = step({"from": "kim", "answers": "jane acknowledgement", "text": "Please close it."})
THANKS = answers("jane", "5\nThanks to all.", "feedback_asked")
BLAME = answers("jane", "1\nNobody called.", "feedback_asked")
END_IT = "/close it prints again\nThank you for your help."
FRESH = step({"from": "jane", "subject": "Scanner stopped", "text": "It smokes, too."})
LOOPING = step(
    {"from": "jane", "subject": "Round", "text": "Round.", "headers": [f"Received: by a{n}" for n in range(60)]}
)
CHASING = "[[config.chase]]\nafter = '1d'\n"
FEEDBACK = "config.feedback = { after = '1d' }\n"
TRACKER = "[[config.tracker]]\nid = 'jira'\nname = 'Jira'\naddresses = ['bugs@tracker.example.com']\n"
KATE = "[[people.contact]]\naddresses = ['kate@acme.example.net']\nname = 'Kate'\nsite = 'acme'\n"
STRICT = "[[config.mailbox]]\naddress = 'support@example.com'\nintake = 'strict'\n"
CONTRACT = "[[people.contract]]\nid = 'acme-1'\nsite = 'acme'\n"
SUBSTITUTE = "[[config.engineer]]\nid = 'anna'\nsubstitute = 'bob'\n"
ALONE = "".join(
    f"[[config.engineer]]\nid = '{one}'\nteams = ['network']\n" for one in ("bob", "nora", "olga", "dora", "dan")
)


def unowned(
    what: Happening,
    act: Did,
    *before: Did,
    config: str = "",
    above: tuple[Happening, ...] | None = None,
    roles: Mapping[str, Role | None] = MappingProxyType({}),
    beside: tuple[str, ...] = (),
) -> Play:
    """The same where nobody owns it."""
    cast = {**NOBODYS, **roles}
    steps = (*UNOWNED, *before)
    return Play((what,), act, steps, above=above, config=config + QUEUE, roles=cast, beside=beside, name="unowned")


PLAYS = (
    Play((H.OPENED,), OPENING, (WATCHING,), roles={**FIRST, "nora": R.WATCHER}),
    Play((H.OPENED,), OPENING, (), config=QUEUE, roles={**NOBODYS, "nora": None}, name="unowned"),
    Play((H.CRITICAL,), "eve /priority critical", inside=(H.STATUS_CHANGED,)),
    Play(
        (H.OWNER_CHANGED,), "eve /assign dan", roles={"dan": R.OWNER, "anna": R.FORMER_OWNER, **nobody("olga", "mia")}
    ),
    unowned(H.OWNER_CHANGED, "eve /assign dan", roles={"dan": R.OWNER}),
    Play((H.ANSWERED,), ASKED[-1]),
    unowned(H.ANSWERED, ASKED[-1]),
    Play((H.VISIBLE_EVENT,), "eve /event visit 45m changed the fuse", inside=(H.NOTED,)),
    Play((H.NOTED,), NOTE),
    unowned(H.NOTED, NOTE),
    Play((H.WROTE,), answers("jane", "It is unplugged now."), roles=JANE),
    Play((H.WROTE,), answers("john", "It is unplugged now."), roles={"john": R.WRITER}, name="by a participant"),
    unowned(H.WROTE, answers("jane", "It smokes more.", "acknowledgement"), roles=JANE),
    Play((H.STATUS_CHANGED,), "eve /hold 3d"),
    Play((H.STATUS_CHANGED,), "4d", (*SHARED, "eve /hold 3d"), name="by the clock"),
    unowned(H.STATUS_CHANGED, "4d", "eve /hold 3d"),
    Play((H.CHASED,), "25h", ASKED, config=CHASING),
    Play((H.UNRESPONSIVE,), "4d", (*ASKED, "25h"), above=(H.UNRESPONSIVE, H.STATUS_CHANGED), config=CHASING),
    unowned(H.UNRESPONSIVE, "4d", ASKED[-1], "25h", above=(H.STATUS_CHANGED,), config=CHASING),
    Play((H.WARNING,), "1h", config=promised("resolution = '2h', warn_at = [0.5]")),
    unowned(H.WARNING, "1h", config=promised("resolution = '2h', warn_at = [0.5]")),
    Play((H.LATE,), "3h", SHARED[:2], config=promised("first_response = '2h', warn_at = []"), roles={"lamps": None}),
    unowned(H.LATE, "3h", config=promised("first_response = '2h', warn_at = []")),
    Play((H.LEVEL_REACHED,), "4h", config="[[config.priority]]\nid = 'medium'\nfollowup = '3h'\n"),
    unowned(H.LEVEL_REACHED, "4h", config="[[config.priority]]\nid = 'medium'\nfollowup = '3h'\n"),
    Play((H.REVIEW_DUE,), "3h", config=promised("review_every = '2h', warn_at = []")),
    unowned(H.REVIEW_DUE, "3h", config=promised("review_every = '2h', warn_at = []")),
    Play((H.FOLLOW_UP_DUE,), "3h", (*SHARED, "eve /next 'ring them' 2h")),
    unowned(H.FOLLOW_UP_DUE, "3h", "eve /next 'ring them' 2h"),
    Play((H.CLOSURE_REQUESTED,), answers("jane", END_IT), roles=JANE),
    Play((H.CLOSURE_REQUESTED,), answers("john", END_IT), roles={"john": R.WRITER}, name="by a participant"),
    unowned(H.CLOSURE_REQUESTED, answers("jane", END_IT, "acknowledgement"), roles=JANE),
    Play((H.RESOLVED,), RESOLVED[-1]),
    Play((H.CLOSED,), CLOSED[-1]),
    Play(
        (H.CLOSED, H.WROTE),
        answers("jane", "Yes, it works.", "resolved"),
        RESOLVED,
        inside=(H.WROTE,),
        roles=JANE,
        says={"john": "[SIT-1] is closed", "ida": "[SIT-1] is closed", "rex": "Yes, it works."},
        name="by words",
    ),
    Play(
        (H.CLOSED,), answers("jane", "/close", "resolved"), RESOLVED, inside=(H.WROTE,), roles=JANE, name="by a command"
    ),
    Play((H.REOPENED,), "eve /reopen", CLOSED),
    Play(
        (H.REOPENED, H.WROTE),
        answers("jane", "It stopped again."),
        CLOSED,
        inside=(H.WROTE,),
        roles=JANE,
        says={"john": "It is now:", "ida": "It is now:"},
        name="by words",
    ),
    Play((H.REOPENED,), answers("jane", "/reopen"), CLOSED, inside=(H.WROTE,), roles=JANE, name="by a command"),
    Play((H.FEEDBACK_ASKED,), "25h", CLOSED, config=FEEDBACK),
    Play((H.FEEDBACK,), THANKS, RATED, config=FEEDBACK, roles=JANE),
    Play((H.FEEDBACK_LOW,), BLAME, RATED, config=FEEDBACK, roles=JANE),
    Play((H.FEEDBACK,), THANKS, LEFT, config=FEEDBACK, roles=GONE, name="while away"),
    Play((H.FEEDBACK_LOW,), BLAME, LEFT, config=FEEDBACK, roles=GONE, name="while away"),
    Play((H.VENDOR_ASKED, H.STATUS_CHANGED), VENDOR[-1], inside=(H.VENDOR_ASKED,)),
    Play(
        (H.VENDOR_WROTE, H.STATUS_CHANGED),
        "lamps > vendor_asked: A slow one.",
        VENDOR,
        inside=(H.VENDOR_WROTE,),
        roles={"lamps": None},
    ),
    unowned(
        H.VENDOR_WROTE,
        "lamps > vendor_asked: A slow one.",
        "eve /vendor lamps\n/keep\nWhich fuse?",
    ),
    Play((H.BUG_FIXED,), "eve /event bug-fixed BUG-7", (*SHARED, "eve /link bug BUG-7"), config=TRACKER),
    unowned(H.BUG_FIXED, "eve /event bug-fixed BUG-7", "eve /link bug BUG-7", config=TRACKER),
    Play((H.JOINED,), "eve /cc add kate@acme.example.net", config=KATE, roles={**CUSTOMERS, "kate": R.PARTICIPANT}),
    Play(
        (H.JOINED,),
        "eve /contact kate@acme.example.net",
        config=KATE,
        roles={**CUSTOMERS, "kate": R.CONTACT},
        name="contact",
    ),
    Play((H.HELD,), MISUSED, beside=("jane token_misused_customer",)),
    unowned(H.HELD, MISUSED, beside=("jane token_misused_customer",)),
    Play(
        (H.REFUSED,),
        FRESH,
        (),
        config=f"{STRICT}{CONTRACT}expires = '2020-12-31'\n",
        roles={**NOBODY, "jane": R.WRITER, "dora": R.ON_DUTY},
    ),
    Play((H.OPENED, H.CONTRACT_LOW), OPENING, (), config=f"{CONTRACT}incidents = 1\n", roles=FIRST),
    Play((H.CONTRACT_ENDS,), "5d", (OPENING,), config=f"{CONTRACT}expires = '2026-04-05'\n", roles=NOBODY),
    Play(
        (H.AWAY,),
        "anna /away until friday",
        AWAY,
        config=SUBSTITUTE,
        above=(H.OWNER_CHANGED,),
        beside=("anna verdict",),
    ),
    Play((H.UNPLACED,), "anna /away until friday", AWAY, config=ALONE, beside=("anna verdict",)),
    Play(
        (H.BACK,),
        "5d",
        (*AWAY, "anna /away until friday"),
        above=(H.OWNER_CHANGED,),
        config=SUBSTITUTE,
        roles={"bob": R.FORMER_OWNER, "olga": None},
    ),
    Play((H.NOT_DELIVERED,), bounced("jane answer")),
    unowned(H.NOT_DELIVERED, bounced("jane acknowledgement")),
    Play((H.OPENED, H.TROUBLE), LOOPING, (), roles={**FIRST, **nobody(*PARTICIPANTS)}),
)


def by_level(one: Play) -> bool:
    return any(cell.when is When.LEVEL for what in one.what for cell in WRITTEN[what].values())


def level_in(one: Play, mode: str) -> str:
    """The contact's."""
    return MODES[mode] if by_level(one) else "all"


def told_by(cell: Cell, mode: str, level: str) -> bool:
    wanted = {
        When.ALWAYS: True,
        When.LEVEL: wants(level, cell.level),
        When.ESCALATION: mode == "told" and wants(level, cell.level),
    }
    return wanted.get(cell.when, mode == "told")


def expected(one: Play, mode: str) -> Mapping[str, list[str]]:
    """The letters of each; words, and what came of them, are one."""
    found: dict[str, list[str]] = {}
    for who, role in one.cast.items():
        level = {"jane": level_in(one, mode), **PARTICIPANTS}.get(who, "")
        cells = [WRITTEN[what][role] for what in one.to(role) if role in WRITTEN[what]]
        letters = {str(cell.purpose) for cell in cells if told_by(cell, mode, level)}
        if letters:
            found[who] = ["words"] if "words" in letters else sorted(letters)
    for who, letter in (line.split() for line in one.beside):
        found[who] = sorted([*found.get(who, []), letter])
    return found


def modes(one: Play) -> list[str]:
    if one.name == "unowned":  # for who is on duty; the others have their letters as elsewhere
        return ["alone"]
    return [mode for mode in MODES if mode != "replies" or (by_level(one) and R.CONTACT in one.cast.values())]


@pytest.mark.parametrize(
    "one, mode",
    [
        pytest.param(
            one,
            mode,
            id=" ".join(filter(None, [*one.what, one.name, mode])),
            marks=[] if mode == "alone" else pytest.mark.slow,
        )
        for one in PLAYS
        for mode in modes(one)
    ],
)
def test_each_hears_what_the_table_says(one: Play, mode: str, tmp_path: Path, sqlite_template: Path) -> None:
    config = [one.config, *([TOLD] if mode == "told" else [])]
    letters = letters_of(tmp_path, sqlite_template, [*one.before, one.act], config, level_in(one, mode))
    left = {who: sorted(letter.purpose for letter in theirs) for who, theirs in letters.items() if who != "eve"}
    assert left == expected(one, mode)
    for who, words in one.says.items():
        assert words in " ".join(letters[who][0].text.split())
    if "ida" in one.says:
        assert "is closed" not in letters["rex"][0].text  # by his level he hears words alone


@pytest.mark.parametrize("what", Happening)
def test_the_table_is_as_it_is_written_here(what: Happening) -> None:
    assert TABLE[what] == WRITTEN[what]


def test_every_cell_is_played() -> None:
    played = {(what, role) for one in PLAYS for role in one.cast.values() for what in one.to(role)}
    assert {(what, role) for what, row in TABLE.items() for role in row} - played == set()
