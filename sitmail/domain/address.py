"""Addresses: one strict reading for identity, one lenient reading for display.

The strict reading decides whose rights a mail has, so it accepts little and never guesses; it gives the same verdict
on every Python, which the standard library's address parser does not.  What is shown to people is read leniently and
never becomes an identity.  Looking people up belongs to `services.gather`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from sitmail.domain.mail import Address

LOCAL_LIMIT, ADDRESS_LIMIT, LABEL_LIMIT, NAME_LIMIT = 64, 254, 63, 200  # octets; characters for names

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_DOT_ATOM = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")
_QUOTED = r'"[^"\\\x00-\x1f\x7f]*(?:\\[\x20-\x7e][^"\\\x00-\x1f\x7f]*)*"'
_QUOTED_LOCAL = re.compile(r'"[\x20\x21\x23-\x5b\x5d-\x7e]*(?:\\[\x20-\x7e][\x20\x21\x23-\x5b\x5d-\x7e]*)*"')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_DOMAIN = re.compile(rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})*")
# A display name: words without specials, and quoted strings.  Text beyond ASCII is common there and harmless.
_PHRASE = re.compile(rf"(?:[^\x00-\x1f\x7f\"()<>\[\]:;@\\,]|\t|{_QUOTED})*")
# The form of RFC 822, `user@host (Name)`: one comment behind the address, of words alone.
_OLD_STYLE = re.compile(r"([^\s()<>\[\],;:\"\\]{3,320})[ \t]+\([^\x00-\x1f\x7f\"()<>\[\]:;@\\,]{0,200}\)")
_COMMON = re.compile(rf"({_ATEXT}+(?:\.{_ATEXT}+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")

_IDNA_CATEGORIES = frozenset("LMN")  # letters, marks, numbers; everything else hides or confuses


def _domain(text: str) -> str:
    """The domain as lower-case A-labels, or ''.  No mapping: what is not written in its normal form is refused."""
    if text.isascii() and len(text) <= LABEL_LIMIT:
        low = text.lower()
        return low if _DOMAIN.fullmatch(low) else ""
    labels = text.split(".")
    for at, label in enumerate(labels):
        if label.isascii():
            ready = label.lower()
        else:
            known = unicodedata.ucd_3_2_0  # the same tables on every Python
            normal = known.normalize("NFC", label) == label == label.lower()
            if len(label) > LABEL_LIMIT or not normal:
                return ""
            if any(known.category(c)[0] not in _IDNA_CATEGORIES and c != "-" for c in label):
                return ""
            ready = "xn--" + label.encode("punycode").decode("ascii")
        if len(ready) > LABEL_LIMIT or not _LABEL.fullmatch(ready):
            return ""
        labels[at] = ready
    return ".".join(labels)


def addr_spec(text: str) -> str:
    """The canonical form (lower-case ASCII) of an addr-spec of RFC 5322 section 3.4.1, or '' if it is none.

    No comments, no route, no domain literal, no folding; at most 64 and 254 octets (RFC 5321 section 4.5.3.1).
    A quoted local part that needs no quotes loses them.
    """
    local, at, domain = text.rpartition("@")
    if not at or len(text) > 4 * ADDRESS_LIMIT:
        return ""
    if not _DOT_ATOM.fullmatch(local):
        if not _QUOTED_LOCAL.fullmatch(local):
            return ""
        plain = re.sub(r"\\(.)", r"\1", local[1:-1])
        if _DOT_ATOM.fullmatch(plain):
            local = plain
    domain = _domain(domain)
    whole = f"{local.lower()}@{domain}"
    return whole if domain and len(local) <= LOCAL_LIMIT and len(whole) <= ADDRESS_LIMIT else ""


def strict(field: str) -> str:
    """The address of a field that holds exactly one mailbox and nothing doubtful, in lower case; else ''.

    `field` is the raw, unfolded value: encoded words in it are not decoded, so that none can smuggle an address.
    """
    field = field.strip(" \t")
    if not field.endswith(">"):
        named = _OLD_STYLE.fullmatch(field)
        return addr_spec(named[1] if named else field)
    phrase, opened, inside = field[:-1].rpartition("<")
    if not opened:
        return ""
    address = addr_spec(inside)
    if _PHRASE.fullmatch(phrase) or (address and phrase.strip(" \t\"'").lower() == address):
        return address
    return ""


# --- for display

_TOKEN = re.compile(
    r'"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)'
    r"|<(?P<angle>[^<>]*)>?"
    r"|(?P<mark>[(),;:>])"
    r"|(?P<text>[^\"<>(),;:]+)",
    re.DOTALL,
)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_PLAIN = re.compile(rf'(?:"([A-Za-z0-9 .,_\'-]*)"[ \t]*|([A-Za-z0-9 ._\'-]*)\t*)<{_COMMON.pattern}>')
_COMMENT_DEPTH = 10


def clean_name(text: str) -> str:
    """A display name on one line, without control, format and line-separating characters."""
    if not (text.isascii() and text.isprintable()):
        text = _INVISIBLE.sub(" ", text)
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return " ".join(text.split())[:NAME_LIMIT]


def _unquoted(text: str) -> str:
    """A name without the quotation marks that programs put round it."""
    text = text.strip()
    while len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    return text


class _Reader:
    """Collects one mailbox after the other from the tokens of a field."""

    def __init__(self, decode: Callable[[str], str]) -> None:
        self.decode = decode
        self.found: list[Address] = []
        self.clear()

    def clear(self) -> None:
        self.words: list[str] = []
        self.comment: list[str] = []
        self.address: str | None = None

    def bare(self) -> None:
        """Without angle brackets the last word with an @ is the address, else a single word."""
        words = " ".join(self.words).split()
        spot = next((w for w in reversed(words) if "@" in w), words[0] if len(words) == 1 else "")
        if spot:
            self.address = spot.strip("<>")
            words.remove(spot)
            self.words = words

    def close(self) -> None:
        if self.address is None:
            self.bare()
        name = _unquoted(clean_name(self.decode(_unquoted(" ".join(self.words)))))
        if not name and self.comment:
            name = _unquoted(clean_name(self.decode(" ".join(self.comment))))
        address = clean_name((self.address or "").replace(" ", ""))
        address = address[7:] if address[:7].lower() == "mailto:" else address
        if name.lower() == address.lower():
            name = ""
        if name or address:
            self.found.append(Address(name, address))
        self.clear()

    def separate(self, mark: str) -> None:
        """A comma or semicolon ends a mailbox, unless it stands inside an unquoted name (`Doe, John <a@b>`)."""
        named = " ".join(self.words).strip()
        if self.address is None and named and "@" not in named and mark == ",":
            self.words = [named + ","]
        else:
            self.close()


def usual(field: str) -> tuple[Address, str] | None:
    """The one mailbox of a field in the form that most have (`Name <user@host>`), and what `strict` says of it.

    None for any other form, which may be as good.
    """
    if not (plain := _PLAIN.fullmatch(field)):
        return None
    quoted, bare, address = plain.groups()
    name, low = " ".join((quoted or bare or "").split())[:NAME_LIMIT], address.lower()
    good = len(low) <= LABEL_LIMIT and "-" not in low.rpartition("@")[2]  # its letters are right, hyphens may not be
    return Address("" if name.lower() == low else name, address), low if good else addr_spec(address)


def addresses(
    field: str, decode: Callable[[str], str] = str, limit: int = 500, size: int = 65_536
) -> tuple[Address, ...]:
    """Everybody a field names, as well as can be guessed; for display and for Cc, never for identity.

    `decode` turns the raw name into what people read (encoded words).  At most `limit` mailboxes of the first
    `size` characters; linear in its input.
    """
    if found := usual(field):
        return (found[0],)
    reader, depth = _Reader(decode), 0
    for token in _TOKEN.finditer(field[:size]):
        kind, value = token.lastgroup, token[token.lastgroup or 0]
        if depth or value == "(":
            depth = min(depth + (value == "(") - (value == ")"), _COMMENT_DEPTH)
            if kind in ("text", "quoted"):
                reader.comment.append(value)
        elif kind in ("quoted", "text") and reader.address is not None and reader.words:
            continue  # `Name <address> on behalf of ...`
        elif kind == "quoted":
            reader.words.append(re.sub(r"\\(.)", r"\1", value))
        elif kind == "text":
            reader.words.append(value)
        elif kind == "angle":
            if reader.address is None and value.strip():
                reader.address = value.rpartition(":")[2] if value.startswith("@") else value
        elif value == ":":  # a group's name, as in `undisclosed-recipients:;`
            reader.clear()
        elif value != ">":
            reader.separate(value)
            if len(reader.found) >= limit:
                return tuple(reader.found[:limit])
    if reader.words and reader.words[-1].endswith(","):
        reader.words[-1] = reader.words[-1].rstrip(",")
    reader.close()
    return tuple(reader.found[:limit])


def local_part(address: str) -> str:
    """What stands before the last @, in lower case."""
    return address.rpartition("@")[0].lower()
