"""What a desk calls an incident in its letters: `[desk] noun`.  Code, JSON and commands of the command line never do.

People may write any of these words before a number ("ticket 12: /take"), whatever the desk says.  How each stands in a
sentence of a letter, with its article and its cases, is in `sending/letters/noun_forms`.
"""

from __future__ import annotations

import re

NOUNS = ("incident", "ticket", "request", "case")  # as the configuration names them
NAMES = {  # in the languages that letters are written in, in that order
    "en": NOUNS,
    "de": ("Vorgang", "Ticket", "Anfrage", "Fall"),
    "fr": ("incident", "ticket", "demande", "dossier"),
}
_EVERY = "|".join(sorted({name for names in NAMES.values() for name in names}))
# Patterns for such a word before a number, which may be missing; and for a reference or number as people write it.
BEFORE_NUMBER = rf"(?:(?i:{_EVERY})\s+)?"
ONE_INCIDENT = re.compile(BEFORE_NUMBER + r"\[?(?:[A-Za-z]{2,10}-|#)?([0-9]{1,9})\]?(?![\w\]])", re.ASCII)
