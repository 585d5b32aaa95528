"""Numbers of failure in a server's words: enhanced statuses, reply codes, and the command that was refused.

RFC 3463 (enhanced status), RFC 5321 section 4.2 (replies).  What a number means is told by `reasons`.
"""

from __future__ import annotations

import re

from sitmail.reading.bounces.patterns import pattern

_ENHANCED = r"[45]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)(?![A-Za-z])"
STATUS = re.compile(rf"(?<![\d.])({_ENHANCED})")
# A reply and its status: `550 5.1.1`, `550-5.1.1`, `550 #5.1.0`, `550-'5.7.1`.
_PAIRED = re.compile(rf"(?<![\d.:])[45]\d\d[ -]{{1,2}}['\"(\[#]{{0,3}}({_ENHANCED})")
_REPLY = re.compile(r"(?<![\d.:/=-])([45][0-5]\d)(?=[\s:;,)\]'-]|$)(?!-\d{3}\b(?!\s))")
_SAID = tuple(
    (name, pattern(lines, flags=re.IGNORECASE))
    for name, lines in (
        (
            "MAIL",
            r"""
            in reply to MAIL|after MAIL FROM|>>> MAIL|SMTP:MAIL|\(state [89]\)|MAIL FROM:? command
        """,
        ),
        (
            "RCPT",
            r"""
            in reply to RCPT|after RCPT|RCPT[_ ]TO (?:response|command|generated)|\[RCPT_TO\]|for RCPT|>>> RCPT
            SMTP:RCPT|\(state 1[34]\)|does not like recipient|Recipient address rejected|while verifying recipient
        """,
        ),
        (
            "DATA",
            r"""
            (?:in reply to|after) (?:end of )?DATA|>>> DATA|SMTP:DATA|\(state 1[78]\)|\[DATA\]
            SMTP command\s{1,4}DATA|failed after I sent the message
        """,
        ),
    )
)


def status(words: str) -> str:
    """The enhanced status that says most: one beside a reply code first, and one that is not all noughts."""
    found = _PAIRED.findall(words) or STATUS.findall(words)
    return next((s for s in found if not s.endswith(".0.0")), found[0] if found else "")


def reply(words: str) -> str:
    """The SMTP reply code of a refusal, or ''."""
    found = _REPLY.search(words)
    return found[1] if found else ""


def command(words: str) -> str:
    """MAIL, RCPT or DATA: what a server refused, as far as the words tell; the last one of a session counts."""
    found = [(m.start(), name) for name, look in _SAID for m in list(look.finditer(words))[-1:]]
    return max(found)[1] if found else ""


def better(declared: str, said: str, code: str) -> str:
    """Which of two statuses tells more: the report's field, or the one in the words of the server."""
    if not declared or not said:
        return declared or said
    if code and declared[0] != said[0]:
        return said if said[0] == code[0] else declared
    vague = declared.endswith((".0.0", ".0")) or declared[1:] == ".4.7"  # expired: the words tell why
    return said if vague and not said.endswith(".0.0") else declared
