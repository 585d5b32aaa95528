"""New words, quotation and signature of a letter's text.

Losing an author's words is worse than showing a quotation: what is not surely quoted stays.  Linear in the text.
Forwarded letters are no quotations of an answer; `forwarding` looks for them first.
"""

from __future__ import annotations

import re

from sitmail.domain import banner
from sitmail.domain.record import record
from sitmail.reading.text import lotus_notes, signature
from sitmail.reading.text.attribution import (
    ATTRIBUTION_LINES,
    attribution,
    ends_attribution,
    has_digit,
    header_block,
    is_header_block,
    label,
    original,
    original_bare,
    short_attribution,
    stands_alone,
    underscores,
)
from sitmail.reading.text.client_phrases import GREETINGS
from sitmail.reading.text.signature import end_of

_QUOTED = re.compile("[>ax]+")  # kinds of lines
_RULE = re.compile(r"\s{0,3}[=_*-]{3,}\s{0,3}$")
_GREETING = re.compile(rf"\s{{0,8}}(?:{'|'.join(re.escape(word) for word in GREETINGS)})[\s,.!]{{0,4}}$", re.IGNORECASE)


@record
class Split:
    """`new` is what the author wrote now, `quoted` what he answered, `signature` what his program adds."""

    new: str
    quoted: str = ""
    signature: str = ""


def split(text: str, reply: bool = False, sender: str = "") -> Split:
    """Splits the text of a letter.  Interleaved answers stay whole, with what they answer.

    If no new words would remain everything counts as new, but in a `reply`: that may be nothing but a quotation.  A
    greeting alone says nothing: what looks like a signature below it stays.  The name of the `sender` at the end is
    told as signature too, but stays where it is.
    """
    new, quoted = _divided(text, text.split("\n"))
    if not new:
        return Split("", text.strip("\n")) if reply and text.strip() else Split(text.strip("\n"))
    kept, ending = signature.cut(new, reply)
    body = "\n".join(kept).strip("\n")
    if not body.strip():
        if not reply or not quoted:
            return Split(text.strip("\n"))
        return Split("", _joined(quoted), ending)
    if ending and _GREETING.match(body):
        return Split(_joined(new), _joined(quoted), ending)
    name = signature.sign_off(kept, sender)
    return Split(body, _joined(quoted), "\n".join(filter(None, (name, ending))))


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def _divided(text: str, lines: list[str]) -> tuple[list[str], list[str]]:
    """The new and the quoted lines; no new ones, if there is no word in them."""
    top = banner.height(lines)
    drawn = ("-" in text and "--" in text) or ("_" in text and "__" in text)  # single letters are found far quicker
    wide = "：" in text
    if not (drawn or wide or ":" in text or ">" in text):
        new = lines[top:] if top else lines
        return (new if any(map(str.strip, new)) else []), lines[:top]
    kinds = "b" * top + _mark(lines[top:] if top else lines, drawn or wide)
    first = next((n for n, kind in enumerate(kinds) if kind == " " and lines[n].strip()), None)
    if first is None:
        return [], lines
    last = kinds.rindex(" ")
    while not lines[last].strip():
        last = kinds.rindex(" ", 0, last)
    return _sorted(lines, kinds, first, last)


def _mark(lines: list[str], drawn: bool) -> str:
    """One letter a line: ` ` own, `>` quoted by marks, `a` attribution, `x` quoted because of what stands before.

    (And `b` for a banner's, which is not looked for here.)  `drawn`: there may be ruled lines, or wide colons.
    """
    marks = _Marks(lines, [">" in line or ":" in line or (drawn and not _ordinary(line)) for line in lines])
    kinds: list[str] = []
    while (at := len(kinds)) < len(lines):
        line = lines[at]
        below = kinds[-1:] == ["a"]  # an attribution
        if line[:1] == ">":
            kinds += ">" * _run(lines, at)
        elif not (marks.marked[at] or below) and (plain := marks.plain(at)):
            kinds += " " * plain
        elif ">" in line and line.lstrip(" \t")[0] == ">":
            kinds.append(">")
        elif below and not line.strip():
            kinds.append("a")
        elif not ((near := marks.near(at)) or marks.marked[at]):
            kinds.append(" ")
        elif (begins := marks.rest(at)) >= 0 or (cut := _cut(lines, at, near)) < 0:
            begins = begins if begins >= 0 else at - _rule_above(lines, at)
            return "".join(kinds[:begins]) + "x" * (len(lines) - begins)
        else:
            kinds += "a" * cut + ">" * _tabbed(lines, at + cut) if cut else " "
    return _wrapped(lines, "".join(kinds))


