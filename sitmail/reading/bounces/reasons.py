"""Why a letter was refused: one word of a closed list, and whether the address itself is bad.

Servers say it by numbers and in the words of many languages.  The first pattern that fits decides, then the status;
what was refused only after the whole letter was sent was refused by a filter, whatever it claims of the address.
"""

from __future__ import annotations

import re

from sitmail.domain.record import record
from sitmail.reading.bounces import codes
from sitmail.reading.bounces.causes import CAUSES
from sitmail.reading.bounces.patterns import pattern

_WORDS = 6_000  # characters
_HARD = frozenset(("userunknown", "hostunknown", "hasmoved", "notaccept"))

# The reason of an enhanced status, without its class (RFC 3463, RFC 7372, RFC 7505, and what big providers add).
_BY_STATUS = {
    "1.1": "userunknown", "1.2": "hostunknown", "1.3": "userunknown", "1.4": "userunknown", "1.5": "userunknown",
    "1.6": "hasmoved", "1.7": "rejected", "1.8": "rejected", "1.10": "userunknown",
    "2.1": "suspend", "2.2": "mailboxfull", "2.3": "exceedlimit", "2.4": "filtered",
    "3.1": "systemfull", "3.2": "notaccept", "3.3": "systemerror", "3.4": "mesgtoobig", "3.5": "systemerror",
    "4.1": "expired", "4.2": "networkerror", "4.3": "systemerror", "4.4": "hostunknown", "4.5": "toomanyconn",
    "4.6": "networkerror", "4.7": "expired", "4.8": "networkerror",
    "5.0": "syntaxerror", "5.1": "syntaxerror", "5.2": "syntaxerror", "5.3": "toomanyconn", "5.4": "syntaxerror",
    "5.6": "mesgtoobig",
    "6.0": "contenterror", "6.1": "contenterror", "6.2": "contenterror", "6.3": "contenterror", "6.5": "contenterror",
    "7.0": "policyviolation", "7.1": "policyviolation", "7.2": "rejected", "7.3": "securityerror",
    "7.4": "securityerror", "7.5": "securityerror", "7.6": "securityerror", "7.7": "securityerror",
    "7.8": "securityerror", "7.9": "policyviolation", "7.13": "suspend", "7.14": "securityerror", "7.17": "hasmoved",
    "7.25": "requireptr", "7.27": "notaccept", "7.28": "speeding", "7.64": "norelaying",
    **dict.fromkeys(("7.20", "7.21", "7.22", "7.23", "7.24", "7.26", "7.509"), "authfailure"),
    **dict.fromkeys((f"7.{n}" for n in (511, 512, *range(606, 650))), "blocked"),
}  # fmt: skip
# Words that leave a bad mailbox by number (X.1.1) as it is: they say little, or say it in passing.
_WEAKER = frozenset(
    ("", "userunknown", "filtered", "systemerror", "syntaxerror", "securityerror", "policyviolation", "expired",
     "contenterror", "notcompliantrfc", "exceedlimit", "notaccept")
)  # fmt: skip
# What is said of a sender is said of us, however the server words it.
_OF_A_MAILBOX = frozenset(
    ("", "userunknown", "hostunknown", "hasmoved", "suspend", "notaccept", "filtered", "securityerror",
     "syntaxerror", "mailererror")
)  # fmt: skip
_SOON = frozenset(("expired", "networkerror", "toomanyconn", "speeding", "systemfull"))  # worth another try: class 4

_LATER = pattern(
    r"""
    will (?:be )?(?:retr|tried|keep trying|continue|try again|attempt)|still (?:trying|being)|not yet been|has not yet
    (?<!further )(?<!further delivery )attempts will|warning message only|has been (?:delayed|postponed)|is delayed
    do(?:es)? not need to resend|delivery delayed|wird weiter(?:hin)? versucht|nous continuerons
    se seguirá intentando|continuerà|continuará|zal .{0,20}blijven|kommer att försöka|будет повтор
    再送(?:を|が)?(?:試み|続け|継続|繰り返|され|します|する予定|中)|继续尝试|會繼續|会继续
    """,
    flags=re.IGNORECASE,
)
_FINAL = pattern(
    r"""
    giv(?:en|ing) up|permanent|will not (?:be )?(?:retr|continue)|no further|fatal|could not be delivered for
    cannot send message for|too long|returned to sender|(?:has|have) failed|aufgegeben|abandon
    """,
    flags=re.IGNORECASE,
)
# `Recipient address rejected: ...` says what was refused; why comes behind it.
_REFUSED = re.compile(
    r"\b(?:recipient|rcpt|user|mailbox)(?: address)? (?:is |was |has been )?"
    r"(?:rejected|refused|denied)\s?[:;,(-]\s?(?:un(?:verified|deliverable) address\s?:\s?)?(?=\w)"
)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>]{1,500}", re.IGNORECASE)
_MAILBOX = re.compile(r"(?:[^\s<>()\[\],;:\"'=]{1,64}|\"[^\"\n]{1,64}\")@[A-Za-z0-9.-]{1,255}")


