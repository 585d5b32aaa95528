"""The HTML page of a letter: the same blocks as the text part, set out for the eye.

Every field is escaped here, so that a value is text wherever it stands.  Nothing remote, no script, no form; what
people formatted is cleaned before it comes here.  Looks are in `page_style`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote as percent_encoded

from sitmail.sending.letters import blocks, figures, page_style
from sitmail.sending.letters.blocks import Block, Group

PREVIEW = 110  # characters: as much as mail programs show
_RIGHT_TO_LEFT = frozenset({"R", "AL"})  # Unicode bidirectional classes
_LOOKED_AT = 200  # characters, among which the first strong one is looked for
_FOLDED = frozenset({blocks.ENTRY, blocks.SAID})  # what stands under a folded title
_SKIPPED = frozenset({blocks.AUDIENCE, blocks.GREETING})  # what is no news


class Frame(NamedTuple):
    """What a page needs beside its blocks.  `reply`: the signed address that buttons write to; "" leaves their lines
    alone.  `reference`: the subject of such a reply."""

    language: str
    direction: str  # ltr or rtl
    title: str
    reply: str
    reference: str


def write(letter: Sequence[Group], frame: Frame) -> str:
    parts: list[str] = []
    folded = False
    for place, (kind, group) in enumerate(letter):
        if folded and kind not in _FOLDED:
            parts.append(page_style.FOLD_END)
        folded = kind == blocks.FOLD or (folded and kind in _FOLDED)
        if kind == blocks.BUTTON:
            parts.append(_buttons(group, frame))
        elif kind == blocks.WORDS:
            parts.append(_words(*group[0][1:]))
        elif kind == blocks.ENTRY:
            close = place + 1 < len(letter) and letter[place + 1][0] == blocks.SAID  # what was said belongs to it
            style = page_style.STRONG_ENTRY if group[0][2] else page_style.ENTRY
            parts.append(f"{style % (4 if close else 16)}{escape(group[0][1])}</p>")
        elif kind in _GROUPED:
            parts.append(_GROUPED[kind]([list(map(escape, block)) for block in group]))
        else:
            parts.append(_SINGLE[kind](*map(escape, group[0][1:])))
    if folded:
        parts.append(page_style.FOLD_END)
    head = page_style.HEAD % (frame.language, frame.direction, escape(frame.title), preview(letter))
    return head + "\n".join(parts) + page_style.TAIL


def escape(text: str) -> str:
    """Text as it stands between tags."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    return text.replace(">", "&gt;") if ">" in text else text


def preview(letter: Sequence[Group]) -> str:
    """The news: the first words that say something, escaped; a person's name, then what that person wrote."""
    shown = ""
    for kind, first, *_ in chain.from_iterable(group for _, group in letter):
        if kind in _SKIPPED:
            continue
        if kind not in _TOLD or len(shown) >= PREVIEW:
            break
        text = f"{first}:" if kind == blocks.HEADING else first
        shown = f"{shown} {' '.join(text[: 4 * PREVIEW].split())}".strip()
    if len(shown) > PREVIEW:
        shown = shown[: PREVIEW + 1].rpartition(" ")[0] or shown[:PREVIEW]
    return escape(shown)


_TOLD = frozenset({blocks.PARAGRAPH, blocks.HEADING, blocks.WORDS, blocks.QUOTE, blocks.LINE, blocks.ITEM, blocks.BAR})


def mailto(address: str, subject: str) -> str:
    """A link that begins a reply, up to its body (RFC 6068).

    Everything is percent-encoded, so that no program takes a + for a space.
    """
    return f"mailto:{encoded(address).replace('%40', '@')}?subject={encoded(subject)}&amp;body="


def encoded(text: str) -> str:
    """Percent-encoded.  (For ASCII in a sixth of the time that the library takes.)"""
    return text.translate(_ENCODED) if text.isascii() else percent_encoded(text, "")


_ENCODED = {code: percent_encoded(chr(code), "") for code in range(128)}


def direction(text: str) -> str:
    """ltr or rtl, by the first letter that has one (the rule of HTML's dir=auto, which not every program knows)."""
    if text.isascii():
        return "ltr"
    for character in text[:_LOOKED_AT]:
        found = unicodedata.bidirectional(character)
        if found == "L":
            return "ltr"
        if found in _RIGHT_TO_LEFT:
            return "rtl"
    return "ltr"


def lines(text: str) -> str:
    """Escaped text with its line ends, and with its columns as far as spaces make them."""
    if "\t" in text:
        text = text.expandtabs(4)
    if "  " in text or "\n " in text or text[:1] == " ":
        text = text.replace("  ", "&nbsp; ").replace("\n ", "\n&nbsp;")
    return text.replace("\n", "<br>\n")


def _paragraphs(text: str, tag: str) -> str:
    if "\n\n" not in text:
        return f"{tag}{lines(text)}</p>"
    return "\n".join([f"{tag}{lines(each)}</p>" for each in text.split("\n\n") if each.strip()])


