"""Short answers people give: yes, no, thanks, in the languages of our letters.  One table for everything that asks.

A yes that gives power is asked for more strictly (behaviour 7) than one that confirms that something works
(behaviour 3).  Words are compared one by one, so nothing here can be slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LONGEST = 400  # characters: more than that is a letter, not a short answer


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


YES = _set("yes y yep yeah yup ja jo jawohl oui ouais si sí sì confirmed confirm")
NO = _set("no n nope nein ne non not")
THANKS = _set("thanks thank thx cheers merci danke dank gracias grazie great perfect super ok okay please bitte")
# What stands round a thank you and says nothing by itself.
BESIDE_THANKS = _set(
    "you very much many so a lot again all for your the help everyone team hello hi dear "
    "schön sehr vielen herzlichen euch ihnen dir für die hilfe "
    "beaucoup bien à tous vous votre aide pour mille fois"
)
WORKS = _set(
    "works working worked work fixed solved resolved gone good fine done "
    "funktioniert geht gehts läuft klappt gelöst behoben erledigt gut "
    "marche fonctionne résolu résolue réglé réglée corrigé bon"
)
DOUBT = _set(
    "not no never but nobody still however except although though unless only sometimes almost yet "
    "nicht kein keine aber noch doch außer trotzdem nur manchmal fast leider "
    "ne pas jamais mais encore sauf toujours parfois presque pero nunca"
)
LATER = _set(
    "will ll tomorrow later try trying soon when if until maybe perhaps hope "
    "werde wird morgen später versuche versuchen bald wenn falls bis vielleicht hoffentlich "
    "demain essaie essaierai essayer bientôt quand peut-être espère could would should"
)


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case; "don't" is one."""
    return [found.lower().replace("’", "'") for found in _WORD.findall(text)]


def is_thanks(text: str) -> bool:
    """Thanks and nothing else: it moves no status and no clock."""
    said = words_of(text) if len(text) <= LONGEST else []
    return bool(said) and "?" not in text and not THANKS.isdisjoint(said) and _only(said, THANKS | BESIDE_THANKS)


def is_yes_alone(text: str, name: str = "") -> bool:
    """Yes, and nothing else but thanks or a name: the writer's own."""
    said = words_of(text) if len(text) <= LONGEST else []
    if not said or "?" in text or YES.isdisjoint(said):
        return False
    return _only(said, YES | THANKS | BESIDE_THANKS | frozenset(words_of(name)))


def is_no(text: str) -> bool:
    """Whether an answer begins with no, and says yes nowhere."""
    said = words_of(text[:LONGEST])
    return bool(said) and said[0] in NO and YES.isdisjoint(said)


def confirms(text: str, name: str = "") -> bool:
    """Yes, perhaps with thanks and with the word that it works, and without a doubt, a question or a plan.

    "Yes, it works now, thanks!", "Danke, ja"; not "Yes, but the lamp is still red", "Yes, I will try tomorrow".
    """
    if is_yes_alone(text, name):
        return True
    said = words_of(text) if len(text) <= LONGEST else []
    if not said or "?" in text or any(word in DOUBT or word in LATER or word.endswith("n't") for word in said):
        return False
    begins = next((word for word in said if word not in THANKS and word not in BESIDE_THANKS), "")
    works = not WORKS.isdisjoint(said)
    return works and (begins in YES or _only(said, WORKS | THANKS | BESIDE_THANKS | _SHORT))


# "It works now", "all good again": without a yes only such a sentence, and nothing beside it.
_SHORT = _set(
    "it that this is now all everything again well es das jetzt alles wieder ist wir ça cela tout est maintenant"
)


def _only(said: Iterable[str], known: frozenset[str]) -> bool:
    return all(word in known for word in said)
