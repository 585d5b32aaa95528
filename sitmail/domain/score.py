"""Reads the answer to "how did we do?": a number on the first line, and words beneath it if its writer likes.

The number stands alone, or with what says that it is a score: "4", "4/5", "5!", "four", "**5**", "3 stars",
"5, thanks", "2 - it took too long".  Anything else is words: "5 days ago it broke again" is none.  A number that the
scale does not have ("0", "6", "10/10", "3.5", "4-5") is told from words, too: its writer is asked again.
"""

from __future__ import annotations

import re

from sitmail.domain.record import record
from sitmail.domain.short_answers import doubts, is_thanks, words, words_of

LONGEST_LINE = 300  # a longer first line is words
# Words that stop what nobody should be asked again.
_ENOUGH = frozenset(
    {
        *("unsubscribe", "stop", "stop feedback", "no feedback", "do not ask me again"),
        *("abmelden", "abbestellen", "keine umfrage", "keine umfragen", "stopp"),
        *("désabonner", "désinscrire", "se désabonner", "se désinscrire", "désinscription", "arrêt"),
    }
)
_NUMBERS = {
    word: value
    for words, value in (
        ("zero null zéro", 0),
        ("one eins un une", 1),
        ("two zwei deux", 2),
        ("three drei trois", 3),
        ("four vier quatre", 4),
        ("five fünf fuenf cinq", 5),
        ("six sechs", 6),
        ("seven sieben sept", 7),
        ("eight acht huit", 8),
        ("nine neun neuf", 9),
        ("ten zehn dix", 10),
    )
    for word in words.split()
}
# Words that say how it was, and what stands beside them: "4 quick and friendly".
_HOW = words(
    "very really so and but the your with for all as always quite rather "
    "good great excellent perfect fine ok okay super top quick fast friendly helpful kind competent "
    "nice satisfied happy "
    "bad poor slow terrible awful unfriendly disappointing disappointed service support work job help answer answers "
    "sehr und der die das ihr ihre mit alles gut bestens prima toll schnell freundlich hilfreich kompetent zufrieden "
    "schlecht langsam unfreundlich enttäuschend enttäuscht arbeit hilfe antwort "
    "très et le la votre avec tout bien bon bonne parfait excellente rapide sympathique aimable compétent satisfait "
    "satisfaite mauvais lent lente déçu déçue travail aide réponse"
)
_DECORATION = (
    " \t\xa0*_~`#\"'“”„«»‹›‘’()[]{}<>|⭐★☆\ufe0f\u20e3\u200b\u200e\u200f"  # emphasis, quotation, stars, keycaps
)
_WORD = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_OUT_OF = r"(?:\s*/\s*|\s+(?:out\s+of|of|von|sur)\s+)"
_BEFORE = r"(?:my\s+)?(?:score|rating|note|bewertung|wertung|i\s+(?:would\s+)?give(?:\s+you)?)(?:\s+is)?\s*[:=]?\s*"
_SCORE = re.compile(
    rf"(?:{_BEFORE})?(?P<sign>[-−]\s?)?(?P<said>\d{{1,3}}|{_WORD})(?P<part>[.,]\d+|\s?(?:-|–|or|oder|ou|bis|à|to)\s?\d+)?"
    rf"(?:{_OUT_OF}(?P<most>\d{{1,3}}|{_WORD}))?"
    r"(?:\s+(?:stars?|points?|sterne?|punkte?|étoiles?|out))?"
    r"(?P<rest>\s*(?:[.!?]*\s*$|[,;:!.]+\s+\S.*|\s[-–—]+\s*\S.*|[*_]+\s.*|\s+.*))?\Z",
    re.IGNORECASE | re.DOTALL,
)
_BREAKS = re.compile(r"\s*(?:[,;:!]+|[-–—]+|[*_]+)\s+")  # between the number and words that comment on it
_LISTED = re.compile(r"^\s*\d{1,3}\s?[-–.:)]\s", re.MULTILINE)  # a further number: it is a list, and the first no score


@record
class Answer:
    """`score` None: a number that the scale does not have, or (`enough`) no number, but the wish not to be asked again.

    `words` are what its writer wrote beside the number.
    """

    score: int | None
    words: str = ""
    enough: bool = False


def read(text: str, scale: int, *names: str) -> Answer | None:
    """What is answered; None where it is words.  `names` may stand beside thanks: the writer's, the desk's."""
    first, _, below = text.strip().partition("\n")
    bare, below = first.strip(_DECORATION), below.strip()
    if len(first) > LONGEST_LINE:
        return None
    if " ".join(words_of(bare)) in _ENOUGH and not below:
        return Answer(None, enough=True)
    found = _SCORE.match(bare)
    if found is None:
        return None
    comment = _comment(found["rest"] or "", names)
    if comment is None or _LISTED.search(below):
        return None
    said = "\n".join(filter(None, (comment, below)))
    value, most = _value(found["said"]), _value(found["most"]) if found["most"] else scale
    whole = not (found["sign"] or found["part"])
    fits = whole and most == scale and 1 <= value <= scale
    return Answer(value if fits else None, said)


def _value(said: str) -> int:
    return int(said) if said.isdecimal() else _NUMBERS[said.lower()]


def _comment(rest: str, names: tuple[str, ...]) -> str | None:
    """The words behind the number on its line; None where the number is part of them."""
    plain = rest.strip(_DECORATION + ".!?,;:-–—")
    if not plain or _BREAKS.match(rest):
        return plain
    said = words_of(plain)
    clause = re.split(r"[,;:.!]|\s[-–—]\s", plain, maxsplit=1)[0]
    praises = _HOW.issuperset(said) and not any(map(str.isdigit, plain))
    if doubts(said) or not (is_thanks(clause, *names) or praises):
        return None
    return plain
