"""Which of our addresses a mail came to, and what that means (behaviour 2).

Only the form of an address is read here.  Whether its token proves anything is `gather`'s question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sitmail.domain.address import comparable
from sitmail.domain.facts import Route
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.trust import COMMAND, read_tag

# A mail to several of our addresses is one update; this order decides where it goes.
ORDER = ("c", "h", "d", "n", "v", "i", COMMAND, "k", "mailbox", "b")


class _AddressBook:
    """The addresses of one policy: those of the mailboxes, and a pattern for each reply address, whose group is what
    stands in its `{}`.  An address is asked about several times on the way of one mail, so the last ones are
    remembered."""

    __slots__ = ("boxes", "mailboxes", "patterns", "plus", "remembered")

    def __init__(self, mailboxes: tuple[Mailbox, ...], plus: bool) -> None:
        self.mailboxes, self.plus = mailboxes, plus
        self.boxes = {box.address: Route("mailbox", box) for box in reversed(mailboxes)}  # the first one wins
        self.patterns = tuple((_pattern(box.reply), box) for box in mailboxes if box.reply)
        self.remembered: dict[str, Route | None] = {}


REMEMBERED = 1_000  # addresses; above that all are forgotten
LONGEST = 320  # characters of one that is remembered
_book = _AddressBook((), False)  # of the policy in use; a reload replaces it


def _book_of(policy: Policy) -> _AddressBook:
    global _book  # noqa: PLW0603  # threads may replace it at any time, so each works on the one it took
    book = _book
    if book.mailboxes is not policy.mailboxes or book.plus != policy.plus:
        _book = book = _AddressBook(policy.mailboxes, policy.plus)
    return book


def _pattern(reply: str) -> re.Pattern[str]:
    before, _, after = reply.lower().partition("{}")
    return re.compile(re.escape(before) + r"([a-z0-9.]{1,40})" + re.escape(after))


def find(policy: Policy, recipient: str) -> Route | None:
    """The route of one recipient, or None if it is no address of ours.  Compared in lower case."""
    return _find(policy, comparable(recipient))


def _find(policy: Policy, address: str) -> Route | None:
    book = _book_of(policy)
    try:
        return book.remembered[address]
    except KeyError:
        route = _looked_up(book, address)
    if len(book.remembered) >= REMEMBERED:
        book.remembered = {}
    if len(address) <= LONGEST:
        book.remembered[address] = route
    return route


def _looked_up(book: _AddressBook, address: str) -> Route | None:
    if address in book.boxes:
        return book.boxes[address]
    for pattern, box in book.patterns:
        found = pattern.fullmatch(address)
        tag = read_tag(found[1]) if found else None
        if tag:
            return Route(tag.kind, box, tag.number, tag.token)
        if found and found[1] == COMMAND:
            return Route(COMMAND, box)
    return _with_plus(book, address)


def _with_plus(book: _AddressBook, address: str) -> Route | None:
    """An unknown plus part counts as the base address."""
    local, at, domain = address.rpartition("@")
    base, plus, _ = local.partition("+")
    return book.boxes.get(f"{base}{at}{domain}") if plus and book.plus else None


def deciding(policy: Policy, recipients: Iterable[str]) -> tuple[str, Route] | None:
    """The recipient that decides where a mail goes, normalised, and its route; None if none is ours."""
    addresses = [comparable(recipient) for recipient in recipients]
    if len(addresses) == 1:
        route = _find(policy, addresses[0])
        return (addresses[0], route) if route is not None else None
    routes = [(address, route) for address in addresses if (route := _find(policy, address)) is not None]
    return min(routes, key=lambda pair: ORDER.index(pair[1].kind), default=None)


def is_ours(policy: Policy, address: str) -> bool:
    return find(policy, address) is not None


def command_address(box: Mailbox) -> str:
    return box.reply.replace("{}", COMMAND) if box.reply else box.address
