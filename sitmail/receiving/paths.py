"""The arguments of MAIL and RCPT (RFC 5321 section 4.1.2): the path, and what stands behind it.

Only the form of an address is checked here; aiosmtpd checks the parameters.  Whether an address is ours is asked of
the door's `accepts`.
"""

from __future__ import annotations

import re

PATH_LIMIT = 512  # characters; RFC 5321 section 4.5.3.1.3 says 256, some forwarders write longer senders
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f\ud800-\udfff]|\\[ -~])*"'
_PLAIN = r'[^"<>\s\x00-\x1f\x7f\ud800-\udfff]'
# Possessive, so that no text takes more than linear time.
_ARGUMENT = re.compile(rf"\s*(?:<((?:{_PLAIN}++|{_QUOTED})*+)>|({_PLAIN}+))(?:\s+([!-~\s]*))?")
_FURTHER = re.compile(r'[@%!"\\:,]')
_ROUTE = re.compile(r"@[^:\"]*:")


def address_and_parameters(argument: str, *, mail_auth: bool = False) -> tuple[str | None, str | None]:
    """The address and the parameters after `FROM:` or `TO:`, or (None, None) where it cannot be read.

    The null path is "<>", as aiosmtpd has it.  A missing pair of angle brackets is forgiven, as people and old programs
    leave it out.  `mail_auth`: a parameter AUTH= is left out, as RFC 4954 section 5 wants it accepted.
    """
    found = _ARGUMENT.fullmatch(argument)
    if not found or len(found[1] or found[2] or "") > PATH_LIMIT:
        return None, None
    rest = found[3] or ""
    if mail_auth:
        rest = " ".join(word for word in rest.split() if not word.upper().startswith("AUTH="))
    return (found[1] if found[1] is not None else found[2]) or "<>", rest


def without_route(address: str) -> str:
    """A sender without its source route (RFC 5321 appendix C)."""
    return _ROUTE.sub("", address, count=1) if address.startswith("@") else address


def asks_for_relay(address: str) -> bool:
    """Whether a recipient names a further way in its local part: source route, %, ! or a quoted address."""
    local, _, _ = address.rpartition("@")
    return _FURTHER.search(local or address) is not None
