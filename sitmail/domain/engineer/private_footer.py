"""What stands between the line `-- ` and the end of an engineer's mail: his private footer, which no customer is sent.

The desk puts `[[engineer]] signature` under his answers.  The log keeps the footer.  He is told in the letter that goes
to him anyway; a letter of its own is only written where it may hold words that he meant to say.
"""

from __future__ import annotations

import re

from sitmail.domain.mail import Mail
from sitmail.domain.memory import Said, bare

USUAL = 12  # lines that are not blank: name, post, company, addresses, a short legal notice
_POSTSCRIPT = re.compile(r"\s*(?:p\.?\s?s\b|n\.?b\b)", re.IGNORECASE)
_DELIMITERS = ("--", "-- ", "--\xa0")  # RFC 3676 section 4.3, and as programs shorten it


def private_footer(mail: Mail) -> list[str]:
    """The lines that are not blank; none where no such line marks it."""
    lines = mail.signature.split("\n")
    at = next((at for at, line in enumerate(lines) if line in _DELIMITERS), len(lines))
    return [line for line in lines[at + 1 :] if line.strip()]


def unusual(footer: list[str], said: Said) -> bool:
    """Whether it may hold more than a signature: a postscript, or many lines that he did not send here before."""
    if any(map(_POSTSCRIPT.match, footer)):
        return True
    return len(footer) > USUAL and any(bare(line) not in said.habitual for line in footer)
