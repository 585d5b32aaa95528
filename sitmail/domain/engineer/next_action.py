"""`/next "LABEL" D`: what is to be done next on an incident, and when its owner is reminded of it.

The status stays as it is.  A customer's words end it, as they end a wait.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from sitmail.domain import when
from sitmail.domain.engineer.request import Request
from sitmail.domain.sentence import Moment, Sentence

LONGEST = 200  # characters of a label
WHEN = Sentence('what, and when? Write both, such as /next "ring them" tomorrow')
_QUOTED = re.compile(r"""["'\u201c-\u201f\u00ab\u00bb](.*?)["'\u201c-\u201f\u00ab\u00bb]\s*(.*)\Z""", re.DOTALL)


def next_action(request: Request, argument: str) -> str:
    request.need_open()
    label, at = _read(request, argument.strip())
    request.incident = replace(request.incident, next_action=label[:LONGEST], next_action_at=at)
    moment = Moment(at, request.zone())
    if not label:
        return Sentence(
            'the owner is reminded on %(moment)s; what of stands in quotation marks, as in /next "ring them" tomorrow',
            moment=moment,
        )
    return Sentence("the owner is reminded on %(moment)s: %(label)s", moment=moment, label=label[:LONGEST])


def _read(request: Request, written: str) -> tuple[str, datetime]:
    """Label and moment; where the label has no quotation marks it is what stands before the first readable time.

    Raises ValueError with a sentence.
    """
    calendar = request.calendar()

    def moment(text: str) -> datetime:
        return when.until(text, request.now, request.zone(), calendar)

    if (quoted := _QUOTED.match(written)) and quoted[2]:
        return " ".join(quoted[1].split()), moment(quoted[2])
    if not written or quoted:
        raise ValueError(WHEN)
    words = written.split()
    for at in range(len(words)):
        try:
            return " ".join(words[:at]), moment(" ".join(words[at:]))
        except ValueError:
            continue
    raise ValueError(WHEN)
