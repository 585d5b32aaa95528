"""Turns HTML into the text that its reader sees, for the log, quotation and commands.

Only for letters without a text part.  Nothing is rendered or cleaned for display here.  Pages over the caps get a
crude linear stripping, so that no page costs more than its length.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from sitmail.reading.formats.hidden_words import hides_words
from sitmail.reading.formats.styles import SILENT, declarations, is_hidden
from sitmail.reading.header_fields import CAPS, Caps

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_PARAGRAPH = frozenset("p h1 h2 h3 h4 h5 h6 ul ol dl table pre".split())  # noqa: SIM905
_LINE = frozenset("div tr li dt dd section article header footer address form center caption hr blockquote".split())  # noqa: SIM905
_RULE = "_" * 32
_STRUCK_TAGS = frozenset(("s", "strike", "del"))
_STRUCK = "~~"  # before and behind words that their author struck out, as Markdown has it

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Tags whose end may be missing, or that have none: they do not nest.
_FLAT = frozenset(
    """br hr img input meta link area base col embed source wbr param p li td th tr tbody thead tfoot option
    dt dd""".split()  # noqa: SIM905
)
_CRUDE_SILENT = re.compile(r"<(script|style|head|title)\b", re.IGNORECASE)
_CRUDE_END = {n: re.compile(f"</{n}[^<>]*>?", re.IGNORECASE) for n in ("script", "style", "head", "title")}
_CRUDE_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/blockquote)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[a-zA-Z/!?]")
_CRUDE_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>?")


def too_deep(page: str, caps: Caps) -> bool:
    """A careful guess without parsing: how many elements are open at once."""
    depth = 0
    for closing, name in _TAG.findall(page):
        if name.lower() not in _FLAT:
            depth += -1 if closing else 1
            if depth > caps.html_depth:
                return True
            depth = max(depth, 0)
    return False


def crude(page: str) -> str:
    """Tags stripped in one linear sweep; for pages that are too big or too deep to be parsed."""
    kept: list[str] = []
    at, seek, unclosed = 0, 0, set()
    while match := _CRUDE_SILENT.search(page, seek):
        name, seek = match[1].lower(), match.end()
        end = None if name in unclosed else _CRUDE_END[name].search(page, seek)
        if end is None:  # looked for once only: else many openings would cost the square of their number
            unclosed.add(name)
            continue
        kept.append(page[at : match.start()])
        at = seek = end.end()
    kept.append(page[at:])
    text = _CRUDE_BREAK.sub("\n", "".join(kept))
    return unescape(_CRUDE_TAG.sub("", text)).strip()


class PageText(NamedTuple):
    """`hides`: words stand where the page's reader does not see them, so that no command in it can be trusted."""

    text: str
    hides: bool


def to_text(page: str, caps: Caps = CAPS) -> str:
    """The visible words of a page: paragraphs, lists, tables, links, and quotations marked by `> `."""
    return read(page, caps).text


def read(page: str, caps: Caps = CAPS) -> PageText:
    """The words of a page, and whether it hides some.

    A page without a single tag is a text that was called a page (some programs' reports): its lines are kept.
    """
    page = page[: 4 * caps.html]
    if not _ANY_TAG.search(page):
        return PageText(unescape(page).strip("\n"), False)
    if len(page) > caps.html or too_deep(page, caps):
        return PageText(crude(page), True)
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  (only letters without text need it)

    parser = LexborHTMLParser(page)
    if parser.body is None:
        return PageText("", False)
    writer = _Writer()
    _write(parser.body, writer)
    return PageText(writer.text(), hides_words(page, parser))


# --- the text


