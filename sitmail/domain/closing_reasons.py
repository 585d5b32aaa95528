"""Whether an answer to "why shall we close it?" is a reason, or says that it is not to be closed (behaviour 3).

"We bought another printer", "no longer needed" are reasons; "no, still broken", "please wait", a question are none.
Where the words leave it open they are taken for a reason: the owner reads them before he closes anything.
"""

from __future__ import annotations

import re

from sitmail.domain.short_answers import NO, WORKS, confirms, words, words_of

_STILL = words("still yet noch immer toujours encore")
_NEGATED = words("no not never cannot nope nein nicht nie kein keine keinen non ne pas plus jamais")
# Words that, denied, say that nothing is wanted any more.
_NEED = re.compile(
    r"\b(?:need|needs|needed|necessary|required?|relevant|want|wanted|use|used|using|urgent|important|interested|"
    r"brauch\w*|benötig\w*|gebraucht|nötig|notwendig|relevant|wichtig|dringend|besoin|nécessaires?|utiles?)\b"
)
_HARMLESS = re.compile(
    r"\b(?:never ?mind|no (?:problems?|issues?|worries)|keine? probleme?|(?:pas|plus) de (?:problème|souci)s?)\b"
)
_GONE = re.compile(r"\b(?:no longer|nicht mehr|ne (?:\w+ )?plus)\b")
_KEEP = re.compile(
    r"\b(?:wait|warten?|wartet|attendez|(?:is|it's|are|again|remains) broken|wieder kaputt|ist kaputt|en panne|"
    r"(?:keep|leave|stay|remain)s?(?: \w+){0,2} open|offen (?:lassen|halten|bleiben)|bleibt offen|"
    r"(?:laisse[rz]?|garde[rz]?|reste)(?: \w+){0,2} ouverte?)\b"
)


def is_reason(text: str, *names: str) -> bool:
    """Whether this says why it may be closed.  `names` are those that may stand beside it."""
    if confirms(text, *names):
        return True
    if "?" in text:
        return False
    said = _HARMLESS.sub("", " ".join(words_of(text)))
    left = said.split()
    if not left:
        return bool(words_of(text))  # "never mind"
    if not _STILL.isdisjoint(left) or _KEEP.search(said):
        return False
    denied = not _NEGATED.isdisjoint(left) or any(word.endswith("n't") for word in left)
    if denied and _NEED.search(said):
        return True
    if _GONE.search(said):
        return WORKS.isdisjoint(left)  # "no longer happens", but not "no longer works"
    return not denied and left[0] not in NO
