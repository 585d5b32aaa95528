"""Reads one line as a command.  This is the only place that decides whether a line is one.

The parser of commands, the check for quoted commands and the look-up of what commands name all use it, so that they
agree.  Where a command may stand in a letter is decided in `commands`.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection

from sitmail.domain.record import record
from sitmail.domain.verb_names import verb_of

# Invisible characters, which programs and phones put round words.
_UNSEEN = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
    "\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\ufe0e\ufe0f\ufeff"
)
_SLASHES = "/\\\\\uff0f\uff3c\u2215\u2044\u29f8\u29f5"  # used inside a character class, hence the doubled backslash
_HYPHENS = "\u2010\u2011"  # other dashes count as punctuation
_REMOVED = re.compile(f"[{_UNSEEN}]")
_SLASH = re.compile(f"[{_SLASHES}]")
_HYPHEN = re.compile(f"[{_HYPHENS}]")
_ENDS = _UNSEEN + "".join(filter(str.isspace, map(chr, range(0x3001))))  # U+3000 is the last blank of Unicode
# The part of a line that decides whether it is a command: everything up to the first blank after its first word.
_HEAD = re.compile(r"(?:[\W_]{0,200}[0-9]{1,9}[.):])?[\W_]{0,200}[^\W_]\S{0,80}")
_MARK = r"(?:[^\w/`>|]|_)"  # list marks, emphasis and quotes, but not `>`, `|` or a backtick
_WORD = r"(?P<word>[^\W\d_][^\W_]*(?:-[^\W_]+)*)"
_TYPED = re.compile(
    rf"(?:(?P<marks>{_MARK}*)(?<![:;=])(?<![:;=]-)|{_MARK}*(?P<number>[0-9]{{1,9}})[.):]{_MARK}*)"
    rf"/(?P<more>(?:{_MARK}|/)*){_WORD}(?P<tail>(?:[\W_].*)?)",
    re.DOTALL,
)
_BARE = re.compile(rf"{_WORD}(?P<tail>\.?)")
_PATH = re.compile(r"/[^\W_]")
_CLINGING = re.compile(r"[^\w/@#+<]+|_")
_CLOSING = str.maketrans("([{\u201c\u201e\u2018\u00ab", ")]}\u201d\u201c\u2019\u00bb")
NEAR = 0.75  # ratio of `difflib` from which a word is taken for a misspelt verb


@record
class Line:
    """A line that looks like a command.  `verb` is in English and lower case, and may not exist.

    `exact`: written as documented, apart from changes that phones make; else it is a near miss (`/note:`, `//note`,
    `- /note`).  `numbered`: the line begins with a number, as lines to the command address do.
    """

    verb: str
    argument: str
    exact: bool
    numbered: bool = False

    def like(self, verbs: Collection[str]) -> str:
        """The one of `verbs` that was probably meant, or "" if none is similar."""
        first = self.verb.partition("-")[0]
        return first if first in verbs else next(iter(difflib.get_close_matches(self.verb, verbs, 1, NEAR)), "")


def read_line(line: str, *, bare: bool = False) -> Line | None:
    """The command that a line looks like, or None if it is text.  `bare`: the slash may be left out.

    A path (`/tmp/x`) and a line between backticks count as text.
    """
    if not bare and not _SLASH.search(line):
        return None
    line = line.strip(_ENDS)
    found = _HEAD.match(line)
    if found is None or (line[0] == line[-1] == "`" and len(line) > 1):
        return None
    head, rest = _plain(found[0]), line[found.end() :].strip(_ENDS)
    typed = _TYPED.fullmatch(head)
    if typed is None:
        word = _BARE.fullmatch(head) if bare else None
        return Line(verb_of(word["word"]), _ended(rest), exact=True) if word else None
    if _PATH.search(typed["tail"]):
        return None
    marks, tail = typed["marks"] or "", typed["tail"]
    clung = _CLINGING.match(tail)
    words = tail[clung.end() :] if clung else tail
    argument = f"{words} {rest}".strip() if words else rest
    usual = not (marks or typed["number"] or typed["more"]) and tail in ("", ".") and found[0][0] in "/\uff0f"
    return Line(verb_of(typed["word"]), _ended(_unwrapped(argument, marks)), usual, bool(typed["number"]))


def holds_slash(text: str) -> bool:
    """Whether the text has a slash of any kind.  Without one no line is a command, unless the slash may be left out."""
    return bool(_SLASH.search(text))


def tokens(text: str) -> list[str]:
    """The words of a text, such as `/close` and `solved`, without line breaks and marks that programs add."""
    joined = re.sub(r"/[^\w`]*(?=\w)", " /", _plain(text))
    return re.findall(r"/?\w+", joined.lower())


def _plain(text: str) -> str:
    """The text with one kind of slash and hyphen, normal letters for wide ones, and no invisible characters."""
    if not text.isascii():
        text = _HYPHEN.sub("-", _REMOVED.sub("", unicodedata.normalize("NFKC", text)))
    return _SLASH.sub("/", text)


def _ended(argument: str) -> str:
    """The argument without the full stop that phones add after a few words."""
    few = argument.count(" ") <= 2 and not argument.endswith("..")
    return argument[:-1].rstrip() if few and argument.endswith(".") else argument


def _unwrapped(argument: str, marks: str) -> str:
    """The argument without the marks that close those before the slash, as in `*/title x*`."""
    for mark in reversed(marks.strip().translate(_CLOSING)):
        argument = argument.removesuffix(mark)
    return argument