class _Marks:
    """What quotes or introduces in some lines.  Asked about one line after the other, it looks at each a few times."""

    def __init__(self, lines: list[str], marked: list[bool]) -> None:
        """`marked`: in which lines something quotes or introduces, at a cheap look."""
        self.lines = lines
        self.marked = [*marked, True]  # so that there is a next one
        self._end = 0  # no attribution ends between the line that was asked for and this one
        self._known = 0  # up to here, no header block begins

    def plain(self, at: int) -> int:
        """How many lines from `at` are not marked, and too far above the next marked one to begin an attribution.

        Nor can those that have no digit.
        """
        first = self.marked.index(True, at)
        if first == len(self.lines):
            return first - at
        end = max(at, first - ATTRIBUTION_LINES + 1)
        while end < first and not has_digit(self.lines[end]):
            end += 1
        return end - at

    def near(self, at: int) -> bool:
        """An attribution may begin here: there is a line that could end it."""
        end, far = max(self._end, at), min(at + ATTRIBUTION_LINES, len(self.lines))
        while end < far and not (self.marked[end] and ends_attribution(self.lines[end])):
            end += 1
        self._end = end
        return end < far

    def rest(self, at: int) -> int:
        """From which line on all is another letter, if the labels at `at` say so; else -1."""
        named = label(self.lines[at])
        if not named:
            return -1
        if named[0] == "to" and at and (letter := lotus_notes.letter(self.lines, at)):
            return letter.start
        if at >= self._known:  # a later start would find no more
            block, self._known = header_block(self.lines, at)
            if is_header_block(block):
                return at - _rule_above(self.lines, at)
        return -1


def _run(lines: list[str], at: int) -> int:
    """How many lines from `at` begin with a mark."""
    end = at
    while end < len(lines) and (line := lines[end]) and line[0] == ">":
        end += 1
    return end - at


def _ordinary(line: str) -> bool:
    """Most lines: nothing in them quotes or introduces."""
    return not (":" in line or ">" in line or "--" in line or "__" in line or "：" in line)


def _cut(lines: list[str], at: int, near: bool) -> int:
    """0: an ordinary line; n: an attribution of n lines with marked quotation below; -1: all below is quotation."""
    line = lines[at]
    if original(line):
        return -1
    if underscores(line):
        return -1 if is_header_block(header_block(lines, _next_text(lines, at + 1))[0]) else 0
    if not near or not line.strip():  # no line that could end an attribution, or begin one
        return 0
    below = attribution(lines, at)
    if not below and short_attribution(line):
        below = 1 if _quoted_below(lines, at + 1) or ("@" in line and _tabbed(lines, at + 1)) else 0
    elif below and not (_quoted_below(lines, at + below) or _tabbed(lines, at + below)):
        return -1 if stands_alone(" ".join(lines[at : at + below])) else 0
    return below


def _rule_above(lines: list[str], at: int) -> int:
    """How many lines up to a ruled line directly above; 0 without one."""
    above = end_of(lines[:at])
    if not above or not (_RULE.match(lines[above - 1][:200]) or original_bare(lines[above - 1])):
        return 0
    return at - above + 1


def _next_text(lines: list[str], at: int) -> int:
    """The next line from `at` that is not blank."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _quoted_below(lines: list[str], at: int) -> bool:
    at = _next_text(lines, at)
    return at < len(lines) and lines[at].lstrip(" \t")[:1] == ">"


def _tabbed(lines: list[str], at: int) -> int:
    """How many lines below an attribution are quoted by a tab, as POSIX has mailx do it (`indentprefix`)."""
    end = at
    while (text := _next_text(lines, end)) < len(lines) and lines[text][0] == "\t":
        end = text + 1
    return end - at


def _wrapped(lines: list[str], told: str) -> str:
    """Ends of quoted lines that a program wrapped: after a long line without a full stop, before a quoted one."""
    if "> >" not in told:
        return told
    kinds = list(told)
    for at in range(1, len(lines) - 1):
        if kinds[at] == " " and kinds[at - 1] == ">" and kinds[at + 1] == ">" and lines[at].strip():
            before, here = lines[at - 1].rstrip(), lines[at]
            if len(before) >= 65 and not before.endswith((".", "?", "!", ":")) and here[:1].islower():
                kinds[at] = ">"
    return "".join(kinds)


def _sorted(lines: list[str], kinds: str, first: int, last: int) -> tuple[list[str], list[str]]:
    """The new and the quoted lines; own words stand between the `first` and the `last`.

    Own words between two quotations make an interleaved answer: all up to the last own word stays.
    """
    above = len(kinds) - len(kinds.lstrip(" "))
    if " " not in kinds[above:]:  # as most: own words, and below them nothing or a quotation
        return lines[:above], lines[above:]
    if _QUOTED.search(kinds, 0, last) is None:
        pairs = list(zip(lines, kinds, strict=True))
        return [line for line, kind in pairs if kind == " "], [line for line, kind in pairs if kind != " "]
    before = "".join(kinds[n] if kinds[n] != " " or lines[n].strip() else "" for n in range(last + 1))
    runs = len(_QUOTED.findall(before))  # quotations that own words follow
    answered = runs > 0
    trailing = ">" in kinds[last + 1 :]
    interleaved = answered and (runs > 1 or (trailing and _answers_below(kinds, lines, last)))
    if interleaved:
        start = first if kinds[first] == " " and first < _first_quote(kinds) else _first_quote(kinds)
        new = list(range(min(start, first), last + 1))
    else:
        new = [n for n in range(len(lines)) if kinds[n] == " "]
    chosen = set(new)
    return [lines[n] for n in new], [line for n, line in enumerate(lines) if n not in chosen]


def _first_quote(kinds: str) -> int:
    return next((n for n, kind in enumerate(kinds) if kind not in " b"), len(kinds))


def _answers_below(kinds: str, lines: list[str], last: int) -> bool:
    """A quotation goes on directly below the last own words, without an attribution of its own."""
    below = next((n for n in range(last + 1, len(lines)) if kinds[n] != " "), len(lines))
    return below < len(lines) and kinds[below] == ">"
