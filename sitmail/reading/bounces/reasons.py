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
# A bad mailbox by number, though the words blame something else.
_STRONGER = frozenset(
    ("blocked", "badreputation", "hasmoved", "hostunknown", "mailboxfull", "mailererror", "norelaying", "rejected",
     "spamdetected", "suspend", "networkerror", "authfailure")
)  # fmt: skip
_SOON = frozenset(("expired", "networkerror", "toomanyconn", "speeding", "systemfull"))  # worth another try: class 4

_LATER = pattern(
    r"""
    will (?:be )?(?:retr|keep trying|continue|try again|attempt)|still (?:trying|being)|not yet been|has not yet
    (?<!further )(?<!further delivery )attempts will|warning message only|has been (?:delayed|postponed)|is delayed
    do(?:es)? not need to resend|delivery delayed|wird weiter(?:hin)? versucht|nous continuerons
    se seguirá intentando|continuerà|continuará|zal .{0,20}blijven|kommer att försöka|будет повтор|再送|继续尝试
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
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>]{1,500}", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s<>()\[\],;:\"'=]{1,64}@[A-Za-z0-9.-]{1,255}")


@record
class Verdict:
    """What became of one recipient."""

    action: str
    status: str
    hard: bool
    reason: str


def judge(words: str, declared: str = "", action: str = "", context: str = "") -> Verdict:
    """`words` of the refusing server; `declared` status and action of the report's fields, if it has any.

    `context` is what else the report says: asked for the command, and where the words say nothing.
    """
    words, context = words[:_WORDS], context[:_WORDS]
    code = codes.reply(words) or codes.reply(context)
    status = codes.better(declared, codes.status(words), code)
    if not status or status.endswith(".0.0"):
        status = codes.status(context) or status
    command = codes.command(words) or codes.command(context)
    reason = _reason(words, status, code, command)
    if reason in ("", "policyviolation", "syntaxerror") and context:
        reason = _reason(context, status, code, command) or reason
    reason = reason or ("onhold" if words.strip() else "undefined")
    action = action or _action(status, code, context or words)
    if not status:
        late = action == "delayed" or (code[:1] or ("4" if reason in _SOON else "5")) == "4"
        status = "4.0.0" if late else "5.0.0"
    return Verdict(action, status, action == "failed" and reason in _HARD, reason)


def _reason(words: str, status: str, code: str, command: str) -> str:
    plain = " ".join(_MAILBOX.sub(" ", _URL.sub(" ", words)).lower().split())
    said = next((reason for reason, pattern in CAUSES if pattern.search(plain)), "")
    meant = _BY_STATUS.get(status[2:], "")
    if meant == "userunknown" and status[2:] == "1.1":
        return said if said in _STRONGER else meant
    if said == "userunknown" and meant != "userunknown":
        return _doubted(meant, code, command, status[2:4] == "1.")
    if not said and meant == "hostunknown" and status[0] == "4":
        return "networkerror"
    return said or meant


def _doubted(meant: str, code: str, command: str, addressed: bool) -> str:
    """`User unknown` without the status of it: true of a refused RCPT, or of a system's own report.

    A bare reply of a server behind a gateway, or one after DATA, comes from a filter as often as not: the recipient
    may well exist, so nothing is held against the address.
    """
    if command == "RCPT" or addressed:
        return "userunknown"
    if meant == "suspend":
        return meant
    return "filtered" if command == "DATA" or code else "userunknown"


def _action(status: str, code: str, words: str) -> str:
    if status[:1] == "2":
        return "delivered"
    if _FINAL.search(words) and not _LATER.search(words):
        return "failed"
    late = status[:1] == "4" or (not status and code[:1] == "4") or (status[:1] != "5" and _LATER.search(words))
    return "delayed" if late else "failed"
