"""In which of our languages somebody writes, and whether he is told that he may go on in it.

What is found decides nothing: letters are in the language that the directory names.  It only offers, once, and only
where somebody of staff reads that language.
"""

from __future__ import annotations

import re

from sitmail.domain.common_words import LANGUAGES
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.people import Person

# As their readers write; the sentence stands in a letter of another language, so that no catalogue has it.
OFFERS = {
    "en": "You are welcome to write to us in English.",
    "de": "Schreiben Sie uns gern auf Deutsch.",
    "fr": "Vous pouvez nous écrire en français.",
}
_OWN = {
    name: words - frozenset().union(*(others for other, others in LANGUAGES.items() if other != name))
    for name, words in LANGUAGES.items()
}  # small words that no other of them has
_LOOKED_AT = 4000  # characters
_ENOUGH, _TIMES = 4, 3  # so many different words of a language, and so many times those of any other


def language_of(text: str) -> str:
    """en, de or fr; "" where the words are too few, or of several languages."""
    words = set(re.findall(r"[^\W\d_]+", text[:_LOOKED_AT].lower()))
    found = sorted(((len(words & own), name) for name, own in _OWN.items()), reverse=True)
    (most, name), (next_most, _) = found[0], found[1]
    return name if most >= _ENOUGH and most >= _TIMES * next_most else ""


def offer(builder: DecisionBuilder, contact: Person) -> str:
    """The sentence for the acknowledgement of his first incident; "" if there is none to say."""
    policy, facts = builder.policy, builder.facts
    if contact.language or facts.familiar or not policy.other_languages:
        return ""
    found = language_of(builder.mail.own_words)
    return OFFERS[found] if found in policy.other_languages else ""
