"""What a letter consists of: paragraphs, and blocks such as a fact, a quotation or a button.

A template is rendered once.  Its text is plain paragraphs; everything else it writes by the filters of `FILTERS`,
each of which leaves a block between marks that nobody outside this process can know.  `read` takes the result apart;
`text_part` and `page_part` set the blocks out, so that both parts of a letter say the same
(docs/decisions/letters-in-two-parts.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from secrets import token_hex

Block = tuple[str, ...]  # the kind, then the fields; a paragraph's only field is its text
# A kind and its blocks: neighbours of one kind in GROUPS, or a single block of another.
Group = tuple[str, list[Block]]

# The marks are new in every process and never leave it, so that no value can hold one, whatever people write.
_OPEN, _FIELD, _CLOSE = (f"{sign}{token_hex(8)}" for sign in "\x02\x1f\x03")

PARAGRAPH, GREETING, NOTE, AUDIENCE, HEADING = "paragraph", "greeting", "note", "audience", "heading"
WORDS, QUOTE, FACT, ITEM, LINE = "words", "quote", "fact", "item", "line"
FOLD, ENTRY, SAID = "fold", "entry", "said"
TABLE, BAR, BUTTON, SIGNATURE, FOOT, WHY = "table", "bar", "button", "signature", "foot", "why"
FIGURES, PICTURE = "figures", "picture"
# Kinds whose neighbours of the same kind belong together: rows of one table, lines of one list.
GROUPS = frozenset({QUOTE, FACT, ITEM, LINE, BUTTON, SAID})

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n")


def _block(kind: str, *fields: object) -> str:
    return f"\n\n{_OPEN}{_FIELD.join([kind, *map(str, fields)])}{_CLOSE}\n\n"


def audience(word: str, readers: str) -> str:
    """PUBLIC or INTERNAL, and who reads a plain reply: the first line of a letter to staff."""
    return _block(AUDIENCE, word, readers)


def greeting(text: str) -> str:
    """A paragraph that is no news, so that the preview does not begin with it."""
    return _block(GREETING, text)


def heading(strong: str, rest: str = "") -> str:
    """A line above what follows; its first words stand out."""
    return _block(HEADING, strong, rest)


def words(text: str, html: str = "") -> str:
    """What a person wrote, with its line ends; `html`: the same as that person formatted it, already cleaned."""
    return _block(WORDS, text.strip("\n"), html)


def quote(text: str) -> str:
    """What somebody else, or a machine, wrote before, marked as a quotation."""
    return _block(QUOTE, text.strip("\n"))


def fact(label: str, value: object) -> str:
    """A row of the quiet table of facts; rows that follow each other make one."""
    return _block(FACT, label, value)


def item(line: str, says: str = "") -> str:
    """A line such as a command, exactly as it is written, and what it does or what became of it."""
    return _block(ITEM, line, says)


def line(text: str) -> str:
    """A line of its own; lines that follow each other stand close together."""
    return _block(LINE, text)


def note(text: str) -> str:
    """A paragraph in small print."""
    return _block(NOTE, text)


def fold(title: str) -> str:
    """The title of entries that the page shows folded, where the mail program can."""
    return _block(FOLD, title)


def entry(text: str, strong: bool = False) -> str:
    """The head of one entry of a log, in small print; `strong`: of a list, where it stands out."""
    return _block(ENTRY, text, "strong" if strong else "")


def said(text: str) -> str:
    """What belongs to the head above it, set in: words, changes, files."""
    return _block(SAID, text.strip("\n"))


def table(heads: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Columns under heads; the last one may be long."""
    return _block(TABLE, len(heads), *heads, *(cell for row in rows for cell in row))


def figures(*fields: object) -> str:
    """A table of a report (`sending/letters/figures` makes its fields)."""
    return _block(FIGURES, *fields)


def picture(cid: str, says: str) -> str:
    """A picture of ours that goes with the letter, and what stands for it where none is shown."""
    return _block(PICTURE, cid, says)


def bar(text: str, share: float) -> str:
    """How much of something is used (0 to 1), with the words for it."""
    return _block(BAR, max(0, min(100, round(100 * share))), text)


def button(label: str, body: str, shown: str = "") -> str:
    """A prefilled reply: what it does, and its first line; `shown`: how that line is written by hand."""
    return _block(BUTTON, label, body, shown or body.strip())


def signature(text: str) -> str:
    """Who wrote the words above it, with its line ends."""
    return _block(SIGNATURE, text.strip("\n"))


def foot(text: str) -> str:
    """The end of the letter: whose it is."""
    return _block(FOOT, text)


def last(text: str) -> str:
    """Under the foot: why its reader got it."""
    return _block(WHY, text) if text else ""


# Filters, because Jinja calls them directly; a call of a function costs three times as much.
FILTERS: Mapping[str, Callable[..., str]] = {
    made.__name__: made
    for made in (
        audience, greeting, heading, words, quote, fact, item, line, note, fold, entry, said, table, picture, bar,
        button, signature, foot, last,
    )
}  # fmt: skip


def read(rendered: str) -> list[Group]:
    """The blocks of a rendered template's text."""
    before, *pieces = rendered.split(_OPEN)
    groups: list[Group] = _paragraphs(before)
    for piece in pieces:
        written, _, after = piece.partition(_CLOSE)
        block = tuple(written.split(_FIELD))
        kind = block[0]
        if kind in GROUPS and groups and groups[-1][0] == kind:
            groups[-1][1].append(block)
        else:
            groups.append((kind, [block]))
        if not after.isspace():  # as most of what stands between blocks
            groups += _paragraphs(after)
    return groups


def _paragraphs(text: str) -> list[Group]:
    found = (" ".join(paragraph.split()) for paragraph in _BLANK_LINES.split(text))
    return [(PARAGRAPH, [(PARAGRAPH, words)]) for words in found if words]


def rows(fields: Sequence[str]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Heads and rows of a table, from the fields of its block."""
    count = int(fields[0])
    cells = [fields[at : at + count] for at in range(1, len(fields), count)]
    return cells[0], cells[1:]
