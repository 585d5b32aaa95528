"""Short answers people give: yes, no, thanks, in the languages of our letters.  One table for everything that asks.

A yes that gives power is asked for more strictly (behaviour 7) than one that confirms that something works
(behaviour 3).  Thanks, greetings and names say nothing by themselves; they are taken away first, and what is left
decides.  Only short texts are looked at, so nothing here can be slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LONGEST = 400  # characters: more than that is a letter, not a short answer


def words(written: str) -> frozenset[str]:
    """The words of a table, which are written with blanks between them."""
    return frozenset(written.split())


YES = words("yes y yep yeah yup ja jo jawohl oui ouais si sí sì confirmed confirm")
NO = words("no n nope nein ne non not")
PLEASE = words("please bitte svp")
WORKS = words(
    "work works working worked fixed solved resolved gone good fine done "
    "funktioniert funktionieren geht gehts läuft klappt gelöst behoben erledigt gut "
    "marche marchent fonctionne fonctionnent résolu résolue réglé réglée corrigé corrigée bon"
)
CLOSE = words("close closed schließen geschlossen abschließen abgeschlossen fermer clore clôturer")
DOUBT = words(
    "not no never but nobody still however except although though unless only sometimes almost yet "
    "nicht kein keine aber noch doch außer trotzdem nur manchmal fast leider "
    "ne pas jamais mais encore sauf toujours parfois presque pero nunca"
)
LATER = words(
    "will ll tomorrow later try trying soon when if until maybe perhaps hope "
    "werde wird morgen später versuche versuchen bald wenn falls bis vielleicht hoffentlich "
    "demain essaie essaierai essayer bientôt quand peut-être espère could would should"
)
# "It works now", "all good again": without a yes only such a sentence, and nothing beside it.
_PLAINLY = WORKS - words("gone good fine done gut bon work")  # by themselves these may be no more than politeness
_EVERYTHING = words("all everything alles tout")
_SHORT = _EVERYTHING | words(
    "it it's its that that's this is are has been now again well problem issue "
    "es das jetzt wieder ist hat sich wurde problem le la ça cela c'est est maintenant à nouveau problème"
)
_ASKING = words("is are does did do ist geht funktioniert läuft klappt hat est")  # where a pronoun follows
_PRONOUNS = words("it this that es das ça")

# What thanks, and what stands round thanks and says nothing by itself.  Words are in lower case, without punctuation.
_HELP = (
    r"(?: (?:for|für|pour)(?: (?:all|of|your|the|this|that|it|everything|so|very|quick|fast|prompt|kind|great|good|"
    r"excellent|help|helping|support|assistance|time|efforts?|work|answer|reply|response|info|information|update|"
    r"explanation|patience|service|die|das|den|ihre|ihren|eure|deine|alles|schnelle|rasche|prompte|gute|tolle|hilfe|"
    r"unterstützung|antwort|rückmeldung|mühe|arbeit|votre|ton|ta|cette|la|le|tout|aide|l'aide|réponse|rapide|soutien|"
    r"temps|travail|retour)\b)+)?"
)
_THANKING = re.compile(
    rf"\b(?:(?:many |much |again )?(?:thanks|thank (?:you|u)|thx|ty|cheers)"
    r"(?: (?:so much|very much|a lot|a million|again|indeed|all|everyone|everybody|team|guys|in advance|and)\b)*"
    r"|(?:ich |wir |nochmals |vielen |herzlichen |besten |tausend |lieben )*(?:danken?|dank)"
    r"(?: (?:sehr|schön|dir|ihnen|euch|nochmals?|auch|vielmals|im voraus|und)\b)*"
    r"|(?:un |grand |mille )*merci(?: (?:beaucoup|bien|infiniment|encore|vielmals|à tous|à vous|d'avance|et)\b)*"
    r"|je vous remercie|gracias|grazie"
    rf"){_HELP}|\b(?:great|perfect|excellent|super|wonderful|awesome|ok|okay|alright|prima|toll|klasse|parfait|génial)\b"
)
_POLITE = re.compile(
    r"\b(?:hello|hi|dear|hey|hallo|guten (?:tag|morgen|abend)|liebe[rs]?|bonjour|salut|team|"
    r"(?:with |best |kind |warm )*regards|best wishes|sincerely|yours|have a (?:nice|good|great) (?:day|weekend)|"
    r"mit freundlichen grüßen|(?:viele|liebe|beste|schöne|freundliche)(?: liebe)? grüße|gruß|mfg|lg|vg|"
    r"(?:noch )?(?:einen )?schönen tag(?: noch)?|(?:ein )?schönes wochenende|"
    r"cordialement|bien à vous|bonne (?:journée|soirée)|bon week-end)\b"
)


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case; "don't" is one."""
    return [found.lower().replace("’", "'") for found in _WORD.findall(text)]


def is_thanks(text: str, *names: str) -> bool:
    """Thanks and nothing else but greetings and these names: it moves no status and no clock."""
    if len(text) > LONGEST or "?" in text:
        return False
    thanked, rest = _bare(text, names)
    return thanked and not rest


def only_courtesy(text: str, *names: str) -> bool:
    """Nothing, or nothing but thanks, greetings and these names."""
    return len(text) <= LONGEST and "?" not in text and not _bare(text, names)[1]


def is_yes_alone(text: str, *names: str) -> bool:
    """Yes, and nothing else but thanks or a name: the writer's own."""
    if len(text) > LONGEST or "?" in text:
        return False
    rest = _bare(text, names)[1]
    return not YES.isdisjoint(rest) and _only(rest, YES | PLEASE)


def is_no(text: str) -> bool:
    """Whether an answer begins with no, and says yes nowhere."""
    said = words_of(text[:LONGEST])
    return bool(said) and said[0] in NO and YES.isdisjoint(said)


def confirms(text: str, *names: str) -> bool:
    """Yes, perhaps with thanks and with the word that it works, and without a doubt, a question or a plan.

    "Yes, it works now, thanks!", "Danke, ja"; not "Yes, but the lamp is still red", "Yes, I will try tomorrow".
    """
    if is_yes_alone(text, *names):
        return True
    rest = _bare(text, names)[1] if len(text) <= LONGEST and "?" not in text else []
    if not rest or doubts(rest):
        return False
    if rest[0] in YES:
        return not (WORKS | CLOSE).isdisjoint(rest)
    asks = rest[0] in _ASKING and len(rest) > 1 and rest[1] in _PRONOUNS  # "is it fixed now", without its mark
    sure = not _PLAINLY.isdisjoint(rest) or not (_EVERYTHING.isdisjoint(rest) or WORKS.isdisjoint(rest))
    return sure and not asks and _only(rest, WORKS | _SHORT)


def doubts(said: Iterable[str]) -> bool:
    """Whether a doubt, a restriction or a plan is among the words."""
    return any(word in DOUBT or word in LATER or word.endswith("n't") for word in said)


def _bare(text: str, names: Iterable[str]) -> tuple[bool, list[str]]:
    """(whether it thanks, the words that are left without thanks, courtesies and names)."""
    said = " ".join(words_of(text))
    rest = _THANKING.sub("", said)
    named = {word for name in names for word in words_of(name)}
    return rest != said, [word for word in _POLITE.sub("", rest).split() if word not in named]


def _only(said: Iterable[str], known: frozenset[str]) -> bool:
    return all(word in known for word in said)