class _Writer:
    """Lines of text; knows how deep in quotations it is, and folds white space as a browser does."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.bits: list[str] = []  # of the line being written; none of them is empty
        self.quoted = 0
        self.preformatted = 0
        self.lists: list[int] = []  # the next number of each list that is open, -1 in lists without numbers
        self.bullet = ""  # of an item of a list, which waits for its first words
        self.struck = False
        self.mark = ""  # of struck words; it waits for them, too
        self.raised = False
        self.blank = True  # the last line is empty, or there is none

    def space(self) -> None:
        if self.bits and self.bits[-1][-1] != " ":
            self.bits.append(" ")

    def say(self, words: str) -> None:
        words = words.replace("\xa0", " ")
        if self.preformatted:
            self._say_as_it_is(words)
            return
        folded = " ".join(words.split())
        if words[:1].isspace():
            self.space()
        if folded:
            self._begin(folded)
            self.bits.append(folded)
            if words[-1].isspace():
                self.bits.append(" ")

    def _say_as_it_is(self, words: str) -> None:
        for number, line in enumerate(words.split("\n")):
            if number:
                self.end(keep=True)
            if line:
                self._begin(line)
                self.bits.append(line)

    def _begin(self, words: str) -> None:
        """What stands before words: their bullet, the mark of struck ones, the sign of a power (10^3 is not 103)."""
        if self.bullet or self.mark:
            self.bits += filter(None, (self.bullet, self.mark))
            self.bullet = self.mark = ""
        if self.raised and words[0] in "0123456789+-−" and self.bits and self.bits[-1][-1].isalnum():
            self.bits.append("^")
        self.raised = False

    def strike(self) -> None:
        self.struck, self.mark = True, _STRUCK

    def unstrike(self) -> None:
        """Ends struck words; there were none if their first mark still waits."""
        if self.mark:
            self.mark = ""
        elif self.bits:
            self.bits.insert(len(self.bits) - (self.bits[-1] == " "), _STRUCK)
        elif self.lines:
            self.lines[-1 - (self.blank and len(self.lines) > 1)] += _STRUCK
        self.struck = False

    def item(self, value: str) -> None:
        """Begins an item of a list, with its number if it has one."""
        number = self.lists[-1] if self.lists else -1
        if number >= 0:
            number = int(value) if value.isascii() and value.isdigit() and len(value) < 7 else number
            self.lists[-1] = number + 1
        self.bits = []
        self.bullet = f"{number}. " if number >= 0 else "- "

    def end(self, keep: bool = False) -> None:
        """Ends the line; `keep` ends an empty one, too."""
        if not (self.bits or keep):
            return
        line = "".join(self.bits).rstrip()
        self.bits = []
        if line or (keep and not self.blank):
            self.lines.append("> " * self.quoted + line if line else (">" * self.quoted))
            self.blank = not line

    def gap(self) -> None:
        self.end()
        if not self.blank:
            self.end(keep=True)

    def text(self) -> str:
        self.end()
        return "\n".join(self.lines).strip("\n")


def _link(node: LexborNode, writer: _Writer, said: str) -> None:
    """A link's target behind its words, where they differ."""
    target = (node.attributes.get("href") or "").strip()
    scheme, _, rest = target.partition(":")
    if scheme.lower() not in ("http", "https", "mailto", "ftp", "tel") or len(target) > 2000:
        return
    bare = rest.lstrip("/").rstrip("/")
    if said and bare not in said and target.rstrip("/") not in said:
        if writer.bits and writer.bits[-1] == " ":
            writer.bits.pop()
        writer.say(f" ({bare if scheme.lower() in ('mailto', 'tel') else target})")


def _open(node: LexborNode, tag: str, writer: _Writer) -> bool | None:
    """Begins an element; None if nobody sees it, else whether its words are struck out."""
    if tag in SILENT:
        return None
    attributes = node.attributes
    said = declarations(attributes["style"] or "") if attributes and "style" in attributes else {}
    if (attributes and "hidden" in attributes) or (said and is_hidden(said)):
        return None
    if tag == "br":
        writer.end(keep=True)
    elif tag == "blockquote":
        writer.end()
        writer.quoted += 1
    elif tag in _PARAGRAPH:
        writer.gap()
    elif tag in _LINE:
        writer.end()
    if tag == "hr":
        writer.bits = [_RULE]
        writer.end()
    elif tag == "pre":
        writer.preformatted += 1
    elif tag in ("ol", "ul"):
        start = attributes.get("start") or "1"
        writer.lists.append(-1 if tag == "ul" else int(start) if start.isascii() and start.isdigit() else 1)
    elif tag == "li":
        writer.item(attributes.get("value") or "")
    elif tag == "input" and attributes.get("type") in ("checkbox", "radio"):
        writer.say("[x] " if "checked" in attributes else "[ ] ")
    elif tag in ("td", "th") and writer.bits:
        writer.bits.append("  ")
    elif tag == "img":
        writer.say(attributes.get("alt") or "")
    writer.raised = tag == "sup"
    if tag not in _STRUCK_TAGS and "line-through" not in said.get("text-decoration", "") + said.get(_LINE_STYLE, ""):
        return False
    if writer.struck:  # around it, too
        return False
    writer.strike()
    return True


_LINE_STYLE = "text-decoration-line"


def _close(node: LexborNode, tag: str, writer: _Writer, begun: tuple[int, int]) -> None:
    if tag == "blockquote":
        writer.end()
        writer.quoted -= 1
    elif tag == "pre":
        writer.end()
        writer.preformatted -= 1
    elif tag in _PARAGRAPH:
        writer.gap()
        if tag in ("ol", "ul") and writer.lists:
            writer.lists.pop()
    elif tag in _LINE:
        writer.end()
    elif tag == "a":
        said = writer.bits[begun[1] :] if begun[0] == len(writer.lines) else writer.bits
        _link(node, writer, "".join(said).strip())


def _write(root: LexborNode, writer: _Writer) -> None:
    """Walks the tree without recursion, because a mail may nest elements as deep as it likes."""
    stack: list[tuple[LexborNode, str, bool, tuple[int, int]]] = []
    node: LexborNode | None = root.child
    while node is not None or stack:
        if node is None:
            parent, tag, struck, begun = stack.pop()
            if struck:
                writer.unstrike()
            _close(parent, tag, writer, begun)
            node = parent.next
            continue
        tag = node.tag or ""
        if tag == "-text":
            writer.say(node.text_content or "")
        elif not tag.startswith(("-", "!")) and (strikes := _open(node, tag, writer)) is not None:
            child = node.child
            begun = (len(writer.lines), len(writer.bits))
            stack.append((node, tag, strikes, begun))
            node = child
            continue
        node = node.next
