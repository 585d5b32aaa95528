"""`/search WORDS`: the incidents with certain codes, people or words, in a letter; `/queue NAME` is one with a name.

A small function as in `engineer/verbs`.  What may be written stands in `domain/incident_search`.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain.engineer.request import Request
from sitmail.domain.incident_search import parse
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.queues import queue_named
from sitmail.domain.sentence import Sentence

MINE = "mine"


def search(request: Request, argument: str) -> str:
    query = " ".join(argument.split())
    found = parse(query, request.policy, request.now, request.zone(), request.engineer.id)
    request.letters.append((NoticePurpose.SHOW, {"what": "search", "query": query, "search": found.detail()}))
    return Sentence("what was found is in this letter")


def queue(request: Request, argument: str) -> str:
    queues = request.policy.queues
    chosen = queue_named(argument.strip() or MINE, queues)
    found = parse(chosen.search, request.policy, request.now, request.zone(), request.engineer.id)
    detail = {
        "what": "queue",
        "query": chosen.name,
        "search": replace(found, by_deadline=True).detail(),
        "others": [one.name for one in queues if one is not chosen],
    }
    request.letters.append((NoticePurpose.SHOW, detail))
    return Sentence("the queue '%(name)s' is in this letter", name=chosen.name)
