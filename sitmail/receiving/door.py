"""A door: its settings, its open sessions, how many there may be, and how it closes.  The same for SMTP and LMTP.

The dialogue is in `session`, `smtp` and `lmtp`.  A door does not read mails: it hands bytes and envelope to the
`Deliver` it was given, and replies what that returned.
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


class OpenSession(Protocol):
    """What the door needs of a session.  `deadline` is in the loop's time; `client` is "" on a Unix socket."""

    deadline: float
    client: str

    def task(self) -> asyncio.Task[None] | None:
        """The task that runs the session.  It is not cancelled when the client disconnects."""

    def expire(self) -> None:
        """Close the connection: the client was too slow."""

    def retire(self) -> None:
        """Close the connection now, or after the mail that is under way."""

    def abort(self) -> None:
        """Close the connection without a word."""


class Door:
    """The sessions of one or more listeners.  Calling it makes the protocol object that asyncio asks for."""

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
        self.sessions: set[OpenSession] = set()
        self.closing = False
        self._clients: Counter[str] = Counter()
        self._sweeper: asyncio.TimerHandle | None = None

    def __call__(self) -> asyncio.Protocol:
        return self._session(self, False)

    def encrypted(self) -> asyncio.Protocol:
        """The same for a listener where TLS begins with the connection (RFC 8314 section 3.3)."""
        return self._session(self, True)

    def admit(self, session: OpenSession, client: str) -> str:
        """Note a new session: "" or the 421 reply that refuses it.  `client` "" is not known yet or not counted."""
        if self.closing:
            return "421 4.3.2 closing down, come back later"
        if len(self.sessions) >= self.settings.max_sessions:
            return "421 4.3.2 too many connections, come back later"
        refusal = self.count(session, client)
        if not refusal:
            self.sessions.add(session)
            if self._sweeper is None:
                self._sweep()
        return refusal

    def count(self, session: OpenSession, client: str) -> str:
        """Note the session's client, once: "" or the 421 reply that refuses it.

        Behind a balancer this is called when the PROXY header has come.
        """
        key = network(client)
        if key and self._clients[key] >= self.settings.max_sessions_per_client:
            return "421 4.7.0 too many connections from your address"
        session.client = client
        if key:
            self._clients[key] += 1
        return ""

    def expects_proxy_header(self, peer: str) -> bool:
        """Whether connections from this address begin with a PROXY header."""
        if not peer or not self.settings.proxy_from:
            return False
        address = ipaddress.ip_address(peer.partition("%")[0])
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self.settings.proxy_from)

    def leave(self, session: OpenSession) -> None:
        """Forget a session that has ended; once for each that was admitted."""
        self.sessions.discard(session)
        client = network(session.client)
        if client:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    async def stop(self, grace: float) -> None:
        """End all sessions and admit no more; others may finish their mail within `grace` seconds.

        Then connections are cut, but a mail that was handed to `deliver` is waited for, `grace` seconds more.
        Whoever opened the listeners closes them before this.
        """
        self.closing = True
        for session in tuple(self.sessions):
            session.retire()
        if await self._ended(grace):
            return
        for session in tuple(self.sessions):
            session.abort()
        if await self._ended(grace):
            return
        tasks = [task for session in tuple(self.sessions) if (task := session.task())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ended(self, grace: float) -> bool:
        tasks = [task for session in self.sessions if (task := session.task())]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            return not late
        return True

    def _sweep(self) -> None:
        """One timer for all sessions: a deadline is a number to compare, and is noticed up to a second late."""
        if not self.sessions:
            self._sweeper = None
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        for session in tuple(self.sessions):
            if session.deadline < now:
                session.expire()
        settings = self.settings
        shortest = min(settings.command_timeout, settings.session_limit, settings.data_grace)
        self._sweeper = loop.call_later(min(1.0, shortest / 4), self._sweep)


def network(client: str) -> str:
    """What counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address, one subscriber's network."""
    if ":" not in client:
        return client
    address = ipaddress.IPv6Address(client.partition("%")[0])
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return address.packed[:8].hex()
