"""Whether words speak of a file that goes with them, in the languages of letters: "attached", "anbei", "ci-joint".

Only what plainly says that the writer sends one counts, sentence by sentence: no question, no negation, no file of the
reader's ("your attachment", "bitte anhängen"), none that was sent before.  When in doubt there is no promise.
"""

from __future__ import annotations

import re

_THINGS = (
    "file|files|document|documents|pdf|patch|screenshot|screenshots|picture|pictures|image|images|photo|photos|log|logs|"
    "script|form|guide|manual|instructions|quote|quotation|invoice|report|spreadsheet|list|zip|archive|copy|diagram|"
    "drawing|template|sheet|plan|letter|certificate|installer|firmware"
)
_DONE = "(?:attached|enclosed)"
_PLACES = "(?:settings?|size|limit|folder|field|window|menu)"  # "the attachment settings"
_PIECE = "(?:pi[eè]ces?[- ]jointes?|pj)"
_PROMISES = (
    # English
    r"\b(?:i|we)(?:'ve| have|'m| am| are|'re|'ll| will)?(?: also| now| just)* (?:attach|enclose?)(?:ed|d|ing)?\b",
    rf"\b(?:find|see|open|read|use|follow|run|install|fill in|sign|print)(?: in)?(?: the| my| our)? {_DONE}\b",
    rf"\b(?:the|an?|my|our|this|these) {_DONE} (?:\w+[ -]){{0,2}}(?:{_THINGS})\b",
    rf"\b(?:is|are|'s|please) (?:also |now |both )?{_DONE}\b(?! (?:to|with|by|in|on|at)\b)",
    rf"\b(?:is|are|'s) (?:also |now |both )?{_DONE} (?:to|with|in) this (?:e-?mail|mail|message|letter|reply)\b",
    rf"^\W*{_DONE}(?: (?:is|are|please|you|below|here|find|a|an|the|my|our)\b|\W*$)",
    rf"\b(?:see|in) (?:the |my |our )?(?:attachments?|enclosures?)\b(?! {_PLACES}\b)",
    r"\bas (?:an )?attachments?\b",
    rf"\(\s*(?:see )?(?:{_DONE}|attachment)\s*\)",
    # German
    r"\banbei\b",
    r"\b(?:im|in dem|als|s\.|siehe|siehe im) (?:anhang|attachment)\b",
    r"\b(?:in|als) (?:der )?anlage\b(?! \d)",
    r"\b(?:angeh(?:ä|ae)ngt|beigef(?:ü|ue)gt|beiliegend|anliegend)(?:e[nrs]?)?\b",
    r"\b(?:füge|fügen|hänge|hängen) (?:ich|wir)\b.{0,80}\b(?:bei|an)\b",
    r"\b(?:ich|wir) (?:füge|fügen|hänge|hängen)\b.{0,80}\b(?:bei|an)\b",
    # French
    r"\bci[- ]joint(?:e|s|es)?\b",
    rf"\ben (?:{_PIECE}|annexe)\b",
    r"\b(?:je|nous)(?: vous)? (?:joins|joignons)\b",
    rf"\b(?:voir|voyez|dans|cf\.?) (?:la |les |ma |nos? )?{_PIECE}\b",
)
_PROMISE = re.compile("|".join(_PROMISES), re.IGNORECASE)
_MAY_PROMISE = re.compile("attach|enclos|anbei|anh|angeh|anlage|beig|lieg|füge|hänge|join|annexe|pj", re.IGNORECASE)
# What makes it none: a negation, a condition, something of the reader's or of another time, a thing with a cable.
_NOT_WORDS = r"""
    not no never cannot without if unless when once should would might had was were earlier previous previously before
    last yesterday already again you your yours he she they his her their customer thanks thank envoyez renvoyez joignez
    nicht kein\w*
    ohne nie wenn falls sobald war waren hatten? gestern vorhin vorher letzten? bereits schon ihr\w* dank\w*
    pas sans aucun\w* jamais si quand hier déjà précédent\w* dernier\w* votre vos merci
    cables? printers? disks? drives? monitors? devices? keyboards? phones? servers? units? sensors?
""".split()  # noqa: SIM905
_NOT_PHRASES = (
    r"(?:send|forward|provide)(?= (?:it|them|this|that|us|me|the|a)\b)",
    r"(?:senden|schicken) sie(?= (?:mir|uns|es|das|die|den))",
    r"bitte(?= .{0,60}\b(?:an|bei)\b)",
)
_NOT = re.compile(rf"\b(?:{'|'.join((*_NOT_WORDS, *_NOT_PHRASES))})\b|n't\b|\bn'", re.IGNORECASE)
# "please find attached", "I send you the attached", "anbei Ihre Rechnung": the reader is named, and it is his to read.
_HIS_PHRASES = (
    r"(?:you|your) (?:(?:can|may|will|could|should) )?(?:find|see)",
    r"(?:for|to|send|sending|sent|give|show|get) you",
    r"(?:erhalten|finden|bekommen|haben|für|können) (?:sie|ihnen)",
    r"(?:senden?|schicken?) (?:ich |wir )?ihnen",
    r"(?:sie|ihnen) (?:finden|erhalten|bekommen)",
    r"for your (?:reference|information|records?|review|convenience)",
    rf"{_DONE}\W+(?:you|your (?:copy|invoice|quote|quotation|licen[cs]e|certificate))",
    r"(?:ihre|ihr) (?:rechnung|angebot|lizenz|kopie)",
    r"votre (?:facture|devis|licence|copie)",
    r"the \w+ you (?:asked|wanted|requested)",
)
_HIS = re.compile(rf"\b(?:{'|'.join(_HIS_PHRASES)})\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?\n]*(?:\.(?=\S)[^.!?\n]*)*[.!?]*(?:\n(?!\n)(?=[a-zäöüàâéèêëîïôûç(])[^.!?\n]*[.!?]*)*")
SHOWN = 160  # characters of a sentence that its author gets back
MOST = 40_000  # characters that are looked at


def promise(words: str) -> str:
    """The sentence in which these words promise a file; "" if none does."""
    text = words[:MOST].replace("\u2019", "'")
    if not _MAY_PROMISE.search(text):  # as in nearly all
        return ""
    for sentence in _SENTENCE.findall(text):
        line = " ".join(sentence.split())
        if not line or line.endswith("?") or not _PROMISE.search(line):
            continue
        if not _NOT.search(_HIS.sub(" ", line)):
            return line[:SHOWN]
    return ""
