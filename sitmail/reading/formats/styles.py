"""What a style attribute or a rule of a style sheet sets, and whether that hides an element from every reader."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Elements whose words nobody reads.
SILENT = frozenset("head script style title template noscript object svg iframe select textarea button map".split())  # noqa: SIM905
_ZERO = re.compile(r"0(?:\.0*)?(?:px|pt|em|rem|ex|cm|mm|in|%)?")


def declarations(style: str) -> dict[str, str]:
    """The properties that a style attribute sets."""
    said = {}
    for declaration in style[:4096].split(";"):
        key, _, value = declaration.partition(":")
        said[key.strip().lower()] = value.replace("!important", "").strip().lower()
    return said


def is_zero(size: str) -> bool:
    return _ZERO.fullmatch(size) is not None


def is_hidden(said: Mapping[str, str]) -> bool:
    """The style hides the element from every reader."""
    if said.get("display") == "none" or said.get("visibility") == "hidden" or said.get("mso-hide") == "all":
        return True
    if is_zero(said.get("font-size", "")) or is_zero(said.get("opacity", "")):
        return True
    sizes = (said.get(key, "") for key in ("height", "width", "max-height", "max-width"))
    return said.get("overflow") == "hidden" and any(map(is_zero, sizes))
