"""Every button of every letter, taken from the page that left, and sent back unchanged by its reader.

It does what its label says, or asks for what is missing; sent by somebody else it does nothing.  The mails are as mail
programs make them of a `mailto:` link (RFC 6068): a new mail that answers no other, with address, subject and body of
the link and perhaps the program's own signature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from sitmail.cli.samples import samples
from sitmail.sending.letters.templates import Letters, packaged
from tests.letters.desks import DirectDesk, sqlite_store
from tests.letters.judge import differences
from tests.letters.pages import Button, read
from tests.letters.programs import PROGRAMS
from tests.letters.script import Case, earlier, merged, named, step, world
from tests.letters.test_letters import Play
from tests.letters.writing import Letter, Mail, address, find

DAY = ["00:00-24:00"]
CLOCK = {
    "calendar": [{"name": "always", "week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), DAY)}],
    "service_level": [
        {
            "name": "standard",
            "calendar": "always",
            "target": [{"priority": "medium", "first_response": "4h", "warn_at": [0.5]}],
        }
    ],
}
STEPS = {**CLOCK, "escalation": [{"id": "most", "target": "first_response", "at": 0.7, "to": ["owner"]}]}
LEVELS = {"priority": [{"id": "medium", "followup": "2h"}]}
QUEUE = {"mailbox": [{"address": "support@example.com", "assign": "queue"}]}
HOLD = {"trust": {"unknown_sender": "hold"}}
OPENED, ANSWERED = ["jane opens"], ["jane opens", "anna answers"]
REPLIED, WISHED = [*ANSWERED, "jane replies"], [*ANSWERED, "jane asks for closure"]
ASKED, BOTH = ["jane opens", "anna resolves"], ["jane opens with john", "jane replies"]
RESOLVED = ["jane opens", "anna asks whether it works"]
WITH_WORDS = ["jane opens", "anna closes with words"]
HERS = {"assigned": OPENED, "customer_wrote": REPLIED, "closure_requested": WISHED}  # letters to the owner
Brings = dict[str, Any]  # as the keys of a step of a letter case


def wanted(log: str, letters: list[Any], **incident: Any) -> Brings:
    return {"log": [log] if log else [], "letters": letters, "incident": incident or []}


def reminds(who: str) -> Brings:
    verdict = {"letter": f"{who} verdict", "has": "the owner is reminded on"}
    return wanted(f"{who} changed internal", [verdict], waits=True)


REQUESTED = [{"letter": "anna closure_requested", "has": "it is solved"}, "jane closure_noted"]
OWNS = wanted("", [{"letter": "anna verdict", "has": "are the owner"}])
CLOSED = wanted(
    "anna closed internal", ["anna verdict", "jane customer_closed"], status="closed", closing_status="solved"
)
WATCHED, TENTH = {"monitor": [{"addresses": ["monitor@watch.example.org"]}]}, ["monitor opens"] * 10
WAITS = wanted("anna changed internal", ["anna verdict"], status="awaiting-customer")


def asks_whom(letter: str) -> dict[str, str]:
    """The letter that asks the reader of this one for an address."""
    return {"letter": f"{letter.split()[0]} customer_refused", "has": "whose address?"}


class Pressed(NamedTuple):
    """A button of the last letter of its kind; `brings` is written as in a letter case."""

    before: list[str]
    letter: str
    label: str
    brings: Brings
    config: Mapping[str, Any] = MappingProxyType({})
    after: str = ""  # how long before it leaves

    @property
    def name(self) -> str:
        return f"{self.letter}: {self.label}"


FEEDBACK = {"feedback": {"after": "0", "low": 1}}
OWN_FEEDBACK = {"feedback": {"after": "0", "scale": 2, "low": 0, "question": "Would you ask us again?"}}
RATINGS = ("Very good (5)", "Good (4)", "Fair (3)", "Poor (2)", "Very poor (1)")
TOLD_LOW = [{"letter": f"{who} feedback_given", "has": "is not satisfied"} for who in ("anna", "mia")]
TWICE = {"closing": {"attempts": 2}}
TRACKED = {"tracker": [{"id": "jira", "name": "Jira", "addresses": ["bugs@tracker.example.com"]}]}
BY_ITSELF = {"closing": {"unresponsive": "close"}}
RATED = {
    "jane feedback_asked": [*OPENED, "anna closes"],
    "jane feedback_scale": [*OPENED, "anna closes", "jane overrates"],
}
DRAFTED, REVIEWED = [*OPENED, "anna drafts an article"], {"kb": {"review": True, "reviewers": ["bob"]}}
PRESSED = [
    Pressed(
        DRAFTED,
        "anna article",
        "Publish it",
        wanted("", [{"letter": "anna article", "has": "KB1.1 is published for staff alone."}]),
    ),
    Pressed(
        [*DRAFTED, "anna publishes"],
        "bob article_review",
        "Publish it",
        wanted("", ["bob article", {"letter": "anna article_changed", "has": "Bob Jones published KB1.1."}]),
        REVIEWED,
    ),
    Pressed(
        RESOLVED,
        "jane chased",
        "Yes, it works",
        wanted(
            "jane closed public",
            ["anna customer_wrote", "jane customer_closed"],
            status="closed",
            closing_status="solved",
        ),
        TWICE,
        "25h",
    ),
    Pressed(
        RESOLVED,
        "jane chased",
        "No, still broken",
        wanted("jane email-in public", ["anna customer_wrote"], status="active", resolution=""),
        TWICE,
        "25h",
    ),
    Pressed(
        ANSWERED,
        "jane chased",
        "It is solved",
        wanted("jane closure-requested public", REQUESTED, closure_requested=True, status="active"),
        {},
        "49h",
    ),
    Pressed(
        ANSWERED,
        "anna unanswered",
        "Wait",
        wanted("anna changed internal", ["anna verdict", "jane changed"], status="awaiting-customer"),
        {},
        "97h",
    ),
    Pressed(
        ANSWERED,
        "anna unanswered",
        "Close as no longer relevant",
        wanted(
            "anna closed internal",
            ["anna verdict", "jane customer_closed"],
            status="closed",
            closing_status="no-longer-relevant",
        ),
        {},
        "97h",
    ),
    Pressed(
        ANSWERED,
        "anna unanswered",
        "Open it again",
        wanted("anna reopened internal", ["anna verdict", "jane changed"], status="active", closing_status="", cycle=2),
        BY_ITSELF,
        "97h",
    ),
    Pressed(
        OPENED,
        "jane acknowledgement",
        "It is solved",
        wanted("jane closure-requested public", REQUESTED, closure_requested=True),
    ),
    Pressed(
        ANSWERED,
        "jane answer",
        "It is solved",
        wanted("jane closure-requested public", REQUESTED, closure_requested=True, status="active"),
    ),
    Pressed(
        BOTH,
        "john words",
        "It is solved",
        wanted("john closure-requested public", [REQUESTED[0], "john closure_noted"], closure_requested=True),
    ),
    Pressed(
        ASKED,
        "jane answer",
        "Yes, it works",
        wanted(
            "jane closed public",
            ["anna customer_wrote", "jane customer_closed"],
            status="closed",
            closing_status="solved",
        ),
    ),
    Pressed(
        ASKED,
        "jane answer",
        "No, still broken",
        wanted("jane email-in public", ["anna customer_wrote"], status="active"),
    ),
    Pressed(
        RESOLVED,
        "jane resolved",
        "Yes, it works",
        wanted(
            "jane closed public",
            ["anna customer_wrote", "jane customer_closed"],
            status="closed",
            closing_status="solved",
            waits=False,
        ),
    ),
    Pressed(
        RESOLVED,
        "jane resolved",
        "No, still broken",
        wanted("jane email-in public", ["anna customer_wrote"], status="active", resolution="", waits=False),
    ),
    Pressed(
        [*OPENED, "anna closes"],
        "jane customer_closed",
        "Open it again",
        wanted(
            "jane reopened public", ["anna customer_wrote", "jane changed"], status="active", closing_status="", cycle=2
        ),
    ),
    Pressed(
        [*OPENED, "anna defers it", "anna says it is fixed"],
        "jane bug_fixed",
        "Open it again",
        wanted(
            "jane reopened public", ["anna customer_wrote", "jane changed"], status="active", closing_status="", cycle=2
        ),
        TRACKED,
    ),
    Pressed(
        [*OPENED, "anna links a bug", "anna says it is fixed"],
        "jane bug_fixed",
        "It is solved",
        wanted("jane closure-requested public", REQUESTED, closure_requested=True),
        TRACKED,
    ),
    Pressed(
        WITH_WORDS,
        "jane answer",
        "Open it again",
        wanted(
            "jane reopened public", ["anna customer_wrote", "jane changed"], status="active", closing_status="", cycle=2
        ),
    ),
    *(
        Pressed(before, letter, "Add a colleague", wanted(f"{letter.split()[0]} email-in public", [asks_whom(letter)]))
        for letter, before in {"jane acknowledgement": OPENED, "jane answer": ANSWERED, "john words": BOTH}.items()
    ),
    *(Pressed(before, f"anna {letter}", "Take", OWNS) for letter, before in HERS.items()),
    *(Pressed(before, f"anna {letter}", "Wait", WAITS) for letter, before in HERS.items()),
    Pressed(OPENED, "anna assigned", "Close as solved", CLOSED),
    Pressed(OPENED, "anna escalated", "Take", OWNS, STEPS, "3h"),
    Pressed(OPENED, "anna escalated", "Next action", reminds("anna"), STEPS, "3h"),
    Pressed(TENTH, "anna machine_reports", "Take", OWNS, WATCHED),
    Pressed(TENTH, "anna machine_reports", "Wait", WAITS, WATCHED),
    Pressed(
        TENTH,
        "anna machine_reports",
        "Close as solved",
        wanted("anna closed internal", ["anna verdict"], status="closed", closing_status="solved"),
        WATCHED,
    ),
    Pressed(REPLIED, "anna customer_wrote", "Close as solved", CLOSED),
    Pressed(
        WISHED, "anna closure_requested", "Close as solved", merged(CLOSED, {"incident": {"closure_requested": False}})
    ),
    Pressed(
        OPENED,
        "bob unowned",
        "Take",
        wanted(
            "bob assigned internal", ["anna changed_staff", "bob verdict", "jane changed"], status="active", owner="bob"
        ),
        QUEUE,
    ),
    Pressed(
        OPENED,
        "bob unowned",
        "Close as solved",
        wanted(
            "bob closed internal",
            ["anna changed_staff", "bob verdict", "jane customer_closed"],
            status="closed",
            owner="bob",
            closing_status="solved",
        ),
        QUEUE,
    ),
    Pressed(
        OPENED,
        "bob unowned",
        "Wait",
        wanted("bob changed internal", ["bob verdict", "jane changed"], status="awaiting-customer"),
        QUEUE,
    ),
    Pressed(OPENED, "anna sla_warning", "Take", OWNS, CLOCK, "2h"),
    Pressed(OPENED, "anna sla_warning", "Next action", reminds("anna"), CLOCK, "2h"),
    Pressed(OPENED, "anna sla_late", "Next action", reminds("anna"), CLOCK, "5h"),
    Pressed(OPENED, "anna level_reached", "Take", OWNS, LEVELS, "2h"),
    Pressed(OPENED, "anna level_reached", "Next action", reminds("anna"), LEVELS, "2h"),
    Pressed(
        OPENED,
        "mia sla_late",
        "Take",
        wanted("mia assigned internal", ["anna changed_staff", "jane changed", "mia verdict"], owner="mia"),
        CLOCK,
        "5h",
    ),
    Pressed(
        ["sam opens"],
        "anna held",
        "Accept",
        wanted(
            "sam opened public",
            ["anna assigned", "sam acknowledgement_stranger"],
            contact="sam",
            owner="anna",
        ),
        HOLD,
    ),
    Pressed(
        ["sam opens"],
        "anna held",
        "Reject",
        {"ending": "refused", "letters": [{"letter": "anna verdict", "has": "why?"}]},
        HOLD,
    ),
    Pressed(["sam opens"], "anna held", "Spam", wanted("", ["anna verdict"]), HOLD),
    *(
        Pressed(before, letter, label, wanted("jane feedback internal", TOLD_LOW if "(1)" in label else []), FEEDBACK)
        for letter, before in RATED.items()
        for label in RATINGS
    ),
    *(
        Pressed(before, letter, label, wanted("jane feedback internal", []), OWN_FEEDBACK)
        for letter, before in RATED.items()
        for label in ("2 of 2", "1 of 2")
    ),
    *(
        Pressed(before, letter, "Do not ask me again", wanted("jane email-in public", ["jane customer_done"]), FEEDBACK)
        for letter, before in RATED.items()
    ),
    Pressed(
        [*OPENED, "anna closes", "jane rates low"],
        "anna feedback_given",
        "Open it again",
        wanted("anna reopened internal", ["anna verdict", "jane changed"], status="active", closing_status="", cycle=2),
        FEEDBACK,
    ),
    Pressed(
        ["kim opens another", "anna writes an article", "anna publishes it", "jane opens"],
        "jane acknowledgement",
        "This solved it",
        wanted(
            "jane closure-requested public",
            [{"letter": "bob closure_requested", "has": "KB1 solved it"}, "jane closure_noted"],
            number=2,
            closure_requested=True,
        ),
    ),
]


FOOTER_TOLD = {
    **dict.fromkeys(("Add a colleague", "Do not ask me again"), "anna customer_wrote"),
    **dict.fromkeys((*RATINGS[:4], "2 of 2", "1 of 2"), "anna feedback_given"),
}
FIRST = tuple({one.label: one for one in reversed(PRESSED)}.values())  # of each label the first letter


def sent(button: Button, who: str, program: str) -> Mail:
    """The mail that a program makes of a button."""
    kind, body = PROGRAMS[program](button.field("body"), None)
    message_id = f"<button.{program}@{address(who).rpartition('@')[2]}>"
    head = {"From": who, "To": button.address, "Subject": button.field("subject"), "Message-ID": message_id}
    head |= {"MIME-Version": "1.0", "Content-Type": kind}
    raw = "\n".join([*(f"{name}: {value}" for name, value in head.items()), "", body]).replace("\n", "\r\n")
    return Mail(address(who), (button.address,), raw.encode(), address(who), message_id)


class Pressing:
    """A desk on which the letter with the button has left."""

    def __init__(self, folder: Path, template: Path, pressed: Pressed) -> None:
        usual = world()
        settings = merged(usual["config"], dict(pressed.config))
        names = named(settings, usual["people"]) | usual["others"]
        before = tuple(map(earlier, pressed.before))
        self.case = Case(pressed.name, "", "9", before, (), False, settings, usual["people"], names)
        self.desk = DirectDesk(folder, self.case, sqlite_store(folder, template))
        self.play = Play(self.case, self.desk)
        for one in before:
            self.play.act(one)
        if pressed.after:
            self.play.act(step({"after": pressed.after}))
        self.letter: Letter = find(names, self.desk.letters, pressed.letter)
        self.button = next(one for one in read(self.letter.page).buttons if one.label == pressed.label)

    def by(self, who: str, program: str) -> tuple[Mapping[str, Any], list[Letter], list[str]]:
        """What the mail of that person brings: changes of the tables, letters, and which laws they break."""
        mail = sent(self.button, self.case.names[who], program)
        self.play.wrote.setdefault(mail.author, set()).add(mail.message_id)
        self.desk.receive([mail])
        fresh, self.play.heard = self.desk.letters[self.play.heard :], len(self.desk.letters)
        return self.play.tables.look(), fresh, self.play.lawless(fresh)


@pytest.fixture
def press(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[Pressed], Pressing]]:
    made: list[Pressing] = []

    def on_a_desk(pressed: Pressed) -> Pressing:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Pressing(folder, sqlite_template, pressed))
        return made[-1]

    yield on_a_desk
    for one in made:
        one.play.tables.close()
        one.desk.close()


@pytest.mark.parametrize(
    "pressed, program",
    [(one, "gmail") for one in PRESSED] + [(one, other) for one in FIRST for other in ("outlook", "mutt")],
    ids=lambda one: one.name if isinstance(one, Pressed) else one,
)
def test_a_button_does_what_it_says(pressed: Pressed, program: str, press: Callable[[Pressed], Pressing]) -> None:
    who, made = pressed.letter.split()[0], press(pressed)
    if program == "mutt" and (told := FOOTER_TOLD.get(pressed.label)):  # its footer may be words: staff see the mail
        pressed = pressed._replace(brings=merged(pressed.brings, {"letters": [*pressed.brings["letters"], told]}))
    seen, letters, lawless = made.by(who, program)
    expected = step({"from": who, "ending": "applied", **pressed.brings})
    trouble = lawless + differences(expected, seen, letters, made.case.names)
    assert not trouble, "\n".join(trouble)


@pytest.mark.parametrize("pressed", FIRST, ids=lambda one: one.name)
def test_a_button_of_somebody_else_does_nothing(pressed: Pressed, press: Callable[[Pressed], Pressing]) -> None:
    """A colleague's mail is held, and the reader is told; a stranger's is words of his own, at most."""
    made, reader = press(pressed), pressed.letter.split()[0]
    for who in ({"jane": "john", "john": "jane", "anna": "bob", "bob": "anna", "mia": "anna"}[reader], "sam"):
        seen, letters, lawless = made.by(who, "gmail")
        assert not lawless, "\n".join(lawless)
        first = seen["before"].get(1)  # none where the mail about which the letter asks is held
        assert seen["after"].get(1) == first
        assert not [entry for entry in seen["log"] if entry["incident"] == 1]
        [row] = seen["inbox"]
        assert row["ending"] in (("held", "new", "ignored") if who == "sam" else ("held",)), dict(row)
        if who != "sam":
            assert seen["held"][-1]["reason"] == "foreign-token"
            assert address(made.case.names[reader]) in [letter.recipient for letter in letters]
        assert first or seen["endings"][0] == "held"


def test_every_button_is_pressed() -> None:
    """What is left out: Why, and the parent of a storm, which have letter cases of their own."""
    book, there = Letters([packaged()]), set()
    for purpose, occasions in samples().items():
        pages = [
            book.write("en", purpose, values, "support+i12.k@example.com", "[SIT-12]").page
            for values in occasions
            if not values["piece"]
        ]
        there |= {(purpose, button.label) for page in pages for button in read(page).buttons}
    pressed = {(one.letter.split()[1], one.label) for one in PRESSED}
    there.discard(("storm_joined", "Close as solved"))
    assert {(letter, label) for letter, label in there if label != "Why"} == pressed
