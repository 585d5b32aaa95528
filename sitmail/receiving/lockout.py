"""Who has failed to log in too often.  Time is an argument; nothing is kept over a restart.

A network (an IPv4 /24, an IPv6 /64) is locked after FAILURES of its own within WINDOW.  A name is locked after failures
from so many networks, so that one stranger cannot lock an engineer out; and never for a network he came from before.
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
        self._homes: OrderedDict[tuple[str, str], None] = OrderedDict()  # name and network that succeeded

    def locked(self, client: str, name: str, now: float) -> bool:
        """Whether a login with this name (in any case; "" for none yet) from there is not even tried."""
        place, name, since = neighbourhood(client), name.lower(), now - WINDOW
        if sum(moment > since for moment in self._networks.get(place, ())) >= FAILURES:
            return True
        attacked = sum(moment > since for moment in self._names.get(name, {}).values()) >= FAILURES
        return attacked and (name, place) not in self._homes

    def failed(self, client: str, name: str, now: float) -> None:
        place, name = neighbourhood(client), name.lower()
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
        self._homes[name.lower(), neighbourhood(client)] = None
        self._homes.move_to_end((name.lower(), neighbourhood(client)))
        self._forget()

    def _forget(self) -> None:
        while len(self._networks) > REMEMBERED:
            self._networks.popitem(last=False)
        while len(self._names) > REMEMBERED:
            self._names.popitem(last=False)
        while len(self._homes) > REMEMBERED:
            self._homes.popitem(last=False)


def neighbourhood(client: str) -> str:
    """The network of an address that one attacker is likely to have whole; "" for a Unix socket."""
    if not client:
        return ""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(client.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
