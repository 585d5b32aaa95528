"""Proofs and what they allow (behaviour 2 and 7): signed addresses, signed Message-IDs, the table of powers.

A token or a signed id proves only that a letter of ours reached its reader; who wrote is decided by comparing that
reader with From.  Secrets are arguments; `services.keys` reads them from their file.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Any

from sitmail.domain.facts import Proof
from sitmail.domain.free_mail import is_free_mail
from sitmail.domain.policy import Mailbox, Trust
from sitmail.domain.record import record

PROVES_FOR = timedelta(days=180)
PROVES_AFTER_CLOSING = timedelta(days=30)
CONFIRM_WITHIN = timedelta(minutes=30)

# kinds of signed addresses and ids
PUBLIC, INTERNAL, VENDOR, HELD, CONFIRM, ARTICLE, DIGEST, BOUNCE = "i", "n", "v", "h", "c", "k", "d", "b"
COMMAND = "cmd"
# The number of an address or id of the kind DIGEST: whether the letter was a digest, or another one about no incident.
# Only a digest proves that its reader was shown many incidents.  A morning paper has the number of its day, above both.
OF_DIGESTS, OF_OTHERS = 1, 0
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648 section 6, in lower case
_PAIRS = tuple(one + other for one in _ALPHABET for other in _ALPHABET)
_FIRST_80_BITS = Struct(">IIH").unpack_from
_TAGGED = re.compile(r"([invhckdb])([0-9]{1,9})\.([a-z][a-z2-7]{16})\Z")
_SIGNED_ID = re.compile(
    r"<([invhckdb])([0-9]{1,9})\.([0-9]{1,9})\.([a-z2-7]{10})\.([a-z])([a-z2-7]{16})@[^<>@\s]{1,255}>\Z"
)


def counted_as(kind: str, number: int) -> int:
    """Under which number tokens of that kind are made void: those of an article leave an incident's alone."""
    return -number if kind == ARTICLE else number


@record
class Keys:
    """Secrets by their one-letter id; letters are signed with `current`, older ones still verify."""

    secrets: Mapping[str, bytes]
    current: str


def _mac(secret: bytes, claim: str) -> str:
    """The first 80 bits of HMAC-SHA256 (RFC 2104), as 16 characters a-z2-7."""
    inner, outer = _begun(secret)
    inner, outer = inner.copy(), outer.copy()
    inner.update(claim.encode())
    outer.update(inner.digest())
    high, middle, low = _FIRST_80_BITS(outer.digest())
    pair = _PAIRS
    return (  # base32, faster than the library's
        f"{pair[high >> 22]}{pair[high >> 12 & 1023]}{pair[high >> 2 & 1023]}{pair[(high & 3) << 8 | middle >> 24]}"
        f"{pair[middle >> 14 & 1023]}{pair[middle >> 4 & 1023]}{pair[(middle & 15) << 6 | low >> 10]}{pair[low & 1023]}"
    )


@lru_cache(maxsize=64)
def _begun(secret: bytes) -> tuple[Any, Any]:
    """The two hashes of an HMAC after they have taken the key.  Computed once for each key; callers use copies only."""
    key = (sha256(secret).digest() if len(secret) > 64 else secret).ljust(64, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in key)), sha256(bytes(byte ^ 0x5C for byte in key))


@lru_cache(maxsize=4096)
def _token(key: str, secret: bytes, kind: str, number: int, person: int, generation: int) -> str:
    """The token of those values.  Cached, because all letters to a reader about one incident have the same one."""
    return key + _mac(secret, f"address|{kind}|{number}|{person}|{generation}")


def token(keys: Keys, kind: str, number: int, person: int, generation: int = 0) -> str:
    """Key id and a MAC of 16 characters over kind, number and person.

    `generation` is raised when a token was used from another address, which makes earlier tokens void.
    """
    return _token(keys.current, keys.secrets[keys.current], kind, number, person, generation)


def proves(keys: Keys, text: str, kind: str, number: int, person: int, generation: int = 0) -> bool:
    """Whether that token was issued to that person for that kind and number."""
    secret = keys.secrets.get(text[:1])
    if secret is None:
        return False
    expected = _token(text[:1], secret, kind, number, person, generation)
    return hmac.compare_digest(text.encode(), expected.encode())


def signed_address(keys: Keys, box: Mailbox, kind: str, number: int, person: int, generation: int = 0) -> str:
    """The reply address of behaviour 2, or the plain mailbox where addresses cannot carry more."""
    return address_with(box, signed_part(keys, kind, number, person, generation)) if box.reply else box.address


def signed_part(keys: Keys, kind: str, number: int, person: int, generation: int = 0) -> str:
    """The signed part of an address."""
    return f"{kind}{number}.{_token(keys.current, keys.secrets[keys.current], kind, number, person, generation)}"


