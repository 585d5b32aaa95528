"""Addresses: one strict reading for identity, one lenient reading for display.

The strict reading decides whose rights a mail has, so it never guesses between two addresses; it gives the same verdict
on every Python, which the standard library's address parser does not.  What is shown to people is read leniently and
never becomes an identity.  Who has an address is looked up in `services.gather`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from sitmail.domain.mail import Address

LOCAL_LIMIT, ADDRESS_LIMIT, LABEL_LIMIT, NAME_LIMIT = 64, 254, 63, 200  # octets; characters for names

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_DOT_ATOM = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")
_LETTER = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]"
_WORLDWIDE = re.compile(rf"{_LETTER}+(?:\.{_LETTER}+)*")  # RFC 6531 section 3.3; which letters, `_local` says
_QUOTED = r'"[^"\\\x00-\x1f\x7f]*(?:\\[\x20-\x7e][^"\\\x00-\x1f\x7f]*)*"'
_QUOTED_LOCAL = re.compile(r'"[\x20\x21\x23-\x5b\x5d-\x7e]*(?:\\[\x20-\x7e][\x20\x21\x23-\x5b\x5d-\x7e]*)*"')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_DOMAIN = re.compile(rf"{_LABEL.pattern}(?:\.{_LABEL.pattern})*")

_KNOWN = unicodedata.ucd_3_2_0  # the same tables on every Python
_CATEGORIES = frozenset("LMN")  # letters, marks, numbers; everything else hides or confuses


def _lowered(text: str) -> str:
    """Text beyond ASCII in lower case and composed (RFC 6532 section 3.1), or '' if it may look like another.

    What compatibility would make another sign (the kelvin sign, full-width letters, ligatures) is refused, not mapped.
    """
    for sign in text:
        if sign > "\x7f" and (_KNOWN.normalize("NFKC", sign) != sign or _KNOWN.category(sign)[0] not in _CATEGORIES):
            return ""
    return _KNOWN.normalize("NFC", text.lower())


def domain(text: str) -> str:
    """A domain as lower-case A-labels (RFC 5890), whichever way it is written, or '' if it is none."""
    if text.isascii() and len(text) <= LABEL_LIMIT:
        low = text.lower()
        return low if _DOMAIN.fullmatch(low) else ""
    labels = text.split(".")
    for at, label in enumerate(labels):
        ready = label.lower() if label.isascii() else _a_label(label)
        if len(ready) > LABEL_LIMIT or not _LABEL.fullmatch(ready):
            return ""
        labels[at] = ready
    return ".".join(labels)


def _a_label(label: str) -> str:
    low = _lowered(label) if len(label) <= LABEL_LIMIT else ""
    if not low or not all(c.isalnum() or c == "-" or ord(c) > 0x7F for c in low):
        return ""
    return "xn--" + low.encode("punycode").decode("ascii")


def _local(text: str) -> str:
    """A local part in lower case, or ''.  A quoted one that needs no quotes loses them."""
    if _DOT_ATOM.fullmatch(text):
        return text.lower()
    if not text.isascii():
        return _lowered(text) if _WORLDWIDE.fullmatch(text) else ""
    if not _QUOTED_LOCAL.fullmatch(text):
        return ""
    plain = re.sub(r"\\(.)", r"\1", text[1:-1])
    return (plain if _DOT_ATOM.fullmatch(plain) else text).lower()


def addr_spec(text: str) -> str:
    """The canonical form of an addr-spec of RFC 5322 section 3.4.1 or RFC 6531, or '' if it is none.

    In lower case, its domain in ASCII.  No comments, no route, no domain literal, no folding; at most 64 and 254
    octets (RFC 5321 section 4.5.3.1).
    """
    local, at, host = text.rpartition("@")
    if not at or len(text) > 4 * ADDRESS_LIMIT:
        return ""
    local, host = _local(local), domain(host)
    if not local or not host:
        return ""
    whole = f"{local}@{host}"
    if not local.isascii():
        return whole if len(local.encode()) <= LOCAL_LIMIT and len(whole.encode()) <= ADDRESS_LIMIT else ""
    return whole if len(local) <= LOCAL_LIMIT and len(whole) <= ADDRESS_LIMIT else ""


def comparable(text: str) -> str:
    """An address as it is compared with others: in lower case, and in canonical form where it is beyond ASCII."""
    low = text.strip().lower()
    return low if low.isascii() else addr_spec(low) or low


# --- who wrote

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Outside of comments: strings and encoded words hold what else would mean something.
_OUTSIDE = re.compile(
    rf"{_QUOTED}|=\?[^?\s]{{1,64}}\?[bBqQ]\?[^?<>@\x00-\x1f]{{0,500}}\?=|[^\"\\()=]+|[()]|=|(?P<odd>.)", re.DOTALL
)
_INSIDE = re.compile(r"\\.|[^\\()]+|[()]|(?P<odd>.)", re.DOTALL)
_STRING = re.compile(_QUOTED)
# What another program may take for an address: `Jane @ Acme` is none.
_ADDRESS = re.compile(r"[^\s,;:\"'<>()\[\]]+@[^\s,;:\"'<>()\[\]]+|@[ \t]*[^\s,;<>()\[\]]+\.[^\s,;<>()]")


def strict(field: str) -> str:
    """The address of a field that names exactly one, in canonical form; else ''.

    The forms of RFC 5322 section 3.4 and those that people's programs write: names with commas, dots, brackets, an @
    of its own and comments anywhere; a missing `>`; an address in a comment.  Wherever another program could find
    another address there is none.  `field` is the raw, unfolded value: encoded words in it are not decoded, so that
    none can smuggle an address.
    """
    field = field.strip(" \t")
    apart = _apart(field) if len(field) <= _LONGEST_FIELD and not _CONTROL.search(field) else None
    if apart is None:
        return ""
    bare, comments = apart
    phrase, opened, rest = bare.partition("<")
    inside, _, behind = rest.partition(">")
    if opened:
        beside = _STRING.sub(" ", phrase)
        if "<" in rest or behind.strip(" \t") or ">" in phrase or ";" in beside:
            return ""
        address = addr_spec(inside.strip(" \t"))
    else:
        address, beside = addr_spec(bare), ""
        if not address and "@" not in bare and ">" not in bare:
            address = addr_spec(comments.strip(" \t"))
    others = _ADDRESS.findall(f"{beside} {comments}")
    return address if all(addr_spec(one) == address for one in others) else ""


_LONGEST_FIELD = 4_096  # characters of one mailbox


def _apart(field: str) -> tuple[str, str] | None:
    """A field without its comments, and these; None if they, or a string, do not end, or end twice."""
    bare: list[str] = []
    comments: list[str] = []
    depth, at = 0, 0
    while at < len(field):
        match = (_INSIDE if depth else _OUTSIDE).match(field, at)
        if match is None or match["odd"]:
            return None
        at, piece = match.end(), match[0]
        if piece in ("(", ")"):
            depth += 1 if piece == "(" else -1
            (bare if depth else comments).append(" ")
            if depth < 0:
                return None
        else:
            (comments if depth else bare).append(piece)
    return None if depth else ("".join(bare).strip(" \t"), "".join(comments))


# --- for display

_TOKEN = re.compile(
    r'"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)'
    r"|<(?P<angle>[^<>]*)>?"
    r"|(?P<mark>[(),;:>])"
    r"|(?P<text>[^\"<>(),;:]+)",
    re.DOTALL,
)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
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
        if not address.isascii():  # as all others are compared with it
            address = addr_spec(address) or address
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


def mailbox(field: str, decode: Callable[[str], str] = str) -> tuple[Address | None, str]:
    """Who a field names, for display, and the address of `strict`."""
    identity, named = strict(field), addresses(field, decode)
    if not identity:
        return (named[0] if named else None), ""
    shown = next((one for one in named if addr_spec(one.address) == identity), None)
    if shown is None:  # in a comment: what stands before it is the name
        shown = Address(_unquoted(clean_name(decode(field.partition("(")[0]))), identity)
    return shown, identity


def addresses(
    field: str, decode: Callable[[str], str] = str, limit: int = 500, size: int = 65_536
) -> tuple[Address, ...]:
    """Everybody a field names, as well as can be guessed; for display and for Cc, never for identity.

    `decode` turns the raw name into what people read (encoded words).  At most `limit` mailboxes of the first
    `size` characters; linear in its input.
    """
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
