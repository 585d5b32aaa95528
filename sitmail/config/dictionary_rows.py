"""The tables of the dictionary, one row each: names of statuses, and the codes by which incidents are sorted.

Rows know nothing of each other here; what they refer to is checked in `references` and `dictionary_checks`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, PlainValidator

from sitmail.config import patterns
from sitmail.config import values as v
from sitmail.config.rows import Entry, Words
from sitmail.config.tables import ClosingStatus, Table, key
from sitmail.domain.incident import Status

STATUSES = tuple(status.value for status in Status)
StatusId = Literal[STATUSES]  # type: ignore[valid-type]
Expression = Annotated[patterns.Compiled, PlainValidator(patterns.compiled)]


def _whole(value: str) -> str:
    if "/" in value:
        raise ValueError(f"expected an id without a slash, not {value!r}: a slash stands before the specific one")
    return value


General = Annotated[v.Ident, AfterValidator(_whole)]
Specific = list[General]
SPECIFIC = "what may be written behind a slash"


class StatusName(Table):
    """Names of a status, instead of the built-in ones."""

    id: StatusId = key(..., "the status", example="research")
    name: v.Line = key("", "its name for staff; empty: the built-in one", example="With the developers")
    customer: v.Line = key("", "its name for customers; empty: the built-in one", example="We look into it")


class ClosingName(Table):
    """The name of a closing status, instead of the built-in one."""

    id: ClosingStatus = key(..., "the closing status", example="action-taken")
    name: v.Line = key("", "its name in letters", example="done")


class Severity(Entry):
    """How grave something is, from lowest to highest; it may set limits to the priority."""

    id: v.Ident = key(..., "its name in commands", example="outage")
    priority_at_least: v.Line = key("", "the priority is raised to this one", example="medium")
    priority_at_most: v.Line = key("", "the priority is lowered to this one")


class Product(Entry):
    """What customers have from you."""

    id: v.Ident = key(..., "its name in commands", example="router")
    skill: v.Line = key("", "skill of the engineers who are asked first")
    words: Words = key([], "regular expressions: words in subject or text that mean it", example=["router"])
    asks: list[v.Line] = key([], "ids of the fields that are needed; the acknowledgement asks for them")
    tracker: v.Line = key("", "id of the tracker that gets its bugs", example="jira")
    manager: v.Line = key("", "engineer who is told of each of its bugs", example="alice")


class Skill(Entry):
    """What engineers are good at."""

    id: v.Ident = key(..., "its name", example="networks")


class RequestType(Entry):
    """What kind of request it is.  Where types are declared, resolving needs one."""

    id: v.Ident = key(..., "its name in commands", example="bug")
    also: list[v.Line] = key([], "other names in commands", example=["admin"])
    words: Words = key([], "regular expressions: words in subject or text that mean it", example=["invoice"])
    asks: list[v.Line] = key([], "ids of the fields that are needed; the acknowledgement asks for them")
    required_documents: list[v.Line] = key(
        [], "files that are needed, by words of their names or as patterns", example=["spec sheet", "*.xlsx"]
    )
    owner: v.Line = key("", "engineer who gets it", example="alice")
    team: v.Line = key("", "team that gets it")
    account_manager: bool = key(False, "true: the account manager of the customer's site gets it")
    service_level: v.Line = key("", "what is promised for it where no contract says otherwise", example="standard")


class Reason(Entry):
    """Why incidents come: general, and specific below it, as in /reason network/dns."""

    id: General = key(..., "its name in commands", example="network")
    specific: Specific = key([], SPECIFIC, example=["dns", "cable"])
    skill: v.Line = key("", "skill of the engineers who are asked first")
    words: Words = key([], "regular expressions: words in subject or text that mean it", example=["dns"])


class Resolution(Entry):
    """How incidents were resolved: general, and specific below it.  Built in: the closing statuses."""

    id: General = key(..., "its name in commands", example="fixed")
    specific: Specific = key([], SPECIFIC, example=["patch", "configuration"])
    closing_status: ClosingStatus = key("solved", "the closing status it means")
    needs_incident: bool = key(False, "true: it was known, and the number of another incident has to be named")
    perceived: bool = key(False, "true: a way out where nothing was broken (by design, user error)")
    text: v.Line = key("", "a sentence for the customer, in the letter that asks whether it may be closed")


class ExtraField(Entry):
    """A piece of information of your own; /field sets it, and customers are asked for it."""

    id: v.Ident = key(..., "its name in commands", example="version")
    question: v.Line = key("", "how customers are asked for it", example="Which version do you use?")
    choices: list[v.Line] = key([], "values that are allowed; empty: any", example=["7", "8"])
    pattern: Expression | None = key(None, "regular expression that its value has to hold", example=r"^\d+\.\d+$")


class StandardAnswer(Entry):
    """Texts for /answer; {name} {reference} {engineer} {desk} {site} {product} are put in."""

    id: v.Ident = key(..., "its name in commands", example="restart")
    text: str = key(..., "what the customer reads", example="Hello {name}, please switch it off and on again.")
    texts: dict[v.Language, str] = key(
        {}, "the same in other languages", example={"de": "Guten Tag {name}, bitte aus- und einschalten."}
    )


class EventType(Entry):
    """What engineers log by /event.  Built in: call-in, call-out, email-in, email-out, assignment, note."""

    id: v.Ident = key(..., "its name in commands", example="call-out")
    visible: bool = key(False, "true: customers are told")
    counts_as_response: bool = key(False, "true: it keeps the promise of a first response", example=True)
    counts_as_attempt: bool = key(False, "true: a customer who was asked whether it works has time to answer again")
    duration_required: bool = key(False, "true: /event wants the time it took")


class Channel(Table):
    """Names of the ways on which requests come in."""

    id: v.Ident = key(..., "the way: email, monitor, phone, or another", example="forum")
    name: v.Line = key("", "its name in letters", example="Forum")