# --- one block


def _paragraph(text: str) -> str:
    return f"{page_style.PARAGRAPH}{text}</p>"


def _audience(word: str, readers: str) -> str:
    kind, edge = ("public", page_style.PUBLIC) if word == "PUBLIC" else ("internal", page_style.INTERNAL)
    return f"{page_style.AUDIENCE % (kind, edge)}{word}:</b> {readers}</p>"


def _heading(strong: str, rest: str) -> str:
    return f"{page_style.HEADING}{strong}</b> {rest}</p>"


def _words(text: str, html: str) -> str:
    inside = html or _paragraphs(escape(text), page_style.WORDS_PARAGRAPH)
    return f"{page_style.WORDS % direction(text)}\n{inside}\n</div>"


def _note(text: str) -> str:
    return f"{page_style.NOTE}{text}</p>"


def _fold(title: str) -> str:
    return f"{page_style.FOLD}{title}</b></summary>"


def _bar(share: str, text: str) -> str:
    full = page_style.BAR_FULL % share if share != "0" else ""
    rest = page_style.BAR_REST if share != "100" else ""
    return f"{page_style.BAR}{full}{rest}</tr></table>\n{page_style.PARAGRAPH}{text}</p>"


def _table(*fields: str) -> str:
    heads, rows = blocks.rows(fields)
    written = [page_style.TABLE]
    if any(heads):
        written.append(_row("th", heads))
    written += [_row("td", row) for row in rows]
    return "\n".join([*written, "</table>"])


def _row(tag: str, cells: Sequence[str]) -> str:
    inside = "".join([f"<{tag} {page_style.CELL}{cell}</{tag}>" for cell in cells])
    return f"<tr>{inside}</tr>"


def _signature(text: str) -> str:
    return f"{page_style.NOTE}{lines(text)}</p>"


def _foot(text: str) -> str:
    return f"{page_style.FOOT}{text}</p>"


def _why(text: str) -> str:
    return f"{page_style.WHY}{text}</p>"


_SINGLE: Mapping[str, Callable[..., str]] = {
    blocks.PARAGRAPH: _paragraph,
    blocks.GREETING: _paragraph,
    blocks.NOTE: _note,
    blocks.AUDIENCE: _audience,
    blocks.HEADING: _heading,
    blocks.FOLD: _fold,
    blocks.TABLE: _table,
    blocks.FIGURES: figures.page,
    blocks.PICTURE: figures.picture,
    blocks.BAR: _bar,
    blocks.SIGNATURE: _signature,
    blocks.FOOT: _foot,
    blocks.WHY: _why,
}

# --- blocks of one kind that follow each other


def _facts(group: Sequence[Sequence[str]]) -> str:
    rows = [f"{page_style.LABEL}{label}{page_style.VALUE}{value}</td></tr>" for _, label, value in group]
    return "\n".join([page_style.FACTS, *rows, "</table>"])


def _items(group: Sequence[Sequence[str]]) -> str:
    return "\n".join(
        [f"{page_style.ITEM}{lines(each)}</span>{f'<br>{says}' if says else ''}</p>" for _, each, says in group]
    )


def _lines(group: Sequence[Sequence[str]]) -> str:
    return f"{page_style.PARAGRAPH}{'<br>'.join([text for _, text in group])}</p>"


def _quotes(group: Sequence[Sequence[str]]) -> str:
    text = "\n".join([text for _, text in group])
    return f"{page_style.QUOTE % direction(text)}{lines(text)}</blockquote>"


def _said(group: Sequence[Sequence[str]]) -> str:
    text = "\n".join([text for _, text in group])
    return f"{page_style.SAID % direction(text)}{lines(text)}</div>"


def _buttons(group: Sequence[Block], frame: Frame) -> str:
    """Buttons, each with its line below it; the lines alone where there is no signed address to write to."""
    side = "right" if frame.direction == "rtl" else "left"
    written = []
    begins = mailto(frame.reply, frame.reference)
    for _, label, body, shown in group:
        link = f"<b>{escape(label)}</b>"
        if frame.reply:
            href = f"{begins}{encoded(body)}"
            link = f'<a class="button" href="{href}"{page_style.BUTTON_LINK}{escape(label)}</a>'
        line = f"{page_style.BUTTON_LINE}{escape(shown)}</span>"
        written.append(f"{page_style.BUTTON % side}{page_style.BUTTON_CELL}{link}{line}</td></tr></table>")
    return "\n".join([*written, page_style.BUTTONS_END])


_GROUPED: Mapping[str, Callable[[Sequence[Sequence[str]]], str]] = {
    blocks.QUOTE: _quotes,
    blocks.FACT: _facts,
    blocks.ITEM: _items,
    blocks.LINE: _lines,
    blocks.SAID: _said,
}
