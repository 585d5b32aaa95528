"""Checks of addresses: no two rows share one, nobody has one of the desk's own, and signed addresses are not too long.

Like `references`, it works on raw TOML values and skips those of a wrong type.
"""

from __future__ import annotations

from sitmail.config.mistakes import mistake, quoted
from sitmail.config.references import Data, rows, texts
from sitmail.domain.address import comparable

LONGEST_LOCAL = 64  # octets, RFC 5321 section 4.5.3.1
SIGNED = 1 + 9 + 1 + 17  # kind, number of up to nine digits, dot, key id and token
PEOPLE = ("engineer", "vendor", "tracker", "order_desk")  # who writes is one of them


def desk_addresses(data: Data) -> dict[str, str]:
    """Every address of the desk in lower case, with the key that declares it."""
    found = {}
    desk = data.get("desk")
    if isinstance(desk, dict) and isinstance(desk.get("address"), str):
        found[comparable(desk["address"])] = "desk.address"
    for i, row in rows(data, "mailbox"):
        if isinstance(row.get("address"), str):
            found.setdefault(comparable(row["address"]), f"mailbox[{i}].address")
    return found


def base(address: str) -> str:
    """An address in lower case without its plus part."""
    local, _, domain = comparable(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def shared(file: str, data: Data) -> list[str]:
    """A line for each address that two rows claim, or that is the desk's own (letters to it would go in a circle)."""
    ours = desk_addresses(data)
    lines = []
    seen: dict[str, str] = {}
    for table in PEOPLE:
        for place, written in texts(data, (table, "addresses")):
            address, row = comparable(written), place[1]
            mine = ours.get(address) or ours.get(base(address))
            if mine:
                lines.append(mistake(file, place, f"{quoted(written)} is the desk's own address ({mine})"))
            elif isinstance(row, int) and seen.setdefault(address, f"{table}[{row}]") != f"{table}[{row}]":
                lines.append(mistake(file, place, f"{quoted(written)} is already an address of {seen[address]}"))
    return lines


def too_long(file: str, data: Data) -> list[str]:
    """A line for each address whose signed form would have a local part of more than 64 octets."""
    desk = data.get("desk")
    pattern = desk.get("reply_address") if isinstance(desk, dict) else None
    if isinstance(pattern, str) and pattern:
        local = pattern.partition("@")[0]
        length = len(local.replace("{}", "").encode()) + SIGNED
        return [_sentence(file, "desk.reply_address", length)] if length > LONGEST_LOCAL else []
    if not isinstance(desk, dict) or desk.get("plus", True) is not True:
        return []
    lengths = {key: len(a.rpartition("@")[0].encode()) + 1 + SIGNED for a, key in desk_addresses(data).items()}
    return [_sentence(file, key, length) for key, length in lengths.items() if length > LONGEST_LOCAL]


def _sentence(file: str, key: str, length: int) -> str:
    return (
        f"{file}: {key}: signed reply addresses would have {length} octets before the @, and only {LONGEST_LOCAL} "
        f"are allowed; shorten it by {length - LONGEST_LOCAL}"
    )
