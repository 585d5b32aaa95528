"""Marks the lines of a letter's text: the author's own, quoted and by which proof, signature.  Nothing is cut here.

Whose words they are in the end is decided by `domain.own_words`, with what the desk remembers or by these marks alone.
Linear in the text.  Forwarded letters are no quotations of an answer; `forwarding` looks for them first.
"""

from __future__ import annotations

import re

from sitmail.domain import banner, own_words
from sitmail.domain.own_words import BANNER, BELOW, FOOTER, FRAME, INSIDE, LOOSE, MARKED, OWN, SIGNATURE, WEAK
from sitmail.domain.record import record
from sitmail.reading.text import lotus_notes, signature
from sitmail.reading.text.attribution import (
    ATTRIBUTION_LINES,
    attribution,
    ends_attribution,
    groupwise,
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
from sitmail.reading.text.quote_marks import by_author, marked_below, points_below, run
from sitmail.reading.text.signature import end_of

_RULE = re.compile(r"\s{0,3}[=_*-]{3,}\s{0,3}$")
_GREETING = re.compile(rf"\s{{0,8}}(?:{'|'.join(re.escape(word) for word in GREETINGS)})[\s,.!]{{0,4}}$", re.IGNORECASE)
# Characters of a quoted line above which its end may have been wrapped: where that goes on in lower case, and else.
LONG, LONGER = 65, 76
_SIGNS = (":", ">", "--", "__", "：")  # without one of them a line neither quotes nor introduces
_SIGN = re.compile("|".join(_SIGNS))
_BETWEEN = re.compile(r"([>q])(?= \1)")
_ONE_WORD = re.compile(r"[\W_]*\w{1,9}[\W_]*$")  # `---- original ----` may be anybody's heading


@record
class Split:
    """A text by its structure alone.  `marks` has a letter for each line; `words` as `own_words` tells them apart.

    `signature` also has the closing and name at the end, which stay among the author's words.
    """

    marks: str
    words: own_words.Words
    signature: str = ""

    @property
    def new(self) -> str:
        return "\n\n".join(filter(None, (self.words.new, self.words.answers)))

    @property
    def quoted(self) -> str:
        return self.words.quoted


def split(text: str, reply: bool = False, sender: str = "") -> Split:
    """Marks the lines of a letter and tells its words apart by them.  `sender` is who it is from, by name.

    Disclaimers and advertisements are footers in a `reply` only.  If no new words would remain everything counts as
    new.  A greeting alone says nothing: what looks like a signature below it stays.
    """
    lines = text.split("\n")
    kinds = _marked(text, lines, sender)
    name = _signed(lines, kinds, reply, sender)
    marks = "".join(kinds)
    words = own_words.by_structure(lines, marks)
    return Split(marks, words, "\n".join(filter(None, (name, words.signature))))


def _marked(text: str, lines: list[str], sender: str) -> list[str]:
    """The kinds of lines, but for signatures."""
    top = banner.banner_lines(lines)
    if not any(map(text.__contains__, _SIGNS)):
        return [BANNER] * top + [OWN] * (len(lines) - top)
    return [BANNER] * top + _Marker(lines[top:] if top else lines, sender).mark()


# --- signatures


def _signed(lines: list[str], kinds: list[str], reply: bool, sender: str) -> str:
    """Marks the signatures, above and below a quotation; returns the name that ends the author's words."""
    tail, end = len(kinds), end_of(lines)
    while tail and kinds[tail - 1] == OWN:
        tail -= 1
    if 0 < tail < end:
        _sign(lines, kinds, list(range(tail - 1, end)), reply, sender)  # the line above is quoted, and ends it
    own = [at for at in own_words.places(lines, "".join(kinds)) if kinds[at] in (OWN, LOOSE)]
    own = own[: end_of([lines[at] for at in own])]
    if own and (tail == 0 or own[-1] < tail):
        own = _sign(lines, kinds, own, reply, sender)
    return signature.sign_off([lines[at] for at in own], sender)


def _sign(lines: list[str], kinds: list[str], places: list[int], reply: bool, sender: str) -> list[int]:
    """Marks what of these lines is a signature, and returns the others."""
    own = [lines[at] for at in places]
    found = signature.find_signature(own, reply, sender)
    if found.start < found.end and _GREETING.match("\n".join(own[: found.start]).strip("\n")):
        return []
    for at in places[found.start : found.end]:
        if kinds[at] == OWN:
            kinds[at] = SIGNATURE if found.sure else FOOTER
    return places[: found.start]


# --- quotations


class _Marker:
    """What quotes or introduces in some lines.  Asked about one line after the other, it looks at each a few times."""

    def __init__(self, lines: list[str], sender: str) -> None:
        self.lines, self.sender = lines, sender
        # in which lines something may quote or introduce; and one behind the last
        self.marked = [*map(bool, map(_SIGN.search, lines)), True]
        self.kinds: list[str] = []
        self.default = OWN  # what unmarked lines are, by what stands above
        self.framed = False
        self._end = 0  # no attribution ends between the line that was asked for and this one
        self._known = 0  # up to here, no header block begins

    def mark(self) -> list[str]:
        lines, kinds = self.lines, self.kinds
        while (at := len(kinds)) < len(lines):
            line = lines[at]
            below = kinds[-1:] == [FRAME]
            if line[:1] == ">" or (">" in line and line.lstrip(" \t")[0] == ">"):
                if line[:4] == ">>> " and (count := groupwise(lines, at)):
                    self._framed(at, at + count)
                else:
                    self._quoted(at)
            elif not (self.marked[at] or below) and (plain := self._plain(at)):
                self._unmarked(at, plain)
            elif below and not line.strip():
                kinds.append(FRAME)
            elif (near := self._near(at)) or self.marked[at]:
                self._introduced(at, near)
            else:
                self._unmarked(at, 1)
        return _wrapped(lines, kinds)

    def _unmarked(self, at: int, count: int) -> None:
        self.kinds += self.default * count
        if self.default in (BELOW, WEAK):
            for place in range(at, at + count):
                if by_author(self.lines[place], self.sender):
                    self.kinds[place] = INSIDE

    def _quoted(self, at: int) -> None:
        """Marked lines; inside them other letters may be introduced, which were quoted before."""
        end = at
        while end < len(self.lines) and self.lines[end].lstrip(" \t")[:1] == ">":
            end += 1
        inner = [line.lstrip("> \t") for line in self.lines[at:end]]
        ends = [":" in line and ends_attribution(line) for line in inner] if any(map(_ends, inner)) else []
        place = 0
        while place < len(inner):
            frame = _frame_inside(inner, ends, place) if ends else 0
            self.framed = self.framed or bool(frame)
            self.kinds += FRAME * frame or (MARKED if self.framed else LOOSE)
            place += frame or 1

    def _introduced(self, at: int, near: bool) -> None:
        """Perhaps this line begins a frame."""
        lines = self.lines
        if (labels := self._labels(at)) is not None:
            self._framed(*labels)
        elif original(lines[at]) or underscores(lines[at]):
            below = _next_text(lines, at + 1)
            block, end = header_block(lines, below)
            if is_header_block(block) or (block and original(lines[at])):
                self._framed(at, end)
            elif original(lines[at]) and (not _ONE_WORD.match(lines[at]) or marked_below(lines, at + 1)):
                self._framed(at - _rule_above(lines, at), at + 1)
            else:
                self._unmarked(at, 1)
        elif near and lines[at].strip() and (count := _attributed(lines, at)):
            self._attribution(at, count)
        else:
            self._unmarked(at, 1)

    def _attribution(self, at: int, count: int) -> None:
        """`On ... wrote:`, with marked lines below or without."""
        lines = self.lines
        if marked_below(lines, at + count):
            self._mark_run(at, at + count)
        elif self.default == OWN and not stands_alone(" ".join(lines[at : at + count])):
            self._unmarked(at, count)
        else:
            self.kinds += FRAME * count
            self.default = self.default if self.default == BELOW else WEAK

    def _mark_run(self, start: int, end: int) -> None:
        """A frame, and the lines below it that bear the same mark of quotation, be it `>` or another."""
        self.framed = True
        stop = run(self.lines, end)
        first = marked_below(self.lines, end)
        self.kinds[start:] = FRAME * (max(end, first) - start) + MARKED * (stop - max(end, first))

    def _framed(self, start: int, end: int) -> None:
        """A header block or a marker: all below is another letter, unless its lines are marked."""
        if marked_below(self.lines, end):
            self._mark_run(start, end)
            return
        self.kinds[start:] = FRAME * (end - start)
        if self.default != BELOW and points_below(self.lines, self.kinds[:start]):
            self.default = BELOW
            self._answered_inside(end)
        self.default, self.framed = BELOW, True

    def _answered_inside(self, at: int) -> None:
        """He says that he answers below: nobody but the desk's memory can tell where, so all of it stays."""
        while at < len(self.lines) and not (label(self.lines[at]) or original(self.lines[at])):
            self.kinds.append(INSIDE if self.lines[at].strip() else BELOW)
            at += 1

    def _labels(self, at: int) -> tuple[int, int] | None:
        """(first line, line behind the last) of a letter's labels that begin here."""
        named = label(self.lines[at])
        if not named:
            return None
        if named[0] == "to" and at and (letter := lotus_notes.letter(self.lines, at)):
            return letter.start, letter.below
        if at >= self._known:  # a later start would find no more
            block, self._known = header_block(self.lines, at)
            if is_header_block(block):
                return at - _rule_above(self.lines, at), self._known
        return None

    def _plain(self, at: int) -> int:
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

    def _near(self, at: int) -> bool:
        """An attribution may begin here: there is a line that could end it."""
        end, far = max(self._end, at), min(at + ATTRIBUTION_LINES, len(self.lines))
        while end < far and not (self.marked[end] and ends_attribution(self.lines[end])):
            end += 1
        self._end = end
        return end < far


def _ends(line: str) -> bool:
    return ":" in line


def _frame_inside(lines: list[str], ends: list[bool], at: int) -> int:
    """How many of these lines, less their marks, introduce a letter that was quoted before."""
    if any(ends[at : at + ATTRIBUTION_LINES]) and (count := _attributed(lines, at)):
        return count
    if label(lines[at]):
        block, end = header_block(lines, at)
        return end - at if is_header_block(block) else 0
    return int(original(lines[at]))


def _attributed(lines: list[str], at: int) -> int:
    """How many lines from `at` are an attribution; a short one is none without marked lines below."""
    if count := attribution(lines, at):
        return count
    if not short_attribution(lines[at]):
        return 0
    return int(bool(marked_below(lines, at + 1, tabbed="@" in lines[at])))


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


def _wrapped(lines: list[str], kinds: list[str]) -> list[str]:
    """Ends of quoted lines that a program wrapped: after a long line without a full stop, before a quoted one."""
    for found in _BETWEEN.finditer("".join(kinds)):
        at = found.start() + 1
        if lines[at].strip():
            before, here = lines[at - 1].rstrip(), lines[at]
            room = LONG if here[:1].islower() else LONGER
            if (
                len(before) >= room
                and not before.endswith((".", "?", "!", ":"))
                and here.strip()
                and here[0] not in " \t"
            ):
                kinds[at] = kinds[at - 1]
    return kinds
