"""The table of the verbs of engineers: what carries out each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sitmail.domain.engineer import (
    absence_verbs,
    cover_verbs,
    duplicates,
    linking,
    merge_verb,
    promises,
    split_verb,
    temporary,
    to_partner,
    verbs,
)
from sitmail.domain.engineer.blocking import block
from sitmail.domain.engineer.classifying import CLASSIFYING
from sitmail.domain.engineer.event_verb import event
from sitmail.domain.engineer.help_verb import help_
from sitmail.domain.engineer.holding import hold
from sitmail.domain.engineer.kb_verb import kb
from sitmail.domain.engineer.next_action import next_action
from sitmail.domain.engineer.outside_links import link
from sitmail.domain.engineer.recall_verb import recall
from sitmail.domain.engineer.report_verb import report
from sitmail.domain.engineer.request import Request
from sitmail.domain.engineer.resolving import RESOLVING
from sitmail.domain.engineer.search_verb import queue, search
from sitmail.domain.engineer.send_verb import send
from sitmail.domain.engineer.share_verb import share
from sitmail.domain.engineer.spending import time
from sitmail.domain.engineer.standard_answer import answer
from sitmail.domain.engineer.to_order_desk import order
from sitmail.domain.engineer.to_tracker import bug
from sitmail.domain.engineer.undo_verb import undo
from sitmail.domain.engineer.waiting_answer import later
from sitmail.domain.engineer.watch_verb import watch

HANDLERS: Mapping[str, Callable[[Request, str], str]] = {
    "take": verbs.take,
    "assign": verbs.assign,
    "temp": temporary.temp,
    "colleague": temporary.colleague,
    "back": temporary.back,
    "away": absence_verbs.away,
    "status": verbs.status,
    "research": verbs.research,
    "wait": verbs.wait,
    "hold": hold,
    "later": later,
    "next": next_action,
    "priority": verbs.priority,
    "contract": cover_verbs.contract,
    "unit": cover_verbs.unit,
    "who": cover_verbs.who,
    "parent": linking.parent,
    "dup": duplicates.dup,
    "merge": merge_verb.merge,
    "split": split_verb.split,
    "undo": undo,
    "recall": recall,
    "time": time,
    "met": promises.met,
    "review": promises.review,
    "due": promises.due,
    "title": verbs.title,
    "note": verbs.note,
    "public": verbs.public,
    "keep": verbs.keep,
    "cc": verbs.cc,
    "watch": watch,
    "vendor": to_partner.vendor,
    "bug": bug,
    "order": order,
    "link": link,
    "close": verbs.close,
    "reopen": verbs.reopen,
    "show": verbs.show,
    "files": verbs.files,
    "why": verbs.why,
    "help": help_,
    "new": verbs.new,
    "event": event,
    "answer": answer,
    "send": send,
    "share": share,
    "search": search,
    "queue": queue,
    "report": report,
    "block": block,
    "kb": kb,
    **CLASSIFYING,
    **RESOLVING,
    **dict.fromkeys(verbs.HELD_VERBS, verbs.held),
}
