"""Regular expressions that admins write.

They run on google-re2, in time proportional to the text, so that no mail can make one of them slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sitmail.domain.expression import Found
from sitmail.domain.record import record

LONGEST = 200  # characters of an expression
SCANNED = 65_536  # characters of a text that are looked at
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@record
class Compiled:
    """An expression of RE2's syntax: no look-around and no back-references; classes such as \\d are ASCII.

    Two with the same text are equal, so that policies can be compared.
    """

    written: str
    case_blind: bool = False

    def search(self, text: str, /) -> Found | None:
        """The first match in the text's beginning."""
        found: Found | None = _engine(self.written, self.case_blind).search(text[:SCANNED])
        return found

    def finditer(self, text: str, /) -> Iterator[Found]:
        """All matches in the text's beginning that do not overlap."""
        found: Iterator[Found] = _engine(self.written, self.case_blind).finditer(text[:SCANNED])
        return found


def _engine(written: str, case_blind: bool):  # type: ignore[no-untyped-def]  # re2 has no types; it keeps what it compiled
    import re2  # noqa: PLC0415 - only where the configuration has expressions

    options = re2.Options()
    options.log_errors, options.case_sensitive = False, not case_blind
    return re2.compile(written, options)


def compiled(value: object, *, case_blind: bool = False, groups: int | None = None) -> Compiled:
    """The expression.  Raises ValueError if it is invalid, too long, or has not exactly `groups` groups."""
    import re2  # noqa: PLC0415

    if not isinstance(value, str) or not value:
        raise ValueError("expected a regular expression")
    if len(value) > LONGEST:
        raise ValueError(f"expected a regular expression of at most {LONGEST} characters")
    try:
        engine = _engine(value, case_blind)
    except re2.error as error:
        why = error.args[0] if error.args else ""
        words = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        words = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in words)
        raise ValueError(f"expected a regular expression of RE2's syntax ({words})") from None
    if groups is not None and engine.groups != groups:
        raise ValueError(r'expected a regular expression with one group, the number, such as "#(\d+)"')
    return Compiled(value, case_blind)


def former_tag(value: object) -> Compiled:
    """An expression for the references of a former system; its only group is the number.  Case-blind, ASCII digits."""
    return compiled(value, case_blind=True, groups=1)


def partners_reference(value: object) -> Compiled:
    """An expression for a partner's number of an incident: its one group, else the whole match.  Case-blind."""
    found = compiled(value, case_blind=True)
    groups = _engine(found.written, True).groups
    if groups > 1:
        raise ValueError(r'expected a regular expression with at most one group, such as "\b(BUG-\d+)\b"')
    return found if groups else Compiled(f"({found.written})", case_blind=True)


def fingerprint(value: object) -> str | Compiled:
    """What distinguishes one alarm from another: a header field's name, or an expression for subject and text."""
    if value == "":
        return ""
    if isinstance(value, str) and FIELD_NAME.fullmatch(value):
        return value
    return compiled(value)


def compiled_or_none(value: object) -> Compiled | None:
    """An expression that may be left out, by the empty text."""
    return None if value == "" else compiled(value)


def words(value: object) -> Compiled:
    """Words that a mail's subject or text may hold, in any case."""
    return compiled(value, case_blind=True)
