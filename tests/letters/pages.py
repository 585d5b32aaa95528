"""Pages of letters as a reader sees them: their words, their preview, their buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

VOID = {"meta", "br", "img", "hr", "link"}
FIGURES = 'class="grid figures"'  # the text breaks its cells over lines, or sets each row out with its heads
UNSEEN = {"style", "title", "script"}


@dataclass(frozen=True)
class Button:
    """What a mail program makes of a button's link (RFC 6068)."""

    label: str
    href: str

    @property
    def address(self) -> str:
        return unquote(urlsplit(self.href).path)

    def field(self, name: str) -> str:
        """`subject` or `body`, decoded; a plus would be a space for some programs, and must not be there."""
        return parse_qs(urlsplit(self.href).query, keep_blank_values=True, strict_parsing=True)[name][0]


@dataclass
class Page:
    """`text` is what is seen, in the order of the source; `preview` stands before it and is hidden."""

    language: str = ""
    direction: str = ""
    title: str = ""
    preview: str = ""
    text: str = ""
    buttons: list[Button] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)  # tags that are not closed in order


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page, self.open, self.button = Page(), [], ""
        self.numbers: list[int] = []  # of the lists that are open, 0 in lists without numbers
        self.in_words = 0  # how deep in what somebody wrote, where links may lead anywhere

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        page = self.page
        page.tags.add(tag)
        if tag == "html":
            page.language, page.direction = given.get("lang", ""), given.get("dir", "")
        if tag in ("br", "p", "td", "div", "tr", "th", "blockquote", "summary", "table", "li"):
            page.text += " "
        self.in_words += bool(self.in_words or given.get("class") == "words") and tag not in VOID
        if tag in ("ol", "ul"):
            self.numbers.append(int(given.get("start", 1)) if tag == "ol" else 0)
        if tag == "li" and self.numbers and self.numbers[-1]:
            page.text += f"{self.numbers[-1]} "
            self.numbers[-1] += 1
        if not (self.in_words and tag == "a"):
            page.links += [given[name] for name in ("href", "src", "background", "action") if name in given]
        if tag == "a" and given.get("class") == "button":
            self.button = given["href"]
        if tag not in VOID:
            self.open.append((tag, "display:none" in given.get("style", "").replace(" ", "")))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            self.page.trouble.append(f"</{tag}> closes {self.open[-1:]}")
            return
        self.open.pop()
        self.in_words -= bool(self.in_words)
        if tag in ("ol", "ul"):
            self.numbers.pop()
        if tag == "a":
            self.button = ""

    def handle_data(self, data: str) -> None:
        inside = {tag for tag, _ in self.open}
        if "title" in inside:
            self.page.title += data
        elif any(hidden for _, hidden in self.open):
            self.page.preview += data
        elif not inside & UNSEEN and not (self.in_words and "small" in inside):  # what we add to words
            self.page.text += data
            if self.button:
                self.page.buttons.append(Button(data.strip(), self.button))


@lru_cache(maxsize=16)  # each law of letters asks for the same page
def read(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        reader.page.trouble.append(f"{reader.open} are not closed")
    return reader.page


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _numbers(found: set[str]) -> set[str]:
    return {word for word in found if any(map(str.isdigit, word))}


def differ(text: str, html: str) -> list[str]:
    """What text part and page do not say alike; the bars of the text are pictures."""
    text = re.sub(r"\[#*-*\] | \(https?://[^\s)]*\)", "", text)  # a page shows the host alone, in small letters
    mine, theirs = words(text), words(read(html).text)
    if mine == theirs or (FIGURES in html and set(mine) <= set(theirs) and not _numbers(set(theirs) - set(mine))):
        return []
    at = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    return [f"the text says {' '.join(mine[at:][:8])!r} where the page says {' '.join(theirs[at:][:8])!r}"]