@record
class Verdict:
    """What became of one recipient."""

    action: str
    status: str
    hard: bool
    reason: str


@record
class Report:
    """What surrounds the words of the server that refused.

    `context` is what else the report says: asked for the command, and where the words say nothing.  `own` are the
    addresses of the letter's sender.  `by_mta`: the report has the fields that RFC 3464 requires, so that its
    Diagnostic-Code is the reply of the next server, and not that of a filter or a gateway.  `local`: a program of
    the reporting system itself refused.
    """

    context: str = ""
    own: frozenset[str] = frozenset()
    by_mta: bool = False
    local: bool = False


_NOTHING_ELSE = Report()


def judge(
    words: str, declared: str = "", action: str = "", report: Report = _NOTHING_ELSE, address: str = ""
) -> Verdict:
    """`words` of the refusing server about `address`; `declared` status and action of the report's fields, if any."""
    words, context = words[:_WORDS], report.context[:_WORDS]
    code = codes.reply(words) or codes.reply(context)
    status = codes.better(declared, codes.status(words), code)
    if not status or status.endswith(".0.0"):
        status = codes.status(context) or status
    command = codes.command(words) or codes.command(context)
    if _names_sender(words, report.own, address.lower()):
        command = "MAIL"
    seen = _Seen(status, code, command, _confirmed(code, status, report.by_mta), report.local)
    reason = _reason(words, seen)
    if context and (not reason or (reason in ("policyviolation", "syntaxerror") and command != "MAIL")):
        reason = _reason(context, seen) or reason
    reason = reason or ("onhold" if words.strip() else "undefined")
    action = action or _action(status, code, context or words)
    if not status:
        late = action == "delayed" or (code[:1] or ("4" if reason in _SOON else "5")) == "4"
        status = "4.0.0" if late else "5.0.0"
    return Verdict(action, status, action == "failed" and reason in _HARD, reason)


@record
class _Seen:
    """Numbers of a refusal; `confirmed`: a bare reply about an unknown user is to be believed; `local` as above."""

    status: str
    code: str
    command: str
    confirmed: bool
    local: bool

    @property
    def meant(self) -> str:
        """The reason that the status stands for."""
        return _BY_STATUS.get(self.status[2:], "")


def _names_sender(words: str, own: frozenset[str], address: str) -> bool:
    """The server names the sender's address and not the recipient's: it is the sender whom it refuses."""
    if not own:
        return False
    named = {found.lower() for found in _MAILBOX.findall(words)}
    return address not in named and not named.isdisjoint(own)


def _confirmed(code: str, status: str, by_mta: bool) -> bool:
    """A mail system passes on, as RFC 3464 wants it, the reply that no such mailbox is there (RFC 5321, 4.2.3)."""
    return by_mta and code in ("550", "551", "553") and (not status or status.endswith(".0.0"))


def _plain(words: str) -> str:
    """In lower case, on one line, without addresses and links."""
    return " ".join(_MAILBOX.sub(" ", _URL.sub(" ", words)).lower().split())


def _said(plain: str) -> str:
    return next((reason for reason, pattern in CAUSES if pattern.search(plain)), "")


def _reason(words: str, seen: _Seen) -> str:
    plain, meant = _plain(words), seen.meant
    said = _said(plain)
    if refused := _REFUSED.search(plain):
        why = _said(plain[refused.end() :])
        if why == "securityerror" and not seen.status[2:].startswith("7."):
            why = "userunknown"  # `Access denied` of a server that knows its recipients
        if why not in ("", "userunknown"):
            return why
        said = why or ("" if meant not in ("", "userunknown") else said)
    if seen.command == "MAIL" or meant == "rejected":
        return "rejected" if said in _OF_A_MAILBOX else said
    if seen.status[2:] == "1.1":
        return meant if said in _WEAKER else said
    if said == "userunknown" and meant != "userunknown":
        return _doubted(seen)
    if not said and meant == "hostunknown" and seen.status[0] == "4":
        return "networkerror"
    if seen.local and said in ("", "systemerror", "securityerror", "syntaxerror"):
        return "mailererror"
    return said or meant


def _doubted(seen: _Seen) -> str:
    """`User unknown` without the status of it: true of a refused RCPT, or of a system's own report.

    A bare reply of a server behind a gateway, or one after DATA, comes from a filter as often as not: the recipient
    may well exist, so nothing is held against the address.
    """
    if seen.command == "RCPT" or seen.status[2:4] == "1.":
        return "userunknown"
    if seen.meant == "suspend":
        return seen.meant
    if seen.command == "DATA":
        return "filtered"
    return "filtered" if seen.code and not seen.confirmed else "userunknown"


def _action(status: str, code: str, words: str) -> str:
    if status[:1] == "2":
        return "delivered"
    if _FINAL.search(words) and not _LATER.search(words):
        return "failed"
    number = status or code  # a reply says as much as a status of the same class
    late = number[:1] == "4" or (number[:1] != "5" and _LATER.search(words))
    return "delayed" if late else "failed"
