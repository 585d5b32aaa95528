"""What marks quoted lines besides `>`, and what marks an author's lines inside a quotation.

Other marks (`|`, `#`, a tab, initials) count only below a line that introduces a quotation: alone they are anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MARK = re.compile(r"\s{0,8}([|#:%*~=!}»›+)]|\w{1,4}>)(?=\s|$)")
_ELISION = re.compile(r"\s{0,8}[\[(<]?\s?(?:\.{3}|…|snip|cut|gekürzt|schnipp|coupé)\s?[\])>]?\s{0,8}$", re.IGNORECASE)


def marked_below(lines: Sequence[str], at: int, tabbed: bool = True) -> int:
    """The first line below that bears a mark of quotation, past blank lines and elisions; 0 if none does."""
    while at < len(lines) and (not lines[at].strip() or _ELISION.match(lines[at])):
        at += 1
    return at if at < len(lines) and _mark(lines[at], tabbed) else 0


def run(lines: Sequence[str], at: int) -> int:
    """The line behind the last one below that bears the same mark; lines marked by `>` are left to others."""
    first = marked_below(lines, at)
    mark = _mark(lines[first])
    end = first
    while mark != ">" and end < len(lines):
        if lines[end].strip() and _mark(lines[end]) != mark:
            break
        end += 1
    while end > first and not lines[end - 1].strip():
        end -= 1
    return end


def _mark(line: str, tabbed: bool = True) -> str:
    """The mark of quotation at the beginning of a line, "" without one.  A tab is one, as POSIX has mailx do it."""
    bare = line.lstrip(" \t")
    if bare[:1] == ">":
        return ">"
    found = _MARK.match(line[:40])
    return found[1] if found else "\t" if tabbed and line[:1] == "\t" else ""


def by_author(line: str, sender: str) -> bool:
    """`[Anna] Yes.`, `Anna: Yes.`: a line inside a quotation that begins with the name of the mail's sender."""
    found = _NAMED.match(line[:80])
    if not found or not (found[1] or found[3]):
        return False
    return bool({word.casefold() for word in found[2].split()} & _names(sender))


# In brackets, or before a colon or an arrow.
_NAMED = re.compile(r"([\[(<{*]{0,3})\s?([^\W\d_][\w.' -]{0,40}?)\s?([:>]?)[\])>}*]{0,3}[:>]?\s")


def _names(sender: str) -> set[str]:
    """Words of a name, and its initials."""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]{2,}", sender)]
    return {*words, "".join(word[0] for word in words[:2])} if words else set()


_ANSWER = r"""(?:answers?|comments?|repl(?:y|ies)|responses?|remarks|antwort\w*|kommentar\w*|anmerkung\w*|réponses?|
    commentaires?|respuestas?|comentarios?|rispost[ae]|commenti|antwoord\w*|opmerking\w*|svar)"""
_THERE = r"""(?:below|in-?line|between|in\ the\ text|im\ text|dans\ le\ texte|en\ el\ texto|nel\ testo|unten|zwischen|
    ci-dessous|abajo|sotto|onder|hieronder|nedan|nedenfor)"""
_COLOUR = r"""(?:in|en|i|mit)\s(?:het\s)?(?:red|blue|green|colou?r|bold|caps|rot|blau|grün|farbe|rouge|bleu|vert|rojo|
    azul|verde|rosso|blu|rood|blauw|groen|rött|blått|rødt)"""
_POINTS = re.compile(
    rf"\b(?:{_ANSWER}\b.{{0,40}}\b{_THERE}|{_THERE}\b.{{0,40}}\b{_ANSWER}|{_COLOUR})\b", re.IGNORECASE | re.VERBOSE
)
_LOOKED_AT = 600  # characters


def points_below(lines: Sequence[str], kinds: Sequence[str]) -> bool:
    """The author's words above say that he answers inside the quotation below."""
    own = " ".join(line for line, kind in zip(lines, kinds, strict=False) if kind == " ")
    return len(own) <= _LOOKED_AT and bool(_POINTS.search(own))
