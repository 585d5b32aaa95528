"""Who is told what, written a second time: the table of `domain/who_is_told` has to be this one, cell by cell.

A line is what happened, then letters and who gets them: `letter` always, `letter<level>` by the reader's level,
`[letter]` where `[tell]` says so, `{letter}` where `[[escalation]]` does, `(letter)` where an admin
wants it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.who_is_told import Cell, Happening, Level, Role, When

CELLS = """
opened: acknowledgement contact; [joined] participant; assigned owner; unowned on_duty; watched watcher
opened: [every_incident] account_manager; (every_incident) admin
critical: [every_incident] manager
owner-changed: changed<all> contact participant; assigned owner; (every_incident) admin
owner-changed: changed_staff temporary_owner former_owner watcher on_duty
answered: answer<replies> contact participant; answer_copy owner temporary_owner watcher; (every_incident) admin
visible-event: event<replies> contact participant
noted: note owner temporary_owner watcher
wrote: words<replies> contact participant; customer_wrote owner temporary_owner on_duty watcher; (every_incident) admin
status-changed: changed<all> contact participant; changed_staff owner temporary_owner on_duty watcher
status-changed: (every_incident) admin
chased: chased<replies> contact; [chased] participant
unresponsive: unanswered owner temporary_owner on_duty watcher manager
warning: sla_warning owner temporary_owner on_duty watcher
late: sla_late owner temporary_owner on_duty watcher manager; {escalated} account_manager; {delayed}<all> contact
late: (sla_late) admin
level-reached: level_reached owner temporary_owner on_duty watcher
review-due: sla_late owner temporary_owner on_duty manager; (sla_late) admin
follow-up-due: changed_staff owner temporary_owner on_duty
closure-requested: closure_noted writer; words<replies> contact participant; (every_incident) admin
closure-requested: closure_requested owner temporary_owner on_duty watcher
resolved: resolved<replies> contact participant; changed_staff owner temporary_owner watcher; (every_incident) admin
closed: customer_closed writer; customer_closed<important> contact participant; [vendor_closed] vendor
closed: changed_staff owner temporary_owner watcher; (every_incident) admin
reopened: changed writer; changed<important> contact participant; changed_staff owner temporary_owner watcher
reopened: [every_incident] manager; (every_incident) admin
feedback-asked: feedback_asked<all> contact
feedback: feedback_given owner temporary_owner on_duty watcher
feedback-low: feedback_given owner temporary_owner on_duty watcher manager
vendor-asked: vendor_asked vendor; note owner temporary_owner watcher; [every_incident] manager
vendor-wrote: vendor_wrote owner temporary_owner on_duty watcher; [every_incident] manager
bug-fixed: bug_fixed contact participant; changed_staff owner temporary_owner on_duty watcher
joined: joined contact participant
held: held owner temporary_owner on_duty watcher
refused: not_covered writer; held on_duty account_manager; (every_incident) admin
contract-low: contract account_manager admin
contract-ends: contract account_manager admin
away: stands_in temporary_owner
unplaced: stands_in manager
back: while_away owner; handed_back former_owner
not-delivered: delivery_failed owner temporary_owner on_duty watcher; (delivery_failed) admin
trouble: trouble admin
"""
WHEN = {"": When.ALWAYS, "[": When.CONFIGURED, "{": When.ESCALATION, "(": When.WISH}
CELL = re.compile(r"([\[{(]?)(\w+)[\]})]?(?:<(\w+)>)?((?: \w+)+)")


def _written() -> Mapping[Happening, Mapping[Role, Cell]]:
    found: dict[Happening, dict[Role, Cell]] = {}
    for line in CELLS.strip().splitlines():
        what, _, cells = line.partition(": ")
        for mark, letter, level, roles in CELL.findall(cells):
            when = When.LEVEL if level and not mark else WHEN[mark]
            cell = Cell(when, NoticePurpose(letter), Level(level or "replies"))
            found.setdefault(Happening(what), {}).update(dict.fromkeys(map(Role, roles.split()), cell))
    return found


WRITTEN = _written()
