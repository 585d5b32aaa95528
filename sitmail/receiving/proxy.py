"""The PROXY protocol, versions 1 and 2: what a load balancer says in front of a connection about who really came.

Bytes in, an address out; no I/O.  Whether the peer may be believed is decided by whoever calls.
"""

from __future__ import annotations

import ipaddress
import re

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"  # of version 2
LONGEST_LINE = 107  # bytes of version 1 with its CR LF
LONGEST_EXTRA = 2048  # bytes of version 2 after its first 16; balancers add some fields of their own
_LINE = re.compile(rb"PROXY (?:(UNKNOWN)(?: [ -~]*)?|TCP[46] ([0-9a-fA-F:.]+) [0-9a-fA-F:.]+ \d{1,5} \d{1,5})\r\n")
_FAMILIES = {1: 4, 2: 16}  # upper half of the family byte: IPv4, IPv6, and how long an address is


def header(start: bytes) -> tuple[int, str] | None:
    """(how many bytes the header has, the client's address), or None while it is not whole.

    The address is "" where the header names none: the balancer itself came, or over a Unix socket.  Raises ValueError
    when this is no header.
    """
    if start.startswith(SIGNATURE):
        return _second(start)
    if SIGNATURE.startswith(start):
        return None
    if not (start.startswith(b"PROXY ") or b"PROXY ".startswith(start)):
        raise ValueError("no PROXY header")
    end = start.find(b"\n", 0, LONGEST_LINE)
    if end < 0:
        if len(start) >= LONGEST_LINE:
            raise ValueError("a PROXY line without end")
        return None
    found = _LINE.fullmatch(start, 0, end + 1)
    if not found:
        raise ValueError("a PROXY line that cannot be read")
    return end + 1, "" if found[1] else str(ipaddress.ip_address(found[2].decode()))


def _second(start: bytes) -> tuple[int, str] | None:
    if len(start) < 16:
        return None
    version, family, length = start[12], start[13] >> 4, int.from_bytes(start[14:16], "big")
    if version not in (0x20, 0x21) or length > LONGEST_EXTRA:
        raise ValueError("a PROXY header of an unknown kind")
    if len(start) < 16 + length:
        return None
    size = _FAMILIES.get(family, 0)
    if version == 0x20 or not size:  # LOCAL, or an address we have no use for
        return 16 + length, ""
    if length < 2 * size + 4:
        raise ValueError("a PROXY header that is too short")
    return 16 + length, str(ipaddress.ip_address(start[16 : 16 + size]))
