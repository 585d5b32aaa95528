"""What an admin hears of every incident (S3-18): all of it, a page of the morning paper, the exceptions, or nothing.

All of it are the events that concern a desk as a whole: internal notes, time and what goes to partners are no such.
His copies are internal letters like others: they fold, `digest_above` holds for them.  What he does himself is no news.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sitmail.domain.effects import Log, Tell
from sitmail.domain.engineers import Engineer
from sitmail.domain.logged_happenings import happenings
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.who_is_told import TABLE, Role

ALL, DIGEST, EXCEPTIONS = "all", "digest", "exceptions"
# What staff are told that an admin hears of who wants exceptions: late, refused, failed.
EXCEPTIONAL = frozenset({NoticePurpose.SLA_LATE, NoticePurpose.DELIVERY_FAILED})
REFUSED = NoticePurpose.NOT_COVERED


def wish_of(engineer: Engineer) -> str:
    """An admin who says nothing reads a page of his morning paper, if he gets one; nobody else hears of them."""
    return (engineer.every_incident or DIGEST) if engineer.role == "admin" else "none"


def wishing(policy: Policy, *wishes: str) -> list[str]:
    return [one.id for one in policy.engineers.values() if wish_of(one) in wishes]


def worth_telling(event: str, change: Mapping[str, object]) -> bool:
    """Whether an entry of the log is told to admins who want all, or stands in their digest."""
    return any(Role.ADMIN in TABLE[one] for one in happenings(event, change))


def copies(
    number: int,
    logs: Sequence[tuple[int, Log]],
    told: Sequence[Tell],
    staff: Mapping[str, Person],
    policy: Policy,
) -> Iterator[Tell]:
    """For those who want all: one notice about what one decision did to an incident, unless they are told anyway.

    `logs` are its entries and their numbers, `told` what is told of the incident already.
    """
    wanted = [(place, log) for place, log in logs if worth_telling(log.event, log.change)]
    authors = {log.author.id for _, log in wanted if log.author is not None}
    there = {one.person.id for one in told} | authors
    for one in wishing(policy, ALL) if wanted else ():
        reader = staff.get(one)
        if reader is not None and reader.id not in there:
            updates = tuple(place for place, _ in wanted)
            yield Tell(reader, NoticePurpose.EVERY_INCIDENT, number, updates, cause=f"every:{updates[0]}")


def exceptions(told: Sequence[Tell], staff: Mapping[str, Person], policy: Policy) -> Iterator[Tell]:
    """For those who want all, or the exceptions: what others are told of them, once for each."""
    readers = [staff[one] for one in wishing(policy, ALL, EXCEPTIONS) if one in staff]
    if not readers:
        return
    there = {(one.person.id, one.purpose, one.incident, one.cause) for one in told}
    for one in filter(None, map(_copied, told)):
        for reader in readers:
            key = (reader.id, one.purpose, one.incident, one.cause)
            if key not in there:
                there.add(key)
                yield replace(one, person=reader)


def _copied(one: Tell) -> Tell | None:
    if one.purpose in EXCEPTIONAL and one.person.staff:
        return one
    if one.purpose is REFUSED:
        detail = {"refused": str(one.detail.get("reason", "")), "writer": one.person.address}
        return Tell(one.person, NoticePurpose.EVERY_INCIDENT, None, detail=detail, cause=one.cause)
    return None
