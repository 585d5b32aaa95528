"""Read models of the desk for the command line: plain values that become JSON.

Nothing here decides or changes anything, and no answer depends on the current time.  Printing is done in `cli`.
"""

from __future__ import annotations

from sitmail.services.reports.answer_context import AnswerContext, writing
from sitmail.services.reports.answers import VERBS, answer
from sitmail.services.reports.conversation import incident, mbox, raw_of
from sitmail.services.reports.daemon_state import DaemonState, Disk, Trouble
from sitmail.services.reports.health import status, without_database
from sitmail.services.reports.listing import incidents
from sitmail.services.reports.plain import NoAnswer
from sitmail.services.reports.queues import held, held_one, ignored, inbox, inbox_one, outbox, outbox_one

__all__ = [
    "VERBS",
    "AnswerContext",
    "DaemonState",
    "Disk",
    "NoAnswer",
    "Trouble",
    "answer",
    "held",
    "held_one",
    "ignored",
    "inbox",
    "inbox_one",
    "incident",
    "incidents",
    "mbox",
    "outbox",
    "outbox_one",
    "raw_of",
    "status",
    "without_database",
    "writing",
]
