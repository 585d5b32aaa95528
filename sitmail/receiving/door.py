"""What a door is, whatever it speaks: its settings, who is inside, how many may be, and how it closes.

The dialogue itself is in `smtp` and `lmtp`.  A door understands nothing of the mail: it hands bytes and envelope to
the `Deliver` it was given, and says what that answered.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Protocol

from sitmail.domain.mail import Envelope
from sitmail.domain.record import record
from sitmail.receiving.smtp_login import Logins
from sitmail.receiving.spool import Spool, Spooled

# A recipient as given -> "" when it is ours, else a full reply such as "550 5.1.1 no such address here".
Accepts = Callable[[str], str]
# A whole mail -> the one reply to it, such as "250 2.0.0 kept as 17".  Returns only when that is true on disk.  It may
# move the file of `Spooled` away; the door removes it otherwise.
Deliver = Callable[[Spooled, Envelope], Awaitable[str]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# -> "" while there is room, else a full reply such as "452 4.3.1 the disk is nearly full".
Guard = Callable[[], str]


@record
class DoorSettings:
    """Limits of one door; sizes in bytes, times in seconds.

    A client must complete a command within `command_timeout`, a mail within `session_limit` after the last one
    or the greeting, and must send DATA at `data_rate` bytes a second on average once `data_grace` is over.
    `max_sessions_per_client` counts an IPv6 network of 64 bits as one client and does not count Unix sockets.
    Connections from `proxy_from` begin with a PROXY header, which says whom to count.  `logins` None: no AUTH.
    """

    hostname: str
    max_message_size: int = 50_000_000
    line_limit: int = 1_000_000
    max_sessions: int = 1200
    max_sessions_per_client: int = 50
    command_timeout: float = 300.0
    session_limit: float = 600.0
    data_grace: float = 60.0
    data_rate: float = 1024.0
    tls: ssl.SSLContext | None = None
    proxy_from: tuple[Network, ...] = ()
    logins: Logins | None = None


class Visit(Protocol):
    """A session, as far as the door cares.  `deadline` is in the loop's time; `client` is "" on a Unix socket."""

    deadline: float
    client: str

    def task(self) -> asyncio.Task[None] | None:
        """What carries the session; it is never cancelled by a disconnect."""

    def expire(self) -> None:
        """Hang up: the client was too slow."""

    def retire(self) -> None:
        """Hang up now if no mail is under way, else after it."""

    def abort(self) -> None:
        """Cut the connection."""


class Door:
    """Everybody inside one or more listeners.  Calling it makes the protocol object that asyncio wants."""

    def __init__(
        self,
        session: Callable[[Door, bool], asyncio.Protocol],
        settings: DoorSettings,
        spool: Spool,
        *,
        accepts: Accepts,
        deliver: Deliver,
        guard: Guard = lambda: "",
    ) -> None:
        self._session = session
        self.settings = settings
        self.spool = spool
        self.accepts = accepts
        self.deliver = deliver
        self.guard = guard
        self.visits: set[Visit] = set()
        self.closing = False
        self._clients: Counter[str] = Counter()
        self._sweeper: asyncio.TimerHandle | None = None

    def __call__(self) -> asyncio.Protocol:
        return self._session(self, False)

    def encrypted(self) -> asyncio.Protocol:
        """The same for a listener where TLS comes before the first word (RFC 8314 section 3.3)."""
        return self._session(self, True)

    def admit(self, visit: Visit, client: str) -> str:
        """Let somebody in, or say why not: "" or a reply of class 421.  `client` "" is not known yet or not counted."""
        if self.closing:
            return "421 4.3.2 closing down, come back later"
        if len(self.visits) >= self.settings.max_sessions:
            return "421 4.3.2 too many connections, come back later"
        refusal = self.count(visit, client)
        if not refusal:
            self.visits.add(visit)
            if self._sweeper is None:
                self._sweep()
        return refusal

    def count(self, visit: Visit, client: str) -> str:
        """Who a visit is; "" or a reply of class 421.  Once for every visit that is no more than a balancer's yet."""
        key = network(client)
        if key and self._clients[key] >= self.settings.max_sessions_per_client:
            return "421 4.7.0 too many connections from your address"
        visit.client = client
        if key:
            self._clients[key] += 1
        return ""

    def believes(self, peer: str) -> bool:
        """Whether connections from this address begin with a PROXY header."""
        if not peer or not self.settings.proxy_from:
            return False
        address = ipaddress.ip_address(peer.partition("%")[0])
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self.settings.proxy_from)

    def leave(self, visit: Visit) -> None:
        """The session is over.  Once for every session that was admitted."""
        self.visits.discard(visit)
        client = network(visit.client)
        if client:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    async def stop(self, grace: float) -> None:
        """Nobody comes in any more; idle sessions are told at once, others may end their mail within `grace` seconds.

        After that connections are cut, but a mail that was handed over is still waited for, `grace` seconds more.
        The listeners are closed by whoever opened them, and before this.
        """
        self.closing = True
        for visit in tuple(self.visits):
            visit.retire()
        if await self._ended(grace):
            return
        for visit in tuple(self.visits):
            visit.abort()
        if await self._ended(grace):
            return
        tasks = [task for visit in tuple(self.visits) if (task := visit.task())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ended(self, grace: float) -> bool:
        tasks = [task for visit in self.visits if (task := visit.task())]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            return not late
        return True

    def _sweep(self) -> None:
        """One timer for all sessions: setting a deadline costs nothing, and missing it costs up to a second."""
        if not self.visits:
            self._sweeper = None
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        for visit in tuple(self.visits):
            if visit.deadline < now:
                visit.expire()
        settings = self.settings
        shortest = min(settings.command_timeout, settings.session_limit, settings.data_grace)
        self._sweeper = loop.call_later(min(1.0, shortest / 4), self._sweep)


def network(client: str) -> str:
    """Whom a cap counts: an IPv4 address, or the first half of an IPv6 address, which one subscriber has whole."""
    if ":" not in client:
        return client
    address = ipaddress.IPv6Address(client.partition("%")[0])
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return address.packed[:8].hex()
