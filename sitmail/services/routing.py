"""Which of our addresses a mail came to, and what that means (contract section 2).

Only the form of an address is read here.  Whether its token proves anything is `gather`'s question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sitmail.domain.facts import Route
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.trust import COMMAND, read_tag

# A mail to several of our addresses is one update; this order decides where it goes.
ORDER = ("c", "h", "d", "n", "v", "i", COMMAND, "k", "mailbox", "b")


@lru_cache(maxsize=4)
def _patterns(policy_digest: str, mailboxes: tuple[Mailbox, ...]) -> tuple[tuple[re.Pattern[str], Mailbox], ...]:  # noqa: ARG001
    """One pattern a mailbox's reply address; the group is what stands in its `{}`."""
    patterns = []
    for box in mailboxes:
        if box.reply:
            before, _, after = box.reply.lower().partition("{}")
            patterns.append((re.compile(re.escape(before) + r"([a-z0-9.]{1,40})" + re.escape(after)), box))
    return tuple(patterns)


def find(policy: Policy, recipient: str) -> Route | None:
    """The route of one recipient, or None if it is no address of ours.  Compared in lower case."""
    address = recipient.strip().lower()
    for box in policy.mailboxes:
        if address == box.address:
            return Route("mailbox", box)
    for pattern, box in _patterns(policy.digest, policy.mailboxes):
        found = pattern.fullmatch(address)
        tag = read_tag(found[1]) if found else None
        if tag:
            return Route(tag.kind, box, tag.number, tag.token)
        if found and found[1] == COMMAND:
            return Route(COMMAND, box)
    return _with_plus(policy, address)


def _with_plus(policy: Policy, address: str) -> Route | None:
    """An unknown plus part counts as the base address."""
    local, at, domain = address.rpartition("@")
    base, plus, _ = local.partition("+")
    if not (plus and policy.plus):
        return None
    return next((Route("mailbox", box) for box in policy.mailboxes if box.address == f"{base}{at}{domain}"), None)


def deciding(policy: Policy, recipients: Iterable[str]) -> tuple[str, Route] | None:
    """The recipient that decides where a mail goes, normalised, and its route; None if none is ours."""
    routes = [(r.strip().lower(), route) for r in recipients if (route := find(policy, r)) is not None]
    return min(routes, key=lambda pair: ORDER.index(pair[1].kind), default=None)


def is_ours(policy: Policy, address: str) -> bool:
    return find(policy, address) is not None


def command_address(box: Mailbox) -> str:
    return box.reply.replace("{}", COMMAND) if box.reply else box.address
