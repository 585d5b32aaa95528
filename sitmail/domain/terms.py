"""`/help terms`: the words that a reader of our letters meets, with what they mean at this desk (S1-16).

Codes and their names come from the dictionary, so that what an admin declares explains itself; what they mean is said
here.  Customers read names for customers alone, and no word of how the desk works inside.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sitmail.domain.hours import Span
from sitmail.domain.incident import CLOSING_STATUSES, Status
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence, beside, listed

TERMS = frozenset({"terms", "glossary", "begriffe", "glossar", "termes", "glossaire"})  # behind /help


MEANT = Sentence("did you mean /help terms?")


def nearly(word: str) -> bool:
    """Whether a word behind /help was meant to ask for them."""
    return bool(difflib.get_close_matches(word.lower(), TERMS, 1, 0.75))


class Term(NamedTuple):
    word: str
    means: str


class Section(NamedTuple):
    title: str
    terms: tuple[Term, ...]


class Meaning(NamedTuple):
    """Of a status: to staff, to customers."""

    inside: Sentence
    outside: Sentence


STATUSES: Mapping[Status, Meaning] = {
    Status.NEW: Meaning(Sentence("nobody has worked on it yet"), Sentence("we have it, and have not begun yet")),
    Status.ACTIVE: Meaning(Sentence("it is our turn"), Sentence("we work on it")),
    Status.RESEARCH: Meaning(Sentence("we have to find something out"), Sentence("we have to find something out")),
    Status.LEFT_MESSAGE: Meaning(
        Sentence("we rang, and left a message; it waits for the customer"), Sentence("we rang you, and wait for you")
    ),
    Status.AWAITING_COLLEAGUE: Meaning(
        Sentence("a colleague was asked, and has it until he answers"),
        Sentence("a specialist of ours looks into it"),
    ),
    Status.AWAITING_VENDOR: Meaning(
        Sentence("a partner was asked; what we promised runs on"), Sentence("we wait for somebody who helps us")
    ),
    Status.AWAITING_CUSTOMER: Meaning(Sentence("the customer has to answer"), Sentence("we wait for your reply")),
    Status.ON_HOLD: Meaning(Sentence("it pauses until a date"), Sentence("we pause until a date")),
    Status.AWAITING_CLOSURE: Meaning(
        Sentence("it is resolved as we see it, and the customer is asked"),
        Sentence("it is solved as we see it, and we ask you whether it is"),
    ),
    Status.CLOSED: Meaning(Sentence("it has ended; notes and tags are still taken"), Sentence("it has ended")),
    Status.UNSUPPORTED: Meaning(
        Sentence("it is nothing that we look after; /close unsupported ends it"),
        Sentence("it is nothing that we look after"),
    ),
}
ENDS: Mapping[str, Sentence] = {
    "sent-information": Sentence("what was asked for was sent"),
    "solved": Sentence("it works again"),
    "reported-bug": Sentence("it is a defect, and its makers know of it"),
    "action-taken": Sentence("what was asked for was done"),
    "duplicate": Sentence("it goes on under another number"),
    "no-longer-relevant": Sentence("it is not needed any more"),
    "unsupported": Sentence("it is nothing that we look after"),
    "support-expired": Sentence("no contract covers it any more"),
    "unsolved": Sentence("no solution was found"),
    "escalated": Sentence("somebody else goes on with it"),
}
TARGETS: Mapping[str, tuple[Sentence, Sentence]] = {
    "first_response": (Sentence("first response"), Sentence("a person answers, not a machine")),
    "problem": (Sentence("problem"), Sentence("it is understood what the problem is")),
    "action_plan": (Sentence("action plan"), Sentence("it is said what will be done")),
    "resolution": (Sentence("resolution"), Sentence("it is solved")),
    "update": (Sentence("update"), Sentence("the customer hears from us again")),
    "review": (Sentence("review"), Sentence("somebody of us looks it through again")),
}
WORDS_OUTSIDE = (
    Term(Sentence("number"), Sentence("stands in the subject of our emails, so that your reply finds its place")),
    Term(Sentence("owner"), Sentence("who of us looks after it, and answers you")),
    Term(Sentence("contact"), Sentence("whose question or problem it is")),
    Term(Sentence("participant"), Sentence("somebody else who gets our emails about it; /cc adds one")),
    Term(Sentence("contract"), Sentence("says which people are covered, until when, and how fast we answer")),
    Term(Sentence("priority"), Sentence("how urgent it is; what is promised depends on it")),
)
WORDS_INSIDE = (
    Term("PUBLIC", Sentence("the customer and all participants read a plain reply")),
    Term("INTERNAL", Sentence("staff alone read a plain reply")),
    Term(Sentence("entry of the log"), Sentence("has a number such as 12#3, which /share and /split take")),
    Term(Sentence("owner"), Sentence("the engineer who is responsible for it")),
    Term(Sentence("temporary owner"), Sentence("who has it for a while; the owner stays")),
    Term(Sentence("watcher"), Sentence("an engineer who gets a copy of everything about it")),
    Term(Sentence("contact"), Sentence("a customer's person; the contact of an incident has the problem")),
    Term(Sentence("participant"), Sentence("somebody beside the contact who gets public emails about it")),
    Term(Sentence("site"), Sentence("a customer's place or firm")),
    Term(Sentence("contract"), Sentence("says which people of a site are covered, until when, at which service level")),
    Term(Sentence("partner"), Sentence("a vendor, a tracker or an order desk, which reads what is said to it alone")),
    Term(Sentence("next action"), Sentence("what is to be done next, and when; /next sets it")),
    Term(Sentence("held email"), Sentence("waits until somebody decides: /accept, /attach, /reject or /spam")),
    Term(Sentence("digest"), Sentence("one letter that lists many automatic notices; a reply names them by number")),
    Term(Sentence("proof"), Sentence("what shows that an email is from whom it says")),
    Term(Sentence("late"), Sentence("a promised time has passed")),
)


def for_customers(policy: Policy) -> list[Section]:
    """The words that a customer meets in our letters."""
    found: dict[str, Term] = {}
    for status, means in STATUSES.items():
        name = policy.dictionary.label(status).customer
        found.setdefault(name, Term(Sentence(name), means.outside))
    events = [one.name for one in policy.dictionary.event_types if one.visible]
    sections = [
        Section(Sentence("How it stands:"), tuple(found.values())),
        Section(Sentence("How it ended:"), _endings(policy)),
        Section(Sentence("Priorities, the lowest first:"), _codes(policy.priorities)),
        Section(Sentence("What else we tell you of:"), tuple(Term(Sentence(one), "") for one in events)),
        Section(Sentence("Other words:"), WORDS_OUTSIDE),
    ]
    return [one for one in sections if one.terms]


def for_staff(policy: Policy) -> list[Section]:
    """All codes of the desk, and the words of letters to staff."""
    codes = policy.dictionary
    statuses = []
    for status, means in STATUSES.items():
        label = codes.label(status)
        seen = Sentence("customers read '%(name)s'", name=Sentence(label.customer))
        statuses.append(Term(Sentence(label.internal), beside(means.inside, seen)))
    sections = [
        Section(Sentence("Statuses:"), tuple(statuses)),
        Section(Sentence("Closing statuses:"), _endings(policy)),
        Section(Sentence("Resolutions:"), _resolutions(policy)),
        Section(Sentence("Priorities, the lowest first:"), _codes(policy.priorities)),
        Section(Sentence("Severities, the lowest first:"), _codes(codes.severities)),
        Section(Sentence("Request types:"), _codes(codes.request_types)),
        Section(Sentence("Reasons:"), tuple(Term(_named(one), ", ".join(one.specific)) for one in codes.reasons)),
        Section(Sentence("Products:"), _codes(codes.products)),
        Section(Sentence("Events (/event):"), _events(policy)),
        Section(Sentence("What is promised:"), tuple(Term(*one) for one in TARGETS.values())),
        Section(Sentence("Service levels:"), tuple(_levels(policy))),
        Section(Sentence("Other words:"), WORDS_INSIDE),
    ]
    return [one for one in sections if one.terms]


def plain(sections: Iterable[Section]) -> list[list[object]]:
    """As the detail of a letter: [title, [[word, means], ...]]."""
    return [[one.title, [list(term) for term in one.terms]] for one in sections]


def _named(code: object) -> str:
    """The name, and the id where lines have to be written with another word."""
    name, id_ = str(getattr(code, "name", "")), str(getattr(code, "id", ""))
    same = id_.replace("-", " ").casefold() == name.replace("-", " ").casefold()
    return Sentence(name) if same else Sentence("%(name)s (%(id)s)", name=Sentence(name), id=id_)


def _codes(table: Sequence[object]) -> tuple[Term, ...]:
    return tuple(Term(_named(one), "") for one in table)


def _endings(policy: Policy) -> tuple[Term, ...]:
    return tuple(Term(Sentence(policy.dictionary.closing(one)), ENDS[one]) for one in CLOSING_STATUSES)


def _resolutions(policy: Policy) -> tuple[Term, ...]:
    """Where they are not the closing statuses themselves."""
    codes = policy.dictionary
    if all(one.id == one.closing_status for one in codes.resolutions):
        return ()
    found = []
    for one in codes.resolutions:
        ends = Sentence("closes as '%(status)s'", status=Sentence(codes.closing(one.closing_status)))
        found.append(Term(_named(one), beside(ends, ", ".join(one.specific))))
    return tuple(found)


def _events(policy: Policy) -> tuple[Term, ...]:
    found = []
    for one in policy.dictionary.event_types:
        says: list[str] = [Sentence("customers are told") if one.visible else Sentence("only staff read it")]
        says += [Sentence("counts as a first response")] if one.counts_as_response else []
        says += [Sentence("counts as asking once more")] if one.counts_as_attempt else []
        found.append(Term(_named(one), listed(says)))
    return tuple(found)


def _levels(policy: Policy) -> Iterable[Term]:
    """What each promises, a line for each priority."""
    names = {one.id: one.name for one in policy.priorities}
    for level in policy.service_levels.values():
        for priority, target in level.targets.items():
            spans: list[str] = [
                Sentence("%(target)s %(span)s", target=TARGETS[name][0], span=_written(span))
                for name, span in target.spans.items()
                if name in TARGETS
            ]
            if spans:
                yield Term(listed([level.name, Sentence(names.get(priority, priority))]), listed(spans))


def _written(span: Span) -> str:
    """As the configuration has it."""
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((span.weeks, "w"), (span.days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "0"
