"""The page on which somebody wrote his words: cut to exactly these words, and cleaned so that others may see it.

Which words are newly written is decided on the text alone (`reading.text`, `domain.own_words`).  Here the page is cut
to the run of words that the text has; where it has no such run, or says nothing that the text does not say as well, the
result is "", and readers get the text.  So a page never shows a word that the text has not, and no rule stands twice.

What may stay is a list (behaviour 9): paragraphs, lists, tables, emphasis, code, links, pictures that came along.  What
we add stands in `<small>`: the host of a link, what stood for a picture.  nh3 goes over the result once more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from sitmail.reading.formats import html
from sitmail.reading.formats.styles import SILENT
from sitmail.reading.header_fields import CAPS, Caps

if TYPE_CHECKING:
    from nh3 import Cleaner
    from selectolax.lexbor import LexborNode

LONGEST = 128 * 1024  # characters of a page's own part; a longer one travels as text

_LEAVES = frozenset(("img", "br", "hr"))
_INLINE = frozenset("a b strong i em u ins s strike del code sub sup small".split())  # noqa: SIM905
_BLOCKS = frozenset("p div li blockquote pre h1 h2 h3 h4 h5 h6 dt dd caption ul ol dl".split())  # noqa: SIM905
_TABLE = frozenset("table thead tbody tfoot tr td th".split())  # noqa: SIM905
_TAGS = _LEAVES | _INLINE | _BLOCKS | _TABLE
_WITHIN_A_LINE = _INLINE | {"span", "font", "img", "big", "bdi", "abbr", "mark"}
_KEPT = {
    "ol": ("start", "type", "reversed", "dir"),
    "li": ("value",),
    "td": ("colspan", "rowspan", "dir"),
    "th": ("colspan", "rowspan", "dir"),
    **dict.fromkeys(("p", "div", "ul", "table", "blockquote"), ("dir",)),
}
# A page without one of these says no more than its text.
_WORTH = re.compile(r"<(?:b|strong|i|em|u|ins|s|strike|del|code|pre|sub|sup|a|img|ul|ol|dl|table|blockquote|h[1-6])\b")
_WORTH_RAW = re.compile(f"{_WORTH.pattern}|line-through", re.IGNORECASE)
_STRUCK = re.compile(r"text-decoration(?:-line)?\s*:[^;]{0,50}line-through", re.IGNORECASE)
_SPACER = re.compile(r"[0-2](?:px)?")
_ABOVE = 1000  # letters of what stands above an answer, or right below
_MAILBOX = re.compile(r"[\w.+-]+@[\w.-]+")

# What programs write into a text for things that stand elsewhere in the page: targets of links, pictures.
_ASIDE = re.compile(
    r"[<(\[]?(?:https?://|mailto:|tel:|cid:)[^\s<>()\[\]]+[>)\]]?|\[[^\]\n]{0,200}\]|\([\w.+-]+@[\w.-]+\)"
)
_NUMBER = re.compile(r"^[ \t]*\d{1,6}[.)][ \t]", re.MULTILINE)


def written_page(
    page: str, text: str, pictures: Mapping[str, str], is_own: Callable[[str], bool], caps: Caps = CAPS
) -> str:
    """The part of `page` that says `text`, cleaned; "" where the text serves as well or the two do not agree.

    `pictures` gives the SHA-256 of the file that came with each Content-ID; `is_own` recognises addresses of the desk,
    to which no link leads.
    """
    if not text.strip() or len(page) > caps.html or not _WORTH_RAW.search(page) or html.too_deep(page, caps):
        return ""
    return _cut(page, text, _Rules(pictures, is_own))


def cut_again(cleaned: str, text: str) -> str:
    """A cleaned page cut to fewer words, such as those without the commands among them; "" as above."""
    return _cut(cleaned, text, _CLEANED) if cleaned and text.strip() else ""


def content_id(sha256: str) -> str:
    """The Content-ID by which pages of ours show a picture (RFC 2392); "" for none."""
    return f"{sha256[:32]}@pictures" if sha256 else ""


class _Rules(NamedTuple):
    """What happens to pictures and links; a page that was `cleaned` has them settled."""

    pictures: Mapping[str, str]
    is_own: Callable[[str], bool]
    cleaned: bool = False


_CLEANED = _Rules({}, lambda _: False, cleaned=True)


def _cut(page: str, text: str, rules: _Rules) -> str:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  (only pages need it)

    body = LexborHTMLParser(page).body
    if body is None:
        return ""
    for most in (2 * len(text) + _ABOVE, len(page)):  # most answers stand above what they answer
        steps = _steps(body, most)
        leaves = [step for step in steps if step.leaf]
        said = "".join([leaf.says for leaf in leaves])
        run = next((found for words in _readings(text, said) if (found := _run(leaves, said, words))), None)
        if run is not None:
            written = _Writer(rules, _significant(text)).write(steps, *_with_edges(leaves, *run))
            cleaned: str = _cleaner().clean(written).strip()
            return cleaned if _WORTH.search(cleaned) and len(cleaned) <= LONGEST else ""
        if len(said) < most:
            break
    return ""


# --- the page as a list of steps


class _Step(NamedTuple):
    """A leaf (a text, a picture, a line end), or where an element begins or, without a node, ends.

    `says` are the letters, digits and signs of a text that count; `line` is the number of the line it stands on.
    """

    tag: str
    node: LexborNode | None
    leaf: bool = False
    text: str = ""
    says: str = ""
    line: int = 0


def _steps(body: LexborNode, most: int) -> list[_Step]:
    """In the order of the page, up to so many letters; without recursion, for a page may nest as deep as it likes."""
    steps: list[_Step] = []
    parents: list[tuple[LexborNode, str]] = []
    line, added, letters, node = 0, 0, 0, body.child
    while (node is not None or parents) and letters <= most:
        if node is None:
            parent, tag = parents.pop()
            steps.append(_Step(tag, None))
            line += tag not in _WITHIN_A_LINE
            added -= tag == "small"
            node = parent.next
            continue
        tag = node.tag or ""
        if tag == "-text":
            words = node.text_content or ""
            says = "" if added else _significant(words)
            letters += len(says)
            steps.append(_Step(tag, node, True, words, says, line))
        elif tag in _LEAVES:
            line += tag != "img"
            steps.append(_Step(tag, node, True, line=line))
        elif not tag.startswith(("-", "!")) and tag not in SILENT:
            line += tag not in _WITHIN_A_LINE
            added += tag == "small"
            steps.append(_Step(tag, node))
            parents.append((node, tag))
            node = node.child
            continue
        node = node.next
    return steps


def _significant(words: str) -> str:
    """Letters, digits and pictorial signs: what no program changes when it makes a text of a page."""
    if words.isalnum():
        return words
    return "".join([c for c in words if c.isalnum() or (c > "\u2000" and unicodedata.category(c) == "So")])


# --- the run of words


def _readings(text: str, said: str) -> list[str]:
    """The words of a text as a page may have them: without what stands in no line of the page, and list numbers."""

    def shown(aside: re.Match[str]) -> str:
        return aside[0] if _significant(aside[0]) in said else ""

    plain = _ASIDE.sub(shown, text)
    readings = (_significant(text), _significant(plain), _significant(_NUMBER.sub("", plain)))
    return list(dict.fromkeys(filter(None, readings)))


def _run(leaves: list[_Step], said: str, words: str) -> tuple[int, int] | None:
    """The first and last leaf of these words, which begin where a leaf begins and end where one ends."""
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    at = 0
    for place, leaf in enumerate(leaves):
        if leaf.says:
            begins[at] = place
            at += len(leaf.says)
            ends[at] = place
    found = said.find(words)
    for _ in range(20):  # a short answer may also stand in what it answers
        if found < 0:
            return None
        if found in begins and found + len(words) in ends:
            return begins[found], ends[found + len(words)]
        found = said.find(words, found + 1)
    return None


def _with_edges(leaves: list[_Step], first: int, last: int) -> tuple[int, int]:
    """Signs without letters on the same line belong to it, and pictures right below the words."""
    while first and not leaves[first - 1].says and leaves[first - 1].line == leaves[first].line:
        first -= 1
    end, line = last, leaves[last].line
    while end + 1 < len(leaves) and not leaves[end + 1].says:
        end += 1
        if leaves[end].tag == "img" or leaves[end].line == line:
            last = end
    return first, last


# --- what is kept, written anew


class _Writer:
    """Writes the elements of the list round the leaves of the run; an element begins with its first leaf."""

    def __init__(self, rules: _Rules, said: str) -> None:
        self.rules = rules
        self.said = said  # the letters of the text, in which the name of a picture may stand
        self.out: list[str] = []
        self.waiting: list[tuple[str, LexborNode]] = []
        self.ends: list[tuple[int, str]] = []  # of the elements begun: where, and what is written at their ends

    def write(self, steps: list[_Step], first: int, last: int) -> str:
        place = -1
        for step in steps:
            if step.leaf:
                place += 1
                if first <= place <= last:
                    self._begin()
                    self.out.append(escape(step.text, quote=False) if step.tag == "-text" else self._leaf(step))
            elif step.node is not None:
                self.waiting.append((step.tag, step.node))
                if step.tag in ("td", "th") and first <= place < last:  # an empty cell keeps its place
                    self._begin()
            elif self.waiting:
                self.waiting.pop()
            else:
                self._end()
        while self.ends:
            self._end()
        return "".join(self.out)

    def _begin(self) -> None:
        for tag, node in self.waiting:
            attributes = node.attributes
            struck = _STRUCK.search(attributes.get("style") or "") is not None and tag not in ("s", "strike", "del")
            begins, ends = self._tags(tag, attributes)
            self.out.append(begins + "<s>" * struck)
            self.ends.append((len(self.out), "</s>" * struck + ends))
        self.waiting.clear()

    def _tags(self, tag: str, attributes: Mapping[str, str | None]) -> tuple[str, str]:
        if tag == "a":
            target = _target(attributes.get("href") or "", self.rules.is_own)
            return (f'<a href="{escape(target)}">', f"</a>{self._host(target)}") if target else ("", "")
        if tag not in _TAGS or (tag == "small" and not self.rules.cleaned):
            return "", ""
        kept = "".join(
            [f' {name}="{escape(attributes[name] or "")}"' for name in _KEPT.get(tag, ()) if name in attributes]
        )
        return f"<{tag}{kept}>", f"</{tag}>"

    def _host(self, target: str) -> str:
        """Where a link leads; `_end` leaves it out where its words say so."""
        if self.rules.cleaned:
            return ""
        scheme, _, rest = target.partition(":")
        host = urlsplit(target).hostname or "" if scheme in ("http", "https") else rest
        return f" <small>({escape(host)})</small>" if host else ""

    def _end(self) -> None:
        at, ends = self.ends.pop()
        if "</a> <small>(" in ends:
            host = ends.rpartition("(")[2].partition(")")[0].removeprefix("www.")
            words = "".join(self.out[at:])
            if not words.strip() or host in words.lower():
                ends = ends.partition(" <small>")[0]
        self.out.append(ends)

    def _leaf(self, step: _Step) -> str:
        if step.tag != "img" or step.node is None:
            return f"<{step.tag}>"
        attributes = step.node.attributes
        source = (attributes.get("src") or "").strip()
        label = " ".join((attributes.get("alt") or "").split())[:100]
        label = label if _significant(label) in self.said else ""  # no word that the text has not
        known = self.rules.cleaned or source[:4].lower() == "cid:"
        named = source[4:] if self.rules.cleaned else content_id(self.rules.pictures.get(source[4:], ""))
        if known and named:
            return f'<img src="cid:{escape(named)}" alt="{escape(label)}">'
        if any(_SPACER.fullmatch(attributes.get(name) or "") for name in ("width", "height")):
            return ""
        return f"<small>[{escape(label, quote=False) or 'image'}]</small>"


def _target(href: str, is_own: Callable[[str], bool]) -> str:
    """Where a link may lead; a mail link keeps its address alone (RFC 6068: no subject, body or copies)."""
    href = "".join(href.split())
    scheme, colon, rest = href.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in ("http", "https", "mailto", "tel") or len(href) > 2000:
        return ""
    if scheme == "mailto":
        address = rest.partition("?")[0]
        return f"mailto:{address}" if _MAILBOX.fullmatch(address) and not is_own(address) else ""
    if scheme == "tel":
        return f"tel:{rest}" if re.fullmatch(r"[+\d().-]{2,30}", rest) else ""
    try:
        return f"{scheme}:{rest}" if urlsplit(href).hostname else ""
    except ValueError:
        return ""


@cache
def _cleaner() -> Cleaner:
    from nh3 import Cleaner  # noqa: PLC0415  (only pages need it)

    attributes = {tag: set(names) for tag, names in _KEPT.items()} | {"a": {"href"}, "img": {"src", "alt"}}
    schemes = {"http", "https", "mailto", "tel", "cid"}
    return Cleaner(tags=set(_TAGS), attributes=attributes, url_schemes=schemes, link_rel=None)
