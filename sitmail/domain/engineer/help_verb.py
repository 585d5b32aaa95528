"""`/help`: the list of verbs, one of them, or the words of this desk."""

from __future__ import annotations

from typing import Any

from sitmail.domain.commands import unknown
from sitmail.domain.engineer.request import Request
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.sentence import Sentence
from sitmail.domain.terms import MEANT, TERMS, for_staff, nearly, plain
from sitmail.domain.verb_names import verb_of
from sitmail.domain.verbs import STAFF


def help_(request: Request, argument: str) -> str:
    if len(argument.split()) > 1:
        raise ValueError(Sentence("one verb behind /help, such as /help assign, or none for all of them"))
    word = argument.strip().lstrip("/").lower()
    if word in TERMS:
        detail: dict[str, Any] = {
            "what": "help",
            "query": "terms",
            "verb": "",
            "terms": plain(for_staff(request.policy)),
        }
        request.letters.append((NoticePurpose.STAFF_HELP, detail))
        return Sentence("what the words of this desk mean is in this letter")
    verb = verb_of(word)
    if verb and (verb not in STAFF or STAFF[verb].later):
        raise ValueError(MEANT if nearly(verb) else unknown(verb, STAFF))
    request.letters.append((NoticePurpose.STAFF_HELP, {"what": "help", "verb": verb}))
    return Sentence("help is in this letter")