def address_with(box: Mailbox, part: str) -> str:
    """The mailbox's address with that part, or as it is where addresses cannot carry more."""
    return box.reply.replace("{}", part) if box.reply else box.address


@record
class Tagged:
    """The signed part of one of our addresses, split into its fields.  The token is not verified yet."""

    kind: str
    number: int
    token: str


def read_tag(text: str) -> Tagged | None:
    """The signed part of an address (in any case), or None."""
    found = _TAGGED.match(text.lower())
    return Tagged(found[1], int(found[2]), found[3]) if found else None


@record
class SignedId:
    """A verified Message-ID of ours: which incident and leg it belongs to, and to whom the letter was sent."""

    kind: str
    number: int
    person: int


@lru_cache(maxsize=4096)
def _id_mac(secret: bytes, kind: str, number: int, person: int, hint: str, generation: int) -> str:
    """The MAC of a Message-ID.  Cached, because an answer that comes soon needs the same one."""
    return _mac(secret, f"id|{kind}|{number}|{person}|{hint}|{generation}")


def message_id(keys: Keys, fact: str, kind: str, number: int, person: int, domain: str, generation: int = 0) -> str:
    """The Message-ID of the letter about `fact` (epoch and notice key).  It is the same on every attempt."""
    secret = keys.secrets[keys.current]
    hint = _mac(secret, f"fact|{fact}")[:10]
    mac = _id_mac(secret, kind, number, person, hint, generation)
    return f"<{kind}{number}.{person}.{hint}.{keys.current}{mac}@{domain}>"


def event_uid(keys: Keys, number: int, person: int, address: str) -> str:
    """Of somebody's calendar event for an incident; nobody else can name it, so nobody else can cancel it."""
    return f"{_mac(keys.secrets[keys.current], f'event|{number}|{person}')}@{address.rpartition('@')[2]}"


def read_message_id(keys: Keys, text: str, generations: Mapping[tuple[int, int], int]) -> SignedId | None:
    """The verified contents of an id, or None if it is not ours.

    `generations`: (person, number) -> how many tokens have become void so far.
    """
    found = _SIGNED_ID.match(text.lower())
    secret = keys.secrets.get(found[5]) if found else None
    if found is None or secret is None:
        return None
    kind, number, person = found[1], int(found[2]), int(found[3])
    mac = _id_mac(secret, kind, number, person, found[4], generations.get((person, counted_as(kind, number)), 0))
    return SignedId(kind, number, person) if hmac.compare_digest(mac, found[6]) else None


_ISSUED = re.compile(
    r"([invhckdb][0-9]{1,9}(?:\.[0-9]{1,9}\.[a-z2-7]{10})?)\.([a-z])[a-z2-7]{16}(?![a-z0-9])", re.IGNORECASE
)


# The last part of every match of _ISSUED.  It begins with a dot, which `re` finds quickly, while _ISSUED itself would
# be tried at each letter.  If case is ignored, [a-z] matches four letters of other alphabets too (K as the kelvin
# sign).
_SECRET = re.compile("\\.[a-zA-Z\u0130\u0131\u017f\u212a][a-zA-Z2-7\u0130\u0131\u017f\u212a]{16}")
_BEFORE_SECRET, _WITH_SECRET = 31, 19  # characters: at most so many before that dot; the secret and one more after it


def _issued(text: str, mine: tuple[str, ...] = ()) -> Iterator[re.Match[str]]:
    """The same matches as _ISSUED.finditer(text), but fast where there are none.

    Leaves out those in `mine`, which are given with the "+" and the "@" round them in an address.
    """
    end = 0
    for near in _SECRET.finditer(text):
        at = near.start()
        if mine and text.endswith(mine, 0, near.end() + 1):
            end = near.end()
            continue
        found = _ISSUED.search(text, max(end, at - _BEFORE_SECRET), at + _WITH_SECRET)
        if found:
            end = found.end()
            yield found


def names_a_token(text: str) -> bool:
    """Whether something in the text has the form of a token, or of an id of ours."""
    return any(_issued(text))


def without_tokens(keys: Keys, text: str, mine: Collection[str]) -> str:
    """The text without the secret part of tokens and ids, because anybody who reads one could use it.

    Those in `mine` stay: they were issued to the reader.
    """
    if "." not in text:  # most names and subjects
        return text
    shown: list[str] = []
    at = 0
    for found in _issued(text, tuple([f"+{one}@" for one in mine])):
        known = found[2].lower() not in keys.secrets or found[0].lower() in [one.lower() for one in mine]
        if not known:
            shown += (text[at : found.start()], f"{found[1]}.-")
            at = found.end()
    return "".join((*shown, text[at:])) if shown else text


