"""Lock-outs after failed logins.  Time is an argument; nothing is kept over a restart.

A network (an IPv4 /24, an IPv6 /64) is locked after FAILURES failures within WINDOW.  A name is locked after failures
from FAILURES networks, so that one stranger cannot lock an engineer out, and never for a network from which a login
with that name has succeeded.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

FAILURES = 5
WINDOW = 600.0  # seconds
REMEMBERED = 10_000  # networks and names; the oldest are forgotten first


class Lockout:
    """Counts failures.  `now` is any clock that only goes forward, in seconds."""

    def __init__(self) -> None:
        self._networks: OrderedDict[str, list[float]] = OrderedDict()  # when each failed
        self._names: OrderedDict[str, dict[str, float]] = OrderedDict()  # from which networks, when last
        self._trusted: OrderedDict[tuple[str, str], None] = OrderedDict()  # name and network that succeeded

    def locked(self, client: str, name: str, now: float) -> bool:
        """Whether a login with this name (in any case; "" for none yet) from there is not even tried."""
        place, name, since = lockout_network(client), name.lower(), now - WINDOW
        if sum(moment > since for moment in self._networks.get(place, ())) >= FAILURES:
            return True
        attacked = sum(moment > since for moment in self._names.get(name, {}).values()) >= FAILURES
        return attacked and (name, place) not in self._trusted

    def failed(self, client: str, name: str, now: float) -> None:
        place, name = lockout_network(client), name.lower()
        moments = self._networks.setdefault(place, [])
        moments.append(now)
        del moments[:-FAILURES]
        self._networks.move_to_end(place)
        places = self._names.setdefault(name, {})
        places.pop(place, None)
        places[place] = now
        if len(places) > FAILURES:
            del places[next(iter(places))]
        self._names.move_to_end(name)
        self._forget()

    def succeeded(self, client: str, name: str) -> None:
        self._trusted[name.lower(), lockout_network(client)] = None
        self._trusted.move_to_end((name.lower(), lockout_network(client)))
        self._forget()

    def _forget(self) -> None:
        while len(self._networks) > REMEMBERED:
            self._networks.popitem(last=False)
        while len(self._names) > REMEMBERED:
            self._names.popitem(last=False)
        while len(self._trusted) > REMEMBERED:
            self._trusted.popitem(last=False)


def lockout_network(client: str) -> str:
    """The network of an address, of a size that one attacker often controls; "" for a Unix socket."""
    if not client:
        return ""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(client.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
