"""Lists of phrases as patterns: one a line, blanks as they are, and words in capitals for common alternatives."""

from __future__ import annotations

import re
from collections.abc import Mapping


def pattern(lines: str, names: Mapping[str, str] | None = None, flags: int = 0) -> re.Pattern[str]:
    """Any of the lines; a name in capitals stands for its alternatives, which may hold names that come later."""
    for name, alternatives in (names or {}).items():
        lines = lines.replace(name, f"(?:{alternatives})")
    return re.compile("|".join(f"(?:{line.strip()})" for line in lines.strip().split("\n")), flags)