def claimed(text: str) -> int | None:
    """The incident number in an id of our form, without verifying it; None if it has another form."""
    found = _SIGNED_ID.match(text.lower())
    return int(found[2]) if found else None


def is_ours_by_form(text: str) -> bool:
    """Whether an id looks like one of ours.  Only `read_message_id` verifies it."""
    return bool(_SIGNED_ID.match(text.lower()))


def still_proves(issued: datetime | None, closed: datetime | None, now: datetime) -> bool:
    """Tokens and ids prove for 180 days, at most 30 days after closing; later they only route."""
    if issued is None or now - issued > PROVES_FOR:
        return False
    return closed is None or now - closed <= PROVES_AFTER_CLOSING


class Power(StrEnum):
    """A kind of action that needs proof; the rows of the table in behaviour 7."""

    OPEN = "open"
    SAY = "say"  # a contact's or participant's words, request of closure, reopening
    CONFIRM_CLOSURE = "confirm-closure"
    RELAY = "relay"  # have words relayed to the other participants
    READ = "read"
    NOTE = "note"
    ANSWER = "answer"
    ADD_SAME_SITE = "add-same-site"
    ADD_OUTSIDER = "add-outsider"
    BEGIN = "begin"  # a conversation with somebody the desk does not know
    MANY = "many"  # more than five incidents in one mail
    CHOSEN = "chosen"  # incidents that a search finds
    SHARE = "share"  # what staff alone had read becomes public
    DIRECTORY = "directory"  # who is known, and who is blocked


_PROVED = frozenset({Proof.TOKEN, Proof.AUTHENTICATED, Proof.BOTH, Proof.LOGIN, Proof.CONFIRMED})
_STRONG = frozenset({Proof.BOTH, Proof.LOGIN, Proof.CONFIRMED})
_CONFIRMED = frozenset({Proof.CONFIRMED})
_ANY = frozenset(Proof)

# For staff: (by default, with `commands = "both"`, with `commands = "confirm"`).
STAFF_POWERS: dict[Power, tuple[frozenset[Proof], frozenset[Proof], frozenset[Proof]]] = {
    Power.READ: (_ANY, _STRONG, _CONFIRMED),
    Power.NOTE: (_PROVED, _STRONG, _CONFIRMED),
    Power.ANSWER: (_PROVED, _STRONG, _CONFIRMED),
    Power.ADD_SAME_SITE: (_PROVED, _STRONG, _CONFIRMED),
    Power.ADD_OUTSIDER: (_STRONG, _STRONG, _CONFIRMED),
    Power.BEGIN: (_STRONG, _STRONG, _CONFIRMED),
    Power.MANY: (_CONFIRMED, _CONFIRMED, _CONFIRMED),
    Power.CHOSEN: (_CONFIRMED, _CONFIRMED, _CONFIRMED),
    Power.SHARE: (_CONFIRMED, _CONFIRMED, _CONFIRMED),
    Power.DIRECTORY: (_CONFIRMED, _CONFIRMED, _CONFIRMED),
}
# For customers: (with `customers = "from"`, with `customers = "proof"`).
CUSTOMER_POWERS: dict[Power, tuple[frozenset[Proof], frozenset[Proof]]] = {
    Power.OPEN: (_ANY, _ANY),
    Power.SAY: (_ANY, _PROVED),
    Power.READ: (_ANY, _PROVED),
    Power.RELAY: (_PROVED, _PROVED),
    Power.CONFIRM_CLOSURE: (_PROVED, _PROVED),
    Power.DIRECTORY: (_CONFIRMED, _CONFIRMED),
}
COMMAND_WORDS = ("proof", "both", "confirm")
CUSTOMER_WORDS = ("from", "proof")


def staff_may(power: Power, proof: Proof, trust: Trust) -> bool:
    return proof in STAFF_POWERS[power][COMMAND_WORDS.index(trust.commands)]


def customer_may(power: Power, proof: Proof, trust: Trust) -> bool:
    return proof in CUSTOMER_POWERS[power][CUSTOMER_WORDS.index(trust.customers)]


def first_missing_power(powers: Iterable[Power], proof: Proof, trust: Trust) -> Power | None:
    """The first of these powers that needs more proof from staff than was given, or None."""
    return next((power for power in powers if not staff_may(power, proof, trust)), None)


def same_site(one: str, other: str, domains: Iterable[str], free_mail: Iterable[str] = ()) -> bool:
    """Whether two addresses belong to one site: both in its domains, or both in one domain that is not free mail.

    `free_mail`: domains where anybody can get an address, which the admin added to the built-in ones.
    """
    mine, theirs = one.rpartition("@")[2], other.rpartition("@")[2]
    known = set(domains)
    if known:
        return mine in known and theirs in known
    return mine == theirs and not is_free_mail(mine, free_mail)
