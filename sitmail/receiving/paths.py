"""The arguments of MAIL and RCPT: paths and parameters of RFC 5321 section 4.1.2.

Only their form is judged here.  Whether an address is one of ours is told by whoever opened the door.
"""

from __future__ import annotations

import re

PATH_LIMIT = 512  # characters; RFC 5321 section 4.5.3.1.3 says 256, some forwarders write longer senders
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*"'
_PLAIN = r'[^"<>\s\x00-\x1f\x7f]'
# What was taken is never given back: a pattern that looked at each sign again would be slow, or worse.
_ARGUMENT = re.compile(rf"\s*(?:<((?:{_PLAIN}++|{_QUOTED})*+)>|({_PLAIN}+))(?:\s+(.*))?")
_USUAL = re.compile(r"<([A-Za-z0-9.@+=_-]*+)>()(?: (.*))?")  # what nearly all look like, in the groups of the other
_FURTHER = re.compile(r'[@%!"\\:,]')
_ROUTE = re.compile(r"@[^:\"]*:")
_PARAMETER = re.compile(r"[A-Z0-9][A-Z0-9-]*(?:=[!-<>-~]+)?")


def path(argument: str, keyword: str) -> tuple[str, dict[str, str]] | None:
    """The address and the parameters (names in upper case) after `FROM:` or `TO:`; None if it cannot be read.

    The null sender is "".  A missing pair of angle brackets is forgiven, as people and old programs leave it out.
    """
    if argument[: len(keyword)].upper() != keyword:
        return None
    found = _USUAL.fullmatch(argument, len(keyword)) or _ARGUMENT.fullmatch(argument, len(keyword))
    if not found or len(found[1] or found[2] or "") > PATH_LIMIT:
        return None
    parameters: dict[str, str] = {}
    for word in found[3].upper().split() if found[3] else ():
        if not _PARAMETER.fullmatch(word):
            return None
        name, _, value = word.partition("=")
        parameters[name] = value
    return found[1] if found[1] is not None else found[2], parameters


def without_route(address: str) -> str:
    """A sender without its source route (RFC 5321 appendix C)."""
    return _ROUTE.sub("", address, count=1) if address.startswith("@") else address


def asks_for_relay(address: str) -> bool:
    """Whether a recipient names a further way in its local part: source route, %, ! or a quoted address."""
    local, _, _ = address.rpartition("@")
    return _FURTHER.search(local or address) is not None
