"""Whether a page hides words from its reader by other means than `html` leaves out: rules of a style sheet, colour,
position, clipping or size.

Their effect is judged roughly and on the safe side: no command of such a page is carried out, while its words are
shown.  Rules that hide nothing which holds words, or only on small screens, on paper or in the dark, are harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sitmail.reading.formats.styles import SILENT, declarations, is_hidden, is_zero

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_MAY_HIDE = re.compile(r"<style|style\s*=|color\s*=", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_MEDIA = re.compile(r"@media([^{}]*)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}", re.IGNORECASE)
_SMALL = re.compile(r"max-(?:device-)?width\s*:\s*(\d{1,5})", re.IGNORECASE)
_LARGEST_SMALL = 1000  # px: a rule for screens that are not wider leaves others as they are
_STATE = re.compile(r"::?(?:hover|focus|active|visited|link|before|after|first-letter|first-line|placeholder)[\w-]*")
_SELECTOR = re.compile(r"[\w\s.#>+~*:,()\[\]=\"'^$|-]{1,300}")
_RULES, _COMBINED, _SHEET = 400, 8, 200_000  # of what is judged: more counts as hiding

_RELEVANT = frozenset(
    """display visibility opacity font-size font color background background-color position left top right bottom
    text-indent clip clip-path max-height height width max-width overflow transform margin-left margin-top mso-hide
    line-height""".split()  # noqa: SIM905
)
_FAR_AWAY = re.compile(r"-\s*(\d{3,})(?:\.\d+)?\s*(?:px|pt|em|rem|vw|vh|%)")
_CLIPPED = re.compile(r"rect\(\s*(?:0(?:px)?|1px)[\s,]|inset\(\s*(?:50|100)%|circle\(\s*0|polygon\(\s*0")
_SHRUNK = re.compile(r"scale[xy3d]*\(\s*0(?:\.0*)?\s*[,)]")
_TINY = re.compile(r"(?:0(?:\.\d+)?|1(?:\.\d+)?|2)(?:px|pt)|0?\.[01]\d*(?:em|rem)|\d%")
_FONT_SIZE = re.compile(r"(?:^|\s)([\d.]+(?:px|pt|em|rem|%))(?:/|\s)")
_NAMES = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "gray": (128, 128, 128),
}
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})(?:[0-9a-f]{1,2})?\b")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:\s*[,/]\s*([\d.]+))?\s*\)")
_ALIKE = 24  # of 255 in each channel: too little to be read

Colour = tuple[int, int, int]
_WHITE: Colour = (255, 255, 255)
Styles = Mapping[str, str]


def hides_words(page: str, parser: LexborHTMLParser) -> bool:
    """Whether words of this page, parsed, stand where a reader does not see them, and are no part of its text."""
    if not _MAY_HIDE.search(page) or parser.body is None:
        return False
    try:
        sheet = _sheet(parser)
    except ValueError:
        return True
    return any(_hidden_words(parser.body, sheet, _WHITE, (0, 0, 0)))


# --- the style sheet


def _sheet(parser: LexborHTMLParser) -> dict[int, dict[str, str]]:
    """What rules say about elements, by their `mem_id`.  Raises ValueError where that cannot be judged."""
    text = "\n".join(node.text(deep=True) for node in parser.css("style"))
    if len(text) > _SHEET:
        raise ValueError("a long style sheet")
    found: dict[int, dict[str, str]] = {}
    for count, (selectors, style) in enumerate(_rules(_COMMENT.sub("", text))):
        said = {key: value for key, value in declarations(style).items() if key in _RELEVANT}
        if not said or selectors.lstrip().startswith("@"):
            continue
        if count > _RULES:
            raise ValueError("many rules")
        try:
            for node in _matched(parser, selectors):
                found.setdefault(node.mem_id, {}).update(said)
        except ValueError:
            if _hides(said) or _alike(_WHITE, _colour(said.get("color", ""))):
                raise
    return found


def _rules(text: str) -> Iterator[tuple[str, str]]:
    """(selectors, declarations) of the rules that hold for a usual screen."""
    for media in _MEDIA.finditer(text):
        if not _elsewhere(media[1]):
            yield from _RULE.findall(media[2])
    yield from _RULE.findall(_MEDIA.sub("", text))


def _elsewhere(condition: str) -> bool:
    """Whether this condition of `@media` holds on paper, in the dark or on small screens alone."""
    low = condition.lower()
    small = [int(width) for width in _SMALL.findall(low)]
    return (
        bool(small and min(small) <= _LARGEST_SMALL)
        or "print" in low
        or "color-scheme: dark" in low.replace(":d", ": d")
    )


def _matched(parser: LexborHTMLParser, selectors: str) -> Iterator[LexborNode]:
    from selectolax.lexbor import SelectolaxError  # noqa: PLC0415

    for selector in selectors.split(","):
        plain = selector.strip()
        if _STATE.search(plain):
            continue  # how it looks under a mouse, or what is no element
        if not _SELECTOR.fullmatch(plain) or len(plain.split()) > _COMBINED:
            raise ValueError(plain)
        try:
            yield from parser.css(plain)
        except SelectolaxError as error:
            raise ValueError(plain) from error


# --- the elements


def _hidden_words(
    root: LexborNode, sheet: Mapping[int, dict[str, str]], background: Colour | None, colour: Colour | None
) -> Iterator[bool]:
    """True for each text that cannot be seen."""
    stack: list[tuple[LexborNode, Colour | None, Colour | None, bool]] = [(root, background, colour, False)]
    while stack:
        node, background, colour, hidden = stack.pop()
        tag = node.tag or ""
        if tag == "-text":
            if any(map(str.isalnum, node.text_content or "")):
                yield hidden or _alike(background, colour)
            continue
        if tag.startswith(("-", "!")) or tag in SILENT:
            continue
        attributes = node.attributes
        inline = declarations(attributes.get("style") or "")
        if "hidden" in attributes or is_hidden(inline):
            continue  # `html` leaves it out
        said = {**sheet.get(node.mem_id, {}), **inline}
        background, colour = _colours(said, attributes, background, colour)
        hidden = hidden or _hides(said)
        child = node.child
        while child is not None:
            stack.append((child, background, colour, hidden))
            child = child.next


def _hides(said: Styles) -> bool:
    if not said:
        return False
    if is_hidden(said) or _SHRUNK.search(said.get("transform", "")):
        return True
    if _CLIPPED.search(said.get("clip", "")) or _CLIPPED.search(said.get("clip-path", "")):
        return True
    if is_zero(said.get("max-height", "")) or (is_zero(said.get("line-height", "")) and "font-size" not in said):
        return True
    size = said.get("font-size") or next(iter(_FONT_SIZE.findall(said.get("font", ""))), "")
    places = [said.get("text-indent", ""), said.get("margin-left", ""), said.get("margin-top", "")]
    if said.get("position") in ("absolute", "fixed", "relative"):
        places += [said.get(side, "") for side in ("left", "top", "right", "bottom")]
    far = [int(found[1]) for place in places if (found := _FAR_AWAY.match(place))]
    return bool(_TINY.fullmatch(size)) or any(distance >= 200 for distance in far)


def _colours(
    said: Styles, attributes: Mapping[str, str | None], background: Colour | None, colour: Colour | None
) -> tuple[Colour | None, Colour | None]:
    """(background, colour) of an element's words; None where that is not known, as with pictures."""
    behind = said.get("background-color") or said.get("background") or (attributes.get("bgcolor") or "").lower()
    if behind and behind not in ("none", "transparent", "inherit", "initial"):
        background = None if "url(" in behind or "gradient" in behind else _colour(behind)
    own = said.get("color") or (attributes.get("color") or "").lower()
    if own and own not in ("inherit", "initial", "currentcolor"):
        colour = background if _transparent(own) else _colour(own)
    return background, colour


def _transparent(colour: str) -> bool:
    found = _RGB.search(colour)
    return colour == "transparent" or bool(found and found[4] and float(found[4].rstrip(".") or 0) < 0.1)


def _colour(text: str) -> Colour | None:
    text = text.strip().lower()
    if found := _HEX.search(text):
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.search(text):
        return int(found[1]), int(found[2]), int(found[3])
    return next((_NAMES[word] for word in re.findall(r"[a-z]+", text) if word in _NAMES), None)


def _alike(background: Colour | None, colour: Colour | None) -> bool:
    return (
        background is not None
        and colour is not None
        and all(abs(one - other) <= _ALIKE for one, other in zip(background, colour, strict=True))
    )
