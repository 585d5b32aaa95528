"""What a mail alone tells: to which address it came, which incidents it names, which of our ids it answers.

Hints prove nothing.  `gather` reads from the store what is known about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sitmail.domain import subject
from sitmail.domain.address import addr_spec
from sitmail.domain.facts import Release, Route
from sitmail.domain.machine_reports import fingerprint
from sitmail.domain.mail import Address, Envelope, Mail
from sitmail.domain.numbered_commands import NO_LINES, Mentions, mentions_in
from sitmail.domain.paper_replies import Lines, markers, typed
from sitmail.domain.policy import Policy
from sitmail.domain.sent_again import EVIDENCE, sameness
from sitmail.domain.trust import COMMAND, DIGEST, OF_DIGESTS, SignedId, claimed, read_message_id
from sitmail.services import routing
from sitmail.services.desk import Desk
from sitmail.store.blobs import BlobRow
from sitmail.store.incidents import Seen, SeenAs

BOTH = frozenset({COMMAND, "mailbox"})  # kinds of addresses: what comes to both at once is for both
FRESH = frozenset({"mailbox", COMMAND})  # kinds of addresses that answer no letter
ABOUT_INCIDENT = frozenset("invb")  # kinds of addresses and ids whose number is the number of an incident


@dataclass(frozen=True)
class Arrival:
    """A kept mail that was parsed.  `content` is its fingerprint; `id` 0: a mail that is not kept (`explain`)."""

    id: int
    mail: Mail
    envelope: Envelope
    content: str = ""
    release: Release | None = None
    files: Mapping[str, BlobRow] = field(default_factory=dict)  # attachments too big for a row, stored on disk before
    foreign: tuple[str, ...] = ()  # ids it answers that are not ours
    lines: Lines = NO_LINES  # the incidents of the lines of the morning paper that it answers

    _seen: list[tuple[Policy, tuple[str, Route] | None, tuple[int, ...]]] = field(
        default_factory=list, repr=False, compare=False
    )

    def under(self, policy: Policy) -> tuple[Policy, tuple[str, Route] | None, tuple[int, ...]]:
        """(policy, our address that decides and its route, incidents that the subject names), under this policy.

        The result is remembered until the policy changes."""
        if not self._seen or self._seen[-1][0] is not policy:
            found = routing.deciding(policy, self.envelope.recipients)
            self._seen[:] = [(policy, found, tuple(subject_numbers(policy, self.mail)))]
        return self._seen[-1]

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """The ids it answers, nearest first."""
        return self.mail.ids()

    @cached_property
    def named(self) -> Mentions:
        """What its commands may name.  Needed to form batches, and again to gather facts."""
        if not self.lines:
            return mentions_in(self.mail.subject, self.mail.new_text)
        found = mentions_in(self.mail.subject, typed(self.mail, self.lines), self.lines)
        numbers = (*found.numbers, *markers(self.mail, self.lines))
        return replace(found, numbers=tuple(dict.fromkeys(one for one in numbers if one > 0)))


@dataclass
class Hints:
    """The hints of one mail."""

    arrival: Arrival
    route: Route
    signed: Mapping[str, SignedId]  # the ids it answers that are ours, nearest first
    own: bool
    foreign: list[str]
    named: tuple[int, ...]  # by the subject
    copied: list[Address]
    blind: bool = False  # a blind copy to a reply address of ours
    passed_on: bool = False  # a forward to other people
    returned: SignedId | None = None  # the letter of ours that a bounce returns, where its address does not say
    monitor_key: str = ""
    candidates: list[tuple[int, str]] = field(default_factory=list)  # known once the store was asked
    former: tuple[str, ...] = ()  # keys of numbers of an older system that the subject names
    again: str = ""  # the key of a fresh mail, by which the same mail sent before is found
    forwarded: str = ""  # the author of the mail inside a forwarded one, if it names him
    letter: Mapping[int, SeenAs] | None = None  # the incidents of the letter it answers (`letter_answered`)

    @property
    def nearest(self) -> SignedId | None:
        """The first of our ids that it answers."""
        return next(iter(self.signed.values()), None)


def read_hints(desk: Desk, arrival: Arrival, generations: Mapping[tuple[int, int], int]) -> Hints:
    """Reads the hints of a mail.  `generations` are those of `desk.generations`, by which voided ids are told."""
    policy, mail = desk.policy, arrival.mail
    _, found, named = arrival.under(policy)
    to, route = found or ("", Route("mailbox", policy.desk))
    written = [(one, routing.find(policy, one.address)) for one in (*mail.to, *mail.cc) if one.address]
    read = {one: read_message_id(desk.keys, one, generations) for one in arrival.answers}
    signed = {one: ours for one, ours in read.items() if ours}
    nearest = next(iter(signed.values()), None)
    if route.kind == "mailbox" and nearest and nearest.kind in "chdk":  # its program kept our id alone
        route = Route(nearest.kind, route.mailbox, nearest.number)
    if route.kind in BOTH:
        kinds = {one.kind for _, one in written if one} | {route.kind}
        if len(arrival.envelope.recipients) > 1:
            kinds |= {each.kind for to_us in arrival.envelope.recipients if (each := routing.find(policy, to_us))}
        if kinds >= BOTH:
            route = Route(COMMAND, route.mailbox, beside=True)
    hints = Hints(
        arrival,
        route,
        signed,
        own=bool(mail.message_id and read_message_id(desk.keys, mail.message_id, generations)),
        foreign=[one for one, ours in read.items() if not ours],
        named=() if mail.form else named,  # whoever filled in a form wrote what he liked
        copied=[one for one, ours in written if ours is None and one.address != to],
        monitor_key=fingerprint(policy, mail) if route.kind in FRESH and not signed else "",
        again=sameness(mail) if route.kind == "mailbox" and mail.identity and not mail.machine else "",
        former=() if mail.form else former_keys(policy, mail),
    )
    hints.blind = bool(route.token and hints.copied) and not _shown(route.token, mail)
    hints.passed_on = bool(hints.copied) and subject.is_forward(mail.subject)
    if mail.bounce and not route.mailbox.reply:
        hints.returned = read_message_id(desk.keys, mail.bounce.original_message_id, generations)
    if mail.forwarded and mail.forwarded.sender:
        hints.forwarded = addr_spec(mail.forwarded.sender.address)
    return hints


def _shown(token: str, mail: Mail) -> bool:
    """Whether To or Cc shows the signed address it came to, in whatever domain."""
    return any(token in one.address.lower() for one in (*mail.to, *mail.cc))


def subject_numbers(policy: Policy, mail: Mail) -> list[int]:
    return list(subject.references(mail.subject, policy.tag, policy.former_tags, policy.former_offset))


def former_keys(policy: Policy, mail: Mail) -> tuple[str, ...]:
    """Under which the store knows the incident of a number of an older system; they cannot be Message-IDs."""
    if not policy.former_tags:
        return ()
    numbers = subject.former_numbers(mail.subject, policy.former_tags, policy.former_offset)
    return tuple(f"former number {number}" for number in numbers)


def candidates(hints: Hints, seen: Seen) -> list[tuple[int, str]]:
    """(number, evidence) of the incidents that a mail may belong to, the best evidence first (behaviour 2)."""
    release, route = hints.arrival.release, hints.route
    found = [(release.number, "staff")] if release and release.number else []
    if route.number and route.kind in ABOUT_INCIDENT:
        found.append((route.number, "address"))
    for signed in hints.signed.values():
        if signed.kind in ABOUT_INCIDENT:
            found.append((signed.number, "own id"))
    if hints.returned:
        found.append((hints.returned.number, "own id"))
    if hints.foreign:
        for numbers in (seen.kept, seen.named):  # ids of mails that we have come before ids that other mails only named
            found += [(number, "foreign id") for one in hints.foreign for number in numbers.get(one, ())]
    found += [(number, "subject") for number in hints.named]
    # What an older system numbered has no incident here until the first mail about it opened one.
    found += [(number, "subject") for one in hints.former for number in seen.named.get(one, ())]
    found += [(number, EVIDENCE) for number in seen.named.get(hints.again, ())]
    return list(dict.fromkeys(found))


def answered_paper(desk: Desk, arrival: Arrival) -> int:
    """The number of the day whose morning paper a mail answers, 0 for none.  Nothing is proved here."""
    _, found, _ = arrival.under(desk.policy)
    kind, number = (found[1].kind, found[1].number) if found else ("", 0)
    if kind == "mailbox":
        given = desk.memory.generations or {}
        nearest = next((ours for one in arrival.answers if (ours := read_message_id(desk.keys, one, given))), None)
        kind, number = (nearest.kind, nearest.number) if nearest else ("", 0)
    return number if kind == DIGEST and number > OF_DIGESTS else 0


def conversation_keys(desk: Desk, arrival: Arrival) -> set[str]:
    """Keys by which two mails may touch the same incident or person: no batch holds two mails that share one."""
    mail = arrival.mail
    keys = {f"from:{mail.identity}", f"id:{mail.message_id}"}
    _, found, named = arrival.under(desk.policy)
    if found and found[1].number:
        about = "number" if found[1].kind in ABOUT_INCIDENT else found[1].kind
        keys.add(f"{about}:{found[1].number}")
    for one in arrival.answers:
        keys.add(f"id:{one}")
        number = claimed(one)  # not proved: a forged id only makes the mail wait for the next batch
        if number is not None:
            keys.add(f"number:{number}")
    keys |= {f"number:{number}" for number in (*named, *arrival.named.numbers)}
    if arrival.named.administers:
        keys.add("directory")  # each sees what those before it changed
    if arrival.content:
        keys.add(f"content:{arrival.content}")
    if reports := fingerprint(desk.policy, mail):
        keys.add(f"reports:{reports}")
    return keys - {"id:", "from:"}
