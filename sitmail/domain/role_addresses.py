"""Addresses that belong to machines and to offices of the mail system: they get no automatic mail (behaviour 3)."""

from __future__ import annotations

import re

from sitmail.domain.address import local_part

# Local parts that no automatic mail may answer, without separators; and how others begin or end.
_ROLES = frozenset(("mailerdaemon", "postmaster", "root", "abuse", "nobody", "daemon"))
_ROLE_BEGINS = ("noreply", "donotreply", "bounce", "mailerdaemon")
# `security-noreply`, `no-reply.17`: a word of its own, wherever it stands
_NO_REPLY = re.compile(r"(?:noreply|donotreply|(?:^|[-_.])(?:no|do[-_.]?not)[-_.]reply)(?![a-z])")


_LISTS = re.compile(r"(?:^|[-_.])lists?$|-l$|^(?:majordomo|listserv|mailman|sympa)$")
_LIST_HOSTS = re.compile(r"^(?:lists?|groups?)\.|^(?:googlegroups\.com|groups\.io)$|\.groups\.io$")


def mailing_list(address: str) -> bool:
    """The address is that of a mailing list, by the names that lists and their hosts usually have."""
    local, _, domain = address.rpartition("@")
    return bool(_LISTS.search(local) or _LIST_HOSTS.search(domain))


def role(address: str) -> bool:
    """The address belongs to a machine or an office of the mail system, not to a person."""
    whole = local_part(address)
    local = whole.partition("+")[0]
    if _NO_REPLY.search(whole) or local.startswith("owner-") or local.endswith(("-request", "-bounces")):
        return True
    plain = local.replace("-", "").replace("_", "").replace(".", "")
    return plain in _ROLES or plain.startswith(_ROLE_BEGINS)
