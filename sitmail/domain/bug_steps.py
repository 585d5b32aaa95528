"""Whether the text of a bug says how to reproduce it: a heading for the steps, and something under it (S2-10).

Headings in English, German and French, in the words that people use; marks of Markdown round them do not matter.
"""

from __future__ import annotations

import re

# Behind these a heading is one with a colon alone, or on a line of its own.
_STARTS = (
    r"steps?(?: to (?:reproduce|repro|recreate|replicate|follow))?",
    r"(?:repro(?:duction)?|reproducing)(?: steps?| procedure)?",
    r"(?:how )?to (?:reproduce|repro|recreate|replicate)",
    r"s\.?t\.?r\.?",
    r"(?:reproduktions?)?schritte(?:(?:,)? (?:zum|zur|um)(?: \w+){1,4})?",
    r"(?:zum |zur )?(?:nachstellen|nachstellung|reproduzieren|reproduktion)",
    r"(?:wie )?(?:so )?(?:lässt|laesst) (?:es |er |sich |der fehler ){0,3}(?:nachstellen|reproduzieren)",
    r"(?:anleitung|vorgehen|vorgehensweise|ablauf)(?: zum (?:nachstellen|reproduzieren))?",
    r"[ée]tapes?(?: (?:pour|de|à|a)(?: \w+){1,4})?",
    r"(?:comment |pour )(?:le |la |l')?reproduire(?: (?:le|la|l')? ?\w+)?",
    r"marche [àa] suivre|sc[ée]nario(?: de reproduction)?",
    r"(?:proc[ée]dure|manipulations?)(?: (?:de|pour) \w+)?",
)
_MARKS = r"[\s#*_>=~\-\u2013\u2014\u2022]*"
_HEADING = re.compile(
    rf"^{_MARKS}(?:\d{{1,2}}[.)]\s*)?(?:{'|'.join(_STARTS)})(?!\w)(?P<more>[^\n:\uff1a]{{0,60}}?)"
    rf"{_MARKS}(?:(?P<colon>[:\uff1a]){_MARKS}(?P<rest>[^\n]*))?$",
    re.IGNORECASE,
)


def has_steps(text: str) -> bool:
    lines = text.split("\n")
    for at, line in enumerate(lines):
        found = _HEADING.match(line.rstrip()[:200])
        if found is None or (not found["colon"] and found["more"].strip()):
            continue
        below = any(re.search(r"\w", other) for other in lines[at + 1 :])
        if below or re.search(r"\w", found["rest"] or ""):
            return True
    return False
