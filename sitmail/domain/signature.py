"""The signature at the end of a letter: what the author's program, phone or mailing list adds to every letter."""

from __future__ import annotations

import re

_SENT_FROM = re.compile(
    r"""\s{0,8}(?:sent\ (?:from|with|via|using)\ |get\ outlook\ for\ |gesendet\ (?:von|mit|über)\ |
    von\ meinem\ .{1,40}gesendet|
    diese\ nachricht\ wurde\ von\ mein|envoyé\ (?:de|depuis|à\ partir)|enviado\ (?:desde|do|a\ partir|de)\ |
    inviato\ (?:da|dal)|verzonden\ (?:vanaf|met|door|via)|verstuurd\ vanaf|skickat\ från|sendt\ fra|lähetetty\ |
    wysłane?\ z|отправлено\ (?:с|из)|надіслано|odesláno\ z|gönderildi\ |从我的|發自我的|iPhoneから)[^\n]{0,100}$""",
    re.IGNORECASE | re.VERBOSE,
)
_MY_DEVICE = re.compile(
    r"https?:|<|my |mein|mon |ma |mi |meu |mio |mijn|min |outlook|mail|phone|app|galaxy|android|sparrow", re.I
)
_LIST_RULE = re.compile(r"[_=-]{2,80}\s{0,3}$")
_LIST_FOOTER = re.compile(r"mailing.?list|listinfo|unsubscribe|to leave this group", re.IGNORECASE)
_SIGNATURE_LINES, _LOOSE_SIGNATURE_LINES, _FOOTER_LINES = 30, 10, 8
_SENT_FROM_SIZE = 120


def cut(lines: list[str]) -> tuple[list[str], str]:
    """The lines without the signature at their end, and that."""
    end = end_of(lines)
    if (rule := _list_footer(lines[:end])) is not None:
        kept, signature = cut(lines[:rule])
        return kept, "\n".join([*filter(None, [signature]), *lines[rule:end]])
    taken: list[str] = []
    if (delimiter := _delimiter(lines[:end])) is not None:
        taken = lines[delimiter:end]
        end = end_of(lines[:delimiter])
    while end and len(lines[end - 1]) <= _SENT_FROM_SIZE and _SENT_FROM.match(lines[end - 1]):
        if not _MY_DEVICE.search(lines[end - 1]):
            break
        taken = [lines[end - 1], *taken]
        end = end_of(lines[: end - 1])
    return lines[:end], "\n".join(taken).strip("\n")


def end_of(lines: list[str]) -> int:
    """How many lines there are up to the last that is not blank."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _delimiter(lines: list[str]) -> int | None:
    """The line `-- ` (RFC 3676 section 4.3), or a bare `--` above few lines."""
    for number in range(len(lines) - 1, max(-1, len(lines) - _SIGNATURE_LINES - 2), -1):
        if lines[number] in ("-- ", "--\xa0") or (
            lines[number] == "--" and len(lines) - number <= _LOOSE_SIGNATURE_LINES
        ):
            return number
    return None


def _list_footer(lines: list[str]) -> int | None:
    """A rule above a mailing list's footer."""
    for number in range(len(lines) - 2, max(-1, len(lines) - _FOOTER_LINES - 1), -1):
        if _LIST_RULE.match(lines[number][:90]) and _LIST_FOOTER.search("\n".join(lines[number + 1 :])[:2000]):
            return number
    return None
