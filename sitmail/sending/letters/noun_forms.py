"""The noun of a letter's sentences: incident, ticket, request or case, as `[desk] noun` says.

Sentences and their translations are written with the first noun, whole.  What changes with the noun, in its article,
its gender or its number, is a phrase of the table below, and is exchanged in the sentence before values are filled in:
people's own words are not there yet.  A translator writes a sentence so that nothing outside such a phrase agrees with
the noun, and adds the phrase if it is new; `tests/house/test_messages.py` names the sentence where one is missing.
Why so: docs/decisions/nouns-by-phrases.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sitmail.domain.nouns import NOUNS

# By language: the phrase with "incident", then with ticket, request and case.
FORMS: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "en": {
        "an incident": ("a ticket", "a request", "a case"),
        "incident": ("ticket", "request", "case"),
        "incidents": ("tickets", "requests", "cases"),
    },
    "de": {
        "Vorgang": ("Ticket", "Anfrage", "Fall"),
        "Vorgänge": ("Tickets", "Anfragen", "Fälle"),
        "diese Vorgänge": ("diese Tickets", "diese Anfragen", "diese Fälle"),
        "die offenen Vorgänge": ("die offenen Tickets", "die offenen Anfragen", "die offenen Fälle"),
        "die geschlossenen Vorgänge": (
            "die geschlossenen Tickets", "die geschlossenen Anfragen", "die geschlossenen Fälle",
        ),
        "Ihre offenen Vorgänge": ("Ihre offenen Tickets", "Ihre offenen Anfragen", "Ihre offenen Fälle"),
        "Ihrer offenen Vorgänge": ("Ihrer offenen Tickets", "Ihrer offenen Anfragen", "Ihrer offenen Fälle"),
        "Ihre geschlossenen Vorgänge": (
            "Ihre geschlossenen Tickets", "Ihre geschlossenen Anfragen", "Ihre geschlossenen Fälle",
        ),
        "Ihren Vorgängen": ("Ihren Tickets", "Ihren Anfragen", "Ihren Fällen"),
        "den Vorgang": ("das Ticket", "die Anfrage", "den Fall"),
        "dem Vorgang": ("dem Ticket", "der Anfrage", "dem Fall"),
        "der Vorgang": ("das Ticket", "die Anfrage", "der Fall"),
        "dieser Vorgang": ("dieses Ticket", "diese Anfrage", "dieser Fall"),
        "diesen Vorgang": ("dieses Ticket", "diese Anfrage", "diesen Fall"),
        "diesem Vorgang": ("diesem Ticket", "dieser Anfrage", "diesem Fall"),
        "dieses Vorgangs": ("dieses Tickets", "dieser Anfrage", "dieses Falls"),
        "ein Vorgang": ("ein Ticket", "eine Anfrage", "ein Fall"),
        "kein Vorgang": ("kein Ticket", "keine Anfrage", "kein Fall"),
        "keinen Vorgang": ("kein Ticket", "keine Anfrage", "keinen Fall"),
        "einem Vorgang": ("einem Ticket", "einer Anfrage", "einem Fall"),
        "eines Vorgangs": ("eines Tickets", "einer Anfrage", "eines Falls"),
        "die Vorgänge": ("die Tickets", "die Anfragen", "die Fälle"),
        "einen Vorgang": ("ein Ticket", "eine Anfrage", "einen Fall"),
        "einen geschlossenen Vorgang": (
            "ein geschlossenes Ticket", "eine geschlossene Anfrage", "einen geschlossenen Fall",
        ),
        "ein neuer Vorgang": ("ein neues Ticket", "eine neue Anfrage", "ein neuer Fall"),
        "Ihr früherer Vorgang": ("Ihr früheres Ticket", "Ihre frühere Anfrage", "Ihr früherer Fall"),
    },
    "fr": {
        "incident": ("ticket", "demande", "dossier"),
        "incidents": ("tickets", "demandes", "dossiers"),
        "un incident": ("un ticket", "une demande", "un dossier"),
        "un incident fermé": ("un ticket fermé", "une demande fermée", "un dossier fermé"),
        "un nouvel incident": ("un nouveau ticket", "une nouvelle demande", "un nouveau dossier"),
        "cet incident": ("ce ticket", "cette demande", "ce dossier"),
        "l'incident": ("le ticket", "la demande", "le dossier"),
        "de l'incident": ("du ticket", "de la demande", "du dossier"),
        "à l'incident": ("au ticket", "à la demande", "au dossier"),
        "d'incident": ("de ticket", "de demande", "de dossier"),
        "d'un incident": ("d'un ticket", "d'une demande", "d'un dossier"),
        "tous les incidents": ("tous les tickets", "toutes les demandes", "tous les dossiers"),
        "votre incident précédent": ("votre ticket précédent", "votre demande précédente", "votre dossier précédent"),
    },
}  # fmt: skip


def spoken_with(noun: str, language: str, gettext: Callable[[str], str]) -> Callable[[str], str]:
    """`gettext`, whose sentences call an incident by this noun."""
    forms = FORMS.get(language.partition("-")[0])
    if forms is None or noun not in NOUNS[1:]:
        return gettext
    place = NOUNS.index(noun) - 1
    found = {phrase: several[place] for phrase, several in forms.items()}
    found |= {_capital(phrase): _capital(form) for phrase, form in found.items()}
    longest_first = "|".join(re.escape(phrase) for phrase in sorted(found, key=len, reverse=True))
    phrases = re.compile(rf"(?<![\w(\[])(?:{longest_first})(?![\w)])")  # %(incident)s is a value's name

    def said(sentence: str) -> str:
        return phrases.sub(lambda match: found[match[0]], gettext(sentence))

    return said


def _capital(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]
