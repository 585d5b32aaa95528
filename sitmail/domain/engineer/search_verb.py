"""`/search WORDS`: the incidents with certain codes, people or words, in a letter.

A small function as in `engineer/verbs`.  What may be written stands in `domain/incident_search`.
"""

from __future__ import annotations

from sitmail.domain.engineer.request import Request
from sitmail.domain.incident_search import parse
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.sentence import Sentence


def search(request: Request, argument: str) -> str:
    query = " ".join(argument.split())
    found = parse(query, request.policy, request.now, request.zone(), request.engineer.id)
    request.letters.append((NoticePurpose.SHOW, {"what": "search", "query": query, "search": found.detail()}))
    return Sentence("what was found is in this letter")
