"""The doors of this desk: what they ask, where they listen, and what is configured for each."""

from __future__ import annotations

import os
import resource
import socket
import ssl
from dataclasses import replace

from sitmail.config import Config
from sitmail.daemon import intake_loop
from sitmail.daemon.listeners import Listener, inherited_sockets, open_listeners
from sitmail.daemon.outage import AWAY
from sitmail.daemon.runtime import Runtime
from sitmail.domain.mail import Envelope
from sitmail.receiving.door import Door, DoorSettings
from sitmail.receiving.lmtp import lmtp_door
from sitmail.receiving.smtp import smtp_door
from sitmail.receiving.smtp_login import Logins
from sitmail.receiving.spool import Spool, Spooled
from sitmail.services.process_mail import accepts
from sitmail.store.errors import StoreAway

SPARE_FILES = 200  # store, relay, control socket, blobs


class Entrance:
    """What the doors ask.  As long as there is no runtime the store is not open, and mail is told to come later."""

    def __init__(self, settings: Config, spool: Spool) -> None:
        self.settings, self.spool = settings, spool
        self.runtime: Runtime | None = None

    def accepts(self, recipient: str) -> str:
        return accepts(self.runtime.desk.policy if self.runtime else self.settings.policy, recipient)

    def guard(self) -> str:
        return self.runtime.guard() if self.runtime else AWAY

    async def deliver(self, spooled: Spooled, envelope: Envelope) -> str:
        if self.runtime is None:
            return AWAY
        try:
            return await intake_loop.keep(self.runtime, spooled, envelope)
        except StoreAway as error:
            self.runtime.outage.begins(error)
            return AWAY


async def open_doors(entrance: Entrance) -> tuple[list[Door], list[Listener]]:
    """Opens all doors that are configured.  Raises OSError or ValueError where that is not possible."""
    settings, inherited = entrance.settings, inherited_sockets(os.environ, os.getpid())
    _room_for(settings.smtp.max_connections)
    doors, listeners = [], []
    for kind, make, listen in (("smtp", smtp_door, settings.smtp.listen), ("lmtp", lmtp_door, settings.lmtp.listen)):
        door = make(
            door_settings(settings, outside=kind == "smtp"),
            entrance.spool,
            accepts=entrance.accepts,
            deliver=entrance.deliver,
            guard=entrance.guard,
        )
        doors.append(door)
        places = [str(place) for place in listen]
        encrypted = door.encrypted if door.settings.tls else None
        listeners += await open_listeners(
            kind, places, door, base=settings.data, inherited=inherited, encrypted=encrypted
        )
    return doors, listeners


def door_settings(settings: Config, *, outside: bool) -> DoorSettings:
    """`outside`: the door for other machines; the other door is for the mail server on this machine."""
    smtp = settings.smtp
    plain = DoorSettings(
        hostname=smtp.hostname or socket.gethostname(),
        max_message_size=smtp.max_message_size,
        max_sessions=smtp.max_connections,
        max_sessions_per_client=smtp.max_connections_per_client,
    )
    if not outside:
        return plain
    context = None
    if smtp.tls_cert is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(smtp.tls_cert, smtp.tls_key)
    logins = Logins(smtp.passwords) if smtp.passwords is not None and context else None
    return replace(plain, tls=context, proxy_from=smtp.proxy_from, logins=logins)


def _room_for(connections: int) -> None:
    """Raises the limit of open files, up to the hard limit: a shell's is often too low for so many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
